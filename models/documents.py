"""Labelled folders: the label contract's lines beside their files, read and split.

A folder holds ``labels*.jsonl`` and the files they name. The held-out ids of the known sets are
fixed in ``models/splits/<set>.txt`` (by station, seller and shop, never by file), so that no
supplier is on both sides.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from doctally.errors import ConfigurationError, DoctallyError
from doctally.pages import Reading
from extractors.read import ReaderPool, ReadLimits
from extractors.transcript import read_transcript


@dataclass(frozen=True, slots=True)
class Truth:
    """One line of a labels file; ``boxes`` are there for synthetic documents only."""

    path: Path
    document_type: str | None
    fields: Mapping[str, str]
    line_items: tuple[Mapping[str, str], ...]
    labelled: frozenset[str]
    visible: frozenset[str]
    alternatives: Mapping[str, tuple[str, ...]]
    types: tuple[str, ...]
    source: str
    boxes: Mapping[str, Any] | None = None
    item_boxes: Sequence[Mapping[str, Any]] = ()
    visible_items: Sequence[Sequence[str]] | None = None

    @property
    def printed_items(self) -> Sequence[Mapping[str, str]]:
        """Return the cells that can fairly be read from the page, by row."""
        if self.visible_items is None:
            return self.line_items
        pairs = zip(self.line_items, self.visible_items, strict=True)
        return [{n: v for n, v in row.items() if n in names} for row, names in pairs]

    @property
    def scorable(self) -> frozenset[str]:
        """Return the names whose value can fairly be read from the page."""
        return self.labelled & self.visible


def truths(labels: Path) -> list[Truth]:
    """Return the documents of one labels file.

    Raises ConfigurationError naming the line that does not keep the contract.
    """
    found = []
    for number, line in enumerate(labels.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(_truth(labels.parent, json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(f"{labels}, line {number}: {error!r}") from error
    return found


def _truth(folder: Path, row: Mapping[str, Any]) -> Truth:
    labelled = frozenset(row.get("labelled", row["fields"]))
    kind = row["document_type"]
    return Truth(
        path=folder / row["file"],
        document_type=kind,
        fields=row["fields"],
        line_items=tuple(row.get("line_items") or ()),
        labelled=labelled,
        visible=frozenset(row["visible"]) if "visible" in row else labelled,
        alternatives={n: tuple(v) for n, v in row.get("alt", {}).items()},
        types=tuple(t for t in (kind, *row.get("document_type_alt", ())) if t),
        source=str(row.get("source", "")).split("/")[0],
        boxes=row.get("boxes"),
        item_boxes=row.get("item_boxes", ()),
        visible_items=row.get("visible_items"),
    )


@cache
def held_out(source: str) -> frozenset[str]:
    """Return the file stems of a known set that are never trained on."""
    listed = Path(__file__).parent / "splits" / f"{source}.txt"
    return (
        frozenset(listed.read_text(encoding="utf-8").split()) if listed.is_file() else frozenset()
    )


def split(documents: Iterable[Truth]) -> tuple[list[Truth], list[Truth]]:
    """Return (training, held-out) documents."""
    train: list[Truth] = []
    test: list[Truth] = []
    for truth in documents:
        (test if truth.path.stem in held_out(truth.source) else train).append(truth)
    return train, test


def read_all(
    documents: Sequence[Truth], *, pool: ReaderPool
) -> Iterator[tuple[Truth, Reading | DoctallyError]]:
    """Return each document with its pages only (never the record an XML would give away)."""
    paths = [t.path for t in documents if t.path.suffix != ".csv"]
    readings = pool.read_many(paths, pages_only=True)
    for truth in documents:
        if truth.path.suffix == ".csv":
            try:
                yield truth, read_transcript(truth.path)
            except DoctallyError as error:
                yield truth, error
        else:
            yield truth, next(readings)[1]


LIMITS = ReadLimits(max_file_mb=100, max_pages=40, max_pixels=120_000_000)
