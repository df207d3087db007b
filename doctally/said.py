"""What carriers' set phrases mean beyond doubt: the state of a shipment, told by the wording.

Eight languages; phrases that a scan event of one state alone uses. What only leans towards a state
says nothing here and is left to the model (``models/states.py``). "Delivered" to a parcel shop,
locker or post office is a parcel that waits there for its receiver.
"""

from __future__ import annotations

import re

from doctally.exceptions import folded
from doctally.schemas import ShipmentState

_PLACE = (
    r"(?:parcel ?shop|paket ?shop|pick-?up (?:point|location|shop|store|parcel|station)|pudo|"
    r"parcel locker|locker\b|packstation|collection (?:point|shop)|access point|service ?point|"
    r"point (?:de )?retrait|point relais|relais (?:colis|pickup)|bureau de poste|postfiliale|"
    r"punto (?:di ritiro|de recogida|pack)|fermopoint|oficina de correos|pakketpunt|"
    r"afhaalpunt|punkt\w* odbioru|paczkomat|ponto de recolha)"
)
_NOT = r"(?:not|never|unable|could ?n.t|failed|nicht|non|n.a pu|pas|no|niet|nie|nao|unsuccess\w*)"
_PUT = (
    r"(?:delivered|deposited|dropped|placed|stored|arrived|available|waiting|ready|zugestellt|"
    r"hinterlegt|abgegeben|abholbereit|depose|livre|disponible|mis a disposition|entregado|"
    r"depositado|disponibile|consegnat|depositat|afgeleverd|bezorgd|dostarczon|umieszczon|entregue)"
)
_SENDER = r"(?:sender|consignor|shipper|absender|expediteur|remitente|mittente|afzender)"
_RULES: tuple[tuple[ShipmentState | None, str], ...] = (
    (None, rf"\b{_SENDER}\b.{{0,40}}(?:{_PLACE}|collect|pick)|{_PLACE}.{{0,40}}\b{_SENDER}\b"),
    (None, r"by the carrier|(?:handed|ubergeben|remis)\b.{0,20}carrier|not yet out|"
     r"noch nicht an|\badress|\baddress"),
    (None, rf"attempt\w* (?:to )?(?:a )?(?:pick|collect)|{_NOT}\b.{{0,20}}"
     r"(?:pick|collect|abgehol)"),
    (ShipmentState.DELIVERED, r"^delivered, "),  # in the receiver's own locker, at the door
    (ShipmentState.ATTEMPT_FAILED,
     rf"\b{_NOT} (?:been |be |werden |etre |pu )?(?:deliver|zugestellt|livre|entreg|consegn|"
     r"bezorg)|"
     rf"(?:deliver\w*|zustell\w*|livraison|entrega|consegna|bezorg\w*|dorecz\w*).{{0,30}}"
     r"(?:unsuccess|fail(?!ure to pay)|not possible|nicht moglich|fehlgeschlagen|echoue|"
     r"impossible|fallid|frustrad|non riuscit|mislukt|nieudan)|"
     r"(?:customer|recipient|receiver|consignee|addressee)(?: was| is)? (?:not (?:available|at|"
     r"home|in)|absent|unavailable)|business closed|sorry,? we missed|"
     r"nobody (?:was )?(?:at )?home|no one (?:was )?(?:at )?home|"
     r"niemand\w* (?:angetroffen|da\b)|nicht angetroffen|"
     r"destinataire (?:etait )?absent|destinatario (?:ausente|assente)|avis de passage|"
     r"(?:card|notice) (?:was )?left|left (?:a )?(?:card|notice)\b"),
    (ShipmentState.AVAILABLE_FOR_PICKUP,
     rf"\b{_PUT}\w*\b.{{0,40}}\b{_PLACE}|{_PLACE}.{{0,30}}\b(?:ready|available|abholbereit)|"
     r"(?:ready|available|awaiting|waiting|held|being held|can be|bereit|liegt)\b.{0,30}"
     r"(?:pick-?(?:ed )?up|collect|abhol)|not collected within|"
     r"(?:lista|listo) para (?:recoger|recogida)|pronto per il ritiro|klaar om (?:af te halen|"
     r"opgehaald)|gotow\w* do odbioru|a retirer|a disposition"),
    (ShipmentState.OUT_FOR_DELIVERY,
     r"out[- ]for[- ](?:delivery|distribution)|"
     r"(?:on ?board|on (?:the )?(?:vehicle|van|truck))\w* for delivery|"
     r"(?:with|to) (?:the |a |our )?(?:delivery )?(?:courier|driver|postman)\b(?!.{0,30}pick)|"
     r"loaded (?:on|in)\w* (?:the |a )?(?:delivery )?(?:vehicle|van)|(?:in|zur|zum) zustellung|"
     r"zustellfahrzeug|(?:en cours de|sorti\w* (?:pour|en)) livraison|en reparto|in consegna|"
     r"onderweg (?:naar|voor) (?:de |bezorging)|wydan\w* (?:kurierowi|do dorecz)|saiu para entrega|"
     r"(?:will|to) be delivered (?:today|during the day)"),
    (ShipmentState.DELIVERED,
     r"^(?:\W|successfully|package|parcel|shipment|item|consignment|your|has|have|been|was|is)*"
     r"delivered\b|proof of delivery|signed (?:for )?by|(?:erfolgreich|wurde) zugestellt|"
     r"colis (?:a ete )?livre\b|(?:ha sido|fue) entregad|\bconsegnat[oa]\b|"
     r"is (?:bezorgd|afgeleverd)|zostala? dorecz|foi entregue|"
     r"left (?:in|at) (?:a |the )?(?:safe|front door|porch|garage|reception)"),
    (ShipmentState.INFO_RECEIVED,
     r"label\b.{0,20}(?:created|printed|generated|made)|(?:information|data|details|notification|"
     r"pre-?advi[cs]e|manifest)\b.{0,30}(?:received|sent|submitted|transmitted|entered|provided)|"
     r"electronic (?:notification|information|data)|elektronisch (?:angekundigt|ubermittelt)|"
     r"(?:not yet|noch nicht|pas encore).{0,30}(?:handed|received|ubergeben|possession|remis)|"
     r"preparing (?:the )?shipment|en cours de preparation chez|recu l.information|"
     r"tracking number (?:allocated|assigned|created)|(?:has been |is )?registered (?:online|by)"),
)  # fmt: skip
_COMPILED = tuple((state, re.compile(words)) for state, words in _RULES)
_LONGEST = 300


def state_said(text: str) -> ShipmentState | None:
    """Return the state that a carrier's line says beyond doubt, None where it does not."""
    said = folded(text[:_LONGEST])
    return next((state for state, words in _COMPILED if words.search(said)), None)
