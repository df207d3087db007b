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
from synth.wording import variants

_WORDS = {
    "en": ("Name", "Address", "Number"),
    "de": ("Name", "Anschrift", "Nummer"),
    "fr": ("Nom", "Adresse", "Numéro"),
    "es": ("Nombre", "Dirección", "Número"),
    "it": ("Nome", "Indirizzo", "Numero"),
    "nl": ("Naam", "Adres", "Nummer"),
    "pl": ("Nazwa", "Adres", "Numer"),
    "pt": ("Nome", "Morada", "Número"),
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
    stacked = dice.chance(0.45)
    colon = dice.pick((":", "", ""))
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
                paper.ink.text(
                    x + 2, y + style.body.size + 1, heading + colon, style.body.but(bold=True)
                )
                if underline:
                    paper.ink.rule(x, y + style.body.leading, x + 80, y + style.body.leading)
                y += style.body.leading + 5
            for j, (caption, value) in enumerate(entries):
                top = y
                cap = wide * tab if caption or not stacked else 2.0
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
    ordered = deal.document_type == "purchase_order"
    roles = (
        (paper.any("vendor"), paper.any("buyer"))
        if ordered
        else (paper.any("sheet.seller"), paper.any("sheet.buyer"))
    )
    groups = [("", general), (roles[0], seller), (roles[1], buyer)]
    if deal.ship_to and paper.has("ship_to_name"):
        heading = paper.any(dice.pick(("sheet.delivery", "sheet.delivery", "ship_to")))
        groups.append((heading, party(paper, "ship_to", deal.ship_to, words)))
    if not ordered and dice.chance(0.25):
        groups.append((paper.any("sheet.billing"), party(paper, "customer", deal.customer, words)))
    if deal.document_type == "invoice":
        money = [
            (paper.caption(n), paper.field(n))
            for n in ("payment_terms", "due_date")
            if dice.chance(0.6)
        ]
        money += blocks.bank_entries(paper) if dice.chance(0.6) else []
        if money:
            groups.append((paper.any("sheet.payment"), money))
    if not ordered and dice.chance(0.25):
        groups.insert(dice.randint(3, len(groups)), ("", notes(paper)))
    return [(heading, entries) for heading, entries in groups if entries]


def notes(paper: Paper) -> list[Entry]:
    """Return remarks: a sentence, then the issuer's name, address and register once more."""
    deal, dice = paper.deal, paper.dice
    name, place = Mark("supplier_name", deal.supplier.name), None
    if paper.has("supplier_address"):
        place = Mark("supplier_address", deal.supplier.address)
    lines = [plain(text) for text in dice.some(variants(deal.language, "s.small"), 0, 2)]
    lines.append([Run(deal.supplier.name, name)])
    lines += [[Run(line, place)] for line in deal.supplier.lines]
    if dice.chance(0.5):
        lines.append(plain(deal.supplier.country_name))
    lines.append(plain(f"{paper.any('x.person')}: {deal.supplier.contact}"))
    lines += [blocks.entry_runs(paper, e) for e in blocks.contact_entries(paper, high=4)]
    return [("", runs) for runs in lines]


def party(paper: Paper, prefix: str, who: Party, words: tuple[str, ...]) -> list[Entry]:
    """Return a party's name and address as entries; the country's code stays outside the value."""
    dice = paper.dice
    name = Mark(f"{prefix}_name", who.name)
    place = Mark(f"{prefix}_address", who.address)
    entries: list[Entry] = []
    if dice.chance(0.4):
        if prefix == "customer" and paper.has("customer_number") and dice.chance(0.7):
            caption = dice.pick((words[2], paper.caption("customer_number")))
            entries.append((caption, paper.field("customer_number")))
        else:
            entries.append((words[2], plain(dice.digits(dice.randint(4, 13)))))
    if dice.chance(0.3):
        caption = dice.pick(("GLN", "ILN", "Global ID", "EAN", f"{words[2]} (GLN)"))
        entries.append((caption, plain(dice.digits(13))))
    bold = True if paper.habit("name bold", (True, False)) else None
    caption = paper.habit("name caption", (words[0], words[0], "", ""))
    entries.append((caption, [Run(who.name, name, bold)]))
    if dice.chance(0.2):
        caption = paper.any("sheet.contact") if dice.chance(0.5) else ""
        text = who.contact if dice.chance(0.7) else dice.digits(4)
        entries.append((caption, plain(text)))
    caption = words[1] if paper.habit("address caption", (True, True, False)) else ""
    if paper.habit("address joined", (True, False, False)):
        return [*entries, (caption, [Run(", ".join(who.lines), place)])]
    code = f"{who.country} " if paper.habit("country code", (True, False)) else ""
    for k, line in enumerate(who.lines):
        last = k == len(who.lines) - 1
        runs = [Run(code), Run(line, place)] if last and code else [Run(line, place)]
        entries.append((caption if k == 0 else "", runs))
    return entries
