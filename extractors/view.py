"""From a file to the picture of a page on which its boxes lie.

What was done to a page before it was read stands in ``Reading.metadata``, each key ending in the
page's number: ``sheet`` (the file's page it is on, where two lie on one), ``turned`` and
``straightened`` (degrees clockwise) and ``part`` (its left and right end in shares of the sheet).
"""

from __future__ import annotations

from collections.abc import Mapping


def sheet_of(metadata: Mapping[str, str], page: int) -> int:
    """Return the number of the file's page that a page of the reading is on, from 1."""
    return int(metadata.get(f"sheet.{page}", page))
