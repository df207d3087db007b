"""An opened installation: its folders, database, inbox, reader and engine, locked for us."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from db.database import Database, open_database
from db.turns import turn
from doctally.errors import ConfigurationError
from doctally.results import State
from doctally.settings import Settings
from flows import steps
from flows.apart import LOADER, Apart
from flows.batch import Batch, Extractor, Item
from flows.claims import Intake, Job, take
from flows.corrected import is_sheet, take_sheet
from flows.engine import shared_engine
from flows.folders import Folders, Found, scan
from flows.inbox import Inbox, Look
from flows.instance import Seat, seated
from flows.matching import follow
from flows.measure import Meter, timed
from flows.outbox import prepare
from flows.parts import hand_out, keep
from flows.reader import Readers, reading
from flows.recovery import Recovery, recover
from flows.review import Desk
from flows.serving import note_version
from flows.spending import sort_new
from flows.spool import Spool
from flows.stacks import take_apart
from flows.suspects import Suspects
from flows.traces import tracer_of

TURN_S = 20.0
"""So long a worker waits for its turn to look; then it looks all the same, claims are safe."""


@dataclass(frozen=True)
class Home:
    """What every run needs; the clock and the engine's loader are given, for tests.

    ``waiting`` are the documents that came inside others and are next.
    """

    settings: Settings
    folders: Folders
    database: Database
    inbox: Inbox
    seat: Seat
    readers: Readers
    suspects: Suspects
    apart: Apart
    waiting: dict[int, Job] = field(default_factory=dict)
    meter: Meter = field(default_factory=Meter)
    load_engine: Callable[[Settings], Extractor] = shared_engine
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def owner(self) -> str:
        """Return the name under which documents are claimed."""
        return self.seat.owner

    @property
    def after_crash(self) -> bool:
        """Tell whether the one before us died at work."""
        return self.seat.crashed

    @property
    def spool(self) -> Spool:
        """Return where what was inside files waits."""
        return Spool(self.folders.spool_of(self.seat.key))

    def engine(self) -> Extractor:
        """Return the engine, loaded at the first call."""
        return self.load_engine(self.settings)

    def abort(self) -> None:
        """Stop reading at once; what is in work is taken up again later."""
        self.readers.close()
        self.apart.close()

    def intake(self) -> Intake:
        """Return at most one batch: what came inside other files, else what the inbox has."""
        self._leave()
        inside = self.inside()
        if not inside.nothing:
            return inside
        with self._turn():
            look = self._without_sheets(self.inbox.look(limit=self.settings.batch_size))
            return take(
                self.database, self.folders, self.inbox, look, owner=self.owner, now=self.now()
            )

    def _turn(self) -> AbstractContextManager[object]:
        """Let one worker of a home look at a time: two would read and claim the same files."""
        if not self.seat.number:
            return nullcontext()
        return turn(self.database, f"inbox {self.folders.home}", wait_s=TURN_S)

    def _leave(self) -> None:
        self.meter.leave(self.folders.home, seat=self.seat.key)

    def _without_sheets(self, look: Look) -> Look:
        """Return a look at the inbox after the corrected sheets in it were applied."""
        sheets = [found for found in look.ready if is_sheet(found)]
        desk = Desk(self.database, self.folders, tell=bool(self.settings.webhook_url))
        for found in sheets:
            take_sheet(desk, self.folders, found.path, now=self.now())
        return replace(look, ready=tuple(f for f in look.ready if f not in sheets))

    def inside(self) -> Intake:
        """Return at most one batch of documents that came inside others."""
        numbers = list(self.waiting)[: self.settings.batch_size]
        return Intake(jobs=tuple(self.waiting.pop(number) for number in numbers))

    def take(self, paths: Sequence[Path]) -> Intake:
        """Claim just these files of the inbox, which nobody writes to any more."""
        wanted = set(paths)
        found = [e for e in scan(self.folders.inbox) if isinstance(e, Found) and e.path in wanted]
        look = Look(tuple(found), (), 0)
        return take(self.database, self.folders, self.inbox, look, owner=self.owner, now=self.now())

    def recover(self) -> Recovery:
        """Return unfinished documents; only while no batch of ours is in work."""
        self.waiting.clear()
        return recover(
            self.database,
            self.folders,
            owner=self.owner,
            now=self.now(),
            seat=self.seat.key,
            left=self.seat.left,
        )

    @timed("read")
    def read_step(self, batch: Batch, *, told: Callable[[Item], None]) -> None:
        """Read the batch's files; ``told`` is called after each."""
        self._renew(batch)
        steps.read(batch, self.readers, kept=self._kept(), told=told)

    @timed("extract")
    def infer_step(self, batch: Batch) -> None:
        """Extract, check and decide; a suspect is extracted in a process of its own."""
        self._renew(batch)
        engine = self.apart if batch.intake.suspect else self.engine()
        steps.infer(batch, engine)
        take_apart(batch, engine, self.readers, kept=self._kept())
        steps.judge(
            batch,
            self.database,
            now=self.now(),
            accept_confidence=self.settings.accept_confidence,
        )
        if self.settings.webhook_url:
            prepare(batch, now=self.now())

    @timed("store")
    def store_step(self, batch: Batch) -> None:
        """Keep the results in SQL."""
        older = steps.store(
            batch,
            self.database,
            self.settings,
            owner=self.owner,
            now=self.now(),
            engine=None if batch.intake.suspect else self.engine,
        )
        follow(self.database, self.folders, older, now=self.now())
        for version in {i.extraction.model_version for i in batch.items if i.extraction}:
            note_version(self.database, self.settings, version)

    @timed("file")
    def finish_step(self, batch: Batch) -> None:
        """Hand out what was inside the files, then file the documents."""
        jobs = hand_out(batch.items, self.database, self.folders, self.spool)
        self.waiting.update((job.document_id, job) for job in jobs)
        steps.finish(batch, self.database, self.folders, now=self.now())
        self.meter.ended(batch)
        self._leave()
        accepted = [i.job.document_id for i in batch.items if i.outcome is State.ACCEPTED]
        if accepted and not batch.intake.suspect:
            sort_new(self.database, self.settings, self.engine(), now=self.now(), among=accepted)

    def _kept(self) -> Callable[[Item], None]:
        return partial(keep, database=self.database, spool=self.spool, settings=self.settings)

    def _renew(self, batch: Batch) -> None:
        steps.renew(batch, self.database, owner=self.owner, now=self.now())

    def work(self, batch: Batch, *, told: Callable[[Item], None]) -> None:
        """Take a batch through all steps, here and now, without Prefect."""
        with self.guarded(batch):
            self.read_step(batch, told=told)
            self.infer_step(batch)
            self.store_step(batch)
            self.finish_step(batch)

    @contextmanager
    def guarded(self, batch: Batch) -> Iterator[None]:
        """Trace the batch; keep note of a suspect document while it is tried."""
        with ExitStack() as stack:
            stack.enter_context(self.meter.batch(batch))
            if batch.intake.suspect:
                stack.enter_context(self.suspects.trying(batch.items[0].job.document_id))
            yield


@contextmanager
def open_home(
    settings: Settings,
    *,
    load_engine: Callable[[Settings], Extractor] = shared_engine,
    apart_loader: str = LOADER,
) -> Iterator[Home]:
    """Give the installation, alone or in a seat; raises AlreadyRunning, AccessDenied, ...

    ``apart_loader`` names the loader of the same engine for processes of its own.
    """
    where = settings.home.resolve()
    folders = Folders(where)
    with seated(where, workers=settings.workers) as seat:
        folders.create()
        with open_database(settings.url) as database:
            if seat.number and database.dialect == "sqlite":
                raise ConfigurationError(
                    "several workers at one home need PostgreSQL: set DOCTALLY_DATABASE_URL, or "
                    "DOCTALLY_WORKERS=1",
                    code="postgresql_needed",
                )
            inbox = Inbox(folders, settle_s=settings.settle_s)
            with (
                reading(settings) as readers,
                closing(Apart(settings, loader=apart_loader)) as apart,
            ):
                yield Home(
                    settings=settings,
                    folders=folders,
                    database=database,
                    inbox=inbox,
                    seat=seat,
                    readers=readers,
                    suspects=Suspects(where, seat=seat.key),
                    apart=apart,
                    meter=Meter(tracer_of(settings)),
                    load_engine=load_engine,
                )
