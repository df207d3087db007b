"""Dates and times as documents print them, in English, German, French, Spanish, Italian, Dutch,
Polish and Portuguese.

Strict: the whole text must be one date (a weekday and a time of day may stand around it), in the
years 1990 to 2049. Two-digit years pivot at 70. Not handled: months without a day, other
calendars, dates in words.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache, lru_cache

from babel import Locale as BabelLocale

from doctally.locale import Locale

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")
FIRST_YEAR, LAST_YEAR = 1990, 2049

_LONGEST = 48  # "Wednesday, 29 de septiembre de 2020 11:32:15 AM" is 47
_YEAR_FIRST = re.compile(r"(\d{4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|'?\d{2})")
_SPACED = re.compile(r"(\d{1,2})(\s)(\d{1,2})\s(\d{4})")
_PACKED = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_HAN = re.compile(r"(\d{4})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日")
_NAME = r"([^\W\d_]{3,12})\.?"
_YEAR = r"[\s\-/.,']*(?:de[l]?\s)?'?(\d{4}|\d{2})"
_DAY_NAME = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th|er|[.ºª°])?[\s\-/.,]*(?:de\s|of\s)?{_NAME}{_YEAR}"
)
_NAME_DAY = re.compile(rf"{_NAME}[\s\-/.,]*(\d{{1,2}})(?:st|nd|rd|th)?[\s\-/.,']+(\d{{4}}|\d{{2}})")
_YEAR_NAME = re.compile(rf"(\d{{4}})[\s\-/.]{_NAME}[\s\-/.](\d{{1,2}})")
_WEEKDAY = re.compile(r"([^\W\d_]{2,13}(?:-feira)?)\.?,?\s*(?=\S)")
_WEEKDAY_LAST = re.compile(r"\s*[,(]?\s*([^\W\d_]{2,13})\.?\)?$")
_CLOCK = re.compile(
    r"(?:[\s,@-]+(?:um\s|at\s|à\s|a las\s)?|(?<=\d)t)"
    r"(\d{1,2})(?::|\.|h\s?)(\d{2})(?::(\d{2})(?:[.,]\d{1,6})?)?"
    r"\s?([ap]\.?m\.?|uhr|hrs?)?\s?(z|utc|gmt|[+-]\d{2}:?\d{2})?$"
)
_SLIPS = str.maketrans("oil|", "0111")
_SLIPPED = re.compile(r"[\doil|]{1,2}[-/.][\doil|]{1,2}[-/.](?:[\doil|]{4}|[\doil|]{2})")


def parse_date(text: str, locale: Locale) -> date | None:
    """Return the one date that the text is, or None.

    The locale orders day and month; where its order is impossible the other one is taken.
    """
    if not _plausible(text):
        return None
    return _parse(text, locale.day_first)[0]


def parse_moment(text: str, locale: Locale) -> date | datetime | None:
    """Return the date and time of day that the text is; a plain date if it prints no time."""
    if not _plausible(text):
        return None
    day, clock = _parse(text, locale.day_first)
    return datetime.combine(day, clock) if day and clock else day


def _plausible(text: str) -> bool:
    return 6 <= len(text) <= _LONGEST and sum(c.isdigit() for c in text) >= 3


@lru_cache(maxsize=65536)
def _parse(text: str, day_first: bool) -> tuple[date | None, time | None]:
    folded = text.casefold().strip(" \t\r\n,;:()[]*")
    folded = folded.rstrip(".")
    day = _date_of(folded, day_first)
    if day:
        return day, None
    clock = _CLOCK.search(folded)
    if clock and clock.start() > 0:
        moment = _time_of(clock)
        day = _date_of(folded[: clock.start()].rstrip(" ,"), day_first)
        if moment and day:
            return day, moment
    return None, None


def _date_of(text: str, day_first: bool) -> date | None:
    day = _bare(text, day_first)
    if day is None and (weekday := _WEEKDAY.match(text)) and _fold(weekday[1]) in _weekdays():
        day = _bare(text[weekday.end() :], day_first)
    if day is None and (weekday := _WEEKDAY_LAST.search(text)) and _fold(weekday[1]) in _weekdays():
        day = _bare(text[: weekday.start()], day_first)
    if day is None and not text.isdigit() and _SLIPPED.fullmatch(text):
        # a letter read for a digit: at least four true digits must vouch for the rest
        day = _bare(text.translate(_SLIPS), day_first) if _digits(text) >= 4 else None
    return day


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def _bare(text: str, day_first: bool) -> date | None:
    if match := _YEAR_LAST.fullmatch(text) or _SPACED.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), match[4]
        day, month = (first, second) if day_first else (second, first)
        return _build(year, month, day) or _build(year, day, month)
    if match := _YEAR_FIRST.fullmatch(text):
        return _build(match[1], int(match[3]), int(match[4]))
    if match := _PACKED.fullmatch(text) or _HAN.fullmatch(text):
        return _build(match[1], int(match[2]), int(match[3]))
    if match := _DAY_NAME.fullmatch(text):
        return _build(match[3], _month(match[2]), int(match[1]))
    if match := _NAME_DAY.fullmatch(text):
        return _build(match[3], _month(match[1]), int(match[2]))
    if match := _YEAR_NAME.fullmatch(text):
        return _build(match[1], _month(match[2]), int(match[3]))
    return None


def _build(year: str, month: int, day: int) -> date | None:
    number = int(year.lstrip("'"))
    if number < 100:
        number += 2000 if number < 70 else 1900
    if not (FIRST_YEAR <= number <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    try:
        return date(number, month, day)
    except ValueError:  # 31 April
        return None


def _time_of(match: re.Match[str]) -> time | None:
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    half, zone = match[4] or "", match[5]
    if half[:1] in ("a", "p"):
        if not (1 <= hour <= 12 or (hour < 24 and half[:1] == "p")):
            return None
        hour = hour % 12 + (12 if half[0] == "p" else 0) if hour <= 12 else hour
    if hour > 23 or minute > 59 or second > 59:
        return None
    if not zone:
        return time(hour, minute, second)
    if zone[0] not in "+-":
        return time(hour, minute, second, tzinfo=UTC)
    shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    if shift >= timedelta(hours=24):
        return None
    return time(hour, minute, second, tzinfo=timezone(-shift if zone[0] == "-" else shift))


def _fold(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).strip(". ")


def _month(name: str) -> int:
    """Return 1..12, or 0 for a word that names no month."""
    return _months().get(_fold(name), 0)


@cache
def _months() -> dict[str, int]:
    names = {"sept": 9, "mrz": 3, "maerz": 3, "janv": 1, "fevr": 2, "juill": 7}
    for language in LANGUAGES:
        months = BabelLocale.parse(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[context][width].items():
                    names.setdefault(_fold(name), number)
    return names


@cache
def _weekdays() -> frozenset[str]:
    names = {"tues", "weds", "thur", "thurs"}
    for language in LANGUAGES:
        days = BabelLocale.parse(language).days
        for width in ("wide", "abbreviated"):
            names.update(_fold(name) for name in days["format"][width].values())
    return frozenset(names)
