"""Files of a store: each becomes a document once, on an S3 server and on a plain folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest
from fakes import FakeEngine, invoice_pdf
from moto.server import ThreadedMotoServer

from db import documents
from doctally.errors import AccessDenied, ConfigurationError
from doctally.settings import Settings
from flows import collect
from flows.collect import Collected, Store, Thing, fetch
from flows.home import Home, open_home
from flows.once import process_all

KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",  # pragma: allowlist secret
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """Give the address of an empty bucket on an S3 server of our own."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    given = {**KEYS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    name = f"bucket-{uuid4().hex[:8]}"
    fsspec.filesystem("s3", skip_instance_cache=True).mkdir(name)
    yield f"s3://{name}"
    server.stop()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture(params=["s3", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty folder of a store."""
    root = request.getfixturevalue("bucket") if request.param == "s3" else str(tmp_path / "store")
    return f"{root}/{uuid4().hex[:8]}/in"


def put(store: str, name: str, content: bytes) -> None:
    with fsspec.open(f"{store}/{name}", "wb", auto_mkdir=True) as file:
        file.write(content)


def found(store: str) -> set[str]:
    system, root = fsspec.core.url_to_fs(store)
    system.invalidate_cache()
    return {path.removeprefix(root).strip("/") for path in system.find(root)}


@contextmanager
def at_home(settings: Settings, store: str, **more: object) -> Iterator[Home]:
    given = Settings(**{**settings.model_dump(), "store_url": store, **more})
    with open_home(given, load_engine=lambda _: FakeEngine()) as home:
        yield home


def test_every_file_becomes_a_document_with_its_folders_as_tags_and_is_moved_aside(
    settings: Settings, store: str
) -> None:
    put(store, "one.pdf", invoice_pdf("R-1"))
    put(store, "acme/2026/two.pdf", invoice_pdf("R-2"))
    put(store, "acme/.hidden.pdf", invoice_pdf("R-3"))
    put(store, "half.pdf.part", invoice_pdf("R-4"))
    with at_home(settings, store) as home:
        assert fetch(home) == Collected(new=2)
        assert fetch(home) == Collected()
        list(process_all(home, told=lambda _: None))
        rows = {row.name: (row.tags, row.state) for row in documents.recent(home.database)}
    assert rows == {"one.pdf": ((), "accepted"), "two.pdf": (("acme", "2026"), "accepted")}
    assert found(f"{store}-taken") == {"one.pdf", "acme/2026/two.pdf"}
    assert found(store) == {"acme/.hidden.pdf", "half.pdf.part"}


def test_a_look_that_was_killed_before_the_file_was_moved_makes_no_second_document(
    settings: Settings, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As SIGKILL: nothing of ours handles it."""

    def killed(*_: object) -> None:
        raise Killed

    put(store, "one.pdf", invoice_pdf("R-1"))
    with at_home(settings, store) as home:
        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(Store, "done", killed)
            fetch(home)
        assert [path.name for path in home.folders.inbox.iterdir()] == ["one.pdf"]
        with monkeypatch.context() as patched, pytest.raises(Killed):
            patched.setattr(Store, "done", killed)
            fetch(home)  # it lies there already
        assert [path.name for path in home.folders.inbox.iterdir()] == ["one.pdf"]
        list(process_all(home, told=lambda _: None))
        assert fetch(home) == Collected(known=1)
        assert len(documents.recent(home.database)) == 1
        assert not list(home.folders.inbox.iterdir())
    assert found(f"{store}-taken") == {"one.pdf"}


def test_a_name_that_was_taken_before_is_kept_beside_it(settings: Settings, store: str) -> None:
    with at_home(settings, store) as home:
        for number in ("R-1", "R-2"):
            put(store, "scan.pdf", invoice_pdf(number))
            assert fetch(home) == Collected(new=1)
            list(process_all(home, told=lambda _: None))
        assert len(documents.recent(home.database)) == 2
    taken = found(f"{store}-taken")
    assert len(taken) == 2
    assert "scan.pdf" in taken


def test_names_of_outsiders_never_leave_the_inbox(settings: Settings, bucket: str) -> None:
    store = f"{bucket}/{uuid4().hex[:8]}"
    put(store, "a/x\\..\\evil\x01.pdf", invoice_pdf("R-1"))
    system, root = fsspec.core.url_to_fs(store)
    name, _, key = root.partition("/")
    system.call_s3("put_object", Bucket=name, Key=f"{key}/../../up.pdf", Body=invoice_pdf("R-2"))
    with at_home(settings, store) as home:
        assert fetch(home) == Collected(new=1)
        (inside,) = [path for path in home.folders.inbox.rglob("*") if path.is_file()]
        assert inside.parent.name == "a"
        assert inside.suffix == ".pdf"
        assert not {"\\", "\x01"} & set(inside.name)
        assert not list(home.folders.home.parent.rglob("up.pdf"))


def test_a_file_that_is_too_large_stays_and_is_a_failed_document(
    settings: Settings, store: str
) -> None:
    put(store, "acme/big.pdf", b"x" * 1_000_001)
    with at_home(settings, store, max_file_mb=1) as home:
        assert fetch(home) == Collected(refused=1)
        assert fetch(home) == Collected(refused=1)
        (row,) = documents.recent(home.database)
        assert (row.name, row.tags, row.reason_code) == ("big.pdf", ("acme",), "too_large")
    assert found(store) == {"acme/big.pdf"}


def test_one_file_that_cannot_be_read_keeps_no_other_waiting(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = str(tmp_path / "in")
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        put(store, name, invoice_pdf(name))
    read = Store.read

    def torn(self: Store, thing: Thing) -> Iterator[bytes]:
        yield from read(self, thing)
        if thing.below == ("b.pdf",):
            raise OSError("the connection was cut")

    with at_home(settings, store) as home:
        with monkeypatch.context() as patched:
            patched.setattr(Store, "read", torn)
            assert fetch(home) == Collected(new=2, stuck=1)
        names = {path.name for path in home.folders.inbox.iterdir()}
        assert names == {"a.pdf", "c.pdf"}  # nothing half-written
        assert fetch(home) == Collected(new=1)


def test_a_bucket_that_is_not_there_says_so(settings: Settings, bucket: str) -> None:
    with at_home(settings, f"{bucket}-not-ours/in") as home:
        try:
            assert fetch(home) == Collected()  # nothing there: nothing to take
        except AccessDenied as error:
            assert error.code == "store_denied"


@pytest.mark.parametrize(
    "url", ["nonsense://bucket/in", "s3://bucket/in"], ids=["unknown", "inside"]
)
def test_an_address_that_cannot_be_meant_is_refused(settings: Settings, url: str) -> None:
    given = Settings(
        **{**settings.model_dump(), "store_url": url, "store_done_url": "s3://bucket/in/taken"}
    )
    with pytest.raises(ConfigurationError, match="store_"):
        collect.Store(given)
