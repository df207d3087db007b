"""What a record says in plain words: its facts, and sentences that hold nothing else.

A writer (``models.writer``) may put the facts into words of its own; these sentences stand where
there is none, or where what it wrote is not borne out by the facts (``doctally.faithful``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from doctally.matching import REASONS, Verdict, Weight
from doctally.results import Extraction

Kind = Literal["summarise", "draft"]
PLAIN = "plain"
_OPENING = ("from", "number", "date", "order")
_LONGEST = 60  # characters of a name or description
_MOST = 3  # differences that a letter lists
_HEADER = (
    ("from", "supplier_name"),
    ("to", "customer_name"),
    ("number", "document_number"),
    ("date", "issue_date"),
    ("due", "due_date"),
    ("order", "order_number"),
    ("carrier", "carrier"),
    ("tracking", "tracking_number"),
    ("status", "status"),
    ("expected", "expected_delivery_date"),
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Named facts in their order, and those of them that have to be said."""

    kind: Kind
    values: Mapping[str, str]

    @property
    def text(self) -> str:
        """Return the facts as lines, what a writer is given."""
        return "\n".join(f"{name}: {value}" for name, value in self.values.items())

    @property
    def needed(self) -> tuple[str, ...]:
        """Return the values without which the text is of no use."""
        named = ("number", "total") if self.kind == "summarise" else ("number", "difference")
        return tuple(self.values[name] for name in named if name in self.values)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a paper and its order disagree about: the matching's words, and its amount at stake."""

    message: str
    amount: str = ""
    item: str = ""


def differences_of(verdict: Verdict, found: Extraction) -> tuple[Difference, ...]:
    """Return what a verdict has against a paper, the costliest first; notes are left out."""
    weighty = [r for r in verdict.reasons if r.weight != Weight.INFO]
    told = []
    for reason in sorted(weighty, key=lambda r: -r.amount):
        rows = found.line_items[reason.line - 1 : reason.line] if reason.line else ()
        item = next((row["description"].value for row in rows if "description" in row), "")
        amount = f"{reason.amount:.2f} {verdict.currency}".strip() if reason.amount else ""
        meaning = REASONS[reason.code].meaning.rstrip(".").lower()
        told.append(Difference(f"{meaning} ({reason.message})", amount, item))
    return tuple(told)


def digest_facts(found: Extraction) -> Facts:
    """Return what a reviewer has to know of a document."""
    facts = {"type": found.document_type.replace("_", " "), **_header(found)}
    count = len(found.line_items)
    if count:
        facts["lines"] = str(count)
        named = [row["description"].value for row in found.line_items if "description" in row]
        if named:
            facts["first line"] = _short(named[0])
    return Facts("summarise", facts)


def draft_facts(found: Extraction, differences: Sequence[Difference]) -> Facts:
    """Return what a letter to the supplier has to say; the differences in their order."""
    header = _header(found)
    facts = {"type": found.document_type.replace("_", " ")}
    facts |= {name: header[name] for name in _OPENING if name in header}
    for number, one in enumerate(differences[:_MOST]):
        place = f"{_short(one.item)}: " if one.item else ""
        facts["difference" if not number else f"difference {number + 1}"] = place + one.message
    if differences and differences[0].amount:
        facts["at stake"] = differences[0].amount
    return Facts("draft", facts)


def plain(facts: Facts) -> str:
    """Return the facts as sentences: a digest of two, or a letter."""
    return _digest(facts.values) if facts.kind == "summarise" else _letter(facts.values)


def _header(found: Extraction) -> dict[str, str]:
    facts = {
        name: _short(found.fields[field].value) for name, field in _HEADER if field in found.fields
    }
    if "total_gross" in found.fields:
        currency = found.fields["currency"].value if "currency" in found.fields else ""
        facts["total"] = f"{found.fields['total_gross'].value} {currency}".strip()
    return facts


def _short(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) <= _LONGEST else one[:_LONGEST].rsplit(" ", 1)[0]


def _digest(facts: Mapping[str, str]) -> str:
    document = _named(facts)
    ours = facts["type"] == "purchase order"  # the buyer's paper, the only one that goes that way
    sender, addressee = (
        facts.get(name, "") for name in (("to", "from") if ours else ("from", "to"))
    )
    first = f"{sender} sent {document}" if sender else f"This is {document}"
    first += f" to {addressee}" if addressee else ""
    first += f" over {facts['total']}" if "total" in facts else ""
    said = [
        phrase + facts[name]
        for name, phrase in (
            ("due", "is due on "),
            ("order", "belongs to order "),
            ("carrier", "travels with "),
            ("tracking", "has tracking number "),
            ("status", "has the status "),
            ("expected", "is expected on "),
        )
        if name in facts
    ]
    if "lines" in facts:
        one = "line" if facts["lines"] == "1" else "lines"
        goods = f", the first is {facts['first line']}" if "first line" in facts else ""
        said.append(f"has {facts['lines']} {one}{goods}")
    second = f"It {_listed(said)}." if said else "It says nothing else."
    return f"{first}. {second}"


def _letter(facts: Mapping[str, str]) -> str:
    order = f" with our order {facts['order']}" if "order" in facts else " with our records"
    differences = [v for name, v in facts.items() if name.startswith("difference")]
    stake = f" At stake are {facts['at stake']}." if "at stake" in facts else ""
    return (
        f"Dear {facts.get('from', 'supplier')},\n"
        f"your {_named(facts)} does not agree{order}: {'; '.join(differences)}.{stake} "
        "Please check this and send us a corrected paper or tell us the reason.\n"
        "Kind regards"
    )


def _named(facts: Mapping[str, str]) -> str:
    dated = f"of {facts['date']}" if "date" in facts else ""
    return " ".join(part for part in (facts["type"], facts.get("number", ""), dated) if part)


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
