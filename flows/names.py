"""File names of outsiders: which to ignore, and what a safe form of the others is."""

from __future__ import annotations

import re
import unicodedata
from fnmatch import fnmatchcase

MAX_NAME_BYTES = 150
REASON_SUFFIX = ".reason.txt"

IGNORED = (
    ".*",
    "thumbs.db",
    "desktop.ini",
    "@eadir",
    "__macosx",
    "*.part",
    "*.partial",
    "*.filepart",
    "*.tmp",
    "*.temp",
    "*.crdownload",
    "*.download",
    "*.swp",
    "~$*",
    "*~",
    f"*{REASON_SUFFIX}",
)

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\ud800-\udfff\u202a-\u202e\u2066-\u2069]')


def is_ignored(name: str) -> bool:
    """Tell whether a file or folder name belongs to a system, an editor or a running copy."""
    folded = name.casefold()
    return any(fnmatchcase(folded, pattern) for pattern in IGNORED)


def safe_name(name: str, *, fallback: str = "document") -> str:
    """Return one harmless path component: no separators, controls, leading dots; <= 150 bytes."""
    clean = _UNSAFE.sub("_", unicodedata.normalize("NFC", name))
    clean = re.sub(r"\s+", " ", clean).strip().lstrip(".-").rstrip(". ")
    if not clean.strip("_ "):
        return fallback
    return _shorten(clean)


def _shorten(name: str) -> str:
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 10:
        stem, suffix = name, ""
    room = MAX_NAME_BYTES - len(suffix.encode()) - len(dot)
    return stem.encode()[:room].decode(errors="ignore") + dot * bool(suffix) + suffix


def filed_name(document_id: int, name: str) -> str:
    """Return ``12-invoice.pdf``: unique over all folders; an own prefix is not put twice."""
    prefix = f"{document_id}-"
    return name if name.startswith(prefix) else prefix + name


def document_id_of(name: str) -> int | None:
    """Return the document a filed name belongs to, or None for a name that is not ours."""
    match = re.match(r"([1-9]\d{0,17})-", name)
    return int(match.group(1)) if match else None
