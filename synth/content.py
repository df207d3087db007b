"""Content: people, companies and addresses of a region, all invented."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

from faker import Faker

from synth import ids
from synth.addresses import address, town
from synth.dice import Dice
from synth.regions import Region
from synth.wording import variants


@dataclass(frozen=True, slots=True)
class Party:
    """A company or person with all that papers print about it."""

    name: str
    lines: tuple[str, ...]
    country: str
    country_name: str
    contact: str
    phone: str
    fax: str
    email: str
    web: str
    tax_id: str
    registration: str
    iban: str
    bic: str
    bank: str

    @property
    def address(self) -> str:
        """Return the address in normal form: its lines joined by commas."""
        return ", ".join(line.rstrip(",") for line in self.lines)


@cache
def faker(locale: str) -> Any:
    """Return the process's Faker of a locale; seed it per document."""
    return Faker("en_GB" if locale in {"ms", "en_SG"} else locale)


class People:
    """Makes parties of one region; everything depends on the dice alone."""

    def __init__(self, dice: Dice, region: Region) -> None:
        self.dice = dice
        self.region = region
        self.fake = faker(region.locale)
        self.fake.seed_instance(dice.getrandbits(48))

    def person(self) -> str:
        """Return a person's name."""
        return f"{self.fake.first_name()} {self.fake.last_name()}"

    def coined(self) -> str:
        """Return an invented brand word."""
        parts = [
            self.dice.pick(variants("names", "syllables")) for _ in range(self.dice.randint(1, 2))
        ]
        word = "".join(parts).capitalize() + self.dice.pick(variants("names", "endings"))
        return word.upper() if len(word) < 5 or self.dice.chance(0.15) else word

    def company(self) -> str:
        """Return a company's name."""
        dice, fake = self.dice, self.fake
        trade = dice.pick(variants(self.region.language, "trade"))
        adjective = dice.pick(variants(self.region.language, "adjective"))
        form = dice.pick(self.region.forms) if dice.chance(0.85) else ""
        last = fake.last_name()
        core = dice.weighted(
            {
                f"{last} {trade}": 5,
                f"{adjective} {trade}": 4,
                f"{self.coined()} {trade}": 4,
                self.coined(): 4,
                f"{last} & {fake.last_name()}": 2,
                f"{dice.shape('AAA')[: dice.randint(2, 3)]} {trade}": 2,
                f"{fake.first_name()} {last}": 1,
                f"{self.town()} {trade}": 1,
                f"{last}": 2 if form else 0,
                f"{last}, {fake.last_name()} & {fake.last_name()}": 0.5,
                f"{self.coined()} {adjective} {trade}": 1,
            }
        )
        name = f"{core} {form}".strip()
        return name.upper() if dice.chance(0.12) else name

    def town(self) -> str:
        """Return a town's name."""
        return town(self.dice, self.region, self.fake)

    def address(self) -> tuple[str, ...]:
        """Return the lines of an address, without the country."""
        return address(self.dice, self.region, self.fake)

    def phone(self) -> str:
        """Return a telephone number."""
        return self.dice.shape(self.dice.pick(self.region.phones))

    def party(self, *, private: bool = False) -> Party:
        """Return a company, or a person when ``private``."""
        dice, region = self.dice, self.region
        contact = self.person()
        name = contact if private else self.company()
        word = _ascii(name.split()[0] if dice.chance(0.4) else "".join(name.split()[:2]))
        top = {"GB": "co.uk", "US": "com", "AU": "com.au", "MY": "com.my", "BR": "com.br"}.get(
            region.code, region.code.lower()
        )
        domain = f"{word or 'office'}{dice.pick(('', '', '-online', 'group'))}."
        domain += top if dice.chance(0.7) else "com"
        users = (_ascii(contact.split()[0]), _ascii(contact.split()[-1]))
        user = dice.pick((*variants("names", "users"), *users))
        country = region.code
        return Party(
            name=name,
            lines=self.address(),
            country=country,
            country_name=region.country,
            contact=contact,
            phone=self.phone(),
            fax=self.phone(),
            email=f"{user}@{domain}",
            web=dice.pick(("www.", "www.", "https://www.", "")) + domain,
            tax_id=self.tax_id(),
            registration=self.registration(),
            iban=ids.bank_account(dice, country),
            bic=ids.bank_code(dice, country),
            bank=self.bank(),
        )

    def tax_id(self) -> str:
        """Return a tax id as the region prints it (DE also the local tax number)."""
        dice, code = self.dice, self.region.code
        if code == "DE" and dice.chance(0.15):
            return dice.shape(dice.pick(("99/899/99999", "899/999/99999", "899/9999/9999")))
        made = ids.tax_id(dice, code)
        if code in {"PL", "IT", "ES", "GB"} and dice.chance(0.5):
            made = made[2:]
        return made

    def registration(self) -> str:
        """Return a company registration number."""
        dice = self.dice
        match self.region.code:
            case "DE":
                return f"HR{dice.pick('ABB')} {dice.digits(dice.randint(4, 6))}"
            case "AT":
                return f"FN {dice.digits(6)} {dice.pick('abdfgk')}"
            case "GB":
                return dice.shape("09999999") if dice.chance(0.5) else dice.digits(8)
            case "MY":
                return dice.shape(
                    dice.pick(
                        (
                            "899999-A",
                            "899999A",
                            "00899999-X".replace("X", "A"),
                            "8999999-A",
                            "2018899999",
                        )
                    )
                )
            case "FR":
                return dice.shape("899 999 999") + (
                    f" R.C.S. {self.town()}" if dice.chance(0.4) else ""
                )
            case "NL":
                return dice.digits(8)
            case "PL":
                return f"0000{dice.digits(6)}"
            case "IT":
                return f"{dice.pick(('MI', 'RM', 'TO', 'BO'))}-{dice.digits(7)}"
            case "AU":
                return dice.shape("899 999 999")
            case _:
                return dice.digits(8)

    def bank(self) -> str:
        """Return a bank's name."""
        names = variants("names", f"banks.{self.region.language}")
        return self.dice.pick(names).replace("{town}", self.town())


def _ascii(text: str) -> str:
    text = text.replace("ß", "ss").replace("ł", "l").replace("Ł", "L")
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", text.lower())
