"""A supplier's own numbers from a few of its confirmed papers, within seconds.

What the frozen network says of the papers' words is computed once; on top of it label vectors and
biases of the supplier alone are fitted, drawn towards none, by the same losses as the tasks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from models.config import Config
from models.lessons import Taught
from models.network import Network, collate
from models.objective import batch_loss
from models.owned import Own
from models.sampling import Draw
from models.scoring import States
from models.tasks import Task
from models.windows import cut, opening

ROUTE = "route"
STEPS = 150
RATE = 5e-3
RIDGE = 1e-3
"""Weight of the squared numbers in the loss: few papers may not bend the task much."""

_WINDOWS = 60  # of one paper


@dataclass(frozen=True, slots=True)
class Notes:
    """A paper's windows and what the network says of their words, [words, size] each."""

    draws: tuple[Draw, ...]
    states: tuple[Tensor, ...]


class Pupil:
    """A network with a supplier's own numbers on top (``models.objective.Scorer``).

    It is asked about the same words at every step, so the network's own answer is computed once.
    """

    def __init__(self, network: Network, tasks: Sequence[str]) -> None:
        self._network = network
        self.tasks: Mapping[str, Task] = network.tasks
        self._tagged: dict[str, tuple[Tensor, Tensor]] = {}
        self._judged: dict[str, tuple[Tensor, Tensor]] = {}
        self.own = {
            name: Own(
                torch.zeros(network.shapes[name], requires_grad=True),
                torch.zeros(network.shapes[name][0], requires_grad=True),
            )
            for name in tasks
        }

    def tag(self, states: Tensor, task: str) -> tuple[Tensor, Tensor]:
        """Return label logits [..., words, labels] and begin logits [..., words]."""
        if task not in self._tagged:
            with torch.no_grad():
                self._tagged[task] = self._network.tag(states, task)
        logits, begin = self._tagged[task]
        return logits + self.own[task](states), begin

    def classify(self, states: Tensor, present: Tensor, task: str) -> Tensor:
        """Return label logits [batch, labels]."""
        if task not in self._judged:
            head = self._network.head
            with torch.no_grad():
                whole = head.whole(states, present, task)
                self._judged[task] = whole, head(whole, task)[0]
        whole, logits = self._judged[task]
        return logits + self.own[task](whole)

    @property
    def numbers(self) -> list[Tensor]:
        """Return what is trained."""
        return [part for own in self.own.values() for part in (own.delta, own.bias)]


@torch.no_grad()
def notes(
    network: Network, config: Config, paper: Taught, *, states: States | None = None
) -> Notes:
    """Return what the network says of a paper; it has no windows if it teaches nothing."""
    read = states or network.states
    example = paper.example
    every = list(cut(example.encoded, document=0, size=config.window, overlap=config.overlap))
    windows = every[:_WINDOWS]
    draws = []
    if ROUTE in network.tasks and windows:
        draws += [Draw(example, window, ROUTE, classify=True) for window in opening(windows)]
    if example.task is not None and example.task.name in network.tasks:
        draws += [Draw(example, window, example.task.name, classify=False) for window in windows]
    order = {name: i for i, name in enumerate(network.prompt.names)}
    prefixes = network.prompt.prefixes()
    pad = network.backbone.tokenizer.pad_token_id
    said = []
    for draw in draws:
        batch = collate([(example.encoded[draw.window.page], draw.window)], pad=pad)
        said.append(read(batch, prefixes, torch.tensor([order[draw.task]]))[0][0])
    return Notes(tuple(draws), tuple(said))


def tutored(
    network: Network,
    config: Config,
    papers: Sequence[Notes],
    *,
    rate: float | None = None,
    steps: int | None = None,
) -> dict[str, Own]:
    """Return a supplier's own numbers by task; nothing for papers that teach nothing."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small: two took 14 s of processor for the 5 s of one
    try:
        return _fitted(network, config, papers, rate or RATE, steps or STEPS)
    finally:
        torch.set_num_threads(threads)


def _fitted(
    network: Network, config: Config, papers: Sequence[Notes], rate: float, steps: int
) -> dict[str, Own]:
    draws = [draw for paper in papers for draw in paper.draws]
    if not draws:
        return {}
    states = pad_sequence([s for paper in papers for s in paper.states], batch_first=True)
    counts = torch.tensor([d.window.last - d.window.first for d in draws])
    present = torch.arange(states.shape[1]) < counts[:, None]
    pupil = Pupil(network, sorted({draw.task for draw in draws}))
    still = replace(config, begin_weight=0.0)  # where a value begins is no supplier's matter
    optimiser = torch.optim.Adam(pupil.numbers, lr=rate)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, 2 * (1 - step / steps))
        loss = batch_loss(pupil, draws, states, present, still)
        loss = loss + RIDGE * torch.stack([part.square().sum() for part in pupil.numbers]).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(pupil.numbers, 1.0)
        optimiser.step()
    return {n: Own(own.delta.detach(), own.bias.detach()) for n, own in pupil.own.items()}
