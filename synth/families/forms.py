"""Data sheets: sections of captions and values, as style sheets and ERP systems print them."""

from __future__ import annotations

from synth import blocks, body, items, totals
from synth.blocks import Entry
from synth.content import Party
from synth.deal import Deal
from synth.dice import Dice
from synth.families import commerce
from synth.flow import Flow
from synth.ink import Ink, Mark, Run, plain
from synth.paper import Paper, page_text
from synth.plan import distractor
from synth.style import make_style

_WORDS = {
    "en": ("Name", "Address", "Number", "Seller", "Buyer", "Delivery", "Payment"),
    "de": ("Name", "Anschrift", "Nummer", "Verkäufer", "Käufer", "Lieferung", "Zahlung"),
    "fr": ("Nom", "Adresse", "Numéro", "Vendeur", "Acheteur", "Livraison", "Paiement"),
    "es": ("Nombre", "Dirección", "Número", "Vendedor", "Comprador", "Entrega", "Pago"),
    "it": ("Nome", "Indirizzo", "Numero", "Venditore", "Acquirente", "Consegna", "Pagamento"),
    "nl": ("Naam", "Adres", "Nummer", "Verkoper", "Koper", "Levering", "Betaling"),
    "pl": ("Nazwa", "Adres", "Numer", "Sprzedawca", "Nabywca", "Dostawa", "Płatność"),
    "pt": ("Nome", "Morada", "Número", "Vendedor", "Comprador", "Entrega", "Pagamento"),
}


def draw(dice: Dice, deal: Deal) -> Paper:
    """Return a finished data sheet of an invoice, credit note, order or delivery."""
    style = make_style(dice, deal, size=dice.pick((8, 9, 9, 10, 10, 11)), mono=0.35)
    paper = Paper(dice, deal, style, Ink(*commerce.SIZES["Letter" if deal.region.letter else "A4"]))
    counter = paper.any("page")

    def on_page(flow: Flow, page: int) -> None:
        at = paper.ink.height - 20
        paper.ink.text(flow.right, at, page_text(counter, page), style.small, "r")

    flow = Flow(paper, foot=46, on_page=on_page)
    title(flow)
    groups = sections(paper)
    if dice.chance(0.3):
        head, *rest = groups
        dice.shuffle(rest)
        groups = [head, *rest]
    split = dice.chance(0.3)
    bar = dice.chance(0.45)
    tab = dice.uniform(0.24, 0.4)
    dots = dice.pick((":", " :", "", "", ""))
    zebra, underline = dice.chance(0.2), dice.chance(0.3)
    while groups:
        row = groups[:2] if split and len(groups) > 1 else groups[:1]
        groups = groups[len(row) :]
        wide = flow.width / len(row)
        flow.need(90)
        low = flow.y
        for k, (heading, entries) in enumerate(row):
            x, y = flow.left + k * wide, flow.y
            if heading:
                if bar:
                    shade = style.accent if sum(style.accent) > 1.2 else (0.85, 0.9, 0.95)
                    paper.ink.box(x, y, wide - 6, style.body.leading + 3, fill=shade, stroke=None)
                paper.ink.text(x + 2, y + style.body.size + 1, heading, style.body.but(bold=True))
                if underline:
                    paper.ink.rule(x, y + style.body.leading, x + 80, y + style.body.leading)
                y += style.body.leading + 5
            for j, (caption, value) in enumerate(entries):
                top = y
                cap = wide * tab
                lines = paper.ink.wrap(value, style.body, wide - cap - 8)
                shown = paper.ink.wrap(
                    plain(caption + dots if caption else ""), style.body, cap - 4
                )
                if zebra and j % 2:
                    tall = max(len(lines), len(shown)) * style.body.leading
                    paper.ink.box(x, y, wide - 6, tall, fill=(0.95, 0.95, 0.95), stroke=None)
                for n, line in enumerate(shown):
                    base = top + style.body.size + n * style.body.leading
                    paper.ink.text(x + 2, base, line, style.body.but(bold=style.caption_bold))
                for line in lines:
                    paper.ink.text(x + cap, y + style.body.size, line, style.body)
                    y += style.body.leading
                y = max(y, top + len(shown) * style.body.leading)
            low = max(low, y)
        flow.y = low + dice.pick((6, 10, 16))
    items.lines(flow)
    if deal.document_type != "shipment_notice":
        if dice.chance(0.5):
            body.sums(flow)
        else:
            totals.draw_totals(
                flow, left=flow.left, width=flow.width * dice.pick((0.5, 0.7, 1)), how="plain"
            )
    return paper


def title(flow: Flow) -> None:
    """Draw the title, often with number and date in it."""
    paper, dice = flow.paper, flow.paper.dice
    deal, style = paper.deal, paper.style
    if dice.chance(0.25):
        note = f"{dice.pick(('Form', 'Report'))} {dice.shape('AA-999')} / {dice.shape('8.9')}"
        flow.y = paper.ink.paragraph(flow.left, flow.y, note, style.small, flow.width) + 6
    runs = [Run(paper.any(f"title.{deal.document_type}"))]
    if dice.chance(0.6):
        runs += [
            Run({"de": " Nr. ", "en": " No. ", "fr": " n° "}.get(deal.language, " ")),
            *paper.field("document_number"),
        ]
        if dice.chance(0.6):
            runs += [
                Run(
                    {"de": " vom ", "fr": " du ", "en": " of ", "it": " del "}.get(
                        deal.language, " - "
                    )
                ),
                *paper.field("issue_date"),
            ]
    face = style.title if dice.chance(0.6) else style.body.but(bold=True, size=style.body.size + 3)
    flow.y = paper.ink.paragraph(flow.left, flow.y, runs, face, flow.width) + 10


def sections(paper: Paper) -> list[tuple[str, list[Entry]]]:
    """Return the sections: document, seller, buyer, delivery, payment."""
    dice, deal = paper.dice, paper.deal
    words = _WORDS[deal.language]
    drawn = {mark.name for mark in paper.ink.marks}
    names = [
        "document_number",
        "issue_date",
        "customer_number",
        "order_number",
        "contract_number",
        "currency",
        "delivery_date",
        "sales_order_number",
        "delivery_note_number",
        "ship_date",
        "carrier",
        "tracking_number",
        "package_count",
        "gross_weight",
        "expected_delivery_date",
    ]
    if deal.document_type == "purchase_order":
        names.remove("delivery_date")
    keep = {
        "document_number": 0 if "document_number" in drawn else 1,
        "issue_date": 0.2 if "issue_date" in drawn else 0.97,
    }
    general = [
        (paper.caption(n), paper.field(n))
        for n in names
        if paper.has(n) and dice.chance(keep.get(n, 0.35))
    ]
    if paper.has("service_start") and dice.chance(0.25):
        general.append((paper.caption("service_period"), paper.span(" - ")))
    for _ in range(dice.randint(0, 3)):
        general.insert(dice.randint(0, len(general)), distractor(paper))
    seller = party(paper, "supplier", deal.supplier, words)
    seller += blocks.contact_entries(paper, low=1, high=5)
    buyer = party(paper, "customer", deal.customer, words)
    if paper.has("customer_tax_id") and dice.chance(0.3):
        buyer.append((paper.caption("customer_tax_id"), paper.field("customer_tax_id")))
    roles = (
        (paper.any("vendor"), paper.any("buyer"))
        if deal.document_type == "purchase_order"
        else (words[3], words[4])
    )
    groups = [("", general), (roles[0], seller), (roles[1], buyer)]
    if deal.ship_to and paper.has("ship_to_name"):
        heading = dice.pick((words[5], paper.any("ship_to")))
        groups.append((heading, party(paper, "ship_to", deal.ship_to, words)))
    if deal.document_type == "invoice":
        money = [
            (paper.caption(n), paper.field(n))
            for n in ("payment_terms", "due_date")
            if dice.chance(0.6)
        ]
        money += blocks.bank_entries(paper) if dice.chance(0.6) else []
        if money:
            groups.append((words[6], money))
    return [(heading, entries) for heading, entries in groups if entries]


def party(paper: Paper, prefix: str, who: Party, words: tuple[str, ...]) -> list[Entry]:
    """Return a party's name and address as entries; the country's code stays outside the value."""
    dice = paper.dice
    name = Mark(f"{prefix}_name", who.name)
    place = Mark(f"{prefix}_address", who.address)
    entries: list[Entry] = []
    if dice.chance(0.3):
        entries.append((words[2], plain(dice.digits(dice.randint(4, 13)))))
    entries.append((dice.pick((words[0], words[0], "")), [Run(who.name, name)]))
    if dice.chance(0.15):
        entries.append(("", plain(who.contact)))
    caption = words[1] if dice.chance(0.6) else ""
    if dice.chance(0.3):
        return [*entries, (caption, [Run(", ".join(who.lines), place)])]
    code = f"{who.country} " if dice.chance(0.3) else ""
    for k, line in enumerate(who.lines):
        last = k == len(who.lines) - 1
        runs = [Run(code), Run(line, place)] if last and code else [Run(line, place)]
        entries.append((caption if k == 0 else "", runs))
    return entries
