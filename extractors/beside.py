"""What a PDF carries beside its pages: scripts, which never run, and files, which are left in it.

Scripts are seen in the document's name tree, and where they stand in the file uncompressed
(actions on opening, on fields); those in compressed objects are not looked for, and not run either.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from doctally.pages import Notice
from extractors import notices
from extractors.einvoice import EMBEDDED_NAMES

_ACTIONS = (b"/JavaScript", b"/JS ", b"/JS(", b"/JS<", b"/Launch")
_MOST = 100  # attachments that are looked at


def beside(path: Path, document: Any) -> list[Notice]:
    """Return what a person should know of an open pypdfium2 document's scripts and files."""
    found = [notices.scripts_ignored()] if _scripted(path, document) else []
    names = [name for name in _attached(document) if name.lower() not in EMBEDDED_NAMES]
    if names:
        found.append(notices.parts_ignored(names, "attached to the PDF"))
    return found


def _scripted(path: Path, document: Any) -> bool:
    if raw.FPDFDoc_GetJavaScriptActionCount(document) > 0:
        return True
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(action) >= 0 for action in _ACTIONS)


def _attached(document: Any) -> list[str]:
    try:
        count = min(document.count_attachments(), _MOST)
        return [document.get_attachment(index).get_name() for index in range(count)]
    except pdfium.PdfiumError:
        return []  # a damaged attachment; the pages are read all the same
