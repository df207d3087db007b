"""Chance: a random generator with the few verbs that the families need."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice(random.Random):
    """Random numbers that depend on the seed text only, on any machine."""

    base_fonts = False
    """Whether documents may only use the fonts that every PDF reader has."""

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.random() < probability

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[int(self.random() * len(options))]

    def some(self, options: Sequence[T], low: int, high: int) -> list[T]:
        """Return between low and high different options in random order."""
        count = min(len(options), self.randint(low, max(low, high)))
        return self.sample(list(options), count)

    def weighted(self, options: Mapping[T, float]) -> T:
        """Return a key with the probability of its weight."""
        return self.choices(list(options), list(options.values()))[0]

    def digits(self, count: int) -> str:
        """Return this many digits, the first of them not zero."""
        return str(self.randint(10 ** (count - 1), 10**count - 1)) if count else ""

    def shape(self, pattern: str) -> str:
        """Return the pattern with 9 -> digit, A -> capital, X -> digit or capital."""
        out = []
        for sign in pattern:
            if sign == "9":
                out.append(self.pick("0123456789"))
            elif sign == "8":
                out.append(self.pick("123456789"))
            elif sign == "A":
                out.append(self.pick("ABCDEFGHKLMNPRSTUVWXZ"))
            elif sign == "X":
                out.append(self.pick("0123456789ABCDEFGHKLMNPRSTUVWXYZ"))
            else:
                out.append(sign)
        return "".join(out)
