"""Lines that are no goods: freight, packing, surcharges, in the languages of our documents.

Every word of such a line belongs to its name; goods that mention shipping (a label) are goods.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from doctally.matching.papers import Line


def _words(*texts: str) -> frozenset[str]:
    return frozenset(" ".join(texts).split())


_CHARGES = _words(
    "freight shipping shipment postage p&p delivery carriage handling surcharge toll packing",
    "packaging insurance transport transportation courier fuel dispatch despatch congestion",
    "versand versandkosten versandpauschale fracht frachtkosten frachtanteil porto lieferkosten",
    "zustellung zustellgebuhr verpackung verpackungskosten maut mautgebuhr mindermengenzuschlag",
    "energiezuschlag energiekostenzuschlag dieselzuschlag teuerungszuschlag zuschlag",
    "expresszuschlag mindermenge port transport livraison emballage surtaxe portes envio",
    "recargo flete trasporto spedizione imballo sovrapprezzo verzendkosten vracht vrachtkosten",
    "toeslag dieseltoeslag wysyka wysylka transportu dostawa dostawy",
)
_BESIDE = _words(
    "and & + und et y e i of for by to per the a la le les de des du del di da van voor charge",
    "charges cost costs fee fees flat rate order small minimum standard express insured",
    "national international dap dhl ups gls dpd fedex kosten pauschale gebuhr anteil frais",
    "gastos spese costi service domicile kg net excl incl allowance variable energy diesel eur",
    "usd gbp",
)
_WORD = re.compile(r"[^\W\d_]+(?:&[^\W\d_]+)?|[&+]")


def is_charge(line: Line) -> bool:
    """Tell whether a line bills freight, packing or a surcharge instead of goods."""
    return _names_charge(line.text)


@lru_cache(maxsize=100_000)
def _names_charge(text: str) -> bool:
    folded = unicodedata.normalize("NFKD", text.casefold())
    words = _WORD.findall("".join(c for c in folded if not unicodedata.combining(c)))
    named = any(word in _CHARGES for word in words)
    return named and all(word in _CHARGES or word in _BESIDE for word in words)
