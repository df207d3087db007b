"""One run of learning, without Prefect: corrections in, a judged version of the bank out.

It needs the database and the bank alone, not the home's lock: documents are processed meanwhile,
and the next batch is read with the new version. ``python -m flows.learning`` is the same as a
process of its own, at low priority, which prints its report as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from db import corrections as acts
from db.database import open_database
from doctally.errors import AccessDenied, DoctallyError
from doctally.settings import Settings, load_settings
from flows.instance import AlreadyRunning, only_instance
from flows.lessons import Lessons, gather, keep_flags

if TYPE_CHECKING:
    from models.bank import Version
    from models.study import Studied

Told = Callable[[str], None]

NOTHING = "no new corrections"


@dataclass(frozen=True, slots=True)
class Wish:
    """How to learn: ``tasks`` False learns suppliers only, ``full`` trains the shared prompt.

    ``dry_run`` decides everything and changes nothing.
    """

    dry_run: bool = False
    tasks: bool = True
    full: bool = False
    steps: int = 60
    minutes: float = 20.0


@dataclass(frozen=True, slots=True)
class Report:
    """What a run of learning did: ``version`` is the new one, None where the old is kept."""

    bank: Path
    before: str
    version: str | None
    new_documents: int
    why: str
    suppliers: Sequence[Mapping[str, Any]] = ()
    tasks: Sequence[Mapping[str, Any]] = ()
    flagged: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the report as one JSON object."""
        return {
            "bank": str(self.bank),
            "before": self.before,
            "version": self.version,
            "promoted": self.version is not None,
            "why": self.why,
            "new_documents": self.new_documents,
            "suppliers": list(self.suppliers),
            "tasks": list(self.tasks),
            "flagged": list(self.flagged),
            "seconds": round(self.seconds, 1),
        }


def learn(
    settings: Settings,
    wish: Wish,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    told: Told = lambda text: None,
) -> Report:
    """Return what was learnt from the corrections that are new since the version in use.

    Raises AccessDenied (``already_running``) where another process learns, ConfigurationError,
    and what the database raises.
    """
    from models.lineage import bank_of, learning_bank

    if wish.dry_run:
        return _learn(settings, wish, bank_of(settings), now=now, told=told)
    bank = learning_bank(settings)
    try:
        with only_instance(bank):
            return _learn(settings, wish, bank, now=now, told=told)
    except AlreadyRunning as error:
        raise AccessDenied("another process is learning now", code=error.code) from error


def _learn(
    settings: Settings, wish: Wish, bank: Path, *, now: Callable[[], datetime], told: Told
) -> Report:
    from models.backbone import load_backbone, use_threads
    from models.bank import active
    from models.lineage import ancestors, refused

    started = time.monotonic()
    use_threads(settings.threads)
    version = active(bank)
    known = frozenset({version.name, *ancestors(version), *refused(bank)})
    with open_database(settings.url) as database:
        if not wish.full and not acts.anything_new(database, known):
            return Report(bank, version.name, None, 0, NOTHING)
        found = gather(database, today=now().astimezone().date())
        if not wish.dry_run:
            keep_flags(database, found)
        fresh = found.fresh(known)
        told(f"{len(found.lessons)} confirmed documents, {len(fresh)} of them new")
        flagged = _flagged(found)
        if not fresh and not wish.full:
            return Report(bank, version.name, None, 0, NOTHING, flagged=flagged)
        studied = _studied(version, load_backbone(settings.backbone), found, fresh, wish, told)
        new = None
        if studied.changed and not wish.dry_run:
            new = _promoted(studied, version, bank, found, now())
        if not wish.dry_run:
            ids = [act.correction_id for act in found.acts if act.document_id in fresh]
            acts.learnt(database, ids, new or version.name)
    return Report(
        bank,
        version.name,
        new,
        len(fresh),
        _why(studied, new, wish),
        suppliers=_suppliers(studied),
        tasks=_tasks(studied),
        flagged=flagged,
        seconds=time.monotonic() - started,
    )


def _studied(
    version: Version, backbone: Any, found: Lessons, fresh: frozenset[int], wish: Wish, told: Told
) -> Studied:
    from flows.practice import practice_papers
    from models.study import Plan, retrain, study

    papers = practice_papers() if wish.tasks or wish.full else ()
    plan = Plan(
        lessons=found.lessons,
        fresh=fresh,
        practice=papers[1::2],
        exam=papers[::2],
        steps=wish.steps,
        minutes=wish.minutes,
        tasks=wish.tasks,
    )
    work = retrain if wish.full else study
    return work(version, backbone, plan, told)


def _promoted(
    studied: Studied, version: Version, bank: Path, found: Lessons, now: datetime
) -> str | None:
    """Return the new version in use; None if somebody chose another one meanwhile."""
    from models import bank as banks
    from models.owned import load_suppliers

    parts = ("version", "backbone_sha256", "tasks", "trained_numbers")
    card = {k: v for k, v in version.card.items() if k not in parts}
    card |= {
        "created": now.isoformat(timespec="seconds"),
        "learnt": {
            "documents": len(found.lessons),
            "suppliers": len(studied.suppliers),
            "tasks": [one.task for one in studied.adapted if one.kept],
            "compared": _compared(studied),
        },
    }
    card = banks.descended(card, version)
    made = banks.save(studied.network, bank, card, studied.suppliers)
    load_suppliers(made.folder, banks.load(made, studied.network.backbone).shapes)  # it serves
    if banks.active(bank).name != version.name:
        return None
    return banks.promote(bank, made.name).name


def _compared(studied: Studied) -> list[dict[str, object]]:
    """Return what was read before and after of all that is kept, for the version's card."""
    found = [("supplier", x.comparison.as_dict(), x.house.title) for x in studied.learnt if x.kept]
    for one in studied.adapted:
        if one.kept:
            found += [("task", c.as_dict(), f"{one.task}: {c.group}") for c in one.comparisons]
    return [{"kind": kind, **figures, "group": name} for kind, figures, name in found]


def _why(studied: Studied, new: str | None, wish: Wish) -> str:
    kept = [one.house.title for one in studied.learnt if one.kept]
    kept += [one.task for one in studied.adapted if one.kept]
    if not kept:
        return "nothing got better, the old version is kept"
    if wish.dry_run:
        return f"would use what was learnt of: {', '.join(kept)}"
    if new is None:
        return "somebody chose another version meanwhile, which is kept"
    return f"learnt: {', '.join(kept)}"


def _suppliers(studied: Studied) -> list[dict[str, Any]]:
    return [
        {"supplier": x.house.title, "kept": x.kept, "why": x.why, **x.comparison.as_dict()}
        for x in studied.learnt
    ]


def _tasks(studied: Studied) -> list[dict[str, Any]]:
    return [
        {
            "task": x.task,
            "kept": x.kept,
            "why": x.why,
            "trained_on": x.documents,
            "groups": [c.as_dict() for c in x.comparisons],
            "fields": [c.as_dict() for c in x.fields],
        }
        for x in studied.adapted
    ]


def _flagged(found: Lessons) -> list[dict[str, Any]]:
    return [
        {
            "document": act.document_id,
            "field": act.correction.field,
            "line": act.correction.row,
            "who": act.who,
            "why": found.flags[act.correction_id],
        }
        for act in found.acts
        if act.correction_id in found.flags
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn as the settings say; print the report, or the error, as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--minutes", type=float, default=20.0)
    given = parser.parse_args(arguments)
    os.nice(10)
    wish = Wish(full=given.full, minutes=given.minutes)
    try:
        said = learn(load_settings(), wish, told=lambda text: _say(sys.stderr, text)).as_json()
    except DoctallyError as error:
        said = {"error": error.message, "code": error.code}
    _say(sys.stdout, json.dumps(said))
    return 1 if "error" in said else 0


def _say(where: TextIO, text: str) -> None:
    where.write(text + "\n")
    where.flush()


if __name__ == "__main__":
    raise SystemExit(main())
