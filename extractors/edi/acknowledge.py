"""Acknowledgements of what arrived: X12 997 for a functional group's sets, EDIFACT CONTRL.

They say that the syntax was understood or where its counts disagree; not that an order is taken.
Pure functions: the caller gives clock and control number, and sends the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from extractors.edi.envelope import Message


def functional_acknowledgement(messages: Sequence[Message], *, now: datetime, control: int) -> str:
    """Return a 997 for the X12 sets of one functional group.

    Raises ValueError for sets that are not X12, or of more than one group.
    """
    first = messages[0]
    group = first.group
    if group is None or any(m.group != group or m.dialect.kind != "x12" for m in messages):
        raise ValueError("a 997 answers the sets of one X12 group")
    refused = [message for message in messages if message.faults]
    answers = []
    for message in messages:
        answers += [
            f"AK2*{message.kind}*{message.reference}",
            "AK5*E*4" if message.faults else "AK5*A",  # 4: number of segments does not match
        ]
    count, good = len(messages), len(messages) - len(refused)
    body = [
        f"AK1*{group.get(1)}*{group.get(6)}",
        *answers,
        f"AK9*{'E' if refused else 'A'}*{count}*{count}*{good}",
    ]
    isa = first.interchange
    sender, receiver = (isa.get(7), isa.get(8)), (isa.get(5), isa.get(6))
    mode = isa.get(15) or "P"
    number = f"{control:09}"
    lines = [
        f"ISA*00*{'':10}*00*{'':10}*{sender[0]:2}*{sender[1]:15}*{receiver[0]:2}*{receiver[1]:15}"
        f"*{now:%y%m%d}*{now:%H%M}*U*00401*{number}*0*{mode}*>",
        f"GS*FA*{group.get(3)}*{group.get(2)}*{now:%Y%m%d}*{now:%H%M}*{control}*X*004010",
        "ST*997*0001",
        *body,
        f"SE*{len(body) + 2}*0001",
        f"GE*1*{control}",
        f"IEA*1*{number}",
    ]
    return "".join(f"{line}~\n" for line in lines)


def control_message(messages: Sequence[Message], *, now: datetime, control: str) -> str:
    """Return a CONTRL (version 3) for the EDIFACT messages of one interchange.

    Raises ValueError for messages that are not EDIFACT, or of more than one interchange.
    """
    first = messages[0]
    unb = first.interchange
    if any(m.interchange != unb or m.dialect.kind != "edifact" for m in messages):
        raise ValueError("a CONTRL answers the messages of one EDIFACT interchange")
    sender, receiver = _party(unb.parts(2)), _party(unb.parts(3))
    refused = any(message.faults for message in messages)
    body = [f"UCI+{_text(unb.get(5))}+{sender}+{receiver}+{'8' if refused else '7'}"]
    for message in messages:
        kind = ":".join(_text(part) for part in message.header.parts(2))
        action = "4+29" if message.faults else "7"  # 4: rejected, 29: control count
        body.append(f"UCM+{_text(message.reference)}+{kind}+{action}")
    lines = [
        f"UNB+UNOC:3+{receiver}+{sender}+{now:%y%m%d}:{now:%H%M}+{_text(control)}",
        "UNH+1+CONTRL:D:3:UN",
        *body,
        f"UNT+{len(body) + 2}+1",
        f"UNZ+1+{_text(control)}",
    ]
    return "UNA:+.? '\n" + "".join(f"{line}'\n" for line in lines)


def _party(parts: Sequence[str]) -> str:
    return ":".join(_text(part) for part in parts)


def _text(text: str) -> str:
    """Return the text with EDIFACT's own signs escaped."""
    return "".join(f"?{letter}" if letter in "?+:'" else letter for letter in text)
