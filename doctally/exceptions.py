"""Why a shipment is not on its normal way: a small set of reasons, told from a carrier's words.

Words of eight languages; the first reason that fits wins, so the more telling ones come first.
The codes of X12 and EDIFACT are in ``doctally.reason_codes``. NOT handled: a carrier's own codes.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from doctally.reason_codes import coded_reason


class Reason(StrEnum):
    """The stable reasons of exceptions, failed attempts and delays."""

    DAMAGED = "damaged"
    LOST = "lost"
    REFUSED = "refused"
    WEATHER = "weather"
    CUSTOMS = "customs"
    ADDRESS = "address"
    NOBODY_HOME = "nobody_home"
    CLOSED = "closed"
    NO_ACCESS = "no_access"
    MISSED_CONNECTION = "missed_connection"
    STRIKE = "strike"
    SECURITY = "security"
    NOT_COLLECTED = "not_collected"
    CANCELLED = "cancelled"
    RETURNED = "returned"
    DELAYED = "delayed"


_WORDS: tuple[tuple[Reason, str], ...] = (
    (Reason.DAMAGED, r"damag|broken|beschadig|endommag|danad|dañad|danneggi|uszkodz|danific"),
    (Reason.LOST, r"\blost\b|missing (?:parcel|package|item|shipment)|^missing|"
     r"(?:parcel|package|item|shipment|goods|contents) (?:is |are )?missing|verloren|"
     r"verlust|perdu|perdid|extravi|smarrit|zaginion|zagubion|kwijt|verdwenen"),
    (Reason.REFUSED, r"refus|reject|verweiger|rehus|rechaz|rifiut|geweiger|odmow|odmówi|recus"),
    (Reason.WEATHER, r"weather|storm|snow|flood|hurricane|wetter|unwetter|schnee|sturm|intemper|"
     r"neige|meteo|nieve|maltempo|neve\b|weersom|sneeuw|pogod|snieg|natural disaster"),
    (Reason.CUSTOMS, r"customs|import dut|clearance|zoll|verzoll|douan|dedouan|aduan|dogan|"
     r"cel(?:n[aey]|nej)\b|alfandeg|import documents|duty payment"),
    (Reason.ADDRESS, r"addres|adress|direcci|indirizz|endereco|adres\b|adresu|house number|"
     r"recipient unknown|unknown recipient|empfanger unbekannt|undeliverable as|postcode|"
     r"moved away|unbekannt verzogen|sconosciut|desconocid"),
    (Reason.CLOSED, r"business(?:es)? (?:was |is )?closed|closed (?:on|at|for)|office closed|"
     r"geschlossen|entreprise fermee|\bferme\b|cerrad|chius|gesloten|zamknie|fechad"),
    (Reason.NO_ACCESS, r"no access|access (?:to|not)|could not access|kein zugang|sin acceso|"
     r"acces impossible|accesso non|geen toegang|brak dostepu|sem acesso|no safe place|dog\b"),
    (Reason.NOBODY_HOME, r"no ?(?:one|body) (?:was )?(?:at )?home|not (?:at )?home|absen|ausent|"
     r"assent|not (?:available|present)|unavailable|missed (?:you|delivery)|nobody|no answer|"
     r"nicht angetroffen|niemand|abwesend|niet thuis|nie zastano|nieobecn|card left|notice left|"
     r"left (?:a )?(?:card|notice)|avis de passage|attempted delivery|delivery attempt"),
    (Reason.MISSED_CONNECTION, r"missed (?:flight|connection|cut)|connection missed|"
     r"mis-?rout|mis-?sort|mis-?direct|fehlgeleit|fehlverlad|mal orient|missort|flight (?:delay|"
     r"cancel)|late (?:arrival|flight|plane|trailer)|anschluss"),
    (Reason.STRIKE, r"strike\b|industrial action|streik|greve|huelga|sciopero|staking|strajk"),
    (Reason.SECURITY, r"security|sicherheitskontroll|dangerous goods|prohibited|gefahrgut|suret"),
    (Reason.NOT_COLLECTED, r"not collected|unclaimed|not picked up|storage period|retention|"
     r"nicht abgeholt|lagerfrist|non reclame|no recogid|plazo de recogida|giacenza scad|"
     r"niet afgehaald|termin odbioru|delai de garde"),
    (Reason.CANCELLED, r"cancel|stornier|annul|anul"),
    (Reason.RETURNED, r"return(?:ed|ing)?\b|retour|rucksend|devuel|devol|reso al|zwrot"),
    (Reason.DELAYED, r"delay|late\b|verspat|verzoger|retard|retras|demora|ritard|vertrag|opozni|"
     r"atras|held|on hold|backlog|operational|technical"),
)  # fmt: skip
_PATTERNS = tuple((reason, re.compile(words)) for reason, words in _WORDS)
_TROUBLE = frozenset({"exception", "attempt_failed", "expired"})
_SLOWER = re.compile(
    r"delay|held|hold|late\b|await|pending|verzoger|verspat|retard|retras|ritard|vertrag|opozni|"
    r"atras|stopped|reten|trattenut|fermo"
)


def folded(text: str) -> str:
    """Return a text in small letters without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss").replace("ł", "l"))
    return "".join(c for c in plain if not unicodedata.combining(c))


def reason_of(text: str, status: str) -> Reason | None:
    """Return why a shipment is in trouble or late, None where nothing says so.

    A reason code of a 214 or an IFTSTA, as its reader gives it, goes before the words.
    """
    reason, coded = coded_reason(text[:2000])
    if status != "delivered" and coded:
        return Reason(reason) if reason else None
    said = folded(text[:2000])
    if status not in _TROUBLE and not (status == "in_transit" and _SLOWER.search(said)):
        return None
    for reason, words in _PATTERNS:
        if words.search(said):
            return reason
    return None
