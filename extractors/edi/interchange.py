"""EDI files: one message is a record, many are parts, each an interchange of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from doctally.errors import RefusedRecord
from doctally.pages import Part, Record
from extractors.edi import edifact, x12
from extractors.edi.body import before, groups
from extractors.edi.envelope import Message, messages_of
from extractors.edi.syntax import Segment, broken

LARGEST_BYTES = 20_000_000

_CHARSETS = {
    "UNOC": "latin-1",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOL": "iso8859-15",
}
"""The character sets of ISO 9735 (syntax identifier in UNB) that are no ASCII or UTF-8."""


_KINDS = {"x12": (x12.READERS, x12.NAMES), "edifact": (edifact.READERS, edifact.NAMES)}


def messages(data: bytes) -> list[Message]:
    """Return the messages of all interchanges, those of many consignments split by consignment.

    Raises RefusedRecord (``edi_invalid``) for what is no whole interchange.
    """
    if len(data) > LARGEST_BYTES:
        raise broken(f"The interchange is larger than {LARGEST_BYTES // 1_000_000} MB.")
    text = _text(data)
    if text.startswith("STX="):
        raise RefusedRecord(
            "The file is TRADACOMS; read are X12 and EDIFACT. Ask the sender for EDIFACT.",
            code="unsupported_document",
        )
    found = [single for message in messages_of(text) for single in _singles(message)]
    if not found:
        raise broken("The interchange holds no message.")
    return found


def read_message(message: Message) -> Record:
    """Return the record of a message.

    Raises RefusedRecord: ``unsupported_document`` for a kind that no schema of ours has a place
    for, ``edi_invalid`` when it lacks what its standard requires.
    """
    readers, names = _KINDS[message.dialect.kind]
    reader = readers.get(message.kind)
    if reader is None:
        name = names.get(message.kind)
        what = f"{message.kind} ({name})" if name else message.kind
        known = ", ".join(readers)
        raise RefusedRecord(
            f"The message is {what}, which doctally has no schema for; read are {known}."
            if what
            else "The message does not name its type.",
            code="unsupported_document" if what else "edi_invalid",
        )
    record = reader(message)
    for name in ("document_number", "issue_date"):
        if not record.fields.get(name):
            raise broken(f"The {message.kind} has no {name.replace('_', ' ')}.")
    return record


def as_part(message: Message, place: int) -> Part:
    """Return the message as a document of its own: an interchange that holds it alone."""
    reference = re.sub(r"[^A-Za-z0-9]", "", message.reference)[:20]
    name = f"{place:04}-{message.kind or 'message'}-{reference}.edi"
    return Part(name=re.sub(r"[^A-Za-z0-9.-]", "", name), content=_alone(message).encode())


def _text(data: bytes) -> str:
    """Return the text: UTF-8 when it is, else by the character set that UNB names."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        named = re.search(rb"UNB.(UNO[A-L])", data[:500], re.DOTALL)
        text = data.decode(_CHARSETS.get(named[1].decode() if named else "", "cp1252"), "replace")
    return text.lstrip(" \t\r\n\ufeff")


def _singles(message: Message) -> Iterator[Message]:
    """Yield a status message's consignments one by one, other messages as they are."""
    found = list(groups(message.body, "CNI")) if message.kind == "IFTSTA" else []
    if len(found) < 2:
        yield message
        return
    head = before(message.body, "CNI")
    for consignment in found:
        yield _with_body(message, (*head, *consignment))


def _with_body(message: Message, body: tuple[Segment, ...]) -> Message:
    return replace(message, body=body)


def _alone(message: Message) -> str:
    """Return the text of an interchange with this message only; counts are set right."""
    d = message.dialect
    count = len(message.body) + 2
    middle = [message.header.raw, *(segment.raw for segment in message.body)]
    if d.kind == "x12":
        middle.append(d.element.join(("SE", str(count), message.reference)))
        if message.group:
            control = message.group.get(6)
            middle = [message.group.raw, *middle, d.element.join(("GE", "1", control))]
        groups_inside = "1" if message.group else "0"
        ends = d.element.join(("IEA", groups_inside, message.interchange.get(13)))
        return _lines([message.interchange.raw, *middle, ends], d.segment)
    middle.append(d.element.join(("UNT", str(count), message.reference)))
    if message.group:
        reference = message.group.get(5)
        middle = [message.group.raw, *middle, d.element.join(("UNE", "1", reference))]
    ends = d.element.join(("UNZ", "1", message.interchange.get(5)))
    advice = f"UNA{d.component}{d.element}.{d.release or ' '} {d.segment}"
    return advice + _lines([message.interchange.raw, *middle, ends], d.segment)


def _lines(segments: Sequence[str], end: str) -> str:
    return "".join(f"{segment}{end}" for segment in segments)
