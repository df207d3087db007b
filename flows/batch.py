"""A batch on its way: the documents in work and what each step found out about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from db.deliveries import Message
from db.documents import Claim
from doctally.errors import DoctallyError
from doctally.pages import Reading
from doctally.results import Extraction, FieldValue, Finding, State
from flows.claims import Intake, Job
from flows.reasons import review_reason
from flows.spool import Piece


class Extractor(Protocol):
    """The model at work, as the flows need it (``models.engine.Engine``)."""

    @property
    def version(self) -> str:
        """Return the version of its bank."""
        ...

    def extract(self, readings: Sequence[Reading]) -> list[Extraction]:
        """Return one extraction per reading, in order."""
        ...


class Reader(Protocol):
    """Reads many files at once, in order; a bad file comes as its error."""

    def __call__(self, paths: Sequence[Path]) -> Iterator[tuple[Path, Reading | DoctallyError]]:
        """Yield each path with its reading or what is wrong with it."""
        ...

    def cut(self, path: Path, starts: Sequence[int]) -> Reading | DoctallyError:
        """Return the documents of a stack, which begin at these pages, as parts."""
        ...


@dataclass(slots=True)
class Item:
    """One document of a batch; ``fault`` set means that it failed and why.

    ``inside`` is what its file holds, ``pieces`` the same with the claims, once it is stored.
    """

    job: Job
    reading: Reading | None = None
    extraction: Extraction | None = None
    findings: tuple[Finding, ...] = ()
    outcome: State | None = None
    duplicate_of: int | None = None
    fault: DoctallyError | None = None
    held: bool = True
    path: Path | None = None
    message: Message | None = None
    inside: tuple[Piece, ...] = ()
    pieces: tuple[tuple[Piece, Claim], ...] | None = None

    @property
    def bare(self) -> bool:
        """Tell whether the file only holds other documents."""
        read = self.reading
        return bool(self.inside) and read is not None and not read.pages and read.record is None

    @property
    def alive(self) -> bool:
        """Tell whether the next step should work on it."""
        return self.held and self.fault is None


class Batch:
    """The items of one run; a plain object, so that Prefect does not walk through it.

    Duplicates and refusals of the same look at the inbox come along to be told about.
    """

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.items = [Item(job) for job in intake.jobs]

    @property
    def files(self) -> list[str]:
        """Return the names of all files this batch tells about."""
        intake = self.intake
        names = [job.name for job in intake.jobs] + [twin.name for twin in intake.duplicates]
        return names + [refusal.name for refusal in intake.refusals]

    @property
    def tags(self) -> frozenset[str]:
        """Return the sub-folders of the inbox that the files came from."""
        paths = [job.tags for job in self.intake.jobs]
        paths += [refusal.tags for refusal in self.intake.refusals]
        return frozenset(tag for path in paths for tag in path)

    @property
    def alive(self) -> list[Item]:
        """Return the items that are still on their way."""
        return [item for item in self.items if item.alive]

    def rows(self) -> list[Row]:
        """Return one row a file, as people see them: what needs a look comes first."""
        refused = [
            Row(
                r.document_id,
                "/".join((*r.tags, r.name)),
                state="failed",
                reason=f"{r.message} ({r.code})",
            )
            for r in self.intake.refusals
        ]
        twice = [
            Row(
                d.first_id,
                d.name,
                state="duplicate",
                reason=f"the same content as document {d.first_id}",
                path=d.path,
            )
            for d in self.intake.duplicates
        ]
        rows = [*map(_row, self.items), *refused, *twice]
        return sorted(rows, key=lambda row: (_urgency(row.state), row.document_id))

    def counts(self) -> dict[str, int]:
        """Return how many files ended how, the most urgent first."""
        states = [row.state for row in self.rows()]
        return {state: states.count(state) for state in sorted({*states}, key=_urgency)}


URGENCY = ("failed", "review", "in work", "accepted", "unpacked", "duplicate")


@dataclass(frozen=True, slots=True)
class Row:
    """A file's result in one line."""

    document_id: int
    file: str
    document_type: str = ""
    state: str = ""
    number: str = ""
    supplier: str = ""
    total: str = ""
    findings: str = ""
    reason: str = ""
    path: Path | None = None
    parent_id: int | None = None


def title(names: Sequence[str]) -> str:
    """Return the readable name of a run: ``invoice.pdf`` or ``invoice.pdf + 31 more``."""
    if not names:
        return "nothing"
    more = f" + {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{more}"


def _urgency(state: str) -> int:
    return URGENCY.index(state) if state in URGENCY else len(URGENCY)


def _row(item: Item) -> Row:
    found = item.extraction

    def text(name: str) -> str:
        cell: FieldValue | None = found.fields.get(name) if found else None
        return cell.value if cell else ""

    total = text("total_gross") or text("amount_due") or text("total_net")
    return Row(
        document_id=item.job.document_id,
        file="/".join((*item.job.tags, item.job.name)),
        document_type=found.document_type if found else "",
        state=str(item.outcome) if item.outcome else "in work",
        number=text("document_number"),
        supplier=text("supplier_name"),
        total=f"{total} {text('currency')}".strip(),
        findings=", ".join(dict.fromkeys(finding.code for finding in item.findings)),
        reason=_why(item),
        path=item.path,
        parent_id=item.job.parent_id,
    )


def _why(item: Item) -> str:
    if item.fault is not None:
        return f"{item.fault.message} ({item.fault.code})"
    if item.outcome is State.UNPACKED:
        held = sorted(claim.document_id for _, claim in item.pieces or ())
        return f"holds {', '.join(map(str, held))}"
    return review_reason(item.findings)[1] if item.outcome is State.REVIEW else ""
