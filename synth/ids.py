"""Identifiers with valid check digits: tax ids, IBAN, GTIN, SSCC; and numbers of papers."""

from __future__ import annotations

from stdnum import ean, iban, luhn
from stdnum.at import uid as at_uid
from stdnum.au import abn
from stdnum.br import cnpj
from stdnum.es import ccc, cif
from stdnum.iso7064 import mod_11_10
from stdnum.nl import bsn
from stdnum.pt import nif

from synth.dice import Dice


def tax_id(dice: Dice, country: str) -> str:
    """Return a compact tax id of a country with a valid check digit where it has one."""
    match country:
        case "DE":
            body = dice.digits(8)
            return f"DE{body}{mod_11_10.calc_check_digit(body)}"
        case "AT":
            body = dice.digits(7)
            return f"ATU{body}{at_uid.calc_check_digit('U' + body)}"
        case "CH":
            return _swiss(dice)
        case "GB":
            body = dice.digits(7)
            total = sum(int(c) * w for c, w in zip(body, range(8, 1, -1), strict=True))
            return f"GB{body}{97 - total % 97:02d}"
        case "FR":
            siren = dice.digits(8)
            siren += luhn.calc_check_digit(siren)
            return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"
        case "BE":
            body = dice.pick(("04", "05", "06", "07")) + dice.shape("999999")
            return f"BE{body}{97 - int(body) % 97:02d}"
        case "ES":
            body = dice.pick("AB") + dice.digits(7)
            return f"ES{body}{cif.calc_check_digits(body)[0]}"
        case "IT":
            body = dice.digits(7) + dice.pick(("001", "015", "058", "082"))
            return f"IT{body}{luhn.calc_check_digit(body)}"
        case "NL":
            return _dutch(dice)
        case "PL":
            return _polish(dice)
        case "PT":
            body = "5" + dice.digits(7)
            return f"PT{body}{nif.calc_check_digit(body)}"
        case "BR":
            body = dice.digits(8) + "0001"
            return cnpj.format(body + cnpj.calc_check_digits(body))
        case "AU":
            body = dice.digits(9)
            return abn.format(abn.calc_check_digits(body) + body)
        case "MY":
            return (
                dice.shape("00899999999") + "9"
                if dice.chance(0.8)
                else dice.shape("A99-8999-89999999")
            )
        case "CA":
            return dice.shape("899999999RT0001")
        case "SG":
            return dice.shape("20899999A")
        case "IE":
            return "IE" + dice.shape("8999999A")
        case _:
            return dice.shape("89-8999999")


def _dutch(dice: Dice) -> str:
    while True:
        body = dice.digits(8)
        for last in "0123456789":
            if bsn.checksum(body + last) == 0:
                return f"NL{body}{last}B0{dice.randint(1, 3)}"


def _swiss(dice: Dice) -> str:
    while True:
        body = dice.digits(8)
        total = sum(int(c) * w for c, w in zip(body, (5, 4, 3, 2, 7, 6, 5, 4), strict=True))
        check = (11 - total % 11) % 11
        if check != 10:
            return f"CHE-{body[:3]}.{body[3:6]}.{body[6:]}{check} MWST"


def _polish(dice: Dice) -> str:
    while True:
        body = dice.digits(9)
        check = sum(int(c) * w for c, w in zip(body, (6, 5, 7, 2, 3, 4, 5, 6, 7), strict=True)) % 11
        if check != 10:
            return f"PL{body}{check}"


_BBAN = {
    "DE": "899999990999999999",
    "AT": "8999900009999999",
    "CH": "00899000999999999",
    "GB": "AAAA89999989999999",
    "FR": None,
    "ES": None,
    "IT": None,
    "BE": None,
    "NL": "AAAA0899999999",
    "PL": None,
    "PT": None,
    "IE": "AAAA89999989999999",
}


def bank_account(dice: Dice, country: str) -> str:
    """Return a compact IBAN of a country, or "" where it has none."""
    if country not in _BBAN:
        return ""
    while True:
        match country:
            case "ES":
                head, tail = dice.digits(8), dice.digits(10)
                body = head + ccc.calc_check_digits(head + "00" + tail) + tail
            case "BE":
                head = dice.digits(10)
                body = head + f"{int(head) % 97 or 97:02d}"
            case "FR":
                head = dice.digits(5) + dice.digits(5) + "0" + dice.digits(10)
                key = 97 - (89 * int(head[:5]) + 15 * int(head[5:10]) + 3 * int(head[10:])) % 97
                body = f"{head}{key:02d}"
            case "IT":
                body = dice.pick("ABCDEFGHKLMNPRSTUVWXZ") + dice.digits(10) + "00" + dice.digits(10)
            case "PL":
                body = dice.digits(8) + dice.shape("9999999999999999")
            case "PT":
                head = "00" + dice.digits(17)
                body = head + f"{98 - int(head) * 100 % 97:02d}"
            case _:
                body = dice.shape(str(_BBAN[country]))
        made = f"{country}{iban.calc_check_digits(country + '00' + body)}{body}"
        if iban.is_valid(made, check_country=True):
            return made


def bank_code(dice: Dice, country: str) -> str:
    """Return a BIC of a country."""
    tail = dice.weighted({"": 4, "XXX": 5, dice.shape("999"): 1})
    return dice.shape("AAAA") + country + dice.shape("X8").replace("O", "P") + tail


def gtin(dice: Dice) -> str:
    """Return a GTIN-13."""
    body = dice.digits(12)
    return body + str(ean.calc_check_digit(body))


def sscc(dice: Dice) -> str:
    """Return a serial shipping container code (18 digits)."""
    body = dice.shape("38999999999999999")
    return body + str(ean.calc_check_digit(body))
