"""Flow: the y cursor on a paper's pages, with what every page carries (footer, page number)."""

from __future__ import annotations

from collections.abc import Callable

from synth.paper import Paper


class Flow:
    """Where the next block goes; ``turn`` starts a new page with its repeated parts."""

    def __init__(self, paper: Paper, *, foot: float, on_page: Callable[[Flow, int], None]) -> None:
        self.paper = paper
        self.left = paper.style.margin
        self.right = paper.ink.width - paper.style.margin
        self.top = min(paper.style.margin, 50)
        self.foot = foot
        self.on_page = on_page
        self.number = 1
        self.y = self.top
        on_page(self, 1)

    @property
    def width(self) -> float:
        """Return the width between the margins."""
        return self.right - self.left

    @property
    def bottom(self) -> float:
        """Return the y that nothing of the flow may pass."""
        return self.paper.ink.height - self.foot

    def need(self, height: float) -> None:
        """Start a new page if less than this height is left."""
        if self.y + height > self.bottom:
            self.turn()

    def turn(self) -> None:
        """Start a new page."""
        self.paper.ink.page()
        self.number += 1
        self.y = self.top
        self.on_page(self, self.number)
