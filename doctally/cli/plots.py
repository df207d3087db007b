"""Plots of confidence, as SVG text, for reports and docs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO

from matplotlib.figure import Figure

from models.calibration import Judgement
from models.curves import reliability, risk_coverage

COLOURS = ("#0b6e4f", "#b5651d", "#4a6fa5", "#8a4f7d", "#6b6b6b", "#a33b3b")
Sets = Mapping[str, Sequence[Judgement]]


def reliability_plot(sets: Sets) -> str:
    """Return the reliability diagram: share right over confidence; points grow with values."""
    figure = Figure(figsize=(5.2, 4.2))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--", label="as it should be")
    for (name, judged), colour in zip(sets.items(), COLOURS * len(sets), strict=False):
        bins = reliability(judged)
        if not bins:
            continue
        most = max(one.values for one in bins)
        said, right = [one.said for one in bins], [one.right for one in bins]
        axes.plot(said, right, color=colour, linewidth=1, label=name)
        axes.scatter(said, right, s=[8 + 90 * one.values / most for one in bins], color=colour)
    axes.set(xlabel="confidence", ylabel="share that was right", xlim=(0, 1.02), ylim=(0, 1.02))
    axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
    return _svg(figure)


def risk_plot(sets: Sets, target: float = 0.01) -> str:
    """Return the risk-coverage curve, with the share of wrong values that is aimed at."""
    figure = Figure(figsize=(5.2, 4.2))
    axes = figure.subplots()
    axes.axhline(target, color="#999999", linewidth=1, linestyle="--", label=f"{target:.0%} wrong")
    highest = 4 * target
    for (name, judged), colour in zip(sets.items(), COLOURS * len(sets), strict=False):
        coverage, risk = risk_coverage(judged)
        if len(risk):
            axes.plot(coverage, risk, color=colour, linewidth=1.4, label=name)
            highest = max(highest, float(risk[-1]))
    axes.set(
        xlabel="share of values accepted, surest first",
        ylabel="share of them that is wrong",
        xlim=(0, 1),
        ylim=(0, min(1.0, 1.1 * highest)),
    )
    axes.legend(fontsize=8)
    axes.grid(alpha=0.3)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    figure.tight_layout()
    drawn = StringIO()
    # no date, so that the same values give the same file
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    text = drawn.getvalue()
    return text[text.index("<svg") :]
