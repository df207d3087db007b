"""Addresses of a region, all invented, as lines without the country."""

from __future__ import annotations

from typing import Any

from synth.dice import Dice
from synth.regions import Region
from synth.wording import variants, wording

_PROVINCES = ("MI", "RM", "TO", "BO", "VR", "NA", "FI", "PD")
_COUNTIES = ("Cork", "Galway", "Kildare", "Meath", "Clare")


def town(dice: Dice, region: Region, fake: Any) -> str:
    """Return a town's name."""
    if region.code == "MY":
        return dice.pick(variants("names", "my.cities")).partition(";")[0]
    return str(fake.city())


def address(dice: Dice, region: Region, fake: Any) -> tuple[str, ...]:
    """Return the lines of an address."""
    street, city, code, state, extra = (_malaysian if region.code == "MY" else _usual)(
        dice, region, fake
    )
    if region.code == "SG":
        code = dice.digits(6)
    lines = [
        part.replace("{street}", street.replace(",,", ","))
        .replace("{city}", city)
        .replace("{state}", state)
        .replace("{zip}", code)
        .strip(" ,")
        for part in region.address
    ]
    if region.code == "GB" and dice.chance(0.6):
        lines = [lines[0], f"{city} {code}" if dice.chance(0.6) else f"{city}, {code}"]
    if extra:
        lines.insert(1, extra)
    if region.code == "MY" and dice.chance(0.4) and state:
        lines = [*lines[:-2], f"{lines[-2]}, {lines[-1]}"]
    if region.code in {"DE", "AT", "CH"} and dice.chance(0.08):
        lines[-1] = f"{region.code}-{lines[-1]}"
    if dice.chance(0.06):
        lines = [", ".join(lines)]
    return tuple(line for line in lines if line)


def _malaysian(dice: Dice, region: Region, fake: Any) -> tuple[str, str, str, str, str]:
    words = variants("names", "my.words")
    street = dice.pick(variants("names", "my.streets"))
    while "{" in street:
        street = street.replace("{n}", str(dice.randint(1, 99)), 1)
        street = street.replace("{w}", dice.pick(words), 1)
    city, prefix, state = dice.pick(variants("names", "my.cities")).split(";")
    code = prefix + dice.shape("99999")[: 5 - len(prefix)]
    extra = ""
    if dice.chance(0.5):
        quarter = dice.pick(variants("names", "my.quarters"))
        extra = f"{quarter} {dice.pick(words)} {dice.pick(words)}"
    return street, city, code, state, extra


def _usual(dice: Dice, region: Region, fake: Any) -> tuple[str, str, str, str, str]:
    street = str(fake.street_address()).replace("\n", ", ")
    if region.code in {"US", "CA"} and dice.chance(0.1):
        street = f"P.O. Box {dice.digits(dice.randint(3, 6))}"
    city, code = str(fake.city()), str(fake.postcode())
    state = ""
    match region.code:
        case "US" | "AU":
            state = fake.state_abbr()
        case "CA":
            state = fake.province_abbr()
        case "BR":
            state = fake.estado_sigla()
        case "IE":
            state = dice.pick(_COUNTIES)
        case "IT":
            state = dice.pick(_PROVINCES)
    extra = ""
    if dice.chance(0.14):
        key = "suffixes" if region.language == "en" else f"suffixes.{region.language}"
        if key in wording("names"):
            extra = dice.pick(variants("names", key)).replace("{n}", str(dice.randint(1, 60)))
    return street, city, code, state, extra
