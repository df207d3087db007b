"""Rich text to words, and the packed form of it in which Outlook keeps bodies."""

from __future__ import annotations

from collections.abc import Callable

from compressed_rtf import decompress
from striprtf.striprtf import rtf_to_text

from doctally.errors import UnreadableDocument


def text_of_rtf(data: bytes) -> str:
    """Return the words of rich text; raises UnreadableDocument (``damaged``)."""
    try:
        convert: Callable[..., str] = rtf_to_text
        return convert(data.decode("latin-1"), errors="replace")
    except Exception as error:  # the library raises whatever damaged text makes happen
        raise UnreadableDocument("The rich text is damaged; save it again.", code="damaged") from (
            error
        )


def text_of_packed_rtf(data: bytes) -> str:
    """Return the words of Outlook's packed rich text, nothing where it is damaged."""
    try:
        return text_of_rtf(decompress(data))
    except Exception:  # a body in a second form: the message goes on without it
        return ""
