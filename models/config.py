"""Every hyperparameter of the model and its training, in one typed place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Config:
    """Sizes of the prompt and heads, window geometry, and how the bank is trained."""

    prompt_length: int = 20
    label_size: int = 192
    mixers: int = 3  # layers of attention among words above the backbone
    window: int = 400  # word pieces; well inside 512 positions
    overlap: int = 80
    pieces_per_batch: int = 2400
    steps: int = 2200  # of everything
    above_steps: int = 3000  # of what stands above the backbone, from stored states
    above_pieces: int = 4800  # word pieces per batch then
    above_rate: float = 8e-4
    balance: float = 0.5  # power by which rare labels weigh more then
    warmup: float = 0.05
    prompt_rate: float = 5e-3
    factor_rate: float = 5e-3
    head_rate: float = 2e-3
    mixer_rate: float = 5e-4  # at 2e-3 the attention above the backbone diverged
    weight_decay: float = 0.01
    clip: float = 1.0
    field_weight: float = 3.0  # of a labelled word against an unlabelled one
    somewhere_weight: float = 0.2
    begin_weight: float = 0.2
    route_weight: float = 1.0
    route_share: float = 0.35  # of the windows of a batch
    teacher_steps: int = 0  # of each source task's own prompt, to distil from; 0: no teachers
    target_steps: int = 100  # of each task by its own numbers afterwards, if there are teachers
    distil_weight: float = 0.9  # of what the teachers say: the paper's λ
    shift: float = 0.05
    scale: float = 0.1
    average: float = 0.995  # decay of the parameters' moving average
    seed: int = 7

    def as_dict(self) -> dict[str, Any]:
        """Return the values for a card."""
        return asdict(self)
