"""Opening ZIP files of strangers: archives, and the office files that are ZIP files inside.

Everything is judged by the directory before a byte is unpacked, and unpacking stops at the size
that the directory names. Names are never used as paths. Raises UnreadableDocument only.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from lxml import etree

from doctally.errors import UnreadableDocument
from extractors.limits import ReadLimits

_ENTRIES = 20_000
_WORTH_A_LOOK = 5_000_000
_RATIO = 200
"""Members of more bytes than ``_WORTH_A_LOOK`` that shrink by more are bombs; text shrinks by 5."""
_ENCRYPTED = 0x1
_LOCAL_HEADER = 30


@contextmanager
def open_package(path: Path, limits: ReadLimits) -> Iterator[ZipFile]:
    """Yield the ZIP file once its directory has shown nothing odd.

    Raises UnreadableDocument: ``damaged``, ``encrypted``, ``archive_bomb``.
    """
    try:
        package = ZipFile(path)
    except (BadZipFile, LargeZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(error) from error
    with package:
        _judge(package.infolist(), limits)
        yield package


def content_of(package: ZipFile, member: ZipInfo) -> bytes:
    """Return the bytes of a member; raises UnreadableDocument (``damaged``, ``encrypted``)."""
    try:
        return package.read(member)
    except RuntimeError as error:  # a password, or a method that zipfile does not know
        raise _encrypted() if "password" in str(error) else _damaged(error) from error
    except (BadZipFile, OSError, EOFError, ValueError, zlib.error) as error:
        raise _damaged(error) from error
    except Exception as error:  # lzma and bz2 have errors of their own
        raise _damaged(error) from error


def xml_of(data: bytes) -> etree._Element:
    """Return the root of an office file's XML: no entities, no DTD, no network.

    Raises UnreadableDocument: ``damaged``, ``hostile_xml``.
    """
    refuse_entities(data)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _damaged(error) from error


def refuse_entities(data: bytes) -> None:
    """Raise UnreadableDocument (``hostile_xml``) if the XML declares a type, and so entities."""
    marks = ("<!DOCTYPE", "<!ENTITY")
    if any(mark.encode(code) in data for mark in marks for code in ("utf-8", "utf-16-le")):
        raise UnreadableDocument(
            "The file declares XML entities, which no office program does; it was not read.",
            code="hostile_xml",
        )


def _judge(members: Sequence[ZipInfo], limits: ReadLimits) -> None:
    if len(members) > _ENTRIES:
        raise _bomb(f"it has {len(members)} members")
    for member in members:
        if member.flag_bits & _ENCRYPTED:
            raise _encrypted()
        shrunk = member.file_size > _RATIO * max(member.compress_size, 1)
        if shrunk and member.file_size > _WORTH_A_LOOK:
            raise _bomb(f"a member grows from {member.compress_size} to {member.file_size} bytes")
    total = sum(member.file_size for member in members)
    if total > limits.max_unpacked_mb * 1_000_000:
        raise _bomb(
            f"unpacked it has {total / 1e6:.0f} MB; the limit is {limits.max_unpacked_mb} MB"
        )
    ordered = sorted(members, key=lambda member: member.header_offset)
    for before, after in pairwise(ordered):
        end = before.header_offset + _LOCAL_HEADER + before.compress_size
        if end > after.header_offset:
            raise _bomb("its members lie on top of each other")


def _damaged(error: Exception) -> UnreadableDocument:
    return UnreadableDocument(
        f"The file is damaged or cut short ({type(error).__name__}); ask for it again.",
        code="damaged",
    )


def _encrypted() -> UnreadableDocument:
    return UnreadableDocument(
        "The file is protected by a password; save it without one.", code="encrypted"
    )


def _bomb(why: str) -> UnreadableDocument:
    return UnreadableDocument(
        f"The file is not unpacked: {why}. Send the documents themselves.", code="archive_bomb"
    )
