"""A paper in the making: facts, style and ink together, and the labels of what was printed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from doctally.schemas import Kind, header_fields, item_fields
from synth import formats
from synth.deal import Deal
from synth.dice import Dice
from synth.goods import Line
from synth.ink import ALL_PAGES, Ink, Mark, Run
from synth.labels import label_object
from synth.style import Style
from synth.wording import variants, wording

_KINDS = {spec.name: spec.kind for spec in item_fields()}
_PIECE = re.compile(r"\{(\w+)\}")


class Paper:
    """One document: draws labelled values and tells what it has drawn."""

    def __init__(self, dice: Dice, deal: Deal, style: Style, ink: Ink) -> None:
        self.dice = dice
        self.deal = deal
        self.style = style
        self.ink = ink
        self.signed = False
        self.places: int | None = None
        self._captions: dict[str, str] = {}
        self._habits: dict[str, Any] = {}
        self._kinds = {spec.name: spec.kind for spec in header_fields(deal.document_type)}

    # words ---------------------------------------------------------------------------------

    def word(self, key: str, *special: str) -> str:
        """Return this document's word for a key (always the same one)."""
        if key not in self._captions:
            found = variants(self.deal.language, key, *special, self.deal.region.code)
            taken = set(self._captions.values())
            self._captions[key] = self.dice.pick([w for w in found if w not in taken] or found)
        return self._captions[key]

    def spoken(self, word: str) -> bool:
        """Tell whether a word could be the caption of one of this type's fields."""
        deal = self.deal
        return word.lower() in _captions_of(
            deal.language, deal.document_type, deal.region.code
        ) or (word in self._captions.values())

    def caption(self, name: str) -> str:
        """Return the caption of a field, cased as the house style wants, without its end."""
        text = self.word(name, self.deal.document_type)
        return self.case(text)

    def rename(self, name: str, key: str) -> None:
        """Give a field the words of another key, where this language has that key."""
        if key in wording(self.deal.language):
            self._captions[name] = self.dice.pick(variants(self.deal.language, key))

    def case(self, text: str) -> str:
        """Return a caption in the case of the house style."""
        match self.style.caption_case:
            case "upper":
                return text.upper()
            case "lower":
                return text[0] + text[1:].lower() if len(text) > 4 else text
        return text

    def ended(self, caption: str) -> str:
        """Return the caption with its end (a colon, mostly)."""
        if caption[-1:] in "#:.?" and self.style.caption_end.strip() == ":":
            return caption if caption.endswith(":") else caption + self.style.caption_end
        return caption + self.style.caption_end

    def any(self, key: str) -> str:
        """Return any variant of a key, a new one at each call."""
        return self.dice.pick(
            variants(self.deal.language, key, self.deal.document_type, self.deal.region.code)
        )

    # values --------------------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """Tell whether the field has a fact and belongs to this type's schema."""
        return name in self.deal.facts and name in self._kinds

    def field(self, name: str, *, text: str = "") -> list[Run]:
        """Return the field's value as labelled runs, printed in the house style."""
        fact = self.deal.facts[name]
        if name not in self._kinds:
            if isinstance(fact, Decimal):
                return self.money(fact, None)
            return [Run(text or self.show(fact))]
        if name == "payment_terms" and isinstance(fact, str) and "{" in fact:
            return self._terms(fact)
        kind = self._kinds[name]
        if kind is Kind.AMOUNT and isinstance(fact, Decimal):
            return self.money(fact, Mark(name, formats.normal(fact)))
        mark = Mark(name, self.normal(kind, fact))
        runs = [Run(text or self.show(fact, kind), mark)]
        if isinstance(fact, date):
            if self.deal.language == "pl" and self.habit("year", (True, False, False)):
                runs.append(Run(" r."))
            if self.deal.language == "fr" and self.habit("day", (True, False, False, False)):
                runs.insert(0, Run("le "))
        return runs

    def _terms(self, template: str) -> list[Run]:
        """Return terms of payment with dates in them; the due date is a field of its own."""
        due, start = self.deal.facts["due_date"], self.deal.day
        if not isinstance(due, date):
            raise TypeError(f"due_date is {due!r}")
        early = self.day(start + (due - start) / 3)
        whole = template.replace("{due}", self.day(due)).replace("{early}", early)
        mark = Mark("payment_terms", whole)
        runs: list[Run] = []
        for k, part in enumerate(template.replace("{early}", early).split("{due}")):
            if k:
                inner = mark
                if "due_date" in self._kinds:
                    inner = Mark("due_date", due.isoformat(), twin=mark)
                runs.append(Run(self.day(due), inner))
            if part:
                runs.append(Run(part, mark))
        return runs

    def span(self, joint: str) -> list[Run]:
        """Return the service period; without spaces around the joint it is one word."""
        start, end = self.field("service_start"), self.field("service_end")
        if " " in joint or any(" " in run.text for run in (*start, *end)):
            return [*start, Run(joint), *end]
        first, last = start[0], end[0]
        if first.mark is not None:
            first.mark.twin = last.mark
        return [Run(first.text + joint + last.text, first.mark)]

    def normal(self, kind: Kind, fact: Any) -> str:
        """Return the fact in the contract's normal form."""
        if isinstance(fact, date):
            return fact.isoformat()
        if isinstance(fact, Decimal):
            return formats.normal(fact) if kind is Kind.AMOUNT else formats.trimmed(fact)
        text = " ".join(str(fact).split())
        if kind is Kind.IBAN or kind is Kind.BIC:
            return text.replace(" ", "").upper()
        return text.upper() if self.style.uppercase and kind in _LOUD else text

    def show(self, fact: Any, kind: Kind | None = None) -> str:
        """Return the fact as printed, without a currency sign."""
        if isinstance(fact, date):
            return self.day(fact)
        if isinstance(fact, Decimal):
            places = None if kind in (Kind.QUANTITY, Kind.PERCENT) else 2
            return formats.number(fact, self.style.number, places)
        text = str(fact)
        if kind is Kind.IBAN and self.style.iban_groups:
            return " ".join(text[i : i + 4] for i in range(0, len(text), 4))
        return text.upper() if self.style.uppercase and kind in _LOUD else text

    def day(self, value: date, pattern: str = "") -> str:
        """Return a date in the house style."""
        words = wording(self.deal.language)
        return formats.day(
            value, pattern or self.style.date, words["months"], words["months_short"]
        )

    def money(self, value: Decimal, mark: Mark | None, *, sign: bool = True) -> list[Run]:
        """Return an amount with the house's currency sign; a sign that stands alone is labelled."""
        text = formats.number(value, self.style.number)
        if value < 0 and self.habit("minus", (False, False, False, True)):
            text = text[1:] + "-"
        place, coin = self.style.sign_place, self.style.sign
        if not sign or place == "none":
            return [Run(text, mark)]
        self.signed = True
        if place == "glued":
            ahead = text.startswith("-") and self.habit("minus ahead", (True, False))
            return [Run(f"-{coin}{text[1:]}" if ahead else coin + text, mark)]
        if place == "glued after":
            return [Run(text + coin, mark)]
        unit = Run(coin, self.coin_mark())
        if place == "before":
            return [unit, Run(" "), Run(text, mark)]
        return [Run(text, mark), Run(" "), unit]

    def coin_mark(self) -> Mark | None:
        """Return a mark for a currency sign that stands alone."""
        if "currency" not in self._kinds:
            return None
        return Mark("currency", self.deal.region.currency)

    def cell(self, row: int, line: Line, name: str, *, sign: bool = False) -> list[Run]:
        """Return a cell of a line as labelled runs."""
        match name:
            case "position":
                value: Any = self.position(row)
            case "shipped_quantity":
                value = line.shipped
            case "discount":
                value = line.discount
            case _:
                value = getattr(line, name)
        kind = _KINDS[name]
        if name == "discount":
            blank = self.habit("discount", ("", "-", "0", "%", "%"))
            if blank == "%":
                rate = formats.number(line.discount_rate, self.style.number, None)
                return [Run(f"{rate}%" if line.discount_rate else "")]
            if not value and blank != "0":
                return [Run(blank)]
        if isinstance(value, Decimal) and kind is Kind.AMOUNT:
            return self.money(value, Mark(name, formats.normal(value), row), sign=sign)
        if isinstance(value, date):
            return [Run(self.day(value), Mark(name, value.isoformat(), row))]
        if isinstance(value, Decimal):
            text = formats.number(
                value, self.style.number, self.places if name == "quantity" else None
            )
            return [Run(text, Mark(name, formats.trimmed(value), row))]
        return [Run(str(value), Mark(name, " ".join(str(value).split()), row))]

    def position(self, row: int) -> str:
        """Return the printed number of a row."""
        step = self.habit("step", (1, 1, 1, 1, 10, 10))
        return f"{(row + 1) * step}".zfill(self.habit("zeros", (1, 1, 1, 1, 2, 3, 4)))

    def habit(self, name: str, options: Sequence[Any]) -> Any:
        """Return one of the options, always the same one in this document."""
        if name not in self._habits:
            self._habits[name] = self.dice.pick(options)
        return self._habits[name]

    def sentence(self, template: str, **given: str | list[Run]) -> list[Run] | None:
        """Return the template with labelled values, or None if a fact is missing."""
        runs: list[Run] = []
        at = 0
        for match in _PIECE.finditer(template):
            runs.append(Run(template[at : match.start()]))
            at = match.end()
            name = match.group(1)
            if name in given:
                value = given[name]
                runs.extend([Run(value)] if isinstance(value, str) else value)
            elif self.has(name):
                runs.extend(self.field(name))
            else:
                return None
        runs.append(Run(template[at:]))
        return [run for run in runs if run.text]

    def labels(self, file: str) -> dict[str, Any]:
        """Return the label object (see ``synth.labels``)."""
        currency = self.deal.region.currency if self.signed and "currency" in self._kinds else ""
        return label_object(
            file,
            self.ink.marks,
            document_type=self.deal.document_type,
            language=self.deal.language,
            currency=currency,
        )


_LOUD = {Kind.NAME, Kind.ADDRESS}


@cache
def _captions_of(language: str, document_type: str, region: str) -> frozenset[str]:
    found: set[str] = set()
    for spec in header_fields(document_type):
        if {spec.name, f"{spec.name}@other"} & wording(language).keys():
            found |= {w.lower() for w in variants(language, spec.name, document_type, region)}
    return frozenset(found)


def page_text(template: str, page: int) -> str:
    """Return a page counter; the number of pages is filled in at the end."""
    return template.replace("{p}", str(page)).replace("{n}", ALL_PAGES)
