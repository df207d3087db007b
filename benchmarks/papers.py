"""Cheap documents without end, each of which says in its name what its values must be.

Invoices (UBL), orders (EDI X12), archives of three invoices, copies of what came before, and
files that are cut short, in fixed shares; the same number always gives the same bytes.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from doctally.results import Extraction, FieldValue
from doctally.ubl import as_ubl

_ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "
    "*240301*1200*U*00401*{0:09}*0*P*>~\n"
)


@dataclass(frozen=True, slots=True)
class Paper:
    """A file: its name, bytes, and the files inside it."""

    name: str
    content: bytes
    inside: tuple[tuple[str, bytes], ...] = ()


@dataclass(slots=True)
class Expected:
    """What must be there at the end: how often each content, and which may not be accepted."""

    files: Counter[str] = field(default_factory=Counter)
    documents: dict[str, str] = field(default_factory=dict)
    """The document number that each content (SHA-256) must have; empty: it has none."""

    def add(self, paper: Paper) -> None:
        """Expect a file that is dropped."""
        self.files[sha(paper.content)] += 1
        self.documents[sha(paper.content)] = number_of(paper.name)
        for name, content in paper.inside:
            self.files.setdefault(sha(content), 1)
            self.documents[sha(content)] = number_of(name)


def sha(content: bytes) -> str:
    """Return the content's SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def number_of(name: str) -> str:
    """Return the document number that a file of this name must give, empty: none."""
    stem = Path(name).stem
    return stem if stem[:2] in ("R-", "P-") else ""


def paper(number: int) -> Paper:
    """Return the number-th file; of twenty, one is an archive, one a copy, one cut short."""
    kind = number % 20
    if kind == 7:
        inside = tuple((f"R-{number}-{part}.xml", invoice(f"R-{number}-{part}")) for part in "abc")
        return Paper(f"Z-{number}.zip", _archive(inside), inside)
    if kind == 11 and number > 20:
        first = paper(number - 1)
        return Paper(first.name, first.content)
    if kind == 13:
        return Paper(f"B-{number}.xml", invoice(f"R-{number}")[: -50 - number % 900])
    if kind % 4 == 2:
        return Paper(f"P-{number}.edi", order(f"P-{number}", number))
    return Paper(f"R-{number}.xml", invoice(f"R-{number}"))


def drop(papers: Iterable[Paper], inbox: Path) -> int:
    """Put files into the inbox as the manual says, under another name first; return how many."""
    count = 0
    for one in papers:
        draft = inbox / f".{one.name}.part"
        draft.write_bytes(one.content)
        target, copies = inbox / one.name, 0
        while target.exists():
            copies += 1
            target = inbox / f"copy-{copies}-{one.name}"
        draft.rename(target)
        count += 1
    return count


def invoice(number: str) -> bytes:
    """Return a UBL invoice that is right in itself."""
    dice = random.Random(number)
    rows, net = [], 0
    for place in range(1, dice.randint(2, 5)):
        quantity, price = dice.randint(1, 40), dice.randint(100, 99_900)
        net += quantity * price
        row = {"position": str(place), "description": f"Article {dice.randrange(900)}"}
        row |= {"quantity": str(quantity), "unit": "H87", "unit_price": _money(price)}
        row |= {"amount_net": _money(quantity * price), "tax_rate": "19"}
        rows.append(row)
    tax = (net * 19 + 50) // 100
    head = {
        "document_number": number,
        "issue_date": f"2026-{dice.randint(1, 9):02}-{dice.randint(1, 28):02}",
        "currency": "EUR",
        "supplier_name": f"Supplier {dice.randrange(200)} GmbH",
        "supplier_address": "Main Street 1, 12345 Town",
        "supplier_tax_id": "DE136695976",
        "customer_name": "Acme",
        "customer_address": "Side Street 2, 54321 City",
        "total_net": _money(net),
        "total_tax": _money(tax),
        "total_gross": _money(net + tax),
        "amount_due": _money(net + tax),
    }
    cells = tuple({n: FieldValue(v, 1.0) for n, v in row.items()} for row in rows)
    return as_ubl(
        Extraction("invoice", 1.0, {n: FieldValue(v, 1.0) for n, v in head.items()}, cells)
    )


def order(number: str, control: int) -> bytes:
    """Return an X12 850."""
    dice = random.Random(number)
    lines = [f"BEG*00*NE*{number}**20260301", "CUR*BY*USD", "N1*SE*Bolt Inc*92*1", "N1*BY*Acme"]
    count = dice.randint(1, 6)
    for place in range(1, count + 1):
        lines.append(
            f"PO1*{place}*{dice.randint(1, 90)}*EA*{_money(dice.randint(10, 9900))}*PE*VN*B-{place}"
        )
        lines.append(f"PID*F****Article {dice.randrange(900)}")
    lines.append(f"CTT*{count}")
    body = "".join(f"{line}~\n" for line in lines)
    return (
        f"{_ISA.format(control)}GS*PO*SENDER*RECEIVER*20260301*1200*7*X*004010~\nST*850*0001~\n"
        f"{body}SE*{len(lines) + 2}*0001~\nGE*1*7~\nIEA*1*{control:09}~\n"
    ).encode()


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _archive(inside: Iterable[tuple[str, bytes]]) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        for name, content in inside:
            archive.writestr(ZipInfo(name), content)
    return buffer.getvalue()
