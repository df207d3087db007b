"""Families of documents: each draws one kind of paper from the same facts and style."""
