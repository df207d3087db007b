"""The marks of speed, each as a ratio within one run: ``python -m benchmarks.speed``."""
