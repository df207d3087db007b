"""Check digits of tax ids, bank accounts and GS1 numbers (python-stdnum), and currency codes.

A number is judged only when it has the form of its standard: a tax id with a country prefix, an
item code of 13 or 14 digits, a tracking number of 18 digits (20 with the application identifier
00), or digits that the text itself calls GTIN, EAN, GLN or SSCC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import BaseModel
from stdnum import ean, iban
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.util import get_cc_module

from doctally.amounts import iso_codes
from doctally.codes import finding
from doctally.results import Finding
from doctally.schemas import Kind, LineItem
from doctally.values import Locale, normalise

# The prefixes whose numbers have a check digit in stdnum: EU, Switzerland, Norway, UK.
_PREFIX = "CHE|AT|B[EG]|C[YZ]|D[EK]|E[ELS]|F[IR]|GB|H[RU]|I[ET]|L[TUV]|MT|N[LO]|P[LT]|RO|S[EIK]|XI"
_OTHER_NAMES = {"CHE": "ch", "EL": "gr", "XI": "gb"}
_PREFIXED = re.compile(rf"({_PREFIX})[A-Z0-9]{{6,15}}")
_NAMED = re.compile(r"\b(GTIN|EAN|GLN|ILN|SSCC|NVE)\b\W{0,4}(\d{8,20})\b", re.IGNORECASE)
_CODE_OF = {
    "GTIN": "gtin_checksum",
    "EAN": "gtin_checksum",
    "GLN": "gln_checksum",
    "ILN": "gln_checksum",
    "SSCC": "sscc_checksum",
    "NVE": "sscc_checksum",
}
_ANY_LOCALE = Locale(day_first=True, decimal_comma=False)


def check_identifiers(record: BaseModel) -> Iterator[Finding]:
    """Yield a finding for each code or number of the record that breaks its standard."""
    values = {
        name: value
        for name in type(record).model_fields
        if isinstance(value := getattr(record, name), str)
    }
    currency = values.get("currency")
    if currency and currency not in iso_codes():
        yield finding("currency_unknown", f"{currency!r} is no ISO 4217 code", "currency")
    for name in ("supplier_tax_id", "customer_tax_id"):
        if name in values and not _tax_id_holds(values[name]):
            message = f"{values[name]} has a wrong check digit"
            yield finding("tax_id_checksum", message, name)
    if "supplier_iban" in values and (reason := _iban_fault(values["supplier_iban"])):
        yield finding("iban_checksum", f"{values['supplier_iban']}: {reason}", "supplier_iban")
    bic = values.get("supplier_bic")
    if bic and normalise(Kind.BIC, bic, _ANY_LOCALE) is None:
        yield finding("bic_invalid", f"{bic!r} is no BIC", "supplier_bic")
    yield from _numbers(values, getattr(record, "line_items", ()))


def _tax_id_holds(value: str) -> bool:
    compact = re.sub(r"[\s.\-/]", "", value).upper()
    match = _PREFIXED.fullmatch(compact)
    if match is None:
        return True
    module = get_cc_module(_OTHER_NAMES.get(match[1], match[1].lower()), "vat")
    try:
        if module is not None:
            module.validate(compact)
    except InvalidChecksum:
        return False
    except ValidationError:
        return True  # not the form of that country's number: another kind of id
    return True


def _iban_fault(value: str) -> str:
    try:
        iban.validate(value)
    except ValidationError as error:
        return str(error)
    return ""


def _numbers(values: dict[str, str], lines: tuple[LineItem, ...]) -> Iterator[Finding]:
    tracking = re.sub(r"[\s()]", "", values.get("tracking_number", ""))
    if len(tracking) == 20 and tracking.startswith("00"):
        tracking = tracking[2:]
    if re.fullmatch(r"\d{18}", tracking, re.ASCII) and not _gs1_holds(tracking):
        yield finding("sscc_checksum", f"{tracking} has a wrong check digit", "tracking_number")
    named = list(values.items())
    for number, line in enumerate(lines):
        path = f"line_items.{number}."
        named += [(path + "description", line.description or "")]
        code = line.code or ""
        if re.fullmatch(r"\d{13,14}", code, re.ASCII) and not _gs1_holds(code):
            yield finding("gtin_checksum", f"{code} has a wrong check digit", path + "code")
    for name, text in named:
        for match in _NAMED.finditer(text):
            if not _gs1_holds(match[2]):
                message = f"{match[0]} has a wrong check digit"
                yield finding(_CODE_OF[match[1].upper()], message, name)


def _gs1_holds(digits: str) -> bool:
    """Tell whether the last digit is right; all GS1 numbers compute it alike (GS1, 7.9)."""
    return str(ean.calc_check_digit(digits[:-1])) == digits[-1]
