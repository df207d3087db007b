"""Synthetic documents with labels that are true by construction (see docs/synthetic.md)."""
