"""The repository of documents: claim, store, look up. Every call is one short transaction."""

from db.claims import Claim, ClaimStatus, Incoming, claim
from db.detail import Arrival, StoredDocument, Summary, Transition, document, pages
from db.leases import Pending, renew, unfinished
from db.lineage import Lineage, lineage
from db.lookup import Earlier, counts, purge_older, recent, same_number
from db.progress import advance, fail, refuse, relocate
from db.store import Stored, store, unpack

__all__ = [
    "Arrival",
    "Claim",
    "ClaimStatus",
    "Earlier",
    "Incoming",
    "Lineage",
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
    "lineage",
    "pages",
    "purge_older",
    "recent",
    "refuse",
    "relocate",
    "renew",
    "same_number",
    "store",
    "unfinished",
    "unpack",
]
