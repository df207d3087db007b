"""HTML to text with its tables in columns; nothing is fetched, run or followed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import etree, html

from extractors.plain import COLUMNS, wrapped
from extractors.sniff import encoding_of

_DECLARED = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]{2,40})""", re.I)
_UNSEEN = ("script", "style", "template", "noscript", "object", "embed", "iframe", "svg", "head")
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person sees of a page; ``scripts`` tells that it carries programs."""

    text: str
    scripts: bool = False


def text_of_html(data: bytes | str) -> Shown:
    """Return the visible text; broken markup is read as browsers do, as far as it goes."""
    text = data if isinstance(data, str) else _decoded(data)
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    clean = _ODD.sub(" ", text).encode("utf-8", "replace")
    try:
        root = html.document_fromstring(clean, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return Shown("")  # nothing in it that a browser would show
    scripts = next(root.iter("script"), None) is not None
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    try:
        seen = Inscriptis(root, ParserConfig()).get_text()
    except Exception:  # the layout stumbles over odd tables; the words alone will do
        seen = " ".join(str(piece) for piece in root.itertext())
    return Shown("\n".join(_narrowed(seen)), scripts)


def _decoded(data: bytes) -> str:
    declared = _DECLARED.search(data[:4096])
    name = declared.group(1).decode("ascii") if declared else ""
    if name.lower() in ("", "utf-16", "utf-16le", "utf-16be"):  # an ASCII declaration is not UTF-16
        name = encoding_of(data)
    try:
        return data.decode(name, errors="replace")
    except LookupError:
        return data.decode(encoding_of(data), errors="replace")


def _narrowed(text: str) -> list[str]:
    """Return the lines, running text broken to the page and table lines left as they are."""
    lines: list[str] = []
    for line in text.splitlines():
        line = line.rstrip()
        running = len(line) > COLUMNS and "  " not in line.strip()
        lines += wrapped(line) if running else [line]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return kept
