"""The page at first glance: it is seen while the scripts that bring it to life still start.

A page's first answer holds its elements a second time as plain HTML that looks the same, inert
and silent, in the place where Vue will put the real ones: Vue clears it when it does. Drawn are
the kinds of elements that documents and the queue consist of; of others only the room they take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from nicegui import Client
from nicegui.element import Element

GLANCE = "doctally.glance"
"""The key of a request's scope under which the template finds it."""
_PLACE = re.compile(r'(<div id="app"[^>]*>)(</div>)')
_SHOWN = """{% if 'doctally.glance' in request.scope %}
<div inert aria-hidden="true" dir="ltr" class="dt-glance">
{{ request.scope['doctally.glance'] | safe }}
</div>
<script>
  // as Quasar will, so that it is light or dark at once
  document.body.classList.add("{{ {'True': 'body--dark', 'False': 'body--light'}.get(dark, '') }}"
    || (matchMedia("(prefers-color-scheme: dark)").matches ? "body--dark" : "body--light"));
</script>
{% endif %}"""
_ICON = '<i class="q-icon{} notranslate material-icons">{}</i>'
_SIZES = {"xs": 8, "sm": 10, "md": 14, "lg": 20, "xl": 24}
_ROWS = 50
"""More are on no screen."""
_LOOKS = ("flat", "outline", "unelevated")
_KEPT = ("aria-current",)
"""Attributes that style sheets ask for."""


class Glance:
    """A client's page as it will look; drawn when the template asks, so when it is built."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def __str__(self) -> str:
        return drawn(self.client.layout)


def drawn(element: Element) -> str:
    """Return an element as plain HTML."""
    draw = _KINDS.get(element.tag)
    if draw is not None:
        return draw(element)
    return _tag("div" if "-" in element.tag else element.tag, element)


def _tag(
    name: str, element: Element, classes: str = "", inner: str | None = None, **style: str
) -> str:
    """Return an element's tag with further classes; ``inner`` is in place of its own."""
    attributes = {key: element.props[key] for key in _KEPT if key in element.props}
    attributes["class"] = " ".join((*classes.split(), *element.classes))
    styles = {**{key.replace("_", "-"): value for key, value in style.items()}, **element.style}
    attributes["style"] = ";".join(f"{key}:{value}" for key, value in styles.items())
    told = "".join(f' {key}="{escape(str(value))}"' for key, value in attributes.items() if value)
    return f"<{name}{told}>{_inner(element) if inner is None else inner}</{name}>"


def _inner(element: Element) -> str:
    text = escape(str(getattr(element, "text", None) or ""))
    return text + "".join(map(drawn, element.default_slot.children))


def _layout(element: Element) -> str:
    return _tag("div", element, "q-layout q-layout--standard", min_height="100vh")


def _html(element: Element) -> str:
    props = element.props
    return _tag(props["tag"], element, inner="" if props["sanitize"] else props["innerHTML"])


def _button(element: Element) -> str:
    props = element.props
    look = next((one for one in _LOOKS if props.get(one)), "standard")
    classes = (
        f"q-btn q-btn-item q-btn--{look} q-btn--{'round' if props.get('round') else 'rectangle'}"
    )
    if colour := props.get("color"):
        bare = look in ("flat", "outline")
        classes += f" text-{colour}" if bare else f" bg-{colour} text-white"
    classes += " q-btn--dense" * bool(props.get("dense"))
    classes += " disabled" * bool(props.get("disable"))
    classes += " q-btn--no-uppercase" * bool(props.get("no-caps"))
    icon, label = props.get("icon"), props.get("label")
    inner = _ICON.format(" on-left" if label else "", escape(icon)) if icon else ""
    inner += f'<span class="block">{escape(label)}</span>' if label else ""
    align = "start" if props.get("align") == "left" else "center"
    content = "q-btn__content text-center col items-center q-anchor--skip row"
    size = {"font_size": f"{_SIZES[props['size']]}px"} if "size" in props else {}
    inner = f'<span class="{content} justify-{align}">{inner}</span>'
    return _tag("div", element, classes, inner, **size)


def _input(element: Element) -> str:
    return _field(element, "q-input", str(element.props.get("value") or ""))


def _select(element: Element) -> str:
    chosen = element.props.get("model-value")
    label = str(chosen["label"]) if isinstance(chosen, Mapping) else ""
    opener = _ICON.format("", "arrow_drop_down").replace("q-icon", "q-icon q-select__dropdown-icon")
    return _field(element, "q-select q-field--auto-height q-select--single", label, opener)


def _field(element: Element, classes: str, value: str, after: str = "") -> str:
    """Return an outlined, dense input or select as Quasar draws it."""
    props: Mapping[str, Any] = element.props
    classes = f"q-field row no-wrap items-start q-field--outlined q-field--dense {classes}"
    classes += " q-field--labeled" * bool(props.get("label"))
    classes += " q-field--float" * bool(value)
    classes += " q-field--focused q-field--highlighted" * bool(props.get("autofocus"))
    classes += " q-field--disabled" * bool(props.get("disable"))
    classes += " q-field--readonly" * bool(props.get("readonly"))
    label = escape(str(props.get("label") or ""))
    native = "q-field__native row items-center" if after else "q-field__native"
    if after:
        after = f'<div class="q-field__append q-field__marginal row items-center">{after}</div>'
    return _tag(
        "div",
        element,
        classes,
        '<div class="q-field__inner relative-position col self-stretch">'
        '<div class="q-field__control relative-position row no-wrap">'
        '<div class="q-field__control-container col relative-position row no-wrap">'
        f'<div class="q-field__label absolute ellipsis">{label}</div>'
        f'<div class="{native}"><span class="ellipsis">{escape(value)}</span></div>'
        f"</div>{after}</div></div>",
    )


def _table(element: Element) -> str:
    """Return a table; a cell with a template is taken for the queue's: a link and who is there."""
    props = element.props
    looks = [look for look in ("flat", "bordered", "dense") if props.get(look)]
    looks += [] if props.get("wrap-cells") else ["no-wrap"]
    classes = "q-table__container q-table--horizontal-separator column no-wrap q-table__card "
    classes += " ".join(f"q-table--{look}" for look in looks)
    columns = [(c["field"], f' class="text-{c["align"]}"') for c in props["columns"]]
    links = {name.removeprefix("body-cell-") for name in element.slots}

    def cell(name: str, align: str, row: Mapping[str, Any]) -> str:
        text = escape(str(row.get(name) or ""))
        if name in links:
            text = f'<a>{text}</a><span class="dt-soft">{escape(row.get("held") or "")}</span>'
        return f"<td{align}>{text}</td>"

    titles = zip(columns, props["columns"], strict=True)
    head = "".join(f"<th{align}>{escape(c['label'])}</th>" for (_, align), c in titles)
    rows = (
        "".join(cell(name, align, row) for name, align in columns) for row in props["rows"][:_ROWS]
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    table = f'<table class="q-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return _tag("div", element, classes, f'<div class="q-table__middle scroll">{table}</div>')


def _picture(element: Element) -> str:
    whole = "position:absolute;top:0;left:0;width:100%;height:100%"
    source = escape(str(element.props["src"]))
    content = element.props.get("content") or ""  # our own numbers (viewer)
    return _tag(
        "div",
        element,
        inner=f'<div style="position:relative;aspect-ratio:inherit"><img src="{source}" alt="" '
        f'style="width:100%;height:100%"><svg style="{whole}">{content}</svg></div>',
    )


def _nothing(element: Element) -> str:
    return ""


_KINDS: Mapping[str, Callable[[Element], str]] = {
    "q-layout": _layout,
    "q-btn": _button,
    "q-space": lambda element: _tag("div", element, "q-space"),
    "nicegui-link": lambda element: _tag("a", element),
    "nicegui-html": _html,
    "nicegui-input": _input,
    "nicegui-select": _select,
    "nicegui-table": _table,
    "nicegui-interactive_image": _picture,
    "nicegui-timer": _nothing,
    "q-dialog": _nothing,
    "q-menu": _nothing,
}


def with_glance(source: str) -> str:
    """Return NiceGUI's template with room for what a page will look like."""
    return _PLACE.sub(rf"\1{_SHOWN}\2", source)


def give_glance(client: Client) -> None:
    """Let the first answer of a client's page show it at once."""
    client.request.scope[GLANCE] = Glance(client)
