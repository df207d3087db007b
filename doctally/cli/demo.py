"""``doctally up --demo``: the whole way with our own sample documents, in a folder of its own."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from db import documents
from db.database import open_database
from doctally.cli.exits import ExitCode
from doctally.cli.operate import Narrator
from doctally.cli.screen import command, err, out, print_rows, readable
from doctally.errors import ConfigurationError
from doctally.settings import Settings
from flows.batch import Batch, Row
from flows.folders import Folders, Found, scan
from flows.home import Home
from flows.instance import only_instance
from flows.server import Address
from flows.up import up

SAMPLES = Path(__file__).resolve().parents[2] / "tests" / "documents"
FOLDER = "demo"
SUFFIXES = {".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".xml"}


class _Stage(Narrator):
    """Shows the samples' progress, then all their rows at once."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._address: Address | None = None
        self._home: Home | None = None
        self._review: str | None = None
        self._bar = Progress(
            TextColumn("processing the samples"),
            BarColumn(),
            MofNCompleteColumn(),
            console=self.console,
            transient=True,
        )
        self._task = self._bar.add_task("samples", total=total)
        self._left = total

    def ready(self, home: Home, address: Address, review: str | None) -> None:
        """Start the bar; the addresses come below the rows."""
        self._home, self._address, self._review = home, address, review
        self._bar.start()

    def finished(self, batch: Batch) -> None:
        """Move the bar; show the rows after the last sample, later ones as they come."""
        rows = batch.rows()
        if self._left <= 0:
            super().finished(batch)
            return
        self.rows += rows
        self._left -= len(rows)
        self._bar.update(self._task, advance=len(rows))
        if self._left <= 0:
            self.show()

    def show(self) -> None:
        """Print the rows and where to look."""
        self._bar.stop()
        print_rows(out(), sorted(self.rows, key=lambda row: (row.document_id, row.state)))
        if self._home is not None and self._address is not None:
            super().ready(self._home, self._address, self._review)
            own = escape(readable(self._home.folders.home))
            called = f"{command()} --home {own}"
            self.console.print(f"  Look around:  {called} status", style="dim", soft_wrap=True)
            self.console.print(f"                {called} export invoices", style="dim")


def demonstrate(settings: Settings, *, once: bool) -> int:
    """Run the demo; return its exit code."""
    samples = sample_files()
    home = settings.home / FOLDER
    chosen = settings.model_copy(update={"home": home, "database_url": "", "settle_s": 0.0})
    _start_afresh(chosen, samples)
    stage = _Stage(len(samples))

    def drop(opened: Home) -> None:
        for sample in samples:
            part = opened.folders.inbox / f".{sample.name}.part"
            shutil.copyfile(sample, part)
            part.rename(opened.folders.inbox / sample.name)

    err().print(f"demo with {len(samples)} sample documents in {escape(readable(home))}")
    up(chosen, stage, any_port=True, prepare=drop, until_idle=once)
    return ExitCode.DONE


def sample_files() -> list[Path]:
    """Return our sample documents; raises ConfigurationError outside a checkout."""
    found = sorted(p for p in SAMPLES.glob("*") if p.suffix.lower() in SUFFIXES)
    if not found:
        raise ConfigurationError(
            f"no sample documents at {SAMPLES}: the demo runs from a checkout of the project"
        )
    return found


def _start_afresh(settings: Settings, samples: Sequence[Path]) -> None:
    """Empty the demo's folder if nothing but our samples was ever in it."""
    folders = Folders(settings.home.resolve())
    if not (folders.home / "doctally.db").exists():
        return
    ours = {_sha256(sample) for sample in samples}
    with only_instance(folders.home):
        with open_database(settings.url) as database:
            known = documents.recent(database, limit=10_000)
            strange = [
                d.name
                for d in known
                if documents.document(database, d.document_id).sha256 not in ours
            ]
        dropped = [e.name for e in scan(folders.inbox) if isinstance(e, Found)]
        if strange or dropped:
            err().print(
                f"{escape(readable(folders.home))} holds other documents than the samples, so it "
                "is kept: samples that it knows appear as duplicates."
            )
            return
        for folder in folders.all:
            shutil.rmtree(folder)
        for file in folders.home.glob("doctally.db*"):
            file.unlink()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
