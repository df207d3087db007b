"""A part of a page that can stand still: the browser then draws it no more until it moves on."""

from __future__ import annotations

from nicegui.element import Element


class Still(Element, component="still.js"):
    """A container; while ``still``, changes of what is in it are kept and shown afterwards."""

    def __init__(self) -> None:
        super().__init__()
        self.props["still"] = False

    def stand(self, still: bool) -> None:
        """Let it stand still, or show it as it is now."""
        self.props["still"] = still
