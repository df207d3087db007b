"""The document beside its order and deliveries: line against line, differences marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from html import escape

from nicegui import ui

from db.beside import Beside, Near, Pair
from doctally.matching import Decision, Weight
from doctally.results import FieldValue
from doctally.review.look import spoken
from doctally.review.widgets import heading
from doctally.schemas import DocumentType

_ORDER, _NOTE = DocumentType.PURCHASE_ORDER, DocumentType.SHIPMENT_NOTICE
_SHORT = {_ORDER: "Order", _NOTE: "Delivery", DocumentType.CREDIT_NOTE: "Credit note"}
_DECIDED = {
    Decision.APPROVE: ("sure", "Approved: no difference that matters"),
    Decision.REVIEW: ("fair", "Differs: have a look"),
    Decision.HOLD: ("doubt", "Hold: not to be paid before this is cleared"),
}
_NUMBERS = {"quantity": "Quantity", "unit_price": "Price", "amount_net": "Amount"}
Cells = Mapping[str, FieldValue]


class Matched:
    """What a document was matched with; ``shown`` hears which other paper is to be looked at."""

    def __init__(self, found: Beside, *, shown: Callable[[Near], None]) -> None:
        self.found = found
        self._html = ""
        with ui.element("section").classes("dt-matched").props('aria-label="Matched papers"'):
            with ui.row().classes("items-center full-width").style("gap: 6px"):
                heading("Beside its papers", 2)
                if found.decision is not None and found.near:
                    colour, text = _DECIDED[found.decision]
                    ui.label(text).classes(f"dt-{colour}").style("font-size: 13px")
            if not found.near:
                ui.label("No other paper of this deal is here yet.").classes("dt-soft")
            with ui.row().classes("items-center").style("gap: 4px"):
                for near in found.near[:12]:
                    button = ui.button(called(near), on_click=lambda near=near: shown(near))
                    told = f"{spoken(str(near.state))}; show its page here"
                    button.props(f'outline dense size=sm icon=visibility title="{told}"')
            for said in found.said:
                ui.label(f"{spoken(said.code)}: {said.message}").classes(_class(said.weight))
            self.table = ui.html("", sanitize=False).classes("dt-beside")
            self.table.props('tabindex=0 role=region aria-label="Line against line"')
        self.tell({})

    def tell(self, lines: Mapping[int, Cells]) -> None:
        """Show the document's own lines as they are now, by their numbers as stored, from 1."""
        if not self.found.near and self.found.kind is not _ORDER:
            self.table.visible = False
            return
        made = table_of(self.found, lines)
        if made != self._html:
            self._html = made
            self.table.set_content(made)


def called(near: Near) -> str:
    """Return a paper as people call it."""
    kind = _SHORT.get(near.kind) or spoken(str(near.kind))
    return f"{kind} {near.number}".strip() or f"document {near.document_id}"


def table_of(found: Beside, lines: Mapping[int, Cells]) -> str:
    """Return the lines of a document and its order side by side as an HTML table."""
    names = _compared(found)
    numbers = {n.document_id: n.number for n in found.near if n.kind is _ORDER}
    mine = (_SHORT.get(found.kind) or spoken(str(found.kind))).lower()
    one = next(iter(numbers.values())) if len(numbers) == 1 else ""
    titles = [f"Order {one}".strip()]
    if found.kind is not _ORDER:
        titles.insert(0, f"This {mine}")
    groups = "".join(
        f'<th colspan="{len(names)}" scope="colgroup">{escape(title)}</th>' for title in titles
    )
    each = "".join(f'<th scope="col">{_NUMBERS[name]}</th>' for name in names)
    head = (
        f'<thead><tr><th rowspan="2" scope="col" class="l">Item</th>{groups}'
        '<th colspan="2" scope="colgroup">So far</th></tr>'
        f"<tr>{each * len(titles)}"
        '<th scope="col">Delivered</th><th scope="col">Billed</th></tr></thead>'
    )
    several = numbers if len(numbers) > 1 else {}
    span = len(names) * len(titles) + 3
    body = "".join(_row(found, pair, lines, several, span) for pair in found.pairs)
    return f"<table>{head}<tbody>{body}</tbody></table>"


def _compared(found: Beside) -> tuple[str, ...]:
    return ("quantity",) if found.kind is _NOTE else tuple(_NUMBERS)


def _row(
    found: Beside, pair: Pair, lines: Mapping[int, Cells], several: Mapping[int, str], span: int
) -> str:
    names, order, cells = _compared(found), pair.ordered, lines.get(pair.line or 0, {})
    text = cells["description"].value if "description" in cells else order.text if order else ""
    absent = found.kind is not _ORDER and pair.line is None
    if absent:
        text += " (not on this paper)"
    if order is not None and (named := several.get(pair.order_id or 0)):
        text += f" · {named}/{order.number}"
    theirs = {
        "quantity": order.quantity if order else None,
        "unit_price": order.price if order else None,
        "amount_net": order.amount if order else None,
    }
    parts = [f'<th scope="row" class="l">{escape(text)}</th>']
    differ = set()
    if found.kind is not _ORDER:
        ours = {name: _number(cells, name) for name in names}
        if found.kind is _NOTE and "shipped_quantity" in cells:
            ours["quantity"] = _number(cells, "shipped_quantity")
        differ = {n for n in names if not absent and _differ(ours[n], theirs[n])}
        parts += [_cell(ours[n], n in differ) for n in names]
    if order is None:
        parts.append(f'<td colspan="{len(names)}" class="dt-differs">≠ not ordered</td>')
    else:
        parts += [_cell(theirs[n], n in differ) for n in names]
    short = pair.received is not None and (pair.billed or 0) > pair.received
    parts += [_cell(pair.received, short), _cell(pair.billed, False)]
    why = "".join(
        f'<div class="{_class(one.weight)}">{escape(f"{spoken(one.code)}: {one.message}")}</div>'
        for one in pair.said
    )
    more = f'<tr><td colspan="{span}" class="l">{why}</td></tr>' if why else ""
    dim = ' class="dt-dim"' if absent else ""
    return f"<tr{dim}>{''.join(parts)}</tr>{more}"


def _cell(number: Decimal | None, differs: bool) -> str:
    text = "" if number is None else _plain(number)
    return f'<td class="dt-differs">≠ {text}</td>' if differs else f"<td>{text}</td>"


def _plain(number: Decimal) -> str:
    if number == number.to_integral_value() and number.as_tuple().exponent != -2:
        return f"{number:,.0f}"
    return f"{number:,f}"


def _differ(one: Decimal | None, other: Decimal | None) -> bool:
    return one is not None and other is not None and one != other


def _number(cells: Cells, name: str) -> Decimal | None:
    try:
        return Decimal(cells[name].value) if name in cells else None
    except InvalidOperation:  # typed, and no number yet
        return None


def _class(weight: Weight) -> str:
    return {Weight.HOLD: "dt-doubt", Weight.REVIEW: "dt-fair"}.get(weight, "dt-soft") + " dt-note"


def numbered(origins: Sequence[int | None], lines: Sequence[Cells]) -> dict[int, Cells]:
    """Return lines as they are shown by the number they were stored under, from 1."""
    return {
        origin + 1: line for origin, line in zip(origins, lines, strict=True) if origin is not None
    }
