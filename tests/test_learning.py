"""A night of learning: corrections in SQL become a judged version of the bank, or the old stays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import torch
from tiny import page_of, tiny_backbone
from typer.testing import CliRunner

from db import corrections, documents
from db.claims import Incoming
from db.database import Database, open_database
from db.store import Stored
from doctally.cli.app import app
from doctally.edits import Edits, Given
from doctally.errors import AccessDenied, DoctallyError
from doctally.mistakes import AGAINST_RULES, CONTRADICTED, DIFFERS
from doctally.pages import Reading
from doctally.results import Extraction, FieldValue, State
from doctally.settings import Settings
from flows import learning, practice
from flows.instance import only_instance
from flows.learning import Wish, learn
from flows.lessons import gather
from flows.report import as_markdown
from flows.review import Desk, confirm
from models import backbone as backbones
from models import bank as banks
from models import judging, tutor
from models.backbone import Backbone
from models.config import Config
from models.lineage import roll_back
from models.network import Network
from models.owned import load_suppliers
from models.tasks import TASKS

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
SMALL = Config(prompt_length=4, label_size=16, mixers=1)
SUPPLIERS = Wish(tasks=False)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def bank(
    backbone: Backbone, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Path]:
    """Give an installation whose bank is small and knows nothing."""
    monkeypatch.setattr(backbones, "load_backbone", lambda name: backbone)
    monkeypatch.setattr(tutor, "RATE", 5e-2)
    monkeypatch.setattr(tutor, "STEPS", 120)
    monkeypatch.setattr(practice, "COUNT", 0)
    torch.manual_seed(3)
    network = Network(backbone, TASKS, prompt_length=4, label_size=16, mixers=1)
    network.start()
    folder = settings.home / "bank"
    card = {"config": SMALL.as_dict(), "created": "2026-01-01", "steps": 0}
    banks.promote(folder, banks.save(network, folder, card).name)
    return lambda: folder


@pytest.fixture
def opened(settings: Settings) -> Iterator[Database]:
    settings.home.mkdir(parents=True, exist_ok=True)
    with open_database(settings.url) as found:
        yield found


def confirmed(
    database: Database,
    number: int,
    *,
    who: str = "ann",
    given: dict[str, str] | None = None,
    found: dict[str, str] | None = None,
) -> int:
    """Put a document into SQL as the model left it, and confirm it with corrections."""
    lines = ("invoice", f"our ref:  {4000 + number}", f"sum  {10 + number}.00", "vat DE136695976")
    page = page_of(*lines, "Muster Handels GmbH")
    file = Incoming(f"{number:064x}", "bill.pdf", (), 9)
    (claim,) = documents.claim(database, [file], owner="a", now=NOW, lease_s=60)
    values = {name: FieldValue(text, 0.5) for name, text in (found or {}).items()}
    extraction = Extraction("receipt", 0.5, values, (), "bank-1")
    row = Stored(
        claim.document_id, Reading("application/pdf", (page,)), extraction, (), State.REVIEW
    )
    documents.store(database, [row], owner="a", now=NOW)
    right = {
        "document_number": str(4000 + number),
        "total_gross": f"{10 + number}.00",
        "supplier_name": "Muster Handels GmbH",
        "supplier_tax_id": "DE136695976",
    }
    fields = {n: Given(value=v) for n, v in {**right, **(given or {})}.items()}
    edits = Edits.model_validate({"document_type": "invoice", "fields": fields})
    confirm(Desk(database), claim.document_id, edits, who=who, now=NOW + timedelta(seconds=number))
    return claim.document_id


def test_corrections_become_a_version_that_serves_and_are_learnt_once(
    bank: Callable[[], Path], opened: Database, settings: Settings
) -> None:
    before = banks.active(bank()).name
    papers = tuple(confirmed(opened, n) for n in range(4))
    report = learn(settings, SUPPLIERS)
    assert report.before == before and report.version == banks.active(bank()).name
    (supplier,) = report.suppliers
    assert supplier["kept"] and supplier["new_error"] < supplier["old_error"]
    version = banks.active(bank())
    known = load_suppliers(version.folder, _loaded(version).shapes).known
    assert [s.papers for s in known.values()] == [papers]
    assert {c.learnt_in for c in corrections.corrections(opened)} == {version.name}
    again = learn(settings, SUPPLIERS)
    assert (again.version, again.why) == (None, "no new corrections")
    assert "Muster Handels GmbH" in as_markdown(report.as_json())


def _loaded(version: banks.Version) -> Network:
    return banks.load(version, backbones.load_backbone("packaged"))


def test_what_a_person_rolled_back_is_not_learnt_again_by_itself(
    bank: Callable[[], Path], opened: Database, settings: Settings
) -> None:
    for number in range(3):
        confirmed(opened, number)
    before = banks.active(bank()).name
    assert learn(settings, SUPPLIERS).version
    assert roll_back(bank()).name == before
    assert learn(settings, SUPPLIERS).why == "no new corrections"
    confirmed(opened, 9)
    report = learn(settings, SUPPLIERS)
    assert (report.new_documents, report.before) == (1, before)
    assert report.version


def test_a_dry_run_decides_and_changes_nothing(
    bank: Callable[[], Path],
    opened: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    confirmed(opened, 1)
    before = sorted(p.name for p in bank().iterdir())
    monkeypatch.setenv("DOCTALLY_HOME", str(settings.home))
    told = CliRunner().invoke(app, ["learn", "--dry-run", "--no-tasks", "--json"])
    report = json.loads(told.stdout)
    assert (told.exit_code, report["promoted"]) == (0, False)
    assert report["why"].startswith("would use what was learnt of: Muster")
    assert sorted(p.name for p in bank().iterdir()) == before
    assert {c.learnt_in for c in corrections.corrections(opened)} == {None}


def test_a_version_chosen_by_a_person_meanwhile_stays(
    bank: Callable[[], Path],
    backbone: Backbone,
    opened: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    confirmed(opened, 1)
    save = banks.save
    other = Network(backbone, TASKS, prompt_length=4, label_size=16, mixers=1)
    chosen = save(other, bank(), {"config": SMALL.as_dict(), "created": "2026-01-02"}).name

    def promoted_meanwhile(*given: object, **named: object) -> banks.Version:
        made = save(*given, **named)  # type: ignore[arg-type]
        banks.promote(bank(), chosen)
        return made

    monkeypatch.setattr(banks, "save", promoted_meanwhile)
    report = learn(settings, SUPPLIERS)
    assert report.version is None and "meanwhile" in report.why
    assert banks.active(bank()).name == chosen


def test_only_one_learns_at_a_time(
    bank: Callable[[], Path], opened: Database, settings: Settings
) -> None:
    confirmed(opened, 1)
    with only_instance(bank()), pytest.raises(AccessDenied, match="learning now"):
        learn(settings, SUPPLIERS)


def test_a_task_with_few_documents_waits(
    bank: Callable[[], Path], opened: Database, settings: Settings
) -> None:
    for number in range(3):
        confirmed(opened, number)
    report = learn(settings, Wish(steps=2))
    told = {task["task"]: task["why"] for task in report.tasks}
    assert told.keys() == {"invoice", "route"}
    assert all("documents to train on" in why for why in told.values())
    assert all(not task["kept"] for task in report.tasks)


def test_a_task_that_gets_no_better_keeps_its_numbers(
    bank: Callable[[], Path], opened: Database, settings: Settings
) -> None:
    for number in range(16):
        confirmed(opened, number)
    old = _loaded(banks.active(bank())).state_dict()
    report = learn(settings, Wish(steps=1))
    assert [task["task"] for task in report.tasks] == ["invoice", "route"]
    new = _loaded(banks.active(bank())).state_dict()
    left = {task["task"] for task in report.tasks if not task["kept"]}
    for name, value in new.items():
        if name.split(".")[-1] in left or name.split(".")[-1] not in TASKS:
            assert torch.equal(value, old[name]), name


def test_suppliers_are_learnt_anew_on_a_task_that_was_kept(
    bank: Callable[[], Path],
    opened: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judging, "verdict", lambda *given: (True, "better"))
    for number in range(12):
        confirmed(opened, number)
    old = _loaded(banks.active(bank())).state_dict()
    report = learn(settings, Wish(steps=1))
    assert [task["kept"] for task in report.tasks] == [True, True]
    version = banks.active(bank())
    assert version.card["learnt"]["tasks"] == ["invoice", "route"]
    told = version.card["learnt"]["compared"]
    assert {row["group"].split(":")[0] for row in told if row["kind"] == "task"} == {
        "invoice",
        "route",
    }
    assert [row["kind"] for row in told].count("supplier") == 1
    moved = {n for n, v in _loaded(version).state_dict().items() if not torch.equal(v, old[n])}
    assert moved and {name.split(".")[-1] for name in moved} <= {"invoice", "route"}
    assert len(report.suppliers) == 1
    assert len(load_suppliers(version.folder, _loaded(version).shapes)) == 1


def test_the_shared_prompt_is_retrained_and_kept_only_if_better(
    bank: Callable[[], Path],
    opened: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(12):
        confirmed(opened, number)
    before = banks.active(bank())
    monkeypatch.setattr(judging, "verdict", lambda *given: (False, "worse: total_gross"))
    report = learn(settings, Wish(full=True, steps=1))
    assert [(t["task"], t["kept"]) for t in report.tasks] == [("everything", False)]
    assert banks.active(bank()).name == before.name
    monkeypatch.setattr(judging, "verdict", lambda *given: (True, "better"))
    report = learn(settings, Wish(full=True, steps=1))
    version = banks.active(bank())
    assert report.version == version.name != before.name
    assert not torch.equal(
        _loaded(version).state_dict()["prompt.shared"],
        _loaded(before).state_dict()["prompt.shared"],
    )


def test_likely_mistakes_are_flagged_and_not_learnt(
    bank: Callable[[], Path], opened: Database, settings: Settings
) -> None:
    sums = {"total_net": "100.00", "total_tax": "19.00"}
    wrong = confirmed(opened, 1, given={"total_gross": "911.00"}, found=sums)
    for number in range(2, 6):
        confirmed(opened, number)
    odd = confirmed(opened, 7, given={"supplier_tax_id": "DE129273398"})
    twice = confirmed(opened, 8)
    found = documents.document(opened, twice)
    again = Edits(fields={"document_number": Given(value="9999")})
    confirm(Desk(opened), twice, again, who="bob", now=NOW + timedelta(days=1))
    assert found.extraction is not None
    learn(settings, SUPPLIERS)
    flags = {
        (c.document_id, c.correction.field): c.flag
        for c in corrections.corrections(opened)
        if c.flag
    }
    assert flags[(wrong, "total_gross")] == AGAINST_RULES
    assert flags[(odd, "supplier_tax_id")] in (DIFFERS, AGAINST_RULES)
    assert flags[(twice, "document_number")] == CONTRADICTED
    lessons = {x.document_id: x for x in gather(opened, today=NOW.date()).lessons}
    assert ("document_number", None) in lessons[twice].doubtful
    assert ("supplier_name", None) not in lessons[twice].doubtful


def test_a_learning_process_prints_its_report_or_its_error(
    bank: Callable[[], Path],
    opened: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DOCTALLY_HOME", str(settings.home))
    monkeypatch.setattr("os.nice", lambda by: by)
    assert learning.main([]) == 0
    assert json.loads(capsys.readouterr().out)["why"] == "no new corrections"

    def refused(*given: object, **named: object) -> None:
        raise DoctallyError("no", code="configuration")

    monkeypatch.setattr(learning, "learn", refused)
    assert learning.main([]) == 1
    assert json.loads(capsys.readouterr().out) == {"error": "no", "code": "configuration"}
