"""Tables (Markdown, printed) and plots from the kept results."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import matplotlib as mpl
from scipy.stats import t as student

from benchmarks.mpt.kept import Kept
from benchmarks.mpt.methods import METHODS

mpl.use("Agg")
from matplotlib import pyplot as plt  # after the choice of a backend without a screen

Rows = Sequence[dict[str, Any]]
_HALF = 2  # bytes of a stored number
_MARKERS = "osD^v<>PX*"
_COLOURS = {"mpt": "#0b6e4f", "full": "#b5651d", "lora": "#4a6fa5", "deep": "#8a8a8a"}


def report(kept: Kept, folder: Path) -> None:
    """Print the tables and write ``mpt_*.png`` into the folder; settings are told apart."""
    folder.mkdir(parents=True, exist_ok=True)
    compared = [row for row in kept.rows if "scores" in row]
    for steps in sorted({row["steps"] for row in compared}):
        same = [row for row in compared if row["steps"] == steps]
        print(f"\n{steps} batches of {same[0]['pieces']} word pieces per task:\n")
        print(_table(same))
        _against_size(same, folder / f"mpt_methods_{steps}.png")
    few = [row for row in kept.rows if "few" in row]
    if few:
        print(_few_table(few))
        _curves(few, folder / "mpt_few.png")


def interval(values: Sequence[float]) -> float:
    """Return half the width of the 95 % confidence interval of a mean (Student's t); 0 for one."""
    if len(values) < 2:
        return 0.0
    spread = stdev(values) / math.sqrt(len(values))
    return float(student.ppf(0.975, len(values) - 1)) * spread


def _said(values: Sequence[float]) -> str:
    half = f" ± {interval(values):.3f}" if len(values) > 1 else ""
    return f"{mean(values):.3f}{half}"


def _table(rows: Rows) -> str:
    tasks = list(rows[0]["scores"])
    head = ["method", "seeds", "mean", *tasks, "KB per task", "KB shared", "s per seed"]
    lines = [" | ".join(["", *head, ""]).strip(), "|" + " --- |" * len(head)]
    for name, method in METHODS.items():
        mine = [row for row in rows if row["method"] == name]
        if not mine:
            continue
        cells = [method.title, str(len(mine)), f"**{_said([r['mean'] for r in mine])}**"]
        cells += [f"{mean(r['scores'][t] for r in mine):.3f}" for t in tasks]
        for numbers in ("task_numbers", "shared_numbers"):
            cells.append(f"{mine[0][numbers] * _HALF / 1000:,.0f}")
        cells.append(f"{mean(r['seconds'] for r in mine):.0f}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _against_size(rows: Rows, path: Path) -> None:
    """Plot mean F1 over what a task stores."""
    figure, axes = plt.subplots(figsize=(9.0, 4.2), dpi=130)
    shown = [name for name in METHODS if any(row["method"] == name for row in rows)]
    for number, name in enumerate(shown):
        mine = [row for row in rows if row["method"] == name]
        size = max(mine[0]["task_numbers"] * _HALF / 1000, 0.5)
        values = [row["mean"] for row in mine]
        axes.errorbar(
            size,
            mean(values),
            yerr=interval(values) or None,
            fmt=_MARKERS[number % len(_MARKERS)],
            color=_COLOURS.get(name, "#555555"),
            capsize=3,
            label=METHODS[name].title,
        )
    axes.set_xscale("log")
    axes.set_xlabel("KB stored per task, label vectors left out")
    axes.set_ylabel("mean F1 over tasks, held out")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)


def _few_table(rows: Rows) -> str:
    targets = list(dict.fromkeys(row["few"] for row in rows))
    sizes = sorted({row["k"] for row in rows})
    head = ["task left out", "method", *(f"k = {k}" for k in sizes), "s"]
    lines = ["\n| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for target in targets:
        for name in METHODS:
            mine = [r for r in rows if r["few"] == target and r["method"] == name]
            if not mine:
                continue
            cells = [target, METHODS[name].title]
            for k in sizes:
                values = [r["f1"] for r in mine if r["k"] == k]
                cells.append(f"{_said(values)} ({len(values)})" if values else "")
            cells.append(f"{mean(r['seconds'] for r in mine):.0f}")
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _curves(rows: Rows, path: Path) -> None:
    targets = list(dict.fromkeys(row["few"] for row in rows))
    figure, every = plt.subplots(
        1, len(targets), figsize=(3.4 * len(targets), 3.4), dpi=130, squeeze=False, sharey=True
    )
    for axes, target in zip(every[0], targets, strict=True):
        for name in METHODS:
            mine = [r for r in rows if r["few"] == target and r["method"] == name]
            sizes = sorted({r["k"] for r in mine})
            if not sizes:
                continue
            values = [[r["f1"] for r in mine if r["k"] == k] for k in sizes]
            axes.errorbar(
                sizes,
                [mean(v) for v in values],
                yerr=[interval(v) for v in values],
                marker="o",
                capsize=3,
                label=METHODS[name].title,
                color=_COLOURS.get(name),
            )
        axes.set_xscale("log", base=2)
        axes.set_title(target, size=9)
        axes.set_xlabel("documents")
        axes.grid(alpha=0.3)
    every[0][0].set_ylabel("F1, held out")
    every[0][-1].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
