"""The repository of documents: claim, store, look up. Every call is one short transaction."""

from db.claims import Claim, ClaimStatus, Incoming, claim
from db.detail import Arrival, StoredDocument, Summary, Transition, document, pages
from db.leases import Pending, renew, unfinished
from db.life import WORKING
from db.lineage import Lineage, lineage
from db.lookup import Earlier, counts, recent, same_number, with_content
from db.progress import advance, fail, refuse, relocate
from db.purge import Failure, Old, older, purge_older
from db.store import Stored, store, unpack

__all__ = [
    "WORKING",
    "Arrival",
    "Claim",
    "ClaimStatus",
    "Earlier",
    "Failure",
    "Incoming",
    "Lineage",
    "Old",
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
    "older",
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
    "with_content",
]
