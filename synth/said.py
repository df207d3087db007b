"""What carriers say of each state of a shipment, from ``wording/events.txt``."""

from __future__ import annotations

from pathlib import Path


def said() -> list[tuple[str, str]]:
    """Return phrases with the state they mean."""
    text = (Path(__file__).parent / "wording" / "events.txt").read_text(encoding="utf-8")
    rows = [line.partition(" = ") for line in text.splitlines() if not line.startswith("#")]
    return [(p.strip(), state) for state, _, phrases in rows for p in phrases.split(" | ") if p]
