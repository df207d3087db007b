"""The committed sample documents: ``python -m synth.samples --out tests/documents``.

They are drawn with base-14 fonts only, so that every machine makes the same ones.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from synth import hybrid
from synth.deal import Deal, make_deal
from synth.dice import Dice
from synth.families import commerce, letters, till, tracking
from synth.paper import Paper
from synth.regions import region
from synth.scan import scan

Draw = Callable[[Dice, Deal], Paper]
_INVOICE = {
    "document_number",
    "issue_date",
    "supplier_name",
    "supplier_address",
    "customer_name",
    "customer_address",
    "total_net",
    "total_tax",
    "total_gross",
    "currency",
}
_SINGLE: tuple[tuple[str, str, str, str, Draw, set[str]], ...] = (
    (
        "invoice_de",
        "DE",
        "invoice",
        "industry",
        commerce.draw,
        _INVOICE | {"supplier_iban", "supplier_tax_id", "due_date"},
    ),
    (
        "invoice_fr",
        "FR",
        "invoice",
        "food",
        commerce.draw,
        _INVOICE | {"payment_terms", "supplier_tax_id"},
    ),
    ("invoice_es", "ES", "invoice", "service", commerce.draw, _INVOICE | {"due_date"}),
    (
        "order_de",
        "DE",
        "purchase_order",
        "building",
        commerce.draw,
        {
            "document_number",
            "issue_date",
            "expected_delivery_date",
            "supplier_name",
            "customer_name",
            "total_gross",
        },
    ),
    (
        "delivery_de",
        "DE",
        "shipment_notice",
        "it",
        commerce.draw,
        {
            "document_number",
            "issue_date",
            "order_number",
            "supplier_name",
            "customer_name",
            "package_count",
        },
    ),
    (
        "credit_note_en",
        "GB",
        "credit_note",
        "office",
        commerce.draw,
        _INVOICE | {"customer_number"},
    ),
    (
        "receipt_en",
        "MY",
        "receipt",
        "till",
        till.draw,
        {
            "document_number",
            "issue_date",
            "supplier_name",
            "supplier_address",
            "total_gross",
            "amount_paid",
        },
    ),
    (
        "status_en",
        "US",
        "shipment_status",
        "office",
        tracking.draw,
        {"tracking_number", "carrier", "status", "event_time", "expected_delivery_date"},
    ),
    (
        "letter_en",
        "GB",
        "other",
        "office",
        partial(letters.draw, kind="letter"),
        {"issue_date", "supplier_name", "customer_name"},
    ),
)
_TRIPLE: tuple[tuple[str, str, set[str]], ...] = (
    (
        "order_en",
        "purchase_order",
        {
            "document_number",
            "issue_date",
            "expected_delivery_date",
            "supplier_name",
            "customer_name",
            "total_gross",
            "payment_terms",
        },
    ),
    (
        "delivery_en",
        "shipment_notice",
        {
            "document_number",
            "issue_date",
            "order_number",
            "supplier_name",
            "customer_name",
            "ship_date",
            "carrier",
        },
    ),
    ("invoice_en", "invoice", _INVOICE | {"order_number", "due_date", "delivery_note_number"}),
)
_CELLS = {
    "invoice": {"description", "quantity", "unit_price", "amount_net", "code"},
    "purchase_order": {"description", "quantity", "unit_price", "amount_net", "code"},
    "shipment_notice": {"description", "shipped_quantity", "code"},
}


def dice_for(name: str, number: int = 0) -> Dice:
    """Return the dice of a sample; it knows base-14 fonts only."""
    dice = Dice(f"doctally sample:{name}:{number}")
    dice.base_fonts = True
    return dice


def search(name: str, deal: Deal, draw: Draw, wanted: set[str]) -> Paper:
    """Return the first drawing of the deal that fits on a page and prints the wanted values."""
    cells = _CELLS.get(deal.document_type, set())
    for number in range(4000):
        paper = draw(dice_for(name, number), deepcopy(deal))
        if len(paper.ink.pages) > 1:
            continue
        labels = paper.labels("")
        if wanted <= labels["fields"].keys() and all(
            cells <= item.keys() for item in labels.get("line_items", ())
        ):
            return paper
    raise LookupError(f"no drawing of {name} prints {sorted(wanted)}")


def fresh_deal(name: str, code: str, kind: str, goods: str) -> Deal:
    """Return the deal of a sample: a handful of lines, recent dates."""
    for number in range(400):
        deal = make_deal(
            dice_for(f"{name} deal", number),
            kind,
            region(code),
            goods="office" if goods == "till" else goods,
        )
        facts = deal.facts
        home = deal.customer.country == code == deal.supplier.country
        firms = all(who.name != who.contact for who in (deal.supplier, deal.customer))
        plain = (
            len(deal.taxes) == 1
            and not {"discount", "amount_paid", "amount_due", "shipping_amount"} & facts.keys()
        )
        if (
            home
            and firms
            and plain
            and 2 <= len(deal.lines) <= 6
            and facts["total_tax"] != 0
            and 2023 <= deal.day.year <= 2025
        ):
            return deal
    raise LookupError(f"no deal fits {name}")


def triple() -> list[tuple[str, Paper]]:
    """Return an order, its delivery and its invoice."""
    base = fresh_deal("triple", "GB", "invoice", "office")
    for line in base.lines:
        line.shipped, line.order_number = line.quantity, str(base.facts["order_number"])
    base.ship_to = base.ship_from = None
    for name in [n for n in base.facts if n.startswith("ship_to") or n.startswith("ship_from")]:
        del base.facts[name]
    papers = []
    for name, kind, wanted in _TRIPLE:
        deal = deepcopy(base)
        deal.document_type = kind
        facts, day = deal.facts, base.day
        if kind == "purchase_order":
            facts["document_number"] = base.facts["order_number"]
            facts["issue_date"] = day - timedelta(days=14)
            facts["expected_delivery_date"] = day - timedelta(days=3)
        elif kind == "shipment_notice":
            facts["document_number"] = base.facts["delivery_note_number"]
            facts["issue_date"] = facts["ship_date"] = day - timedelta(days=4)
            facts["expected_delivery_date"] = day - timedelta(days=3)
        facts["delivery_date"] = day - timedelta(days=3)
        papers.append((name, search(name, deal, commerce.draw, wanted)))
    return papers


def expected(paper: Paper) -> dict[str, Any]:
    """Return what a perfect reader finds on the paper."""
    labels = paper.labels("")
    found = {key: labels[key] for key in ("document_type", "language", "fields")}
    return {**found, "line_items": labels.get("line_items", [])}


def einvoice() -> tuple[bytes, dict[str, Any]]:
    """Return a hybrid PDF and what its XML states."""
    deal = fresh_deal("einvoice", "DE", "invoice", "office")
    deal.supplier = replace(deal.supplier, lines=(deal.supplier.lines[0], deal.supplier.lines[-1]))
    deal.customer = replace(deal.customer, lines=(deal.customer.lines[0], deal.customer.lines[-1]))
    deal.facts["supplier_address"], deal.facts["customer_address"] = (
        deal.supplier.address,
        deal.customer.address,
    )
    paper = search("einvoice", deal, commerce.draw, _INVOICE | {"supplier_iban"})
    pdf = hybrid.embed(paper.ink.pdf(title="einvoice_de"), hybrid.facturx_xml(deal), deal.day)
    fields, items = hybrid.xml_truth(deal)
    return pdf, {
        "document_type": "invoice",
        "language": "de",
        "fields": fields,
        "line_items": items,
    }


def write(folder: Path) -> None:
    """Write all samples and their expected results."""
    folder.mkdir(parents=True, exist_ok=True)
    papers = triple()
    for name, country, kind, goods, draw, wanted in _SINGLE:
        papers.append((name, search(name, fresh_deal(name, country, kind, goods), draw, wanted)))
    for name, paper in papers:
        _save(folder, f"{name}.pdf", paper.ink.pdf(title=name), expected(paper))
    deal = fresh_deal("scan", "GB", "invoice", "clothing")
    paper = search("scan", deal, commerce.draw, _INVOICE | {"due_date"})
    _save(
        folder, "invoice_scan.jpg", scan(paper.ink.pdf(), dice_for("scan noise")), expected(paper)
    )
    _save(folder, "einvoice_de.pdf", *einvoice())
    broken = paper.ink.pdf()[:900]
    _save(folder, "broken.pdf", broken, {"outcome": "failed", "code": "damaged"})


def _save(folder: Path, name: str, data: bytes, truth: dict[str, Any]) -> None:
    (folder / name).write_bytes(data)
    text = json.dumps(truth, ensure_ascii=False, indent=1) + "\n"
    (folder / f"{Path(name).stem}.expected.json").write_text(text, encoding="utf-8")


def main() -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m synth.samples", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the samples")
    write(parser.parse_args().out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
