"""Which papers must be looked at together: found by indexes, never by reading all.

By number in every form that matching calls surely the same; by delivery note; else by the words,
codes and prices of open orders of the same supplier. Then all that is linked to those orders.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from rapidfuzz import fuzz, process
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from db.tables import MatchLinkRow, MatchNameRow, MatchPaperRow, MatchWordRow
from doctally import companies
from doctally.matching import Paper, numbers
from doctally.matching.charges import is_charge
from doctally.matching.texts import tokens
from doctally.schemas import DocumentType

MOST = 400
"""Papers looked at together; beyond that the oldest links are left as they are."""

BEST_ORDERS = 12
LATE = 20
_WORDS_OF_PAPER = 60
_FEWEST = 2
_SHARE = 0.4
"""Of the words that the likeliest order shares: an order with fewer is not looked at."""

_SAME_FIRM = 85
_ORDER = str(DocumentType.PURCHASE_ORDER)


def forms(number: str) -> set[str]:
    """Return the keys under which a number is kept: as it is, its digits alone, as OCR reads it."""
    key = numbers.key(number)
    core = numbers.core(number).lstrip("0")
    found = {key, numbers.looks(key)} if key else set()
    return found | ({core} if len(core) >= 4 else set())


def firm_of(paper: Paper) -> str:
    """Return the supplier's bare name as the key that its orders are found by."""
    return companies.bare(paper.supplier).replace(" ", "")[:64] if paper.supplier else ""


def index(session: Session, document_id: int, paper: Paper) -> None:
    """Make a paper findable by its numbers and, for an order, by its words."""
    for old in (
        delete(MatchNameRow).where(MatchNameRow.document_id == document_id),
        delete(MatchWordRow).where(MatchWordRow.order_id == document_id),
    ):  # none of these rows is held as an object
        session.execute(old.execution_options(synchronize_session=False))
    names = [("own", paper.number)] if paper.kind == _ORDER else []
    names += [("order", n) for n in paper.orders] + [("note", n) for n in paper.notes]
    rows = {(role, key) for role, number in names for key in forms(number)}
    if rows:
        session.execute(
            insert(MatchNameRow),
            [{"document_id": document_id, "role": r, "key": k} for r, k in sorted(rows)],
        )
    if paper.kind == _ORDER:
        firm = firm_of(paper)
        session.execute(
            insert(MatchWordRow),
            [{"firm": firm, "word": w, "order_id": document_id} for w in sorted(words(paper))]
            or [{"firm": firm, "word": "", "order_id": document_id}],
        )


def forget_words(session: Session, order_ids: Collection[int]) -> None:
    """Let orders of which nothing is open be found by number only."""
    if order_ids:
        done = delete(MatchWordRow).where(MatchWordRow.order_id.in_(list(order_ids)))
        session.execute(done.execution_options(synchronize_session=False))


def words(paper: Paper) -> set[str]:
    """Return what tells a paper's lines apart: codes, prices, words of three letters and more."""
    found: set[str] = set()
    for line in paper.lines:
        if is_charge(line):
            continue
        if line.code:
            found.add("c:" + numbers.key(line.code)[:30])
        if line.each is not None:
            found.add(f"p:{line.each.normalize():.8f}".rstrip("0")[:32])
        found |= {t[:32] for t in tokens(line.text) if len(t) >= 3}
    return found


def orders_for(session: Session, paper: Paper) -> set[int]:
    """Return the orders that a delivery or bill may belong to: few, the likeliest."""
    found = _by_name(session, "own", paper.orders)
    siblings = _by_name(session, "note", paper.notes)
    if siblings:
        linked = select(MatchLinkRow.order_id).where(MatchLinkRow.document_id.in_(list(siblings)))
        found |= set(session.scalars(linked))
    return found or _by_words(session, paper)


def _by_name(session: Session, role: str, given: Iterable[str]) -> set[int]:
    keys = {key for number in given for key in forms(number)}
    if not keys:
        return set()
    named = select(MatchNameRow.document_id).where(
        MatchNameRow.key.in_(sorted(keys)), MatchNameRow.role == role
    )
    return set(session.scalars(named.limit(MOST)))


def firms_like(session: Session, paper: Paper) -> list[str]:
    """Return the keys of suppliers with open orders whose names are like this one's."""
    own = firm_of(paper)
    if not own:
        return []
    known = list(session.scalars(select(MatchPaperRow.firm).distinct()))
    near = process.extract(own, known, scorer=fuzz.ratio, score_cutoff=_SAME_FIRM, limit=5)
    part = [
        firm for firm in known if len(own) >= 6 and len(firm) >= 6 and (firm in own or own in firm)
    ]
    return list(dict.fromkeys([*(name for name, _, _ in near), *part[:5]]))


def _by_words(session: Session, paper: Paper) -> set[int]:
    asked = sorted(words(paper), key=lambda w: (w[1:2] != ":", -len(w)))[:_WORDS_OF_PAPER]
    own = firm_of(paper)
    if not own or not asked:
        return set()
    ranked = _ranked(session, [own], asked)
    if not ranked or ranked[0][1] < len(asked) * _SHARE:  # perhaps under a like name
        ranked = _ranked(session, firms_like(session, paper), asked)
    enough = max(_FEWEST, ranked[0][1] * _SHARE) if ranked else 0
    return {order for order, shared in ranked if shared >= enough}


def _ranked(session: Session, firms: Sequence[str], asked: Sequence[str]) -> list[tuple[int, int]]:
    """Return the orders of these suppliers that share most words, with how many."""
    count = func.count().label("count")
    found = (
        select(MatchWordRow.order_id, count)
        .where(MatchWordRow.firm.in_(firms), MatchWordRow.word.in_(asked))
        .group_by(MatchWordRow.order_id)
        .order_by(count.desc(), MatchWordRow.order_id.desc())
        .limit(BEST_ORDERS)
    )
    return [(row[0], row[1]) for row in session.execute(found)] if firms else []


def papers_for(session: Session, order: Paper) -> set[int]:
    """Return deliveries and bills that may belong to an order: those that name it, late ones."""
    found = _by_name(session, "order", [order.number])
    firms = firms_like(session, order)
    if firms:
        late = (
            select(MatchPaperRow.document_id)
            .where(
                MatchPaperRow.firm.in_(firms),
                MatchPaperRow.kind != _ORDER,
                MatchPaperRow.linked.is_(False),
            )
            .order_by(MatchPaperRow.document_id.desc())
            .limit(LATE)
        )
        found |= set(session.scalars(late))
    return found


def same_notes(session: Session, paper: Paper) -> set[int]:
    """Return papers that name the same delivery note."""
    return _by_name(session, "note", paper.notes)


def linked(session: Session, order_ids: Collection[int]) -> set[int]:
    """Return orders and all papers linked to them, and through these to further orders."""
    found, edge = set(order_ids), set(order_ids)
    while edge and len(found) < MOST:
        rows = session.execute(
            select(MatchLinkRow.document_id, MatchLinkRow.order_id).where(
                MatchLinkRow.order_id.in_(list(edge)) | MatchLinkRow.document_id.in_(list(edge))
            )
        )
        near = {number for row in rows for number in row}
        edge = near - found
        found |= near
    return found
