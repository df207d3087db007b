"""Word documents (.docx, .docm): headers, text, tables, text boxes and footers as a person sees.

A document has no pages until it is printed, so its text is laid out anew. NOT handled: pictures
in it, and deleted or hidden text, which nobody sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from zipfile import ZipFile

from lxml import etree

from doctally.errors import UnreadableDocument
from doctally.pages import Reading
from extractors import notices
from extractors.grid import text_of
from extractors.package import content_of, open_package, xml_of
from extractors.plain import pages_of_text, wrapped
from extractors.source import Source

_BODY = "word/document.xml"
_CELL = 60
_SKIPPED = {"del", "moveFrom", "instrText", "delText", "pPr", "rPr", "tblPr", "sectPr", "Fallback"}


def read(source: Source) -> Reading:
    """Return the text as pages, headers first and footers last.

    Raises UnreadableDocument: ``damaged``, ``encrypted``, ``archive_bomb``, ``hostile_xml``.
    """
    with open_package(source.path, source.limits) as package:
        names = package.namelist()
        if _BODY not in names:
            raise UnreadableDocument("The document has no text part.", code="damaged")
        heads = sorted(n for n in names if n.startswith("word/header") and n.endswith(".xml"))
        feet = sorted(n for n in names if n.startswith(("word/footer", "word/footnotes")))
        feet = [name for name in feet if name.endswith(".xml")]
        blocks = list(dict.fromkeys(text for name in heads for text in _blocks(package, name)))
        blocks += _blocks(package, _BODY)
        blocks += dict.fromkeys(text for name in feet for text in _blocks(package, name))
    told = [notices.macros_ignored()] if any("vbaProject" in name for name in names) else []
    inside = [n for n in names if n.startswith("word/embeddings/") and not n.endswith("/")]
    if inside:
        told.append(notices.parts_ignored(inside, "send embedded files by themselves"))
    pages, total = pages_of_text("\n".join(blocks), max_pages=source.limits.max_pages)
    if total > len(pages):
        told.append(notices.pages_cut(len(pages), total))
    return Reading(media_type=source.media, pages=tuple(pages), notices=tuple(told))


def _blocks(package: ZipFile, name: str) -> Iterator[str]:
    root = xml_of(content_of(package, package.getinfo(name)))
    yield from _walk(root)


def _walk(element: etree._Element) -> Iterator[str]:
    """Yield paragraphs and tables as text, in order; the parser bounds how deep they nest."""
    for child in element:
        kind = _name(child)
        if kind == "p":
            text, boxes = _paragraph(child)
            yield "\n".join(wrapped(text)) if text.strip() else ""
            for box in boxes:
                yield from _walk(box)
        elif kind == "tbl":
            yield text_of([list(_cells(row)) for row in _rows(child)], widest=_CELL)
        elif kind not in _SKIPPED:
            yield from _walk(child)


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table:
        if _name(child) == "tr":
            yield child
        elif _name(child) not in ("tbl", *_SKIPPED):
            yield from _rows(child)


def _cells(row: etree._Element) -> Iterator[str]:
    for child in row:
        if _name(child) == "tc":
            yield " ".join(text for text in _walk(child) if text)
            for _ in range(_span(child) - 1):
                yield ""
        elif _name(child) not in ("tr", *_SKIPPED):
            yield from _cells(child)


def _span(cell: etree._Element) -> int:
    for properties in cell:
        for found in properties if _name(properties) == "tcPr" else ():
            if _name(found) == "gridSpan":
                given = next((str(v) for k, v in found.items() if str(k).endswith("val")), "1")
                return min(int(given), 60) if given.isdigit() else 1
    return 1


def _paragraph(paragraph: etree._Element) -> tuple[str, list[etree._Element]]:
    """Return the visible text, and the text boxes anchored in it."""
    pieces: list[str] = []
    boxes: list[etree._Element] = []
    _gather(paragraph, pieces, boxes)
    return "".join(pieces), boxes


def _gather(element: etree._Element, pieces: list[str], boxes: list[etree._Element]) -> None:
    for child in element:
        kind = _name(child)
        if kind == "t":
            pieces.append(child.text or "")
        elif kind == "tab":
            pieces.append("\t")
        elif kind in ("br", "cr"):
            pieces.append("\n")
        elif kind == "noBreakHyphen":
            pieces.append("-")
        elif kind == "txbxContent":
            boxes.append(child)
        elif kind not in _SKIPPED and not (kind == "r" and _hidden(child)):
            _gather(child, pieces, boxes)


def _hidden(run: etree._Element) -> bool:
    return any(_name(p) == "vanish" for props in run if _name(props) == "rPr" for p in props)


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
