"""Numbers of papers in many house styles; carriers and numbers shaped like theirs."""

from __future__ import annotations

from datetime import date

from synth.dice import Dice

TRACKING = {
    "UPS": "1Z{X6}{D10}",
    "FedEx": "{D12}",
    "FedEx Ground": "9612{D11}",
    "DHL Express": "{D10}",
    "DHL": "00340{D15}",
    "USPS": "9400{D18}",
    "DPD": "0{D13}",
    "GLS": "{D11}",
    "Hermes": "{D14}",
    "Royal Mail": "{A2}{D9}GB",
    "TNT": "GE{D9}",
    "Australia Post": "{A3}{D10}",
    "La Poste": "{D1}L{D11}",
    "Chronopost": "{A2}{D9}FR",
    "PostNL": "3S{A4}{D9}",
    "Correos": "PQ{X6}{D10}A",
    "InPost": "{D24}",
    "BRT": "{D12}",
    "SDA": "{A2}{D9}IT",
    "Canada Post": "{D16}",
    "Pos Laju": "E{A1}{D9}MY",
    "DB Schenker": "{A3}{D9}",
    "Kuehne+Nagel": "{D4}-{D4}-{D3}",
    "Old Dominion": "{D10}",
    "XPO": "{D3}-{D6}",
    "Estes": "{D3}-{D7}",
    "Maersk": "MAEU{D9}",
    "Dachser": "{D12}",
    "YRC": "{D10}",
    "DSV": "{A3}{D8}",
    "R+L Carriers": "{A1}{D8}",
    "SF Express": "SF{D12}",
    "Purolator": "{D12}",
    "Evri": "H{D15}",
}


_LOCAL = {
    "US": (
        "UPS",
        "FedEx",
        "FedEx Ground",
        "USPS",
        "Old Dominion",
        "XPO",
        "Estes",
        "YRC",
        "R+L Carriers",
    ),
    "CA": ("Canada Post", "Purolator", "UPS"),
    "GB": ("Royal Mail", "DPD", "Evri", "Hermes", "TNT"),
    "AU": ("Australia Post", "TNT"),
    "MY": ("Pos Laju", "SF Express"),
    "SG": ("SF Express",),
    "DE": ("DHL", "DPD", "GLS", "Hermes", "Dachser", "DB Schenker"),
    "AT": ("DPD", "GLS", "DHL"),
    "CH": ("DPD", "DHL"),
    "FR": ("La Poste", "Chronopost", "DPD", "GLS"),
    "BE": ("PostNL", "DPD"),
    "NL": ("PostNL", "DPD", "GLS"),
    "ES": ("Correos", "GLS"),
    "IT": ("BRT", "SDA", "GLS"),
    "PL": ("InPost", "DPD", "GLS"),
    "PT": ("DPD",),
}


_GLOBAL = (
    "UPS",
    "FedEx",
    "DHL Express",
    "TNT",
    "DSV",
    "Kuehne+Nagel",
    "DB Schenker",
    "Maersk",
    "DHL",
)


def carrier(dice: Dice, country: str) -> str:
    """Return a carrier that delivers in a country."""
    return dice.pick((*_LOCAL.get(country, ()), *_LOCAL.get(country, ()), *_GLOBAL))


def tracking(dice: Dice, carrier: str) -> str:
    """Return a number shaped like this carrier's."""
    out = TRACKING.get(carrier, "{D12}")
    for kind, sign in (("D", "9"), ("A", "A"), ("X", "X")):
        while (start := out.find("{" + kind)) >= 0:
            end = out.index("}", start)
            count = int(out[start + 2 : end])
            piece = dice.shape("8" + sign * (count - 1) if kind == "D" else sign * count)
            out = out[:start] + piece + out[end + 1 :]
    return out


_NUMBERS = (
    "899999",
    "8999999",
    "89999",
    "8999",
    "89999999",
    "899",
    "{P}-89999",
    "{P}-{Y}-8999",
    "{Y}-89999",
    "{P}{Y}899999",
    "{P}{y}-8999",
    "{Y}/8999",
    "{P}/{Y}/899",
    "{P}-899999",
    "{P}8999999",
    "{y}-8999",
    "899999-8",
    "8999999-8",
    "{P}-{Y}{M}{D}/899",
    "{Y}{M}-899",
    "A-89999",
    "8999/{M}/{Y}",
    "00899999",
    "{P}/899/{y}",
    "AA999999",
    "{y}{M}8999",
    "45008999999"[0:9],
    "{P}.89999",
    "899-8999-899",
    "8999999999",
    "{P} 89999",
    "8999-89",
    "{Y}{M}{D}-89",
    "{P}-AA-8999",
    "XXXX-8999",
    "9-8999-899",
)


def paper_number(dice: Dice, prefixes: tuple[str, ...], when: date) -> str:
    """Return a number such as a company gives its papers."""
    text = dice.pick(_NUMBERS)
    for mark, value in (
        ("{P}", "\x01"),
        ("{Y}", "\x02"),
        ("{y}", "\x03"),
        ("{M}", "\x04"),
        ("{D}", "\x05"),
    ):
        text = text.replace(mark, value)
    text = dice.shape(text)
    return (
        text.replace("\x01", dice.pick(prefixes))
        .replace("\x02", str(when.year))
        .replace("\x03", f"{when.year % 100:02d}")
        .replace("\x04", f"{when.month:02d}")
        .replace("\x05", f"{when.day:02d}")
    )
