"""Whether the end of a file says that it is whole: a copy that stopped half-way has no such end.

Knows PDF (ISO 32000-1, 7.5.5 and annex F), ZIP and what is built on it, XML, EDIFACT, X12, JPEG,
PNG. Of anything else, and of a file with something after its end, nothing is said: False.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

HEAD = 4096
TAIL = 2048
_SPACE = b" \t\r\n\f\0"
_START = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF\Z")
_TABLE = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
_LENGTH = re.compile(rb"/L\s+(\d{1,12})\b")
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)[\s/>]")
_NOT_ROOT = re.compile(rb"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL)
_EDIFACT = re.compile(rb"UNZ\+\d{1,6}\+[^'+]{1,35}'\Z")


def is_whole(path: Path) -> bool:
    """Tell whether the file certainly is whole; raises OSError if it cannot be read."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        size = file.seek(0, 2)
        file.seek(max(size - TAIL, 0))
        tail = file.read(TAIL)
        for begins, ends in _KINDS:
            if begins(head):
                return ends(file, head, tail, size)
    return False


def _pdf(file: BinaryIO, head: bytes, tail: bytes, size: int) -> bool:
    found = _START.search(tail.rstrip(_SPACE))
    if found is None or int(found[1]) >= size:
        return False
    if b"/Linearized" in head:  # its first part ends like a file, too
        length = _LENGTH.search(head)
        return length is not None and int(length[1]) == size
    file.seek(int(found[1]))
    return _TABLE.match(file.read(32)) is not None


def _zip(file: BinaryIO, head: bytes, tail: bytes, size: int) -> bool:
    place = tail.rfind(b"PK\5\6")
    if place < 0 or len(tail) - place < 22:
        return False
    end = tail[place:]
    length, start = int.from_bytes(end[12:16], "little"), int.from_bytes(end[16:20], "little")
    comment = int.from_bytes(end[20:22], "little")
    return len(end) == 22 + comment and start + length <= size - len(end)


def _xml(file: BinaryIO, head: bytes, tail: bytes, size: int) -> bool:
    root = _ROOT.search(_NOT_ROOT.sub(b"", head))
    return root is not None and tail.rstrip(_SPACE).endswith(b"</" + root[1] + b">")


def _edifact(file: BinaryIO, head: bytes, tail: bytes, size: int) -> bool:
    return _EDIFACT.search(tail.rstrip(_SPACE)) is not None


def _x12(file: BinaryIO, head: bytes, tail: bytes, size: int) -> bool:
    closes = head[105:106]  # the header has fixed places, its last is what closes a segment
    if not closes:
        return False
    last = tail if closes in _SPACE else tail.rstrip(_SPACE)
    return last.endswith(closes) and last[:-1].rpartition(closes)[2].lstrip().startswith(b"IEA")


def _jpeg(file: BinaryIO, head: bytes, tail: bytes, size: int) -> bool:
    return tail.endswith(b"\xff\xd9") and size > HEAD  # a small one may be its own preview


def _png(file: BinaryIO, head: bytes, tail: bytes, size: int) -> bool:
    return tail.endswith(b"\0\0\0\0IEND\xaeB`\x82")


def _begins(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.removeprefix(b"\xef\xbb\xbf").lstrip(_SPACE).startswith(marks)


_KINDS: tuple[
    tuple[Callable[[bytes], bool], Callable[[BinaryIO, bytes, bytes, int], bool]], ...
] = (
    (_begins(b"%PDF-"), _pdf),
    (_begins(b"PK\3\4"), _zip),
    (_begins(b"UNA", b"UNB+"), _edifact),
    (_begins(b"ISA"), _x12),
    (_begins(b"\xff\xd8\xff"), _jpeg),
    (_begins(b"\x89PNG\r\n"), _png),
    (_begins(b"<"), _xml),
)
