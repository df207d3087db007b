"""What Prefect is told: states, tables, environment; no server needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from doctally.errors import AccessDenied, ConfigurationError
from flows import server
from flows.artifacts import plain, table
from flows.batch import Batch, Row
from flows.claims import Duplicate, Intake, Refusal
from flows.process import final_state
from flows.server import Address, PortTaken, free_address, healthy, server_environment
from flows.up import OwnServer

ROOT = Path(__file__).resolve().parent.parent


def batch(*states: str) -> Batch:
    made = Batch(Intake())
    made.counts = lambda: {s: states.count(s) for s in states}  # type: ignore[method-assign]
    return made


@pytest.mark.parametrize(
    ("states", "name", "kind"),
    [
        (("accepted",), "Accepted", "COMPLETED"),
        (("accepted", "review"), "Review", "COMPLETED"),
        (("accepted", "review", "failed"), "Failed document", "FAILED"),
        (("failed", "failed"), "Failed documents", "FAILED"),
        (("duplicate",), "Duplicate", "COMPLETED"),
        ((), "Taken over", "COMPLETED"),
    ],
)
def test_the_most_urgent_document_gives_a_run_its_state(
    states: tuple[str, ...], name: str, kind: str
) -> None:
    state = final_state(batch(*states))
    assert (state.name, state.type.value) == (name, kind)


def test_duplicates_and_refusals_have_rows_too() -> None:
    made = Batch(
        Intake(
            duplicates=(Duplicate(7, "twin.pdf", Path("/h/processed/7-twin.pdf")),),
            refusals=(Refusal(8, "link.pdf", ("acme",), "not_a_file", "a link"),),
        )
    )
    rows = {row.file: row for row in made.rows()}
    assert rows["twin.pdf"].reason == "the same content as document 7"
    assert rows["acme/link.pdf"].state == "failed"
    assert made.counts() == {"failed": 1, "duplicate": 1}
    assert made.files == ["twin.pdf", "link.pdf"]


def test_names_of_outsiders_bring_no_links_images_or_tags_into_the_ui() -> None:
    evil = "[click](http://evil) ![x](http://evil/x.png) <img src=x> `a|b`\nline"
    shown = plain(evil)
    assert not set("<>[]`|\n") & set(shown)
    assert "click" in shown
    row = Row(1, "x" * 100 + ".pdf", supplier=evil, path=Path("/h/failed/1-a.pdf"))
    cells = table([row])[0]
    assert cells["supplier"] == shown
    assert len(cells["file"]) < 60 and cells["file"].endswith(".pdf")
    assert cells["lies in"] == "failed/1-a.pdf"


def test_the_table_says_what_needs_a_look_first_and_where_each_file_lies() -> None:
    filed = Path("/home/failed/processed/2026/03/7-twin.pdf")
    made = Batch(
        Intake(
            duplicates=(Duplicate(7, "twin.pdf", filed),),
            refusals=(Refusal(8, "link.pdf", (), "not_a_file", "a link"),),
        )
    )
    cells = table(made.rows())
    assert [cell["state"] for cell in cells] == ["failed", "duplicate"]
    assert cells[0]["why"] == "a link (not_a_file)"
    assert cells[1]["lies in"] == "processed/2026/03/7-twin.pdf"


def test_a_port_that_is_taken_is_said_or_the_next_one_is_chosen() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match="DOCTALLY_PORT"):
            free_address("127.0.0.1", port)
        assert free_address("127.0.0.1", port, search=20).port > port
        assert not healthy(Address("127.0.0.1", 1))
    with pytest.raises(AccessDenied) as raised:
        free_address("127.0.0.1", port if port < 1 else 70_000)
    assert raised.value.code == "port_taken"


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """Programs that are started instead of a Prefect server; the last one over and over."""
    given: list[str] = []
    started: list[subprocess.Popen[bytes]] = []

    def start(home: Path, address: Address) -> subprocess.Popen[bytes]:
        program = given.pop(0) if len(given) > 1 else given[0]
        started.append(subprocess.Popen([sys.executable, "-c", program]))
        return started[-1]

    def answers(address: Address) -> bool:
        return (tmp_path / "answers").exists()

    log = server.log_path(tmp_path)
    log.parent.mkdir(parents=True)
    log.write_text("address already in use")
    monkeypatch.setattr(server, "start", start)
    monkeypatch.setattr(server, "healthy", answers)
    yield given
    for child in started:
        child.kill()
        child.wait()


def test_a_server_that_ended_at_its_start_is_started_once_more(
    tmp_path: Path, programs: list[str]
) -> None:
    there = f"import pathlib, time; pathlib.Path({str(tmp_path / 'answers')!r}).touch(); "
    programs += ["", there + "time.sleep(60)"]
    OwnServer(tmp_path, Address("127.0.0.1", 4200)).wait()
    assert len(programs) == 1


def test_a_server_that_ends_twice_is_said_with_its_last_words(
    tmp_path: Path, programs: list[str]
) -> None:
    programs += ["", "", "raise AssertionError('never started')"]
    with pytest.raises(ConfigurationError, match="address already in use"):
        OwnServer(tmp_path, Address("127.0.0.1", 4200)).wait()
    assert len(programs) == 1


def test_addresses_are_such_as_a_browser_opens() -> None:
    assert Address("0.0.0.0", 4200).ui == "http://127.0.0.1:4200"
    assert Address("::1", 4200).api == "http://[::1]:4200/api"


def test_the_server_is_private_bounded_and_keeps_slots_over_a_restart(tmp_path: Path) -> None:
    environment = server_environment(tmp_path, Address("127.0.0.1", 4200))
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environment["PREFECT_SERVER_UI_V2_ENABLED"] == "false"
    assert environment["PREFECT_SERVER_CSRF_PROTECTION_ENABLED"] == "true"
    assert environment["PREFECT_RESULTS_DEFAULT_SERIALIZER"] == "json"
    assert environment["PREFECT_HOME"] == str(tmp_path / "prefect")


def test_the_deployments_file_makes_double_runs_impossible_and_names_real_flows() -> None:
    from prefect.flows import load_flow_from_entrypoint

    told = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    for deployment in told["deployments"]:
        assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
        flow = load_flow_from_entrypoint(deployment["entrypoint"])
        assert flow.name == deployment["entrypoint"].partition(":")[2]
