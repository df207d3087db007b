"""Readers: the bytes of a file become pages of words, or a finished record."""
