"""Faults on purpose, over thousands of documents: ``python -m benchmarks.faults``."""
