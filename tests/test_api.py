"""The JSON API: uploads, reading, corrections, figures, and its description held to its word."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as drawing
from prometheus_client.parser import text_string_to_metric_families
from schemathesis import GenerationMode
from starlette.testclient import TestClient

from db import audit, documents, tokens, users
from db.database import Database
from doctally.passwords import hashed
from doctally.people import Role
from doctally.results import State
from doctally.review import security
from doctally.review.access import owner
from doctally.review.api.router import api, register
from doctally.review.office import Office
from flows.folders import Folders, Found, scan
from flows.upload import inbox_name, receive

HERE = "http://127.0.0.1:4300"
MB = 1 << 20


def application(office: Office) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    register(app, office)
    security.install(app, office.access, max_upload=office.settings.max_file_mb << 20)
    return app


@pytest.fixture
def client(office: Office) -> TestClient:
    return TestClient(application(office), base_url=HERE)


@pytest.fixture
def as_role(office: Office, client: TestClient, cheap_hashes: None) -> Callable[[Role], None]:
    """Let the client act with a token of the role."""

    def chosen(role: Role) -> None:
        if not users.log_in_needed(office.database):
            kept = hashed("correct horse battery")
            given = {"password_hash": kept, "who": "root", "now": office.now()}
            users.add(office.database, "anna", role=Role.ADMIN, **given)  # type: ignore[arg-type]
        _, secret = tokens.make(
            office.database,
            "anna",
            label="test",
            role=role,
            expires_at=None,
            who="root",
            now=office.now(),
        )
        client.headers["authorization"] = f"Bearer {secret}"

    return chosen


def inbox(office: Office) -> dict[str, bytes]:
    found = [entry for entry in scan(office.folders.inbox) if isinstance(entry, Found)]
    return {"/".join((*e.tags, e.name)): e.path.read_bytes() for e in found}


def acts(database: Database) -> list[tuple[str, str]]:
    return [(e.who, e.action) for e in reversed(audit.trail(database))]


def test_a_document_comes_with_its_values_where_they_stand_and_what_happened(
    client: TestClient, office: Office
) -> None:
    found = client.get("/api/documents/1").json()
    assert (found["file"], found["outcome"], found["document_type"]) == (
        "a_sure.pdf",
        "accepted",
        "invoice",
    )
    assert found["fields"]["total_gross"] == {
        "value": "119.00",
        "confidence": 0.99,
        "page": 1,
        "bbox": None,
        "source": "model",
    }
    assert [page["number"] for page in found["pages"]] == [1]
    assert found["history"][0]["before"] is None and found["history"][-1]["after"] == "accepted"
    assert found["model_version"] == "fake-1" and found["changes"] == []
    again = client.get(f"/api/contents/{found['sha256']}")
    assert again.json() == found
    assert client.get("/api/documents/3").json()["reason_code"] != ""


@pytest.mark.parametrize("path", ["/api/documents/99", "/api/documents/99/file",
                                  "/api/documents/1/pages/9", f"/api/contents/{'0' * 64}",
                                  "/api/nothing"])  # fmt: skip
def test_what_is_not_there_is_said_as_json(client: TestClient, path: str) -> None:
    found = client.get(path)
    assert found.status_code == 404 and {"code", "message"} <= set(found.json())


@pytest.mark.parametrize("path", ["/api/documents/0", "/api/documents/x", "/api/documents?limit=0",
                                  "/api/documents?after=%00", "/api/documents?after=bm9uZQ",
                                  "/api/documents?outcome=lost", "/api/contents/abc"])  # fmt: skip
def test_what_does_not_fit_is_said_as_json(client: TestClient, path: str) -> None:
    found = client.get(path)
    assert found.status_code == 422 and {"code", "message"} <= set(found.json())


def test_documents_are_listed_page_by_page_and_filtered(client: TestClient) -> None:
    seen: list[int] = []
    after = None
    while True:
        given = {"limit": 1, "order": "oldest"} | ({"after": after} if after else {})
        found = client.get("/api/documents", params=given).json()
        seen += [item["id"] for item in found["items"]]
        after = found["next"]
        if after is None:
            break
    assert sorted(seen) == [1, 2, 3] and len(seen) == 3

    def ids(**given: str) -> list[int]:
        return [i["id"] for i in client.get("/api/documents", params=given).json()["items"]]

    assert ids(outcome="review") == [2]
    assert ids(document_type="invoice", order="urgent") == [2, 1]
    assert ids(supplier="ACME", outcome="accepted") == [1]
    assert ids(search="r-2") == [2]
    assert ids(search="\x00") == ids()
    assert ids(finding="low_confidence") == [2]


def test_its_file_and_its_pages_come_as_they_are_and_run_nothing(
    client: TestClient, office: Office
) -> None:
    about = documents.document(office.database, 1).summary
    found = client.get("/api/documents/1/file")
    assert found.content == (office.folders.home / about.location).read_bytes()
    assert found.headers["content-type"] == "application/octet-stream"
    assert found.headers["content-disposition"] == 'attachment; filename="a_sure.pdf"'
    assert found.headers["x-content-type-options"] == "nosniff"
    picture = client.get("/api/documents/1/pages/1", params={"step": 0})
    assert picture.content.startswith(b"\x89PNG") and picture.headers["content-type"] == "image/png"


def test_a_file_that_the_database_places_elsewhere_is_not_given(
    client: TestClient, office: Office, tmp_path: Path
) -> None:
    from sqlalchemy import text

    secret = tmp_path / "secret"
    secret.write_text("secret")
    for place in ("../secret", str(secret), "", "."):
        with office.database.write() as session:
            where = {"place": place}
            session.execute(text("UPDATE documents SET location = :place WHERE id = 1"), where)
        assert client.get("/api/documents/1/file").json()["code"] == "no_such_file"


def test_an_upload_lands_in_the_inbox_whole_and_is_found_by_its_content(
    client: TestClient, office: Office
) -> None:
    content = os.urandom(MB + 17)
    files = {"file": ("Invoice 7.pdf", content, "text/html")}
    found = client.post("/api/documents", files=files, data={"tags": ["acme", "2024"]})
    assert found.status_code == 202
    told = found.json()
    assert (told["file"], told["tags"], told["size"]) == (
        "Invoice 7.pdf",
        ["acme", "2024"],
        len(content),
    )
    assert told["document_id"] is None and client.get(told["status"]).status_code == 404
    assert inbox(office) == {"acme/2024/Invoice 7.pdf": content}
    assert acts(office.database) == [(owner(), "uploaded")]
    known = documents.document(office.database, 1)
    stored = (office.folders.home / known.summary.location).read_bytes()
    again = client.post("/api/documents", files={"file": ("x.pdf", stored)}).json()
    assert again["document_id"] == 1 and again["sha256"] == known.sha256


NAMES = [
    "../../etc/passwd",
    "..\\..\\windows\\system.ini",
    "/etc/passwd",
    "C:\\x.pdf",
    "....//....//x",
    "a/b/c.pdf",
    "..",
    ".",
    "",
    ".bashrc",
    "nul\x00byte.pdf",
    "new\nline.pdf",
    "\u202egnp.exe",
    "%2e%2e%2fx",
    "x" * 300 + ".pdf",
    "\u00e9" * 200 + ".pdf",
    "thumbs.db",
    "half.part",
    "~$lock.docx",
    "-rf",
    "CON",
    "1-mine.pdf",
    "x.pdf.reason.txt",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_out_of_the_inbox_or_hides_the_file(tmp_path: Path, name: str) -> None:
    folders = Folders(tmp_path / "home")
    folders.create()
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    taken = receive(folders, name, [b"content"], tags=[name, "t"], most=MB)
    after = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert after - before == {taken.path}
    assert taken.path.resolve().is_relative_to(folders.inbox.resolve())
    (entry,) = scan(folders.inbox)
    assert isinstance(entry, Found) and entry.path == taken.path
    assert entry.name == taken.name and len(taken.name.encode()) < 200
    assert entry.tags == taken.tags and len(taken.tags) == 2


@pytest.mark.parametrize("name", NAMES)
def test_no_name_in_a_request_leads_out_of_the_inbox(
    client: TestClient, office: Office, name: str
) -> None:
    before = {path for path in office.folders.home.parent.rglob("*") if path.is_file()}
    found = client.post("/api/documents", files={"file": (name or "x", b"content")})
    assert found.status_code in (202, 422)
    after = {path for path in office.folders.home.parent.rglob("*") if path.is_file()} - before
    grown = {path for path in after if not path.name.startswith("doctally.db")}
    assert all(path.resolve().is_relative_to(office.folders.inbox.resolve()) for path in grown)
    assert len(grown) == (found.status_code == 202)


def test_a_link_in_the_inbox_is_not_written_through(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "home")
    folders.create()
    outside = tmp_path / "outside"
    outside.mkdir()
    (folders.inbox / "tag").symlink_to(outside)
    from doctally.errors import AccessDenied

    with pytest.raises(AccessDenied, match="leads out of the inbox"):
        receive(folders, "x.pdf", [b"x"], tags=["tag"], most=MB)
    assert list(outside.iterdir()) == []


def test_two_files_of_one_name_are_both_kept_also_without_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = Folders(tmp_path / "home")
    folders.create()
    first = receive(folders, "scan.pdf", [b"1"], most=MB)
    second = receive(folders, "scan.pdf", [b"2"], most=MB)

    def refused(*_: object) -> None:
        raise PermissionError(1, "not supported")

    monkeypatch.setattr(os, "link", refused)
    third = receive(folders, "scan.pdf", [b"3"], most=MB)
    assert [f.path.read_bytes() for f in (first, second, third)] == [b"1", b"2", b"3"]
    assert len({f.name for f in (first, second, third)}) == 3
    assert inbox_name("a.PART") == "upload a.PART_"


def test_too_much_and_nothing_leave_no_trace(client: TestClient, office: Office) -> None:
    large = client.post("/api/documents", files={"file": ("x.pdf", bytes(2 * MB + 1))})
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    larger = client.post("/api/documents", files={"file": ("x.pdf", bytes(4 * MB))})
    assert larger.status_code == 413
    nothing = client.post("/api/documents", files={"file": ("x.pdf", b"")})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "empty_file")
    assert client.post("/api/documents", content=b"x").status_code == 422
    assert list(office.folders.inbox.iterdir()) == []
    assert acts(office.database) == []


def test_corrections_confirm_a_document_and_are_in_its_trail(
    client: TestClient, office: Office
) -> None:
    edits = {"fields": {"total_gross": {"value": "120.00", "page": 1}, "issue_date": None}}
    found = client.post("/api/documents/2/corrections", json=edits)
    assert found.status_code == 200
    assert (found.json()["outcome"], found.json()["changed"]) == ("confirmed", 2)
    after = client.get("/api/documents/2").json()
    assert after["fields"]["total_gross"]["value"] == "120.00"
    assert after["fields"]["total_gross"]["source"] == "human"
    assert "issue_date" not in after["fields"]
    changed = {c["field"]: (c["who"], c["old"], c["new"]) for c in after["changes"] if c["field"]}
    assert changed["total_gross"] == (owner(), "119.00", "120.00")
    assert changed["issue_date"] == (owner(), "2026-03-02", None)
    about = documents.document(office.database, 2).summary
    assert about.state is State.CONFIRMED and about.location.startswith("processed/")


def test_a_correction_that_does_not_fit_names_its_field(client: TestClient) -> None:
    edits = {"fields": {"total_gross": {"value": "much"}}}
    found = client.post("/api/documents/2/corrections", json=edits)
    assert (found.status_code, found.json()["code"]) == (422, "edit_refused")
    assert "total_gross" in found.json()["faults"]
    nothing = client.post("/api/documents/2/corrections", json={})
    assert (nothing.status_code, nothing.json()["code"]) == (422, "nothing_given")
    assert client.get("/api/documents/2").json()["outcome"] == "review"


def test_a_document_is_confirmed_or_rejected_once_and_as_it_was_seen(client: TestClient) -> None:
    seen = client.get("/api/documents/2").json()["updated_at"]
    stale = client.post("/api/documents/2/confirm", params={"seen": "2020-01-01T00:00:00Z"})
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")
    assert client.post("/api/documents/2/confirm", params={"seen": seen}).status_code == 200
    late = client.post("/api/documents/2/reject", json={"reason": "an advertisement"})
    assert (late.status_code, late.json()["code"]) == (409, "illegal_transition")
    assert client.post("/api/documents/3/confirm").status_code == 409
    assert client.post("/api/documents/99/confirm").status_code == 404


def test_a_rejected_document_says_why_and_by_whom(client: TestClient) -> None:
    gone = client.post("/api/documents/2/reject", json={"reason": "an advertisement"})
    assert gone.json()["outcome"] == "failed"
    found = client.get("/api/documents/2").json()
    assert (found["outcome"], found["reason"]) == ("failed", "an advertisement")
    told = {(c["who"], c["action"], c["field"], c["new"]) for c in found["changes"]}
    assert told >= {(owner(), "reject", "reason", "an advertisement")}


def test_each_role_may_do_what_is_its_own_through_the_api(
    client: TestClient, as_role: Callable[[Role], None]
) -> None:
    changes: list[tuple[str, dict[str, object]]] = [
        ("/api/documents", {"files": {"file": ("x.pdf", b"x")}}),
        ("/api/documents/2/corrections", {"json": {"accepted": ["total_gross"]}}),
        ("/api/documents/2/confirm", {}),
        ("/api/documents/2/reject", {"json": {}}),
    ]
    reads = ["/api/documents", "/api/documents/1", "/api/documents/1/file", "/metrics", "/docs",
             "/api/documents/1/pages/1", "/api/openapi.json"]  # fmt: skip
    as_role(Role.VIEWER)
    assert {client.get(path).status_code for path in reads} == {200}
    refused = [client.post(path, **given) for path, given in changes]  # type: ignore[arg-type]
    assert {(r.status_code, r.json()["code"]) for r in refused} == {(403, "not_allowed")}
    as_role(Role.REVIEWER)
    done = [client.post(path, **given).status_code for path, given in changes]  # type: ignore[arg-type]
    assert done == [202, 200, 200, 409]  # it is confirmed by then
    del client.headers["authorization"]
    assert {client.get(path).status_code for path in reads} == {401}
    assert {client.post(path).status_code for path, _ in changes} == {401}
    assert client.get("/health").json() == {"status": "ok"}


def test_the_routes_themselves_refuse_a_lesser_role_behind_the_guard(office: Office) -> None:
    from doctally.people import Identity
    from doctally.review.whoami import IDENTITY

    inner = api(office)

    async def as_viewer(scope, receive, send):  # type: ignore[no-untyped-def]
        scope[IDENTITY] = Identity("cleo", Role.VIEWER, "session")
        await inner(scope, receive, send)

    client = TestClient(as_viewer)
    assert client.get("/documents/1").status_code == 200
    assert client.post("/documents/2/confirm").status_code == 403
    assert TestClient(inner).get("/documents/1").status_code == 401


def test_the_figures_are_read_by_prometheus(client: TestClient) -> None:
    found = client.get("/metrics")
    assert found.headers["content-type"].startswith("text/plain")
    families = {f.name: f for f in text_string_to_metric_families(found.text)}
    states = {s.labels["state"]: s.value for s in families["doctally_documents"].samples}
    assert {name: n for name, n in states.items() if n} == {
        "accepted": 1.0,
        "review": 1.0,
        "failed": 1.0,
    }
    assert families["doctally_review_queue_length"].samples[0].value == 1
    assert families["doctally_model_info"].samples[0].labels == {"version": "fake-1"}
    assert families["doctally_review_queue_age_seconds"].samples[0].value != 0


def test_the_docs_need_no_other_server(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "http" not in page.replace("<!doctype html>", "")
    for asset in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert client.get(f"/docs/{asset}").status_code == 200
    assert client.get("/docs/..%2fmain.py").status_code == 404
    description = client.get("/api/openapi.json").json()
    assert sorted(description["paths"]) == [
        "/contents/{sha256}",
        "/documents",
        "/documents/{document_id}",
        "/documents/{document_id}/confirm",
        "/documents/{document_id}/corrections",
        "/documents/{document_id}/file",
        "/documents/{document_id}/pages/{number}",
        "/documents/{document_id}/reject",
    ]
    assert description["servers"] == [{"url": "/api"}]
    assert "HTTPBearer" in json.dumps(description["components"]["securitySchemes"])


def test_an_unknown_verb_is_refused_as_json(client: TestClient) -> None:
    found = client.delete("/api/documents/1")
    assert (found.status_code, found.headers["allow"]) == (405, "GET")
    assert found.json()["code"] == "http_405"


OPERATIONS = [
    ("/documents", "GET"),
    ("/documents", "POST"),
    ("/documents/{document_id}", "GET"),
    ("/contents/{sha256}", "GET"),
    ("/documents/{document_id}/file", "GET"),
    ("/documents/{document_id}/pages/{number}", "GET"),
    ("/documents/{document_id}/corrections", "POST"),
    ("/documents/{document_id}/confirm", "POST"),
    ("/documents/{document_id}/reject", "POST"),
]


UNDECIDED = {
    # in a form there are only texts, so nothing is of another type than it should be
    ("/documents", GenerationMode.NEGATIVE): [schemathesis.checks.negative_data_rejection],
    # an empty file, an `after` that we never gave, a value that does not fit its field
    ("/documents", GenerationMode.POSITIVE): [schemathesis.checks.positive_data_acceptance],
    ("/documents/{document_id}/corrections", GenerationMode.POSITIVE): [
        schemathesis.checks.positive_data_acceptance
    ],
}


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_the_api_does_what_its_description_says(
    client: TestClient,
    office: Office,
    as_role: Callable[[Role], None],
    path: str,
    method: str,
    mode: GenerationMode,
) -> None:
    """What fits the description is answered as described, what does not is refused."""
    as_role(Role.ADMIN)
    token = client.headers["authorization"]
    named = {"host": "127.0.0.1:4300"}
    schema = schemathesis.openapi.from_asgi(
        "/api/openapi.json", application(office), headers={**named, "authorization": token}
    )
    assert sum(1 for _ in schema.get_all_operations()) == len(OPERATIONS)

    @schema.auth()
    class Token:
        def get(self, case: schemathesis.Case, context: object) -> str:
            return token

        def set(self, case: schemathesis.Case, data: str, context: object) -> None:
            case.headers = {**(case.headers or {}), "Authorization": data}

    @drawing(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def holds(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=named, excluded_checks=UNDECIDED.get((path, mode), []))

    holds()
