"""Orders, deliveries and invoices against each other: who belongs to whom, and what differs.

Pure: papers in, verdicts out; no database, no model, no clock.
"""

from doctally.matching.doubts import Judge
from doctally.matching.papers import Line, Paper, paper_of
from doctally.matching.reasons import REASONS, Decision, Weight
from doctally.matching.reconcile import reconcile
from doctally.matching.texts import Scorer, TextScorer
from doctally.matching.tolerance import Tolerance, Tolerances, load_tolerances
from doctally.matching.verdicts import LineMatch, Link, OpenLine, Reason, Reconciliation, Verdict

__all__ = [
    "REASONS",
    "Decision",
    "Judge",
    "Line",
    "LineMatch",
    "Link",
    "OpenLine",
    "Paper",
    "Reason",
    "Reconciliation",
    "Scorer",
    "TextScorer",
    "Tolerance",
    "Tolerances",
    "Verdict",
    "Weight",
    "load_tolerances",
    "paper_of",
    "reconcile",
]
