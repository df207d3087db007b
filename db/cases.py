"""Which papers must be looked at together: found by indexes, never by reading all.

By number in every form that matching calls surely the same; by delivery note; else by the words,
codes and prices of open orders of the same supplier. Then all that is linked to those orders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from db.firms import firms_like
from db.tables import MatchLinkRow, MatchNameRow, MatchPaperRow, MatchWordRow
from db.tables.matching import LATE as NO_ORDER
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

NEWEST = 100
"""Of the orders that share a word, so many are looked at: a word of more tells little."""
_LIKELY = 48
_NEWEST = (
    "SELECT {0} AS place, order_id FROM (SELECT order_id FROM match_words WHERE firm = :firm "
    "AND word = :w{0} ORDER BY order_id DESC LIMIT :most) AS t{0}"
)
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


def _by_words(session: Session, paper: Paper) -> set[int]:
    asked = sorted(words(paper), key=lambda w: (w[1:2] != ":", -len(w)))[:_WORDS_OF_PAPER]
    own = firm_of(paper)
    if not own or not asked:
        return set()
    ranked = _ranked(session, [own], asked)
    if not ranked or ranked[0][1] < len(asked) * _SHARE:  # perhaps under a like name
        ranked = _ranked(session, firms_like(session, own), asked)
    enough = max(_FEWEST, ranked[0][1] * _SHARE) if ranked else 0
    return {order for order, shared in ranked if shared >= enough}


def _ranked(session: Session, firms: Sequence[str], asked: Sequence[str]) -> list[tuple[int, int]]:
    """Return the orders of these suppliers that share most words, with how many.

    A supplier may have any number of open orders: of each word only the newest are read, and
    where that leaves some out, those that shared most of these are counted in full.
    """
    shared: Counter[int] = Counter()
    cut = False
    for firm in firms:
        for found in _newest(session, firm, asked).values():
            shared.update(found)
            cut = cut or len(found) == NEWEST
    ranked = sorted(shared.items(), key=lambda pair: (pair[1], pair[0]), reverse=True)
    if not cut:
        return ranked[:BEST_ORDERS]
    count = func.count().label("count")
    likely = (
        select(MatchWordRow.order_id, count)
        .where(
            MatchWordRow.firm.in_(firms),
            MatchWordRow.word.in_(asked),
            MatchWordRow.order_id.in_([order for order, _ in ranked[:_LIKELY]]),
        )
        .group_by(MatchWordRow.order_id)
        .order_by(count.desc(), MatchWordRow.order_id.desc())
        .limit(BEST_ORDERS)
    )
    return [(row[0], row[1]) for row in session.execute(likely)]


def _newest(session: Session, firm: str, asked: Sequence[str]) -> dict[int, list[int]]:
    """Return for each word, by its place, the newest orders of the supplier that have it."""
    parts = (_NEWEST.format(n) for n in range(len(asked)))
    given = {"firm": firm, "most": NEWEST, **{f"w{n}": word for n, word in enumerate(asked)}}
    found: dict[int, list[int]] = {}
    for place, order in session.execute(text(" UNION ALL ".join(parts)), given):
        found.setdefault(place, []).append(order)
    return found


def papers_for(session: Session, order: Paper) -> set[int]:
    """Return deliveries and bills that may belong to an order: those that name it, late ones."""
    found = _by_name(session, "order", [order.number])
    late: list[int] = []
    for firm in firms_like(session, firm_of(order)):
        newest = (
            select(MatchPaperRow.document_id)
            .where(MatchPaperRow.firm == firm, text(NO_ORDER))
            .order_by(MatchPaperRow.document_id.desc())
            .limit(LATE)
        )
        late += session.scalars(newest)
    return found | set(sorted(late, reverse=True)[:LATE])


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
