"""Untrusted XML as a plain tree: names without name spaces, no entities, no network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from doctally.errors import RefusedRecord

_LARGEST_BYTES = 50_000_000
_MOST_TAGS = 1_500_000
_MOST_ATTRIBUTES = 100
"""Of one element: no standard gives it more than ten, and lxml lists n in n squared steps."""


@dataclass(frozen=True, slots=True)
class Node:
    """An XML element: its name without name space, its text with white space collapsed."""

    name: str
    namespace: str
    text: str
    attributes: dict[str, str]
    children: tuple[Node, ...]

    def each(self, path: str) -> Iterator[Node]:
        """Yield the elements at ``a/b/c`` below this one, in the order of the file."""
        head, _, rest = path.partition("/")
        for child in self.children:
            if child.name == head:
                if rest:
                    yield from child.each(rest)
                else:
                    yield child

    def first(self, *paths: str) -> Node | None:
        """Return the first element with text at the first path that has one."""
        for path in paths:
            for node in self.each(path):
                if node.text:
                    return node
        return None

    def get(self, *paths: str) -> str:
        """Return the text of ``first``; empty when there is none."""
        node = self.first(*paths)
        return node.text if node else ""


def parse(data: bytes, *, renamed: dict[str, str] | None = None) -> Node:
    """Return the root of the document; names found in ``renamed`` are replaced.

    Entities are not resolved, DTDs and the network are not used. Raises RefusedRecord when the
    bytes are not well-formed XML, carry a DTD, or are larger, wider or deeper than documents are.
    """
    if len(data) > _LARGEST_BYTES:
        raise RefusedRecord("The XML is larger than 50 MB.", code="einvoice_invalid")
    if data.count(b"<") > _MOST_TAGS:
        raise RefusedRecord("The XML has more tags than any document.", code="einvoice_invalid")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise RefusedRecord(
            f"The XML is not well-formed: {error}", code="einvoice_invalid"
        ) from error
    if _declares_type(root):
        raise RefusedRecord("The XML declares a document type.", code="einvoice_invalid")
    return _node(root, renamed or {})


def _node(element: etree._Element, renamed: dict[str, str]) -> Node:
    """Return the element and all below it; depth is bounded by the parser (256)."""
    tag = etree.QName(element)
    if len(element.attrib) > _MOST_ATTRIBUTES:
        raise RefusedRecord(
            f"An element of the XML has {len(element.attrib)} attributes.", code="einvoice_invalid"
        )
    return Node(
        name=renamed.get(tag.localname, tag.localname),
        namespace=tag.namespace or "",
        text=" ".join((element.text or "").split()),
        attributes={etree.QName(key).localname: str(v) for key, v in element.attrib.items()},
        children=tuple(_node(child, renamed) for child in element if isinstance(child.tag, str)),
    )


def _declares_type(root: etree._Element) -> bool:
    """Tell whether the document carries a DOCTYPE, which could hide entities."""
    docinfo: Any = root.getroottree().docinfo
    return bool(docinfo.doctype)
