"""Log-in, sessions, roles, other sites, rebound names, headers: what the guard lets through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI, Request, WebSocket
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from db import attempts, audit, sessions, tokens, users
from db.database import Database
from doctally.errors import ConfigurationError
from doctally.passwords import hashed
from doctally.people import Role
from doctally.review import guard, headers, security, template
from doctally.review.access import COOKIE, SECURE_COOKIE, Access, access, owner
from doctally.review.request import local_path
from doctally.review.whoami import NotAllowed, identity_of, still

START = datetime(2026, 3, 5, 12, tzinfo=UTC)
HERE = "http://127.0.0.1:4300"
PASSWORD = "correct horse battery"
SAME = {"origin": HERE}
LIMIT = 3 << 20
SOCKET = "ws://127.0.0.1:4300/_nicegui_ws/socket.io/?EIO=4&transport=websocket"


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(cheap_hashes: None) -> str:
    return hashed(PASSWORD)


@pytest.fixture
def people(sqlite: Database, kept: str) -> Database:
    for name, role in (("anna", Role.ADMIN), ("ben", Role.REVIEWER), ("cleo", Role.VIEWER)):
        users.add(sqlite, name, role=role, password_hash=kept, who="root", now=START)
    return sqlite


def application(rules: Access) -> FastAPI:
    app = FastAPI()

    @app.get("/")
    @app.get("/bank")
    @app.get("/metrics")
    @app.get("/users")
    @app.get("/api/documents/7")
    @app.post("/api/documents")
    @app.post("/api/documents/7/confirm")
    @app.post("/bank")
    @app.get("/health")
    async def echo(request: Request) -> dict[str, object]:
        body = await request.body()
        who = request.scope.get("doctally.identity")
        return {"who": who.name if who else None, "size": len(body)}

    @app.get("/again/{role}")
    async def again(request: Request, role: Role) -> dict[str, str]:
        try:
            return {"who": (await still(request, role)).name}
        except NotAllowed as error:
            return {"refused": error.code}

    @app.get("/login/nobody")
    async def nobody(request: Request) -> str:
        return identity_of(request).name

    @app.websocket("/_nicegui_ws/socket.io/")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        with suppress(WebSocketDisconnect):
            while True:
                await websocket.send_text(await websocket.receive_text())

    app.mount("/", FastAPI())  # as NiceGUI is: it takes every path that nobody before it has
    security.install(app, rules, max_upload=LIMIT)
    return app


def browser(rules: Access, base: str = HERE) -> TestClient:
    return TestClient(application(rules), base_url=base, follow_redirects=False)


@pytest.fixture
def local(sqlite: Database, clock: Clock) -> TestClient:
    """Return a client of an installation without users."""
    return browser(access(sqlite, host="127.0.0.1", names=(), now=clock))


@pytest.fixture
def shared(people: Database, clock: Clock) -> TestClient:
    """Return a client of an installation with three users."""
    return browser(access(people, host="127.0.0.1", names=(), now=clock))


def log_in(client: TestClient, name: str, password: str = PASSWORD, **form: str) -> int:
    data = {"name": name, "password": password, **form}
    return client.post("/login", data=data, headers=SAME).status_code


def test_without_users_the_owner_of_the_process_needs_no_log_in(local: TestClient) -> None:
    assert local.get("/").json()["who"] == owner()
    assert local.post("/bank").json()["who"] == owner()
    assert local.post("/bank", headers=SAME).status_code == 200


def test_with_users_everybody_logs_in_also_on_this_machine(shared: TestClient) -> None:
    assert shared.get("/").status_code == 401
    assert shared.post("/bank").status_code == 401
    page = shared.get("/bank?x=1", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/bank%3Fx%3D1")
    assert shared.get("/health").status_code == 200
    assert log_in(shared, "ANNA ", next="/bank?x=1") == 303
    assert shared.get("/").json()["who"] == "anna"


def test_the_first_user_turns_the_log_in_on_at_once(
    local: TestClient, sqlite: Database, kept: str
) -> None:
    assert local.get("/").status_code == 200
    users.add(sqlite, "anna", role=Role.ADMIN, password_hash=kept, who="root", now=START)
    assert local.get("/").status_code == 401


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(shared: TestClient) -> None:
    answers = []
    for name in ("anna", "nobody", "<script>"):
        data = {"name": name, "password": "wrong wrong wrong"}
        found = shared.post("/login", data=data, headers=SAME)
        assert found.status_code == 401 and "set-cookie" not in found.headers
        assert "<script>" not in found.text
        answers.append(re.sub(r'value="[^"]*"', "", found.text))
    assert len(set(answers)) == 1


def test_a_password_cannot_be_tried_again_and_again(
    shared: TestClient, people: Database, clock: Clock
) -> None:
    for _ in range(attempts.SAME_PLACE):
        assert log_in(shared, "anna", "wrong wrong wrong") == 401
    data = {"name": "anna", "password": PASSWORD}
    blocked = shared.post("/login", data=data, headers=SAME)
    assert (blocked.status_code, blocked.headers["retry-after"]) == (429, "900")
    assert "try again in 15 minutes" in blocked.text
    assert log_in(shared, "ben") == 303
    clock.now += attempts.WINDOW
    assert log_in(shared, "anna") == 303
    acts = [entry.action for entry in audit.trail(people)]
    assert acts.count("log_in_failed") == attempts.SAME_PLACE
    assert acts.count("log_in") == 2


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    shared: TestClient, people: Database, clock: Clock
) -> None:
    data = {"name": "anna", "password": PASSWORD}
    given = shared.post("/login", data=data, headers=SAME).headers["set-cookie"]
    assert given.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(given.split("; "))
    assert "Secure" not in given and "Domain" not in given
    https = browser(
        access(people, host="127.0.0.1", names=["tally.example"], now=clock),
        "https://tally.example",
    )
    found = https.post("/login", data=data, headers={"origin": "https://tally.example"})
    given = found.headers["set-cookie"]
    assert given.startswith(f"{SECURE_COOKIE}=") and "Secure" in given.split("; ")
    assert https.get("/").json()["who"] == "anna"
    assert found.headers["strict-transport-security"]


def test_logging_out_ends_the_session_for_every_holder_of_the_cookie(
    shared: TestClient, people: Database
) -> None:
    log_in(shared, "anna")
    stolen = shared.cookies[COOKIE]
    assert shared.post("/logout", headers=SAME).headers["location"] == "/login"
    assert COOKIE not in shared.cookies
    found = shared.get("/", headers={"cookie": f"{COOKIE}={stolen}"})
    assert found.status_code == 401
    assert audit.trail(people)[0].action == "log_out"
    assert shared.get("/logout", headers=SAME).status_code == 401  # a link cannot log out


def test_a_session_of_before_the_log_in_is_worth_nothing_after_it(shared: TestClient) -> None:
    shared.cookies.set(COOKIE, "chosen-by-an-attacker")
    assert log_in(shared, "anna") == 303
    assert shared.get("/", headers={"cookie": f"{COOKIE}=chosen-by-an-attacker"}).status_code == 401


def test_a_session_ends_by_itself(shared: TestClient, clock: Clock) -> None:
    log_in(shared, "anna")
    clock.now += sessions.IDLE - timedelta(seconds=1)
    assert shared.get("/").status_code == 200
    clock.now += sessions.IDLE
    assert shared.get("/").status_code == 401


READS = ["/", "/bank", "/metrics", "/api/documents/7"]
CHANGES = ["/api/documents", "/api/documents/7/confirm"]


@pytest.mark.parametrize(
    ("name", "read", "change", "administer"),
    [("cleo", 200, 403, 403), ("ben", 200, 200, 403), ("anna", 200, 200, 200)],
)
@pytest.mark.parametrize("by", ["session", "token"])
def test_each_role_may_do_what_is_its_own(
    shared: TestClient,
    people: Database,
    name: str,
    read: int,
    change: int,
    administer: int,
    by: str,
) -> None:
    given = dict(SAME)
    if by == "session":
        assert log_in(shared, name) == 303
    else:
        role = users.user(people, name).role
        _, secret = tokens.make(
            people, name, label="x", role=role, expires_at=None, who="root", now=START
        )
        given = {"authorization": f"Bearer {secret}"}
    assert {shared.get(path, headers=given).status_code for path in READS} == {read}
    assert {shared.post(path, headers=given).status_code for path in CHANGES} == {change}
    assert shared.get("/users", headers=given).status_code == administer
    assert shared.post("/bank", headers=given).status_code == administer
    for method in ("PUT", "PATCH", "DELETE"):  # what no rule names is the administrator's
        found = shared.request(method, "/anything", headers=given).status_code
        assert found == (404 if administer == 200 else 403)


def test_a_revoked_token_a_disabled_user_and_another_scheme_are_refused(
    shared: TestClient, people: Database
) -> None:
    made, secret = tokens.make(
        people, "ben", label="x", role=Role.REVIEWER, expires_at=None, who="root", now=START
    )
    given = {"authorization": f"Bearer {secret}"}
    assert shared.get("/", headers=given).status_code == 200
    assert shared.get("/", headers={"authorization": f"Basic {secret}"}).status_code == 401
    assert shared.get("/", headers={"authorization": "Bearer "}).status_code == 401
    assert shared.get(f"/?token={secret}").status_code == 401
    tokens.revoke(people, made.token_id, who="anna", now=START)
    refused = shared.get("/", headers=given)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    log_in(shared, "cleo")
    # a bad token beside a good session is refused as well: nobody gets more than was meant
    assert shared.get("/", headers=given).status_code == 401
    users.set_active(people, "cleo", active=False, who="anna", now=START)
    assert shared.get("/").status_code == 401


@pytest.mark.parametrize(
    "given",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:4200"},
        {"origin": "http://127.0.0.1:4300.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": HERE},
        {"sec-fetch-site": "cross-site", "origin": HERE},
        {"origin": "http://[::1"},
        {},
    ],
)
def test_a_change_that_another_site_sends_with_our_cookie_is_refused(
    shared: TestClient, given: dict[str, str]
) -> None:
    log_in(shared, "anna")
    refused = shared.post("/bank", headers=given)
    assert (refused.status_code, refused.json()["code"]) == (403, "cross_site")


def test_another_site_cannot_change_anything_without_users(local: TestClient) -> None:
    evil = {"origin": "https://evil.example"}
    assert local.post("/api/documents", headers=evil).json()["code"] == "cross_site"
    assert local.post("/bank", headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_another_site_cannot_log_a_browser_in(shared: TestClient) -> None:
    evil = {"origin": "https://evil.example"}
    data = {"name": "anna", "password": PASSWORD}
    assert shared.post("/login", data=data, headers=evil).status_code == 403
    assert COOKIE not in shared.cookies


def test_no_other_site_may_read_an_answer(local: TestClient) -> None:
    found = local.get("/", headers={"origin": "https://evil.example"})
    assert not [name for name in found.headers if name.startswith("access-control")]
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    assert not [n for n in local.options("/bank", headers=asked).headers if "allow-origin" in n]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:4300", 200),
        ("localhost", 200),
        ("LOCALHOST:9", 200),
        ("[::1]:4300", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example:4300", 421),
        ("192.168.1.7:4300", 421),
        ("", 421),
        ("[::1", 421),
        ("localhost@evil.example", 421),
    ],
)
def test_a_name_that_was_rebound_to_this_machine_is_refused(
    local: TestClient, host: str, status: int
) -> None:
    assert local.get("/", headers={"host": host}).status_code == status


def test_a_proxy_on_this_machine_does_not_make_strangers_its_owner(local: TestClient) -> None:
    for name in ("x-forwarded-for", "forwarded", "x-forwarded-host", "x-real-ip"):
        assert local.get("/", headers={name: "203.0.113.9"}).status_code == 401


@pytest.mark.parametrize(
    ("host", "names"), [("0.0.0.0", ()), ("::", ()), ("192.168.1.7", ()), ("127.0.0.1", ("a.b",))]
)
def test_it_does_not_open_beyond_this_machine_before_there_is_an_administrator(
    sqlite: Database, kept: str, clock: Clock, host: str, names: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigurationError, match="doctally users add NAME --role admin") as caught:
        access(sqlite, host=host, names=names, now=clock)
    assert caught.value.code == "user_needed"
    users.add(sqlite, "anna", role=Role.ADMIN, password_hash=kept, who="root", now=START)
    rules = access(sqlite, host=host, names=names, now=clock)
    assert rules.identify(token=None, secret=None, proxied=False) is None
    # also when the last user has gone meanwhile: nobody becomes the owner from outside
    users.set_active(sqlite, "anna", active=False, who="root", now=START)
    assert rules.identify(token=None, secret=None, proxied=False) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.5", "::1", "localhost"])
def test_on_loopback_it_opens_without_users(sqlite: Database, clock: Clock, host: str) -> None:
    assert access(sqlite, host=host, names=(), now=clock).local() is not None


def test_beyond_this_machine_addresses_and_known_names_are_hosts(
    people: Database, clock: Clock
) -> None:
    rules = access(people, host="0.0.0.0", names=["Tally.Example"], now=clock)
    assert rules.knows("tally.example") and rules.knows("192.168.1.7") and rules.knows("::1")
    assert not rules.knows("evil.example") and not rules.knows("")


@pytest.mark.parametrize("path", ["/", "/login", "/no-such-page", "/api/documents/7", "/a%0Ab"])
def test_every_answer_carries_the_headers_that_protect_it(local: TestClient, path: str) -> None:
    found = local.get(path).headers
    assert found["x-content-type-options"] == "nosniff"
    assert found["x-frame-options"] == "DENY"
    assert found["referrer-policy"] == "same-origin"
    assert found["cross-origin-resource-policy"] == "same-origin"
    assert found["cache-control"] == "no-store"
    policy = found["content-security-policy"]
    assert "frame-ancestors 'none'" in policy and "script-src 'self'" in policy
    assert "unsafe-eval" not in policy and "strict-transport-security" not in found


def test_refusals_carry_the_headers_too(shared: TestClient) -> None:
    for found in (
        shared.get("/", headers={"host": "evil.example"}),
        shared.get("/"),
        shared.post("/bank", headers={"origin": "null"}),
    ):
        assert found.headers["x-frame-options"] == "DENY"
        assert set(found.json()) == {"code", "message"}


def test_bodies_have_their_largest_size(local: TestClient) -> None:
    def pieces(size: int) -> Iterator[bytes]:
        for _ in range(size >> 16):
            yield bytes(1 << 16)

    most = LIMIT + guard.SMALL
    assert local.post("/api/documents", content=bytes(most)).json()["size"] == most
    assert local.post("/api/documents", content=bytes(most + 1)).status_code == 413
    assert local.post("/api/documents", content=pieces(most)).json()["size"] == most
    assert local.post("/api/documents", content=pieces(most + (1 << 16))).status_code == 413
    assert local.post("/bank", content=pieces(guard.SMALL + (1 << 16))).status_code == 413
    for length in ("-1", "1e3", "٣", "9" * 30):
        answer = local.post("/bank", content=b"", headers={"content-length": length.encode()})  # type: ignore[dict-item]
        assert answer.status_code == 413


def test_the_web_socket_is_guarded_like_a_page(shared: TestClient) -> None:
    url = SOCKET
    for given in ({}, SAME, {"host": "evil.example"}):
        with pytest.raises(WebSocketDisconnect), shared.websocket_connect(url, headers=given):
            pass
    log_in(shared, "cleo")
    for given in ({}, {"origin": "https://evil.example"}):
        with pytest.raises(WebSocketDisconnect), shared.websocket_connect(url, headers=given):
            pass
    with shared.websocket_connect(url, headers=SAME) as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "hello"


def test_another_sites_page_cannot_open_the_web_socket_without_users(local: TestClient) -> None:
    for given in ({"origin": "https://evil.example"}, {"host": "evil.example"}):
        with pytest.raises(WebSocketDisconnect), local.websocket_connect(SOCKET, headers=given):
            pass
    with local.websocket_connect(SOCKET, headers=SAME) as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "hello"


def test_an_open_web_socket_ends_with_the_right_to_it(
    shared: TestClient, people: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "LOOK_AGAIN_S", 0.0)
    url = SOCKET
    for change in (
        lambda: users.set_role(people, "ben", Role.VIEWER, who="anna", now=START),
        lambda: users.set_active(people, "ben", active=False, who="anna", now=START),
    ):
        log_in(shared, "ben")
        with shared.websocket_connect(url, headers=SAME) as socket:
            socket.send_text("a")
            assert socket.receive_text() == "a"
            change()
            socket.send_text("b")
            with pytest.raises(WebSocketDisconnect):
                socket.receive_text()


def test_a_pages_buttons_ask_again_who_it_is(shared: TestClient) -> None:
    log_in(shared, "ben")
    assert shared.get("/again/reviewer").json() == {"who": "ben"}
    assert shared.get("/again/admin").json() == {"refused": "not_allowed"}


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "\t/x",
     "/a\r\nSet-Cookie: x=y", "/ok\\..\\"],
)  # fmt: skip
def test_after_the_log_in_nobody_is_led_elsewhere(shared: TestClient, wanted: str) -> None:
    assert local_path(wanted) == "/"
    data = {"name": "anna", "password": PASSWORD, "next": wanted}
    assert shared.post("/login", data=data, headers=SAME).headers["location"] == "/"


def test_who_may_not_go_on_is_told_so_and_led_back(shared: TestClient) -> None:
    log_in(shared, "cleo")
    found = shared.get("/users", headers={"accept": "text/html"})
    assert found.status_code == 403 and "cleo is viewer; this takes the role admin." in found.text
    assert '<a href="/">To the queue</a>' in found.text


def test_the_log_in_page_shows_what_was_typed_as_text(shared: TestClient) -> None:
    found = shared.get("/login", params={"next": '/x"><script>alert(1)</script>'})
    assert found.status_code == 200 and "<script>" not in found.text


def test_only_the_scripts_of_the_template_itself_get_the_nonce() -> None:
    from jinja2 import DictLoader, Environment

    source = {"index.html": '<script type="x"></script>{{ text | safe }}<scripted>'}
    environment = Environment(loader=DictLoader(source), autoescape=True)
    template.change(environment, headers.with_nonce)
    template.change(environment, headers.with_nonce)
    nonce = headers.Nonce()
    assert "unsafe-eval" not in headers.policy(nonce)
    request = type("Request", (), {"scope": {headers.NONCE: nonce}})()
    page = environment.get_template("index.html").render(request=request, text="<script>evil()")
    assert page == f'<script nonce="{nonce}" type="x"></script><script>evil()<scripted>'
    assert f"'nonce-{nonce}'" in headers.policy(nonce)
