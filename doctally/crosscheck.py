"""The page of a hybrid document against its data: a page that shows other values is known fraud.

A value of the XML is confirmed when any usual print of it is among the words of the page: a
number in either notation of decimals, an IBAN in groups, a document number with other punctuation.
Values that are rarely printed as such (names, codes) are not compared. NOT handled: what the page
says instead; a page that prints both values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from doctally.codes import finding
from doctally.locale import Locale
from doctally.pages import Page, Word
from doctally.results import Extraction, Finding
from doctally.values import parse_number

FEWEST_WORDS = 25
"""A page with fewer words is a cover or a picture and proves nothing."""

_LONGEST_RUN = 12
_WHOLE_WORD = 5
"""Shorter numbers must stand alone; longer ones may be glued to their caption."""

_LOCALES = (
    Locale(day_first=True, decimal_comma=False),
    Locale(day_first=True, decimal_comma=True),
)


def check_pages(extraction: Extraction, pages: Sequence[Page]) -> tuple[Finding, ...]:
    """Return a finding that names the values of a structured document that its pages lack.

    Nothing for values from the page itself, and for pages with hardly any words.
    """
    words = [word for page in pages for word in page.words]
    if len(words) < FEWEST_WORDS:
        return ()
    missing = {
        name: cell.value
        for name, printed in _PRINTED.items()
        if (cell := extraction.fields.get(name))
        and cell.source in ("xml", "edi")
        and not printed(cell.value, words)
    }
    if not missing:
        return ()
    told = ", ".join(f"{name} {value}" for name, value in missing.items())
    return (finding("page_differs_from_xml", f"not on the page: {told}", *missing),)


def _is_printed(value: str, words: Sequence[Word]) -> bool:
    """Tell whether words in a row print the letters and digits of the value."""
    wanted = _bare(value)
    bare = [_bare(word.text) for word in words]
    if len(wanted) >= _WHOLE_WORD and any(wanted in text for text in bare):
        return True
    return any(_starts_with(wanted, bare, place) for place in range(len(bare)))


def _starts_with(wanted: str, bare: Sequence[str], place: int) -> bool:
    """Tell whether the words from here on, put together, are what is wanted."""
    rest = wanted
    for text in bare[place : place + _LONGEST_RUN]:
        if not rest.startswith(text):
            return False
        rest = rest[len(text) :]
        if not rest:
            return True
    return False


def _bare(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _is_sum(value: str, words: Sequence[Word]) -> bool:
    """Tell whether a word, or two or three in a row ("1 234,50"), print the amount."""
    try:
        wanted = abs(Decimal(value))
    except InvalidOperation:
        return True  # a value that is no amount has a finding of its own
    return any(abs(number) == wanted for number in _numbers(words, wanted))


def _numbers(words: Sequence[Word], wanted: Decimal) -> Iterator[Decimal]:
    """Yield the numbers that start with the wanted first digit, in either notation."""
    first = str(wanted)[0]
    for place, word in enumerate(words):
        if first not in word.text:
            continue
        for count in (1, 2, 3):
            text = " ".join(near.text for near in words[place : place + count])
            for locale in _LOCALES:
                number = parse_number(text, locale)
                if number is not None:
                    yield number


_PRINTED: Mapping[str, Callable[[str, Sequence[Word]], bool]] = {
    "document_number": _is_printed,
    "total_gross": _is_sum,
    "supplier_iban": _is_printed,
}
"""The values that pages of invoices and orders print, and how each is looked for."""
