from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from fakes import FakeEngine, drop, invoice_pdf

from db import documents
from db.frames import table
from doctally.errors import AccessDenied, ConfigurationError
from doctally.results import State
from doctally.settings import Settings
from flows import steps
from flows.batch import Batch, title
from flows.home import Home, open_home
from flows.instance import AlreadyRunning
from flows.once import process_all, process_files


@pytest.fixture
def opened(settings: Settings) -> Iterator[Home]:
    with open_home(settings, load_engine=lambda _: FakeEngine()) as home:
        yield home


def ignore(_: object) -> None:
    return None


def work(home: Home) -> list[Batch]:
    return list(process_all(home, told=ignore))


def states(home: Home) -> dict[str, str]:
    return {d.name: str(d.state) for d in documents.recent(home.database, limit=1000)}


def files(home: Home) -> list[str]:
    root = home.folders.home
    found = (p for folder in home.folders.all for p in folder.rglob("*") if not p.is_dir())
    return sorted(p.relative_to(root).as_posix() for p in found)


def test_a_good_invoice_is_accepted_stored_and_filed(opened: Home) -> None:
    drop(opened.folders.inbox, "acme/a.pdf", invoice_pdf("R-1"))
    (batch,) = work(opened)
    row = batch.rows()[0]
    assert (row.file, row.state, row.number) == ("acme/a.pdf", "accepted", "R-1")
    assert (row.supplier, row.total) == ("ACME", "119.00 EUR")
    frame = table(opened.database, "invoices")
    assert list(frame["document_number"]) == ["R-1"]
    assert frame["total_gross"].iloc[0] == Decimal("119.00")
    month = f"{opened.now():%Y/%m}"
    assert files(opened) == [f"processed/{month}/{row.document_id}-a.pdf"]
    stored = documents.document(opened.database, row.document_id).summary
    assert stored.location == files(opened)[0]


def test_an_unsure_invoice_waits_for_review(opened: Home) -> None:
    drop(opened.folders.inbox, "a.pdf", invoice_pdf("R-1", words="UNSURE"))
    work(opened)
    assert states(opened) == {"a.pdf": "review"}
    assert files(opened)[0].startswith("review/")
    waiting = table(opened.database, "review_queue").iloc[0]
    assert waiting["reason_code"] == "low_confidence"
    assert waiting["reason"].startswith("low confidence: ") and " 0.20" in waiting["reason"]


def test_an_accepted_invoice_has_no_reason(opened: Home) -> None:
    drop(opened.folders.inbox, "a.pdf", invoice_pdf("R-1"))
    work(opened)
    (row,) = documents.recent(opened.database)
    assert (row.reason_code, row.reason) == ("", "")


def test_one_document_that_breaks_the_model_fails_alone(opened: Home) -> None:
    for number in range(4):
        drop(opened.folders.inbox, f"{number}.pdf", invoice_pdf(f"R-{number}"))
    drop(opened.folders.inbox, "poison.pdf", invoice_pdf("R-9", words="POISON"))
    (batch,) = work(opened)
    assert batch.counts() == {"failed": 1, "accepted": 4}
    failed = documents.recent(opened.database, state=State.FAILED)[0]
    assert (failed.name, failed.reason_code) == ("poison.pdf", "engine_error")
    assert "cannot digest this" in failed.reason


def test_the_same_number_with_other_content_goes_to_review_in_one_batch_and_in_two(
    opened: Home,
) -> None:
    drop(opened.folders.inbox, "a.pdf", invoice_pdf("R-1"))
    drop(opened.folders.inbox, "b.pdf", invoice_pdf("R-1", words="copy"))
    work(opened)
    drop(opened.folders.inbox, "c.pdf", invoice_pdf("R-1", words="another copy"))
    work(opened)
    assert sorted(states(opened).values()) == ["accepted", "review", "review"]
    later = documents.recent(opened.database, state=State.REVIEW)
    for summary in later:
        stored = documents.document(opened.database, summary.document_id)
        assert stored.duplicate_of is not None
        assert "duplicate_number" in {finding.code for finding in stored.findings}


def test_a_batch_takes_no_more_than_its_size(settings: Settings) -> None:
    small = settings.model_copy(update={"batch_size": 2})
    with open_home(small, load_engine=lambda _: FakeEngine()) as home:
        for number in range(5):
            drop(home.folders.inbox, f"{number}.pdf", invoice_pdf(f"R-{number}"))
        sizes = [len(batch.items) for batch in work(home)]
    assert sizes == [2, 2, 1]


def test_a_locked_database_is_transient_and_the_step_can_be_repeated(
    opened: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(opened.folders.inbox, "a.pdf", invoice_pdf("R-1"))
    batch = Batch(opened.intake())
    opened.read_step(batch, told=ignore)
    opened.infer_step(batch)
    locked = AccessDenied("locked", code="database_locked")

    def refuse(*_: object, **__: object) -> None:
        raise locked

    with monkeypatch.context() as patched:
        patched.setattr(documents, "store", refuse)
        with pytest.raises(AccessDenied) as raised:
            opened.store_step(batch)
    assert steps.transient(raised.value)
    assert not steps.transient(ConfigurationError("no bank"))
    opened.store_step(batch)
    opened.finish_step(batch)
    assert states(opened) == {"a.pdf": "accepted"}


def test_one_document_that_cannot_be_stored_fails_alone(
    opened: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(opened.folders.inbox, "a.pdf", invoice_pdf("R-1"))
    drop(opened.folders.inbox, "b.pdf", invoice_pdf("R-2"))
    real = documents.store

    def picky(database: object, batch: list[documents.Stored], **rest: object) -> object:
        if any(s.extraction.fields["document_number"].value == "R-2" for s in batch):
            raise ValueError("does not fit")
        return real(database, batch, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(documents, "store", picky)
    work(opened)
    assert states(opened) == {"a.pdf": "accepted", "b.pdf": "failed"}
    assert documents.recent(opened.database, state=State.FAILED)[0].reason_code == "not_stored"


def test_a_document_that_another_worker_took_over_is_left_alone(
    opened: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(opened.folders.inbox, "a.pdf", invoice_pdf("R-1"))
    batch = Batch(opened.intake())
    monkeypatch.setattr(documents, "renew", lambda *_, **__: frozenset())
    opened.work(batch, told=ignore)
    assert states(opened) == {"a.pdf": "claimed"}
    assert files(opened)[0].startswith("processing/")


def test_files_from_elsewhere_are_copied_and_the_originals_stay(
    opened: Home, tmp_path: Path
) -> None:
    original = drop(tmp_path, "mine.pdf", invoice_pdf("R-1"))
    other = drop(opened.folders.inbox, "waiting.pdf", invoice_pdf("R-2"))
    (batch,) = process_files(opened, [original], told=ignore)
    assert [row.file for row in batch.rows()] == ["mine.pdf"]
    assert original.exists() and other.exists()
    with pytest.raises(AccessDenied, match=r"missing\.pdf"):
        next(process_files(opened, [tmp_path / "missing.pdf"], told=ignore))


def test_a_home_is_opened_once_at_a_time(opened: Home) -> None:
    with pytest.raises(AlreadyRunning), open_home(opened.settings):
        pass


def test_a_run_is_named_after_its_files() -> None:
    assert title(["invoice.pdf"]) == "invoice.pdf"
    assert title(["invoice.pdf", *"abc"]) == "invoice.pdf + 3 more"
