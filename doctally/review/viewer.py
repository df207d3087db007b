"""The page as it came, with a box around every value; pointing at words fills the current field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nicegui import events, ui

from doctally.pages import Box, Page
from doctally.review.pictures import address

ZOOMS = (50, 75, 100, 130, 170, 220, 300, 400)
"""Widths of the page in percent of its pane."""
UNITS = 10_000
"""The boxes' own measure of a page's width and height, whatever the picture's size."""
_DRAGGED = 0.006
_AROUND = 0.07
"""So much of the page around the current value is brought into view with it."""
POINTED = """(e) => {
  const moving = e.type === 'pointermove';
  if (e.button > 0 || (moving && (e.buttons !== 1 || e.pointerType === 'touch'))) return;
  const page = e.currentTarget.getBoundingClientRect();
  emit({kind: e.type, x: (e.clientX - page.left) / page.width,
        y: (e.clientY - page.top) / page.height, other: e.ctrlKey || e.metaKey});
}"""
SHOW = """
const mark = document.querySelector('.dt-desk .b-around');
const pane = mark && mark.closest('.dt-scroll');
if (pane && pane.querySelector('svg').clientHeight) { // not before the picture has its place
  const a = mark.getBoundingClientRect(), b = pane.getBoundingClientRect();
  const by = (from, to, low, high) => from < low ? from - low : to > high ? to - high : 0;
  pane.scrollBy({top: by(a.top, a.bottom, b.top, b.bottom),
                 left: by(a.left, a.right, b.left, b.right)});
}"""


@dataclass(frozen=True, slots=True)
class Mark:
    """A value's place on the page and how sure it is (``look.shade``)."""

    page: int
    box: Box
    shade: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as it is looked at; ``title`` is empty for the one in work."""

    document_id: int
    sha256: str | None
    pages: Mapping[int, Page]
    title: str = ""


class Viewer:
    """One document's pages; ``pointed`` hears of a click (a box without size) or a rectangle."""

    def __init__(
        self,
        document_id: int,
        sha256: str | None,
        pages: Mapping[int, Page],
        *,
        pointed: Callable[[int, Box, bool], None],
    ) -> None:
        self.own = Paper(document_id, sha256, pages)
        self.paper = self.own
        self.pointed = pointed
        self.number = min(pages)
        self.zoom = ZOOMS.index(100)
        self.marks: dict[str, Mark] = {}
        self.current: str | None = None
        self._start: tuple[float, float] | None = None
        with ui.element("div").classes("dt-tools"):
            self._tools()
        with ui.element("div").classes("dt-scroll") as self.scroll:
            self.scroll.props('tabindex=0 role=region aria-label="Page"')
            with ui.element("div").classes("dt-page") as self.frame:
                self.frame.props("role=img")
                for kind in ("pointerdown", "pointermove", "pointerup"):
                    self.frame.on(kind, self._pointer, js_handler=POINTED)
                # our own numbers only, so nothing to clean
                self.image = ui.interactive_image(sanitize=False, events=[])
                self.image.props("aria-hidden=true").on("loaded", self._into_view)
        self.show(self.number)

    def _tools(self) -> None:
        def button(icon: str, label: str, act: Callable[[], None]) -> ui.button:
            made = ui.button(icon=icon, on_click=act)
            made.props(f'flat round dense aria-label="{label}" title="{label}"')
            return made

        self.earlier = button("chevron_left", "Page before", lambda: self.turn(-1))
        self.told = ui.label().classes("dt-soft").props("role=status")
        self.later = button("chevron_right", "Next page", lambda: self.turn(1))
        self.back = ui.button("Back to the document", icon="undo", on_click=self.give_back)
        self.back.props("flat dense no-caps size=sm")
        ui.space()
        button("zoom_out", "Smaller", lambda: self.scale(-1))
        self.percent = ui.label("100 %").classes("dt-soft")
        button("zoom_in", "Larger", lambda: self.scale(1))
        button("fit_screen", "As wide as the pane", lambda: self.scale(0))

    def show(self, number: int) -> None:
        """Show a page."""
        pages = self.paper.pages
        if number not in pages:
            return
        self.number = number
        title = f"{self.paper.title}: page" if self.paper.title else "Page"
        self.told.set_text(f"{title} {number} of {max(pages)}")
        self.earlier.visible = self.later.visible = len(pages) > 1
        self.back.visible = self.paper is not self.own
        self.frame.props(f'aria-label="Page {number} of the document"')
        self._sharpen()
        self.draw()

    def lend(self, document_id: int, pages: Mapping[int, Page], title: str) -> None:
        """Show another document's pages for a while, without boxes."""
        self.paper = Paper(document_id, None, pages, title)
        self.show(min(pages))

    def give_back(self) -> None:
        """Show the document in work again."""
        self.paper = self.own
        self.show(min(self.paper.pages))

    def turn(self, by: int) -> None:
        """Go some pages on."""
        self.show(self.number + by)

    def next_page(self) -> None:
        """Go to the next page, from the last to the first."""
        pages = self.paper.pages
        self.show(self.number + 1 if self.number < max(pages) else min(pages))

    def scale(self, by: int) -> None:
        """Make the page larger or smaller; 0: as wide as the pane."""
        step = ZOOMS.index(100) if by == 0 else self.zoom + by
        self.zoom = min(max(step, 0), len(ZOOMS) - 1)
        self._sharpen()
        self._into_view()

    def _sharpen(self) -> None:
        percent = ZOOMS[self.zoom]
        step = 0 if percent <= 100 else 1 if percent <= 170 else 2
        self.percent.set_text(f"{percent} %")
        self.frame.style(f"width: {percent}%")
        page = self.paper.pages[self.number]
        self.frame.style(f"aspect-ratio: {page.width:.1f} / {page.height:.1f}")
        wanted = address(self.paper.document_id, self.number, step, sha256=self.paper.sha256)
        if self.image.source != wanted:
            self.image.set_source(wanted)

    def mark(self, marks: Mapping[str, Mark]) -> None:
        """Show these boxes, by field."""
        self.marks = dict(marks)
        self.draw()

    def point_out(self, path: str | None) -> None:
        """Bring a field's place to the eye."""
        self.current = path
        mark = self.marks.get(path or "")
        if mark is not None and self.paper is not self.own:
            self.paper = self.own
            self.show(mark.page)
        elif mark is not None and mark.page != self.number:
            self.show(mark.page)
        else:
            self.draw()
        self._into_view()

    def _into_view(self) -> None:
        if self.current in self.marks:
            ui.run_javascript(SHOW)

    def draw(self, band: Box | None = None) -> None:
        """Draw the boxes of this page, the current field's on top, and the rectangle drawn now."""
        marks = self.marks if self.paper is self.own else {}
        here = [(p, m) for p, m in marks.items() if m.page == self.number]
        # lines often share one place on the page; drawn twice it would look darker
        once = {(m.box, m.shade) for p, m in here if p != self.current}
        parts = [_rect(box, f"b-{shade}") for box, shade in sorted(once, key=_reading)]
        for path, mark in here:
            if path == self.current:
                parts += [_rect(_around(mark.box), "b-around"), _rect(mark.box, "b-now")]
        if band is not None:
            parts.append(_rect(band, "b-band"))
        self.image.set_content(
            f'<svg viewBox="0 0 {UNITS} {UNITS}" preserveAspectRatio="none" width="100%" '
            f'height="100%">{"".join(parts)}</svg>'
        )

    def _pointer(self, event: events.GenericEventArguments) -> None:
        if self.paper is not self.own:
            return
        given = event.args
        at = (_inside(given["x"]), _inside(given["y"]))
        if given["kind"] == "pointerdown":
            self._start = at
        elif self._start is not None:
            box = _between(self._start, at)
            if given["kind"] == "pointermove":
                self.draw(box)
                return
            self._start = None
            if max(box.x1 - box.x0, box.y1 - box.y0) < _DRAGGED:
                box = Box(*at, *at)
            self.draw()
            self.pointed(self.number, box, bool(given["other"]))


def _reading(drawn: tuple[Box, str]) -> tuple[float, float, str]:
    return drawn[0].y0, drawn[0].x0, drawn[1]


def _inside(value: float) -> float:
    return min(max(float(value), 0.0), 1.0)


def _between(one: tuple[float, float], other: tuple[float, float]) -> Box:
    x0, x1 = sorted((one[0], other[0]))
    y0, y1 = sorted((one[1], other[1]))
    return Box(x0, y0, x1, y1)


def _around(box: Box) -> Box:
    near = _AROUND
    return Box(*map(_inside, (box.x0 - near, box.y0 - near, box.x1 + near, box.y1 + near)))


def _rect(box: Box, name: str) -> str:
    x0, y0, x1, y1 = (round(value * UNITS) for value in (box.x0, box.y0, box.x1, box.y1))
    return (
        f'<rect class="{name}" x="{x0}" y="{y0}" width="{max(x1 - x0, 1)}" '
        f'height="{max(y1 - y0, 1)}"/>'
    )
