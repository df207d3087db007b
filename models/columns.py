"""Columns: words that stand one below the other in a table's rows have the same label.

One step of mean-field inference on a graph whose edges join aligned words of different rows
(Krähenbühl & Koltun 2011 for the method): a word's log-probabilities are added to the mean of
those of the words above and below it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from doctally.pages import Page
from models.decode import Scores

WEIGHT = 0.5  # of what stands in the same column, against the word's own
_LEAST = 5e-4  # probability: no single word may forbid a label to all others
_NEAR = 0.003  # of the page's width

Span = tuple[float, float]  # top and bottom of a row's line


def along_columns(page: Page, scores: Scores, rows: Sequence[Span]) -> Scores:
    """Return the probabilities [words, labels], those of the rows' words drawn together."""
    if len(rows) < 2:
        return scores
    boxes = np.array([(w.box.x0, w.box.x1, (w.box.y0 + w.box.y1) / 2) for w in page.words])
    tops, bottoms = np.array(rows).T
    inside = (tops <= boxes[:, 2:]) & (boxes[:, 2:] <= bottoms)
    words = np.flatnonzero(inside.any(-1))
    row = inside[words].argmax(-1)
    left, right = boxes[words, 0], boxes[words, 1]
    joined = (np.abs(left[:, None] - left) < _NEAR) | (np.abs(right[:, None] - right) < _NEAR)
    joined &= row[:, None] != row
    count = joined.sum(-1, keepdims=True)
    logs = np.log(np.maximum(scores[words], _LEAST))
    drawn = logs + WEIGHT * (joined @ logs) / np.maximum(count, 1)
    drawn = np.exp(drawn - drawn.max(-1, keepdims=True))
    found = scores.copy()
    found[words] = np.where(count > 0, drawn / drawn.sum(-1, keepdims=True), scores[words])
    return found
