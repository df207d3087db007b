"""The writer: a record's facts into a digest or a letter, by a prompted causal model.

What it writes is checked against the facts (``doctally.faithful``); where it says what they do
not, or leaves out what has to be said, the plain sentences of ``doctally.telling`` stand instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import load_file, save_file

from doctally.errors import ConfigurationError
from doctally.faithful import lacking, unfounded
from doctally.telling import Facts, plain
from models.backbone import use_threads
from models.causal import Causal, load_causal
from models.prompts import DeepPrompt, batch_prefix

TASKS = ("summarise", "draft")
LENGTH = 16
ROWS = 8
LONGEST = {"summarise": 110, "draft": 130}
START = "Say in plain English sentences what these facts say, all of them and nothing else."
WEIGHTS, CARD = "prompts.safetensors", "card.json"


@dataclass(frozen=True, slots=True)
class Said:
    """A text, who wrote it, and why the model's was refused if it was."""

    text: str
    by: Literal["model", "plain"]
    refused: tuple[str, ...] = ()


def packaged_writing() -> Path:
    """Return the folder of the writer's prompts that ship with doctally."""
    return Path(__file__).parent / "writing"


def asked(causal: Causal, facts: Facts) -> str:
    """Return the facts as the tuned prompt gets them: after the task's name, no instruction."""
    return causal.prompt(facts.kind, facts.text)


def fresh_prompt(causal: Causal) -> DeepPrompt:
    """Return the prompt that training starts from: the keys and values of a plain instruction."""
    torch.manual_seed(7)
    prompt = DeepPrompt(causal.backbone, TASKS, LENGTH)
    prompt.start_from(causal.backbone, START)
    return prompt


def plainly(facts: Facts) -> Said:
    """Return the plain sentences of facts."""
    return Said(plain(facts), "plain")


def checked(text: str, facts: Facts) -> Said:
    """Return the text if the facts bear it out and nothing needed is missing, else plain ones."""
    wrong = unfounded(text, facts.text)
    missing = lacking(text, facts.needed)
    if text and not wrong and not missing:
        return Said(text, "model")
    return Said(plain(facts), "plain", (*wrong, *(f"no {one}" for one in missing)))


def load_writer(name: str, *, kept: Path, prompts: Path | None, threads: int) -> Writer:
    """Return the writer of a causal model (``models.causal``) and a folder of its prompts.

    None is the packaged folder. Raises MissingDependency or ConfigurationError.
    """
    use_threads(threads)
    causal = load_causal(name, kept=kept)
    return Writer(causal, load_prompt(causal, prompts or packaged_writing()))


class Writer:
    """A causal model and its prompts, their keys and values computed once."""

    def __init__(self, causal: Causal, prompt: DeepPrompt) -> None:
        self._causal = causal
        self._order = {name: i for i, name in enumerate(prompt.names)}
        with torch.inference_mode():
            self._prefixes = prompt.prefixes().contiguous()

    def write(self, every: Sequence[Facts]) -> list[Said]:
        """Return a checked text for each; digests and letters may stand in one batch."""
        texts: list[str] = []
        for start in range(0, len(every), ROWS):
            texts += self.unchecked(every[start : start + ROWS])
        return [checked(text, facts) for text, facts in zip(texts, every, strict=True)]

    def unchecked(self, every: Sequence[Facts]) -> list[str]:
        """Return what the model writes, right or wrong."""
        if not every:
            return []
        ids = torch.tensor([self._order[facts.kind] for facts in every])
        return self._causal.write(
            [asked(self._causal, facts) for facts in every],
            batch_prefix(self._prefixes, ids),
            longest=max(LONGEST[facts.kind] for facts in every),
        )


def save_prompt(prompt: DeepPrompt, folder: Path, card: Mapping[str, Any], *, sha256: str) -> None:
    """Write the prompts in half precision, and a card that names their model."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {n: t.detach().half().contiguous() for n, t in prompt.state_dict().items()}
    save_file(tensors, folder / WEIGHTS)
    numbers = sum(t.numel() for t in tensors.values())
    full = {"backbone_sha256": sha256, "tasks": TASKS, "trained_numbers": numbers, **card}
    (folder / CARD).write_text(json.dumps(full, indent=1) + "\n", encoding="utf-8")


def load_prompt(causal: Causal, folder: Path) -> DeepPrompt:
    """Return the prompts of a folder; raises ConfigurationError if they are another model's."""
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        stored = load_file(folder / WEIGHTS)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the writer's prompts in {folder}: {error}") from error
    if card["backbone_sha256"] != causal.backbone.sha256:
        raise ConfigurationError(
            f"the prompts in {folder} were trained on model {card['backbone_sha256'][:12]}, not on "
            f"{causal.backbone.sha256[:12]}; unset DOCTALLY_WRITER or train prompts for this one"
        )
    prompt = DeepPrompt(causal.backbone, TASKS, LENGTH)
    prompt.load_state_dict({name: tensor.float() for name, tensor in stored.items()})
    return prompt.requires_grad_(False)
