"""A run of learning as a page for people: tables, and bars for the errors before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flows.artifacts import linked, plain

_BAR = 24  # characters for an error of 100 %
_SHOWN = 40


def as_markdown(said: Mapping[str, Any], page: str = "") -> str:
    """Return the report of ``flows.learning`` as Markdown, with links to the review page there."""
    lines = [f"# {plain(said['why'])}", ""]
    version = said["version"] or "none"
    lines += [
        f"before {plain(said['before'])}, new version: **{plain(version)}**, "
        f"{said['new_documents']} new documents, {said['seconds']} s",
        "",
    ]
    if page:
        lines += [f"[Versions, what each learnt, and the way back]({page}/bank)", ""]
    if said["suppliers"]:
        lines += ["## Suppliers", "", *_table(said["suppliers"], "supplier"), ""]
    for task in said["tasks"]:
        verdict = "kept" if task["kept"] else "left"
        lines += [f"## Task {plain(task['task'])}: {verdict}, {plain(task['why'])}", ""]
        if task["groups"]:
            lines += [*_table(task["groups"], "group"), ""]
        if task["fields"]:
            lines += [*_table(task["fields"], "group"), ""]
    if said["flagged"]:
        lines += ["## Not learnt from", ""]
        lines += ["| document | field | who | why |", "| --- | --- | --- | --- |"]
        for one in said["flagged"][:_SHOWN]:
            texts = map(plain, (one["field"], one["who"], one["why"]))
            lines.append(f"| {' | '.join((linked(one['document'], page), *texts))} |")
    return "\n".join(lines)


def _table(rows: Sequence[Mapping[str, Any]], first: str) -> Iterator[str]:
    yield f"| {first} | documents | wrong before | wrong after | better | worse | p worse | |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for row in rows[:_SHOWN]:
        yield (
            f"| {plain(row[first])} | {row['documents']} "
            f"| `{_bar(row['old_error'])}` {row['old_error']:.1%} "
            f"| `{_bar(row['new_error'])}` {row['new_error']:.1%} "
            f"| {row['better']} | {row['worse']} | {row['p_worse']:.3f} "
            f"| {plain(row.get('why', ''))} |"
        )


def _bar(share: float) -> str:
    filled = round(_BAR * min(max(share, 0.0), 1.0))
    return "█" * filled + "·" * (_BAR - filled)
