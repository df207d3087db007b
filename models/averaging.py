"""The average of two versions of a bank (Wortsman et al. 2022, "model soups").

Where two trainings of the same numbers went on from one, their average often reads better than
either. What was fitted on top of one of them (calibration, suppliers' own numbers) does not hold
for the average and is left out.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import torch

from doctally.errors import ConfigurationError
from models.backbone import Backbone
from models.bank import load, save
from models.cards import Version, descended

LOST = ("held_out", "calibration", "calibrated_on", "version")
"""What a card says of its version alone."""


def average(
    bank: Path, first: Version, second: Version, backbone: Backbone, *, share: float = 0.5
) -> Version:
    """Write a version of ``share`` of the first's numbers and the rest of the second's, return it.

    Raises ConfigurationError if the two have other tasks or sizes, or belong to another backbone.
    """
    if not 0 < share < 1:
        raise ConfigurationError(f"share {share} of {first.name}: between 0 and 1, please")
    ours, theirs = load(first, backbone), load(second, backbone).state_dict()
    mine = ours.state_dict()
    other = {n for n in mine.keys() | theirs.keys() if n not in mine or n not in theirs}
    other |= {n for n in mine.keys() & theirs.keys() if mine[n].shape != theirs[n].shape}
    if other:
        raise ConfigurationError(
            f"{first.name} and {second.name} have other tasks or sizes: {', '.join(sorted(other))}"
        )
    with torch.no_grad():
        ours.load_state_dict({n: share * mine[n] + (1 - share) * theirs[n] for n in mine})
    card = {name: told for name, told in first.card.items() if name not in LOST}
    card |= {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "averaged_with": {second.name: round(1 - share, 4)},
    }
    return save(ours, bank, descended(card, first))
