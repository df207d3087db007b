"""One labelled document from a seed and an index, and folders of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from synth.deal import make_deal, region_for
from synth.dice import Dice
from synth.families import adbuy, commerce, forms, freight, letters, till, tracking
from synth.paper import Paper

SHARES: Mapping[str, float] = {
    "invoice": 35,
    "purchase_order": 15,
    "receipt": 12,
    "shipment_notice": 13,
    "credit_note": 9,
    "shipment_status": 6,
    "other": 12,
}


def make_paper(seed: int, index: int, shares: Mapping[str, float] = SHARES) -> Paper:
    """Return document ``index`` of a seed; it depends on these two numbers only."""
    dice = Dice(f"doctally:{seed}:{index}")
    kind = dice.weighted(shares)
    region = region_for(dice, kind)
    deal = make_deal(dice, kind, region)
    if region.code == "US" and kind in {"invoice", "purchase_order"} and dice.chance(0.38):
        return adbuy.draw(dice, deal)
    match kind:
        case "receipt":
            if dice.chance(0.12):
                deal.facts["amount_paid"] = deal.facts["total_gross"]
                deal.facts.pop("amount_due", None)
                return commerce.draw(dice, deal)
            return till.draw(dice, deal)
        case "shipment_status":
            return tracking.draw(dice, deal)
        case "other":
            return letters.draw(dice, deal)
    if kind == "shipment_notice" and dice.chance(0.16):
        return freight.draw(dice, deal)
    if dice.chance(0.16):
        return forms.draw(dice, deal)
    return commerce.draw(dice, deal)


def make(
    seed: int, index: int, shares: Mapping[str, float] = SHARES
) -> tuple[bytes, dict[str, Any]]:
    """Return a document as PDF bytes and its label object."""
    paper = make_paper(seed, index, shares)
    name = f"{index:06d}.pdf"
    return paper.ink.pdf(title=f"synth {seed}-{index}"), paper.labels(name)


def write(folder: Path, *, count: int, seed: int, jobs: int, shares: Mapping[str, float]) -> None:
    """Write ``count`` documents and ``labels.jsonl`` to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "labels.jsonl").open("w", encoding="utf-8") as out:
        for line in _lines(folder, count, seed, jobs, shares):
            out.write(line + "\n")


def _lines(
    folder: Path, count: int, seed: int, jobs: int, shares: Mapping[str, float]
) -> Iterator[str]:
    parts = [(folder, seed, start, min(start + 50, count), shares) for start in range(0, count, 50)]
    if jobs == 1:
        for part in parts:
            yield from _write_part(part)
        return
    with ProcessPoolExecutor(jobs) as pool:
        for lines in pool.map(_write_part, parts):
            yield from lines


def _write_part(part: tuple[Path, int, int, int, Mapping[str, float]]) -> list[str]:
    folder, seed, start, stop, shares = part
    lines = []
    for index in range(start, stop):
        data, labels = make(seed, index, shares)
        (folder / labels["file"]).write_bytes(data)
        lines.append(json.dumps(labels, ensure_ascii=False))
    return lines
