"""ZIP archives: each member is a document of its own."""

from __future__ import annotations

import stat
from zipfile import ZipInfo

from doctally.errors import UnreadableDocument
from doctally.pages import Notice, Part, Reading
from extractors import notices
from extractors.package import content_of, open_package
from extractors.source import Source


def read(source: Source) -> Reading:
    """Return the members as parts, in the order of the archive; links are left out.

    Raises UnreadableDocument: ``archive_bomb``, ``encrypted``, ``damaged``, ``nothing_inside``,
    ``too_many_parts``.
    """
    told: list[Notice] = []
    with open_package(source.path, source.limits) as package:
        files = [m for m in package.infolist() if not m.is_dir() and m.file_size]
        links = [member.filename for member in files if _is_link(member)]
        if links:
            told.append(notices.parts_ignored(links, "links are never followed"))
        wanted = [member for member in files if not _is_link(member)]
        if len(wanted) > source.limits.max_parts:
            raise UnreadableDocument(
                f"The archive holds {len(wanted)} files; the limit is {source.limits.max_parts}. "
                "Send several smaller ones.",
                code="too_many_parts",
            )
        parts = tuple(Part(member.filename, content_of(package, member)) for member in wanted)
    if not parts:
        raise UnreadableDocument("The archive holds no files.", code="nothing_inside")
    return Reading(media_type=source.media, parts=parts, notices=tuple(told))


def _is_link(member: ZipInfo) -> bool:
    return stat.S_ISLNK(member.external_attr >> 16)
