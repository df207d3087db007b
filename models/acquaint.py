"""The pair task learnt in a few minutes: two regressions and a forest over states stored once.

Backbone, prompts and everything shared stay as they are. What the forest is shown of the two
reads comes from regressions that have not seen the pair (stacking, Wolpert 1992); otherwise it
would trust them too much.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from doctally.errors import ConfigurationError
from models.comparing import Sight, sight, title_states
from models.config import Config
from models.network import Network
from models.pairing import PairHead, both
from models.pairs import TASK, Pair
from models.rarity import rarity_of

FOLDS = 5
_DIRECTIONS = 64
"""Of the word states' widest directions; more only remember words."""
_INVERSE_PENALTY = 0.002
_ROUNDS = 200
_SEEDED = 2**31 - 1

Floats = NDArray[np.float32]
Truth = NDArray[np.bool_]


def acquaint(
    network: Network,
    pairs: Sequence[Pair],
    judged: Sequence[Pair],
    config: Config,
    *,
    progress: Callable[[int, float], None] = lambda step, loss: None,
) -> Network:
    """Return the network with the pair task fitted to ``pairs``; no other number moves.

    A score of 0.5 is where F1 is best on ``judged``, pairs that are not learnt from. Raises
    ConfigurationError when there are too few pairs of one answer.
    """
    same = np.array([bool(pair.same) for pair in pairs])
    folds = min(FOLDS, int(same.sum()), int((~same).sum()))
    if folds < 2:
        raise ConfigurationError(f"the task {TASK} needs two pairs of each answer, or more")
    network.requires_grad_(False).eval()
    head: PairHead = network.head.pair[TASK]  # type: ignore[assignment]  # a ModuleDict's module
    with torch.no_grad():
        prefixes = network.prompt.prefixes()
        records = [record for pair in pairs for record in (pair.left, pair.right)]
        rarity = rarity_of(dict.fromkeys(records))
        head.words.copy_(torch.from_numpy(rarity.words))
        head.grams.copy_(torch.from_numpy(rarity.grams))
        head.records.fill_(rarity.records)
        states = title_states(network, prefixes, [r.title for r in records], config)
        every = torch.cat(list(states.values())).float()
        head.middle.copy_(_kept(every.mean(0)))
        shown = sight(pairs, states, head.rarity, head.middle)
        reads = _fit_reads(head, shown, same, folds, _directions(every - head.middle), config.seed)
        numbers = np.hstack((shown.numbers.numpy(), reads)).astype(np.float32)
        head.forest.fit(numbers, same, config.seed, lambda done: progress(done, 0.0))
        if judged:
            titles = [r.title for pair in judged for r in (pair.left, pair.right)]
            states |= title_states(network, prefixes, set(titles) - states.keys(), config)
            seen = sight(judged, states, head.rarity, head.middle)
            logits = head(seen.numbers, seen.moments, seen.means).numpy()
            head.forest.start.sub_(_best_level(logits, np.array([bool(p.same) for p in judged])))
    return network


def _kept(numbers: Tensor) -> Tensor:
    """Return the numbers as a bank will have them."""
    return numbers.half().float()


def _directions(states: Tensor) -> Tensor:
    """Return the widest directions of unit states [width, directions], each of spread one."""
    unit = functional.normalize(states, dim=-1)
    values, vectors = torch.linalg.eigh(unit.T @ unit / len(unit))
    chosen = min(_DIRECTIONS, len(values))
    widest: Tensor = vectors[:, -chosen:] / values[-chosen:].clamp_min(1e-6).sqrt()
    return widest


def _fit_reads(
    head: PairHead, shown: Sight, same: Truth, folds: int, directions: Tensor, seed: int
) -> Floats:
    """Fit both reads of the head; return what they say of pairs that they have not seen."""
    numbers = shown.numbers
    head.usual.copy_(_kept(numbers.mean(0)))
    head.spread.copy_(_kept(numbers.std(0).clamp_min(1e-3)))
    seen = (shown.moments @ directions).flatten(1)
    said, weights, start = _regress(torch.cat((seen, head.scaled(numbers)), 1), same, folds, seed)
    ways = weights[: seen.shape[1]].view(shown.moments.shape[1], -1)
    head.weigh.copy_(_kept(ways @ directions.T))
    head.lexical.copy_(_kept(weights[seen.shape[1] :]))
    compared = both(shown.means)
    alike, coefficients, begin = _regress(compared.flatten(1), same, folds, seed)
    head.compare.copy_(_kept(coefficients.view(compared.shape[1:])))
    head.start.copy_(_kept(torch.tensor([start, begin])))
    return np.stack((said, alike), 1)


def _regress(rows: Tensor, same: Truth, folds: int, seed: int) -> tuple[Floats, Tensor, float]:
    """Return logits of each row from a regression without it, then weights and start of all."""
    from sklearn.linear_model import LogisticRegression  # a second to import
    from sklearn.model_selection import StratifiedKFold

    usual, spread = rows.mean(0), rows.std(0).clamp_min(1e-4)
    scaled = ((rows - usual) / spread).numpy()
    unseen = np.zeros(len(same), np.float32)
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed % _SEEDED)
    for learnt, left in parts.split(scaled, same):
        part = LogisticRegression(C=_INVERSE_PENALTY, max_iter=_ROUNDS)
        unseen[left] = part.fit(scaled[learnt], same[learnt]).decision_function(scaled[left])
    whole = LogisticRegression(C=_INVERSE_PENALTY, max_iter=_ROUNDS).fit(scaled, same)
    weights = torch.from_numpy(whole.coef_[0]).float() / spread
    return unseen, weights, float(whole.intercept_[0]) - float((weights * usual).sum())


def _best_level(logits: Floats, same: Truth) -> float:
    """Return the logit from which on "same" has the best F1, between two pairs' logits."""
    order = np.argsort(-logits, kind="stable")
    right = np.cumsum(same[order])
    f1 = 2 * right / (np.arange(1, len(same) + 1) + same.sum())
    best = int(f1.argmax())
    following = logits[order[min(best + 1, len(order) - 1)]]
    return float((logits[order[best]] + following) / 2)
