"""The repository of documents: claim, store, look up. Every call is one short transaction."""

from db.claims import Claim, ClaimStatus, Incoming, Pending, claim, renew, unfinished
from db.lookup import (
    Arrival,
    Earlier,
    StoredDocument,
    Summary,
    Transition,
    counts,
    document,
    pages,
    purge_older,
    recent,
    same_number,
    unfiled,
)
from db.store import Stored, advance, fail, refuse, relocate, store

__all__ = [
    "Arrival",
    "Claim",
    "ClaimStatus",
    "Earlier",
    "Incoming",
    "Pending",
    "Stored",
    "StoredDocument",
    "Summary",
    "Transition",
    "advance",
    "claim",
    "counts",
    "document",
    "fail",
    "pages",
    "purge_older",
    "recent",
    "refuse",
    "relocate",
    "renew",
    "same_number",
    "store",
    "unfiled",
    "unfinished",
]
