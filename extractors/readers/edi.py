"""EDI interchanges (X12, EDIFACT): one message as a record, many as parts."""

from __future__ import annotations

from doctally.pages import Notice, Reading
from extractors import notices
from extractors.edi.envelope import Message
from extractors.edi.interchange import as_part, messages, read_message
from extractors.source import Source


def read(source: Source) -> Reading:
    """Return the record of the only message, or a part for each of many.

    Raises RefusedRecord for what is broken or has no schema.
    """
    found = messages(source.path.read_bytes())
    if len(found) > 1:
        parts = tuple(as_part(message, place) for place, message in enumerate(found, 1))
        return Reading(media_type=source.media, parts=parts, notices=_told(found))
    record = read_message(found[0])
    return Reading(
        media_type=source.media,
        record=None if source.pages_only else record,
        notices=_told(found),
    )


def _told(found: list[Message]) -> tuple[Notice, ...]:
    """Return what is wrong with the envelopes."""
    faults = list(dict.fromkeys(fault for message in found for fault in message.faults))
    return (notices.edi_control(faults),) if faults else ()
