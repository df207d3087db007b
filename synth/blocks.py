"""Blocks: parties, meta data and headings; each draws at (x, y) and returns the y below it."""

from __future__ import annotations

from dataclasses import dataclass

from synth import ids
from synth.content import Party
from synth.ink import Align, Face, Mark, Run, Runs, plain
from synth.paper import Paper

Entry = tuple[str, list[Run]]
"""A caption (without its end) and the runs of its value."""


def value_runs(paper: Paper, runs: Runs) -> list[Run]:
    """Return value runs, bold where the house style wants it."""
    bold = True if paper.style.value_bold else None
    return [run._replace(bold=bold) for run in runs]


def party_lines(
    paper: Paper,
    prefix: str,
    party: Party,
    *,
    contact: float,
    single: bool = False,
    country: float = 0.25,
) -> list[list[Run]]:
    """Return the lines of a party's name and address, labelled where the type has the field."""
    dice, kinds = paper.dice, paper
    loud = str.upper if paper.style.uppercase else str
    name = Mark(f"{prefix}_name", loud(party.name)) if kinds.has(f"{prefix}_name") else None
    place = (
        Mark(f"{prefix}_address", loud(party.address)) if kinds.has(f"{prefix}_address") else None
    )
    lines: list[list[Run]] = [[Run(loud(party.name), name)]]
    if prefix == "customer" and contact and dice.chance(0.1):
        title = paper.any("prefix")
        if dice.chance(0.5):
            lines.insert(0, plain(title))
        else:
            lines[0].insert(0, Run(title + " "))
    if dice.chance(contact):
        lines.append(plain(f"{paper.any('attention')} {party.contact}".strip()))
    if single:
        join = dice.pick((", ", " - ", " · ", " | ", ", "))
        row: list[Run] = []
        for k, line in enumerate(party.lines):
            row += [Run(join, place)] if k else []
            row.append(Run(loud(line), place))
        lines.append(row)
    else:
        lines += [[Run(loud(line), place)] for line in party.lines]
    if country and (dice.chance(country) or party.country != paper.deal.region.code):
        lines.append(plain(loud(party.country_name)))
    return lines


def code_lines(paper: Paper, prefix: str) -> list[list[Run]]:
    """Return the lines with the codes of a party: its GLN and its number with the other side."""
    dice = paper.dice
    entries: list[Entry] = []
    if dice.chance(0.7):
        entries.append((paper.any("gln"), plain(ids.gtin(dice))))
    if prefix == "customer" and paper.has("customer_number") and dice.chance(0.7):
        entries.append((paper.caption("customer_number"), paper.field("customer_number")))
    elif prefix == "supplier" and dice.chance(0.6):
        entries.append((paper.any("supplier_number"), plain(dice.digits(dice.randint(4, 7)))))
    elif dice.chance(0.5):
        entries.append((paper.any("branch"), plain(dice.digits(dice.randint(2, 5)))))
    if dice.chance(0.3):
        dice.shuffle(entries)
    lines = [entry_runs(paper, entry) for entry in entries]
    if len(lines) > 1 and dice.chance(0.35):
        return [[run for k, line in enumerate(lines) for run in ([Run("  ")] * (k > 0) + line)]]
    return lines


def contact_entries(paper: Paper, *, low: int = 0, high: int = 6) -> list[Entry]:
    """Return captions and values of the supplier's contact data and tax ids."""
    dice, supplier = paper.dice, paper.deal.supplier
    options: list[Entry] = [
        (paper.caption(name), paper.field(name))
        for name in (
            "supplier_phone",
            "supplier_email",
            "supplier_tax_id",
            "supplier_registration_id",
        )
        if paper.has(name)
    ]
    options.append((paper.caption("fax"), plain(supplier.fax)))
    options.append((paper.caption("web"), plain(supplier.web)))
    return dice.some(options, low, high)


def bank_entries(paper: Paper) -> list[Entry]:
    """Return captions and values of the supplier's bank account."""
    dice, supplier = paper.dice, paper.deal.supplier
    found: list[Entry] = [(paper.caption("bank"), plain(supplier.bank))]
    for name in ("supplier_iban", "supplier_bic"):
        if paper.has(name):
            found.append((paper.caption(name), paper.field(name)))
    if len(found) < 2:
        found.append((paper.caption("account"), plain(dice.digits(dice.randint(7, 10)))))
        found.append((paper.caption("sort_code"), plain(dice.shape("89-99-99"))))
    if dice.chance(0.3):
        mark = Mark("supplier_name", supplier.name) if paper.has("supplier_name") else None
        found.insert(0, (paper.caption("holder"), [Run(supplier.name, mark)]))
    return found if dice.chance(0.7) else dice.some(found, 2, len(found))


def lines_block(
    paper: Paper,
    lines: list[list[Run]],
    x: float,
    y: float,
    width: float,
    *,
    face: Face,
    align: Align = "l",
    first_bold: bool = False,
) -> float:
    """Draw lines one below the other, wrapped where too long."""
    for k, line in enumerate(lines):
        shown = face.but(bold=True) if k == 0 and first_bold else face
        y = paper.ink.paragraph(x, y, line, shown, width, align)
    return y


def entry_runs(paper: Paper, entry: Entry) -> list[Run]:
    """Return caption and value on one line."""
    caption, value = entry
    bold = True if paper.style.caption_bold else None
    return [Run(paper.ended(caption), bold=bold), Run(" "), *value_runs(paper, value)]


@dataclass(slots=True)
class PartyBox:
    """How this document shows its parties (the same for all of them)."""

    heading: str
    boxed: bool
    filled: bool
    first_bold: bool
    contact: float
    codes: str  # where the codes of a party stand: above, below or at the end of it, or nowhere

    @classmethod
    def draw_style(cls, paper: Paper) -> PartyBox:
        """Return a random way to show parties."""
        dice = paper.dice
        return cls(
            dice.choices(("above", "none", "inline", "bar"), (56, 22, 10, 12))[0],
            dice.chance(0.2),
            dice.chance(0.3),
            dice.chance(0.35),
            dice.pick((0, 0, 0.3, 0.7)),
            dice.choices(("", "above", "below", "end"), (76, 9, 7, 8))[0],
        )


def party_block(
    paper: Paper,
    prefix: str,
    party: Party,
    x: float,
    y: float,
    width: float,
    *,
    box: PartyBox,
    heading: str,
    extra: list[Entry] | None = None,
) -> float:
    """Draw a party with its heading and the entries that belong to it."""
    ink, style, top = paper.ink, paper.style, y
    pad = 4 if box.boxed or box.heading == "bar" else 0
    body = style.body
    inner, room = x + pad, width - 2 * pad
    caption = paper.case(heading)
    if box.heading == "bar" and heading:
        tall = body.size * 1.5
        dark = box.filled and sum(style.accent) < 1.6
        shade = style.accent if dark else (0.88, 0.88, 0.88)
        ink.box(x, y, width, tall, fill=shade, stroke=None)
        white = body.but(bold=True, colour=(1, 1, 1) if dark else (0, 0, 0))
        ink.text(inner, y + body.size * 1.1, caption, white)
        y += tall + 2
    elif box.heading == "above" and heading:
        face = body.but(bold=paper.style.caption_bold or box.filled)
        y = ink.paragraph(inner, y + pad, paper.ended(caption), face, room)
        y += 1
    elif box.heading == "inline" and heading:
        wide = ink.measure(plain(paper.ended(caption)), body) + 8
        if wide < width * 0.5:
            ink.text(
                inner, y + pad + body.size, paper.ended(caption), body.but(bold=style.caption_bold)
            )
            inner, room = inner + wide, room - wide
        y += pad
    else:
        y += pad
    lines = party_lines(paper, prefix, party, contact=box.contact if prefix != "supplier" else 0.1)
    codes = code_lines(paper, prefix) if box.codes else []
    first_bold = box.first_bold and box.codes != "above"
    if box.codes == "above":
        y = lines_block(paper, codes, inner, y, room, face=body)
    elif box.codes == "below":
        lines[1:1] = codes
    y = lines_block(paper, lines, inner, y, room, face=body, first_bold=first_bold)
    if box.codes == "end":
        y = lines_block(paper, codes, inner, y, room, face=body)
    for entry in extra or ():
        y = ink.paragraph(inner, y, entry_runs(paper, entry), body, room)
    y += pad
    if box.boxed:
        ink.box(x, top, width, y - top, weight=0.6)
    return y + 2


def pairs(
    paper: Paper, entries: list[Entry], x: float, y: float, width: float, *, how: str
) -> float:
    """Draw caption-value pairs in a column: tab, right, inline, stack, ends or ruled."""
    ink, style = paper.ink, paper.style
    body = style.body
    cap = body.but(bold=style.caption_bold)
    wide = max((ink.measure(plain(paper.ended(c)), cap) for c, _ in entries), default=0) + 6
    wide = min(wide, width * 0.62)
    step = body.leading * paper.dice.pick((1, 1, 1.1, 1.25))
    top = y
    for caption, value in entries:
        text = paper.ended(caption)
        runs = value_runs(paper, value)
        base = y + body.size
        if how == "stack":
            ink.text(x, base, text, style.small.but(bold=style.caption_bold))
            y = ink.paragraph(x, y + style.small.leading, runs, body, width) + 3
            continue
        if how == "inline":
            y = ink.paragraph(
                x, y, [Run(text, bold=cap.bold or None), Run(" "), *runs], body, width, leading=step
            )
            continue
        if how == "right":
            ink.text(x + wide - 4, base, text, cap, "r")
        else:
            ink.text(x, base, text, cap)
        if ink.measure(plain(text), cap) > wide - 4:
            y += step
            base += step
        if how == "ends":
            for k, line in enumerate(ink.wrap(runs, body, width - wide)):
                ink.text(x + width, base + k * step, line, body, "r")
                y += step
        else:
            y = max(ink.paragraph(x + wide, y, runs, body, width - wide, leading=step), y + step)
        if how == "ruled":
            ink.rule(x, y + 1, x + width, y + 1, weight=0.4)
            y += 2.5
    if how == "ruled":
        ink.rule(x, top - 1, x + width, top - 1, weight=0.4)
        if paper.dice.chance(0.5):
            ink.rule(x + wide - 3, top - 1, x + wide - 3, y - 1.5, weight=0.4)
    return y + 2


def grid(
    paper: Paper,
    entries: list[Entry],
    x: float,
    y: float,
    width: float,
    *,
    columns: int,
    ruled: bool,
    shaded: bool,
) -> float:
    """Draw entries as cells with the caption above the value."""
    ink, style = paper.ink, paper.style
    columns = max(1, min(columns, len(entries)))
    cell = width / columns
    centred = paper.dice.chance(0.25)
    for start in range(0, len(entries), columns):
        row = entries[start : start + columns]
        tall = style.small.leading + style.body.leading + 5
        wrapped = [ink.wrap(value_runs(paper, value), style.body, cell - 6) for _, value in row]
        tall += style.body.leading * (max(len(lines) for lines in wrapped) - 1)
        for k, (caption, _) in enumerate(row):
            left = x + k * cell
            if shaded:
                ink.box(left, y, cell, style.small.leading + 2, fill=(0.9, 0.9, 0.9), stroke=None)
            if ruled:
                ink.box(left, y, cell, tall, weight=0.5)
            how: Align = "c" if centred else "l"
            at = left + cell / 2 if centred else left + 3
            head = style.small.but(bold=style.caption_bold)
            shown = ink.wrap(plain(paper.ended(caption)), head, cell - 4)[:1]
            ink.text(at, y + style.small.size + 1, shown[0], head, how)
            for j, line in enumerate(wrapped[k]):
                base = y + style.small.leading + style.body.size + 2 + j * style.body.leading
                ink.text(at, base, line, style.body, how)
        y += tall
    return y + 3
