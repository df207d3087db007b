"""Tracking numbers: which carrier a number's form belongs to, and whether its check digit holds.

Rules that carriers and standards publish: UPS 1Z (mod 10 over letters as digits), UPU S10, GS1 SSCC
(mod 10), USPS IMpb (GS1 mod 10), FedEx 12, 14+1, 20 and 34 digits, DHL Express (mod 7), DPD (ISO
7064 mod 37,36), Canada Post, Purolator and Old Dominion (Luhn), OnTrac. A form without a check
digit is only recognised. NOT handled: bare numbers of nine or fourteen digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_36

_S10 = (8, 6, 4, 2, 3, 5, 9, 7)
_LONGEST = 45


@dataclass(frozen=True, slots=True)
class Tracking:
    """A number's form: its carrier, and whether a check digit was there and holds."""

    number: str
    carrier: str
    checked: bool


def compact(number: str) -> str:
    """Return a number as its letters and digits, in capitals."""
    return re.sub(r"[^0-9A-Za-z]", "", number).upper()


def _mod10(digits: str, *, odd: int, even: int) -> bool:
    """Tell whether the last digit completes the weighted sum of the others to tens.

    ``odd`` weighs the first, third, ... digit; letters count as (their code - 63) mod 10.
    """
    values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in digits[:-1]]
    total = sum(v * (odd if n % 2 == 0 else even) for n, v in enumerate(values))
    return (10 - total % 10) % 10 == int(digits[-1])


def _gs1(digits: str) -> bool:
    values = [int(c) for c in reversed(digits[:-1])]
    total = sum(v * (3 if n % 2 == 0 else 1) for n, v in enumerate(values))
    return (10 - total % 10) % 10 == int(digits[-1])


def _weighed(digits: str) -> bool:
    """Tell whether FedEx's weights 1, 7, 3 from the right give the check digit (mod 11, 10)."""
    weights = (1, 3, 7)
    total = sum(int(c) * weights[n % 3] for n, c in enumerate(reversed(digits[:-1])))
    return total % 11 % 10 == int(digits[-1])


def _s10(text: str) -> bool:
    total = sum(int(c) * w for c, w in zip(text[2:10], _S10, strict=True))
    check = 11 - total % 11
    return {10: 0, 11: 5}.get(check, check) == int(text[10])


def _mod7(digits: str) -> bool:
    return int(digits[:-1]) % 7 == int(digits[-1])


def _dpd(text: str) -> bool:
    try:
        mod_37_36.validate(text)
    except ValidationError:
        return False
    return True


def _luhn(digits: str) -> bool:
    return bool(luhn.is_valid(digits))


_FORMS: tuple[tuple[str, str, Callable[[str], bool] | None], ...] = (
    ("UPS", r"1Z[0-9A-Z]{15}\d", lambda t: _mod10(t[2:], odd=1, even=2)),
    ("UPS", r"[AHJKTV]\d{10}", lambda t: _mod10(t[1:], odd=1, even=2)),
    ("post", r"[A-Z]{2}\d{9}[A-Z]{2}", _s10),
    ("Amazon", r"TB[ACM]\d{12}", None),
    ("DHL", r"JJ?D\d{16,18}|J[A-Z]{2,3}\d{9,10}", None),
    ("OnTrac", r"[CD]\d{14}", lambda t: _mod10("54"[t[0] == "C"] + t[1:], odd=1, even=2)),
    ("LaserShip", r"L[AIEHNX][1-3]\d{7}|1LS[0-9A-Z]{10,16}", None),
    ("YunExpress", r"YT\d{16}", None),
    ("Canpar", r"[CDKLSUXZ]\d{21}", None),
    ("GOFO Express", r"GFUS\d{14}", None),
    ("Spee-Dee", r"SP\d{18}", None),
    ("Purolator", r"[A-Z]{3}\d{9}", None),
    ("DPD", r"\d{27}[0-9A-Z]", _dpd),
    ("Landmark", r"LTN\d{8}N1", None),
    ("DPD", r"\d{14}[0-9A-Z]", _dpd),
    ("USPS", r"(?:420\d{5}(?:\d{4})?)?9[1-5]\d{20}", lambda t: _gs1(t[-22:])),
    ("USPS", r"(?:420\d{5}(?:\d{4})?)?9[1-5]\d{24}", lambda t: _gs1(t[-26:])),
    ("FedEx", r"96\d{20}", lambda t: _gs1(t[7:])),
    ("FedEx", r"[0-8]\d{33}|96\d{32}", lambda t: _weighed(t[20:])),
    ("FedEx", r"3\d{31}", lambda t: _weighed(t[16:28])),
    ("SSCC", r"(?:00)?\d{18}", lambda t: _gs1(t[-18:])),
    ("USPS", r"\d{20}", _gs1),
    ("Canada Post", r"\d{16}", _gs1),
    ("FedEx", r"\d{15}", _gs1),
    ("Purolator", r"[0-5]\d{11}", _luhn),
    ("FedEx", r"\d{12}", _weighed),
    ("Old Dominion", r"(?:07209|77[78]|072|780|80)\d+", lambda t: len(t) == 11 and _luhn(t)),
    ("DHL Express", r"\d{10,11}", _mod7),
)  # fmt: skip
_COMPILED = tuple((carrier, re.compile(form, re.ASCII), rule) for carrier, form, rule in _FORMS)
_CANDIDATE = re.compile(r"\b[0-9A-Z](?:[ -]?[0-9A-Z]){9,33}\b", re.ASCII)


def recognise(number: str) -> Tracking | None:
    """Return the form that a number has and whose check digit holds, None where none does."""
    text = compact(number)
    if len(text) > _LONGEST or len(set(text)) == 1:
        return None
    for carrier, form, rule in _COMPILED:
        if form.fullmatch(text) and (rule is None or rule(text)):
            return Tracking(text, carrier, rule is not None)
    return None


def candidates(text: str) -> Iterator[Tracking]:
    """Yield the numbers in a text that carry a letter or a long form and hold."""
    for part in _CANDIDATE.findall(text):
        found = recognise(part)
        if found is not None and (len(found.number) >= 15 or not found.number.isdigit()):
            yield found
