"""An opened installation: its folders, database, inbox, reader and engine, locked for us."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from db.database import Database, open_database
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
from flows.instance import only_instance, owner_of
from flows.matching import follow
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


@dataclass(frozen=True)
class Home:
    """What every run needs; the clock and the engine's loader are given, for tests.

    ``waiting`` are the documents that came inside others and are next.
    """

    settings: Settings
    folders: Folders
    database: Database
    inbox: Inbox
    owner: str
    readers: Readers
    suspects: Suspects
    apart: Apart
    after_crash: bool
    waiting: dict[int, Job] = field(default_factory=dict)
    load_engine: Callable[[Settings], Extractor] = shared_engine
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def engine(self) -> Extractor:
        """Return the engine, loaded at the first call."""
        return self.load_engine(self.settings)

    def abort(self) -> None:
        """Stop reading at once; what is in work is taken up again later."""
        self.readers.close()
        self.apart.close()

    def intake(self) -> Intake:
        """Return at most one batch: what came inside other files, else what the inbox has."""
        inside = self.inside()
        if not inside.nothing:
            return inside
        look = self._without_sheets(self.inbox.look(limit=self.settings.batch_size))
        return take(self.database, self.folders, self.inbox, look, owner=self.owner, now=self.now())

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
        return recover(self.database, self.folders, owner=self.owner, now=self.now())

    def read_step(self, batch: Batch, *, told: Callable[[Item], None]) -> None:
        """Read the batch's files; ``told`` is called after each."""
        self._renew(batch)
        steps.read(batch, self.readers, kept=self._kept(), told=told)

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

    def store_step(self, batch: Batch) -> None:
        """Keep the results in SQL."""
        older = steps.store(batch, self.database, self.settings, owner=self.owner, now=self.now())
        follow(self.database, self.folders, older, now=self.now())
        for version in {i.extraction.model_version for i in batch.items if i.extraction}:
            note_version(self.database, self.settings, version)

    def finish_step(self, batch: Batch) -> None:
        """Hand out what was inside the files, then file the documents."""
        jobs = hand_out(batch.items, self.database, self.folders, Spool(self.folders.spool))
        self.waiting.update((job.document_id, job) for job in jobs)
        steps.finish(batch, self.database, self.folders, now=self.now())
        if not batch.intake.suspect and batch.counts().get(State.ACCEPTED):
            sort_new(self.database, self.settings, self.engine(), now=self.now())

    def _kept(self) -> Callable[[Item], None]:
        spool = Spool(self.folders.spool)
        return partial(keep, database=self.database, spool=spool, settings=self.settings)

    def _renew(self, batch: Batch) -> None:
        steps.renew(batch, self.database, owner=self.owner, now=self.now())

    def work(self, batch: Batch, *, told: Callable[[Item], None]) -> None:
        """Take a batch through all steps, here and now, without Prefect."""
        with self.guarded(batch):
            self.read_step(batch, told=told)
            self.infer_step(batch)
            self.store_step(batch)
            self.finish_step(batch)

    def guarded(self, batch: Batch) -> AbstractContextManager[None]:
        """Return what keeps note of a suspect document while it is tried."""
        if not batch.intake.suspect:
            return nullcontext()
        return self.suspects.trying(batch.items[0].job.document_id)


@contextmanager
def open_home(
    settings: Settings,
    *,
    load_engine: Callable[[Settings], Extractor] = shared_engine,
    apart_loader: str = LOADER,
) -> Iterator[Home]:
    """Give the installation, alone; raises AlreadyRunning, AccessDenied, ConfigurationError.

    ``apart_loader`` names the loader of the same engine for processes of its own.
    """
    where = settings.home.resolve()
    folders = Folders(where)
    with only_instance(where) as crashed:
        folders.create()
        with open_database(settings.url) as database:
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
                    owner=owner_of(where),
                    readers=readers,
                    suspects=Suspects(where),
                    apart=apart,
                    after_crash=crashed,
                    load_engine=load_engine,
                )
