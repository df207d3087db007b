"""Old against new on the same confirmed documents: what got better, what got worse, how surely.

The unit is the document: its wrong fields before and after are a pair, and whether the new version
is worse is asked by flipping the signs of the differences (a paired permutation test, scipy). For
one field over all documents it is McNemar's exact test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from doctally.corrections import DOCUMENT_TYPE
from doctally.results import Extraction
from doctally.schemas import Kind, all_header_fields, item_fields
from doctally.values import same
from models.lessons import Lesson

SURE = 0.05
"""A group got worse where chance would look so bad less often than this."""

_KINDS = {spec.name: spec.kind for spec in all_header_fields()}
_CELLS = {spec.name: spec.kind for spec in item_fields()}
_ROUNDS = 2000

Sheet = Mapping[str, bool]
"""Which fields of one document were read right; a field that neither has is left out."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A group of documents, read by the old and by the new version.

    ``better`` and ``worse`` count fields that only one of them reads right, ``p_worse`` is how
    likely a loss like this is by chance.
    """

    group: str
    documents: int
    fields: int
    old_wrong: int
    new_wrong: int
    better: int
    worse: int
    p_worse: float

    @property
    def got_worse(self) -> bool:
        """Tell whether the group surely lost."""
        return self.new_wrong > self.old_wrong and self.p_worse < SURE

    def as_dict(self) -> dict[str, object]:
        """Return the comparison for a report."""
        return {
            "group": self.group,
            "documents": self.documents,
            "fields": self.fields,
            "old_error": round(self.old_wrong / max(self.fields, 1), 4),
            "new_error": round(self.new_wrong / max(self.fields, 1), 4),
            "better": self.better,
            "worse": self.worse,
            "p_worse": round(self.p_worse, 4),
        }


def sheet(lesson: Lesson, found: Extraction) -> Sheet:
    """Return which fields of a confirmed document an extraction has right.

    Values in doubt are left out. The cells of a line are compared with the line of its number.
    """
    right = {DOCUMENT_TYPE: found.document_type == lesson.document_type}
    for name in dict.fromkeys((*lesson.fields, *found.fields)):
        if (name, None) not in lesson.doubtful:
            true, read = lesson.fields.get(name), found.fields.get(name)
            right[name] = bool(
                true and read and same(_KINDS.get(name, Kind.TEXT), true.value, read.value)
            )
    for row in range(max(len(lesson.line_items), len(found.line_items))):
        one = lesson.line_items[row] if row < len(lesson.line_items) else {}
        other = found.line_items[row] if row < len(found.line_items) else {}
        for name in dict.fromkeys((*one, *other)):
            if (name, row + 1) not in lesson.doubtful:
                right[f"{name}:{row + 1}"] = bool(
                    name in one
                    and name in other
                    and same(_CELLS.get(name, Kind.TEXT), one[name].value, other[name].value)
                )
    return right


def compare(group: str, old: Sequence[Sheet], new: Sequence[Sheet]) -> Comparison:
    """Return how two versions read the same documents; a field that one lacks counts as right."""
    differences, fields, wrong, better, worse = [], 0, [0, 0], 0, 0
    for before, after in zip(old, new, strict=True):
        names = dict.fromkeys((*before, *after))
        was = [before.get(name, True) for name in names]
        now = [after.get(name, True) for name in names]
        fields += len(names)
        wrong[0] += was.count(False)
        wrong[1] += now.count(False)
        better += sum(b and not a for a, b in zip(was, now, strict=True))
        worse += sum(a and not b for a, b in zip(was, now, strict=True))
        differences.append(now.count(False) - was.count(False))
    p = _p_worse(differences)
    return Comparison(group, len(differences), fields, wrong[0], wrong[1], better, worse, p)


def by_field(old: Sequence[Sheet], new: Sequence[Sheet]) -> list[Comparison]:
    """Return the comparison of each header field that the two read differently somewhere."""
    from scipy.stats import binomtest  # 0.7 s to import, and only learning compares

    names = {n for sheets in (old, new) for one in sheets for n in one if ":" not in n}
    found = []
    for name in sorted(names):
        pairs = [
            (a.get(name, True), b.get(name, True))
            for a, b in zip(old, new, strict=True)
            if name in a or name in b
        ]
        better = sum(b and not a for a, b in pairs)
        worse = sum(a and not b for a, b in pairs)
        if better + worse:
            was, now = (sum(not pair[i] for pair in pairs) for i in (0, 1))
            p = float(binomtest(worse, better + worse, 0.5, alternative="greater").pvalue)
            total = len(pairs)
            found.append(Comparison(name, total, total, was, now, better, worse, p))
    return found


def _p_worse(differences: Sequence[int]) -> float:
    values = np.array(differences, dtype=float)
    if len(values) < 2 or not values.any():
        return 1.0 if not values.any() or values.sum() <= 0 else 0.5
    from scipy.stats import permutation_test

    tested = permutation_test(
        (values,),
        np.mean,
        permutation_type="samples",
        alternative="greater",
        n_resamples=_ROUNDS,
        rng=np.random.default_rng(7),
    )
    return float(tested.pvalue)
