"""How documents lie inside each other: how deep one lies, how many its outermost file holds."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from db.database import Database
from db.tables import DocumentRow


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a document lies: ``depth`` 0 came by itself.

    ``total`` and ``size`` (bytes) are those of all documents that came in its root.
    """

    root_id: int
    depth: int
    total: int
    size: int


def lineage(database: Database, document_id: int) -> Lineage:
    """Return where the document lies; a parent is always older, so every chain ends."""
    with database.read() as session:
        root_id, depth = document_id, 0
        above = select(DocumentRow.parent_id)
        while (parent := session.scalar(above.where(DocumentRow.id == root_id))) is not None:
            root_id, depth = parent, depth + 1
        row = select(DocumentRow.id, DocumentRow.size)
        inside = row.where(DocumentRow.parent_id == root_id).cte(recursive=True)
        deeper = row.join(inside, DocumentRow.parent_id == inside.c.id)
        everything = inside.union_all(deeper)
        counted = select(func.count(), func.coalesce(func.sum(everything.c.size), 0))
        total, size = session.execute(counted.select_from(everything)).one()
        return Lineage(root_id, depth, total, int(size))
