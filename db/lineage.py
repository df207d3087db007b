"""How documents lie inside each other: how deep one lies, how many its outermost file holds."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from db.database import Database
from db.tables import DocumentRow


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a document lies: ``depth`` 0 came by itself; ``total`` is all that its root holds."""

    root_id: int
    depth: int
    total: int


def lineage(database: Database, document_id: int) -> Lineage:
    """Return where the document lies; a parent is always older, so every chain ends."""
    with database.read() as session:
        root_id, depth = document_id, 0
        above = select(DocumentRow.parent_id)
        while (parent := session.scalar(above.where(DocumentRow.id == root_id))) is not None:
            root_id, depth = parent, depth + 1
        inside = select(DocumentRow.id).where(DocumentRow.parent_id == root_id).cte(recursive=True)
        deeper = select(DocumentRow.id).join(inside, DocumentRow.parent_id == inside.c.id)
        total = session.scalar(select(func.count()).select_from(inside.union_all(deeper)))
        return Lineage(root_id, depth, total or 0)
