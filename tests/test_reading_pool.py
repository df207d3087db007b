"""Reading in other processes: order, crashes, hangs, closing, and nothing heavy loaded there."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from doctally.errors import ConfigurationError, DoctallyError, UnreadableDocument
from doctally.pages import Reading
from extractors.limits import ReadLimits
from extractors.read import ReaderPool, read_many

ODD = "odd_reader:read"
TESTS = Path(__file__).resolve().parent


@pytest.fixture(autouse=True)
def odd_reader_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TESTS))


def files(folder: Path, *contents: str) -> list[Path]:
    """Return files named by their place, with these contents."""
    paths = [folder / f"{i:03}" for i in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_text(content)
    return paths


def codes(outcomes: Iterator[tuple[Path, Reading | DoctallyError]]) -> list[str]:
    """Return ``ok`` or the error's code for each outcome."""
    return [o.code if isinstance(o, DoctallyError) else "ok" for _, o in outcomes]


def alive(pid: int) -> bool:
    """Tell whether the process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_readings_come_in_the_order_of_the_paths(tmp_path: Path) -> None:
    paths = files(tmp_path, "wait 0.5", "", "wait 0.2", *[""] * 20)
    with ReaderPool(ReadLimits(max_pages=7), workers=2, reader=ODD) as pool:
        outcomes = list(pool.read_many(paths, pages_only=True))
    assert [path for path, _ in outcomes] == paths
    readings = [outcome for _, outcome in outcomes if isinstance(outcome, Reading)]
    assert [reading.media_type for reading in readings] == [path.name for path in paths]
    assert {reading.metadata["max_pages"] for reading in readings} == {"7"}
    assert {reading.metadata["pages_only"] for reading in readings} == {"True"}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_reader_that_crashes_or_hangs_costs_its_own_file_only(
    tmp_path: Path, workers: int
) -> None:
    paths = files(tmp_path, "", "exit", "", "segfault", "bad", "hang", "", "bug", "")
    with ReaderPool(workers=workers, timeout_s=8, reader=ODD) as pool:
        outcomes = list(pool.read_many(paths))
    assert codes(iter(outcomes)) == [
        *("ok", "reader_crashed", "ok", "reader_crashed", "damaged"),
        *("timeout", "ok", "reader_crashed", "ok"),
    ]
    messages = {path.name: str(outcome) for path, outcome in outcomes}
    assert "exit status 3" in messages["001"]
    assert "SIGSEGV" in messages["003"]
    assert "8 s" in messages["005"]
    assert "ZeroDivisionError" in messages["007"]
    assert all(isinstance(o, (Reading, UnreadableDocument)) for _, o in outcomes)


def test_processes_are_kept_between_calls_and_ended_on_close(tmp_path: Path) -> None:
    paths = files(tmp_path, "", "")
    pool = ReaderPool(workers=1, reader=ODD)
    seen = set()
    for _ in range(3):
        for _, outcome in pool.read_many(paths):
            assert isinstance(outcome, Reading)
            seen.add(int(outcome.metadata["pid"]))
    (pid,) = seen
    assert alive(pid)
    pool.close()
    assert not alive(pid)
    with pytest.raises(DoctallyError) as stopped:
        list(pool.read_many(paths))
    assert stopped.value.code == "stopped"


def test_closing_while_a_file_is_read_stops_without_blaming_the_file(tmp_path: Path) -> None:
    paths = files(tmp_path, "", "hang", "")
    pool = ReaderPool(workers=1, reader=ODD)
    outcomes = pool.read_many(paths)
    assert isinstance(next(outcomes)[1], Reading)
    closing = threading.Timer(0.3, pool.close)
    closing.start()
    with pytest.raises(DoctallyError) as stopped:
        next(outcomes)
    assert stopped.value.code == "stopped"
    closing.join()


def test_giving_up_half_way_leaves_the_pool_usable(tmp_path: Path) -> None:
    paths = files(tmp_path, *[""] * 10)
    with ReaderPool(workers=1, reader=ODD) as pool:
        outcomes = pool.read_many(paths)
        next(outcomes)
        del outcomes
        assert codes(pool.read_many(paths)) == ["ok"] * 10


def test_two_threads_can_share_a_pool(tmp_path: Path) -> None:
    paths = files(tmp_path, *[""] * 12)
    found: list[list[str]] = []

    def use(part: Sequence[Path]) -> None:
        found.append([path.name for path, _ in pool.read_many(part)])

    with ReaderPool(workers=2, reader=ODD) as pool:
        threads = [threading.Thread(target=use, args=(paths[i::2],)) for i in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(found) == [[path.name for path in paths[i::2]] for i in (0, 1)]


def test_reading_processes_load_nothing_of_the_callers(tmp_path: Path) -> None:
    with ReaderPool(workers=1, reader=ODD) as pool:
        ((_, outcome),) = pool.read_many(files(tmp_path, ""))
    assert isinstance(outcome, Reading)
    assert outcome.metadata["heavy"] == ""


def test_the_real_reader_loads_no_torch() -> None:
    script = (
        "import sys, extractors.read; print({'torch', 'prefect', 'sqlalchemy'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_a_reader_that_cannot_start_is_the_operators_fault_not_the_files(tmp_path: Path) -> None:
    with (
        ReaderPool(workers=1, reader="no_such_module:read") as pool,
        pytest.raises(ConfigurationError, match="does not start"),
    ):
        list(pool.read_many(files(tmp_path, "")))


def test_processes_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    (path,) = files(tmp_path, "")
    script = (
        "import sys, time; from pathlib import Path; from extractors.read import ReaderPool;"
        f"pool = ReaderPool(workers=1, reader={ODD!r});"
        f"_, reading = next(pool.read_many([Path({str(path)!r})]));"
        "print(reading.metadata['pid'], flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert alive(pid)
    parent.kill()
    parent.wait()
    until = time.monotonic() + 60
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not alive(pid)


def test_read_many_reads_real_files_and_reports_bad_ones(tmp_path: Path) -> None:
    good, bad = tmp_path / "note.txt", tmp_path / "empty.pdf"
    good.write_text("Invoice 4711, total 12.00")
    bad.write_bytes(b"")
    outcomes = dict(read_many([good, bad], ReadLimits(), workers=1, timeout_s=120))
    assert isinstance(outcomes[good], Reading)
    assert outcomes[good].text == "Invoice 4711, total 12.00"
    assert isinstance(outcomes[bad], UnreadableDocument)
    assert outcomes[bad].code == "empty_file"


def test_a_file_that_takes_too_much_memory_fails_alone(tmp_path: Path) -> None:
    paths = files(tmp_path, "", "memory 900", "", "answer 300", "")
    with ReaderPool(workers=1, memory_mb=500, reader=ODD) as pool:
        outcomes = list(pool.read_many(paths))
    assert codes(iter(outcomes)) == ["ok", "out_of_memory", "ok", "out_of_memory", "ok"]
    (_, first), *_, (_, last) = outcomes
    assert isinstance(first, Reading) and isinstance(last, Reading)
    assert first.metadata["pid"] != last.metadata["pid"]


def test_without_a_limit_as_much_memory_as_there_is_may_be_used(tmp_path: Path) -> None:
    with ReaderPool(workers=1, memory_mb=0, reader=ODD) as pool:
        assert codes(pool.read_many(files(tmp_path, "memory 900"))) == ["ok"]


def test_a_reader_killed_from_outside_costs_no_document(tmp_path: Path) -> None:
    once = f"once {tmp_path / 'killed'}"
    with ReaderPool(workers=1, reader=ODD) as pool:
        assert codes(pool.read_many(files(tmp_path, "", once, ""))) == ["ok", "ok", "ok"]
    assert (tmp_path / "killed").exists()
