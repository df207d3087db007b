"""What the readers tell a person about a file: stable codes, and sentences that say what to do.

``REVIEW`` holds the codes that a person should look at before the document is accepted.
"""

from __future__ import annotations

from collections.abc import Sequence

from doctally.pages import Notice

REVIEW = frozenset({"pages_cut", "einvoice_invalid", "edi_control", "stack_not_cut"})


def misnamed(name: str, media: str) -> Notice:
    """Return that the name promises another type than the content is."""
    return Notice("misnamed", f"{name} is {media}; it was read by its content.")


def pages_cut(read: int, total: int) -> Notice:
    """Return that a long document was not read to its end."""
    return Notice("pages_cut", f"The document has {total} pages; the first {read} were read.")


def read_by_ocr(pages: Sequence[int]) -> Notice:
    """Return which pages had no usable text and were read by OCR."""
    return Notice("read_by_ocr", f"{_pages(pages)} without usable text, read by OCR.")


def odd_text_layer(pages: Sequence[int]) -> Notice:
    """Return which pages' letters had to be looked up in their fonts."""
    return Notice("odd_text_layer", f"{_pages(pages)} with a text layer that needed a second look.")


def blank_pages(pages: Sequence[int]) -> Notice:
    """Return which pages are blank."""
    return Notice("blank_pages", f"{_pages(pages)} blank.")


def turned_pages(pages: Sequence[int]) -> Notice:
    """Return which pages lay on their side or upside down and were turned."""
    return Notice("turned_pages", f"{_pages(pages)} turned upright to be read.")


def straightened_pages(pages: Sequence[int]) -> Notice:
    """Return which pages were scanned askew and made level."""
    return Notice("straightened_pages", f"{_pages(pages)} scanned askew and made level.")


def double_pages(sheets: Sequence[int]) -> Notice:
    """Return which sheets show two pages side by side."""
    told = "Sheet" if len(sheets) == 1 else "Sheets"
    shown = _pages(sheets).split(" ", 1)[1]
    return Notice("double_pages", f"{told} {shown} with two pages each, read one after the other.")


def einvoice_invalid(reason: str) -> Notice:
    """Return why the XML in a hybrid PDF was left aside."""
    return Notice(
        "einvoice_invalid", f"The e-invoice inside was left aside, the pages were read. {reason}"
    )


def parts_ignored(names: Sequence[str], why: str) -> Notice:
    """Return which things inside the file were not taken as documents, and why."""
    shown = ", ".join(" ".join(name.split())[:60] or "one without a name" for name in names[:5])
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return Notice("parts_ignored", f"Not taken out of the file: {shown}{more} ({why}).")


def stack(ranges: str, count: int) -> Notice:
    """Return which pages of a stack are which of its documents."""
    return Notice("stack", f"The file holds {count} documents: pages {ranges}.")


def stack_not_cut(why: str) -> Notice:
    """Return that several documents seem to be in a file that could not be cut."""
    return Notice("stack_not_cut", f"It looks like several documents, read as one. {why}")


def macros_ignored() -> Notice:
    """Return that an office file carries programs, which are never run."""
    return Notice("macros_ignored", "The file carries macros; they were not looked at.")


def scripts_ignored() -> Notice:
    """Return that a page or a PDF carries programs, which are never run."""
    return Notice("scripts_ignored", "There are scripts inside; they were not run.")


def edi_control(faults: Sequence[str]) -> Notice:
    """Return where an interchange's counts and references do not agree with what is in it."""
    more = f" and {len(faults) - 4} more" if len(faults) > 4 else ""
    told = "; ".join(faults[:4]) + more
    return Notice("edi_control", f"Something may be missing from the interchange: {told}.")


def _pages(numbers: Sequence[int]) -> str:
    """Return ``Page 2`` or ``Pages 2, 3, 4 ...``, at most eight numbers."""
    shown = ", ".join(str(number) for number in numbers[:8])
    more = f" and {len(numbers) - 8} more" if len(numbers) > 8 else ""
    return f"Page {shown}" if len(numbers) == 1 else f"Pages {shown}{more}"
