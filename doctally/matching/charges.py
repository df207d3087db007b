"""Lines that are no goods: freight, packing, surcharges, in the languages of our documents."""

from __future__ import annotations

import re

from doctally.matching.papers import Line

_CHARGE = re.compile(
    r"\b(?:freight|shipping|shipment cost|postage|p&p|delivery (?:charge|fee|cost)s?|carriage|"
    r"handling|surcharge|toll|pallet charge|packing|packaging|insurance|minimum order|small order|"
    r"transport(?:ation)?(?: costs?| charges?)?|courier|customs (?:fee|duty)|fuel|"
    r"versand\w*|fracht\w*|porto|lieferkosten|zustell\w*|verpackung\w*|maut\w*|\w*zuschlag|"
    r"mindermengen\w*|energiekosten\w*|frais de (?:port|transport|livraison|dossier)|"
    r"port|transport|emballage|surtaxe|portes|gastos de env[ií]o|env[ií]o|recargo|flete|trasporto|spedizione|"
    r"imballo|sovrapprezzo|verzendkosten|vracht\w*|toeslag\w*|wysyłka|transportu|dostaw[ay])\b",
    re.IGNORECASE,
)
_LONGEST = 7
"""A charge is named in a few words; a long text that mentions packing is goods."""


def is_charge(line: Line) -> bool:
    """Tell whether a line bills freight, packing or a surcharge instead of goods."""
    return len(line.text.split()) <= _LONGEST and bool(_CHARGE.search(line.text))
