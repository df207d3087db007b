"""Building UBL elements: nothing without a text is written."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

_CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
_CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


class Part:
    """An element that is being built; it is dropped when it stays empty."""

    def __init__(self, element: etree._Element, made: tuple[etree._Element, ...] = ()) -> None:
        self._element = element
        self._made = made  # the elements that ``part`` made around it, outermost first

    @classmethod
    def root(cls, name: str) -> Part:
        """Return the root of a UBL document."""
        namespace = f"urn:oasis:names:specification:ubl:schema:xsd:{name}-2"
        names: Any = {None: namespace, "cac": _CAC, "cbc": _CBC}  # the stubs know no default
        return cls(etree.Element(f"{{{namespace}}}{name}", nsmap=names))

    def add(self, name: str, text: str | None, **attributes: str) -> None:
        """Add a basic component unless its text is empty."""
        if text:
            element = etree.SubElement(self._element, f"{{{_CBC}}}{name}")
            element.text = _ILLEGAL.sub("", text)
            for key, value in attributes.items():
                if value:
                    element.set(key, _ILLEGAL.sub("", value))

    def part(self, path: str) -> Part:
        """Return a new aggregate component at ``A/B/C``; call ``end`` when it is complete."""
        made: list[etree._Element] = []
        here = self._element
        for name in path.split("/"):
            here = etree.SubElement(here, f"{{{_CAC}}}{name}")
            made.append(here)
        return Part(here, tuple(made))

    def end(self) -> None:
        """Drop the element, and those around it that ``part`` made, if nothing is in them."""
        for element in reversed(self._made):
            around = element.getparent()
            if around is not None and not len(element):
                around.remove(element)

    def bytes(self) -> bytes:
        """Return the document in UTF-8."""
        return etree.tostring(
            self._element, encoding="UTF-8", xml_declaration=True, pretty_print=True
        )
