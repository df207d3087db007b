"""The spool: what was inside a file, by content, until each piece is a document of its own.

It lies under processing/, so that every way from it is one rename. A piece is on disk before the
transaction that makes it a document, and is named by its SHA-256, so writing it twice is harmless.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from doctally.pages import Part
from flows.folders import denied, move
from flows.names import is_ignored, safe_name

_SEPARATORS = re.compile(r"[/\\]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """What was inside a file: a safe name, its content's SHA-256 and size, pages in the parent."""

    name: str
    sha256: str
    size: int
    pages: tuple[int, int] | None = None


class Spool:
    """The pieces that wait on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, part: Part) -> Piece | None:
        """Return the piece, on disk for good; None for what systems and editors leave behind.

        Raises AccessDenied (``disk_full``, ...).
        """
        names = [name for name in _SEPARATORS.split(part.name) if name not in ("", ".", "..")]
        if any(is_ignored(name) for name in names):
            return None
        digest = hashlib.sha256(part.content).hexdigest()
        target = self.path(digest)
        if not target.exists():
            draft = target.with_suffix(".part")
            try:
                self._folder.mkdir(exist_ok=True)
                with draft.open("wb") as file:
                    file.write(part.content)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(target)
            except OSError as error:
                raise denied(target, error) from error
        name = safe_name(names[-1]) if names else "document"
        return Piece(name, digest, len(part.content), part.pages)

    def path(self, sha256: str) -> Path:
        """Return where the piece with this content lies, if it does."""
        return self._folder / sha256

    def hand_out(self, sha256: str, target: Path) -> bool:
        """Move the piece to where its document is worked on; tell whether it was there."""
        if not self.path(sha256).exists():
            return False
        move(self.path(sha256), target)
        return True

    def drop(self, sha256: str) -> None:
        """Remove a piece that nobody waits for."""
        self.path(sha256).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all that is left; right only when every document has its file."""
        if self._folder.is_dir():
            for path in self._folder.iterdir():
                path.unlink(missing_ok=True)
