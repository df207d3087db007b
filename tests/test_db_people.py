"""Users, sessions, tokens and attempts to log in, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import inspect, select, text

from db import attempts, audit, migrate, sessions, tokens, users
from db.attempts import TooManyAttempts
from db.database import Database, open_database
from db.engine import parsed
from db.tables import SessionRow, TokenRow
from doctally.errors import ConfigurationError
from doctally.people import Identity, Role, checked_name, checked_password

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
TABLES = {"users", "sessions", "tokens", "attempts"}


def put(database: Database, name: str, role: Role, *, password: str | None = "hash") -> None:
    users.add(database, name, role=role, password_hash=password, who="root", now=NOW)


def told(database: Database) -> list[tuple[str, str, str | None, str | None, str | None]]:
    return [(e.who, e.action, e.field, e.old, e.new) for e in reversed(audit.trail(database))]


def test_the_migration_goes_down_and_up_again(empty_database_url: str) -> None:
    open_database(empty_database_url).close()
    migrate.down_to(parsed(empty_database_url), "0005")
    url = parsed(empty_database_url)
    with migrate.alone(url) as connection:
        assert not TABLES & set(inspect(connection).get_table_names())
    with open_database(empty_database_url) as database:
        assert set(inspect(database.engine).get_table_names()) >= TABLES
        put(database, "anna", Role.ADMIN)


def test_log_in_is_needed_once_there_is_an_administrator_with_a_password(
    database: Database,
) -> None:
    assert not users.log_in_needed(database)
    for role, password in ((Role.REVIEWER, "hash"), (Role.ADMIN, None)):
        with pytest.raises(ConfigurationError, match="first user") as caught:
            put(database, "anna", role, password=password)
        assert caught.value.code == "first_user"
    assert users.users(database) == []
    put(database, "anna", Role.ADMIN)
    assert users.log_in_needed(database)
    put(database, "ben", Role.VIEWER)
    assert [(u.name, u.role, u.active) for u in users.users(database)] == [
        ("anna", Role.ADMIN, True),
        ("ben", Role.VIEWER, True),
    ]


def test_a_name_is_taken_once(database: Database) -> None:
    put(database, "anna", Role.ADMIN)
    with pytest.raises(ConfigurationError) as caught:
        put(database, "anna", Role.VIEWER)
    assert caught.value.code == "user_exists"
    assert users.user(database, "anna").role is Role.ADMIN
    with pytest.raises(ConfigurationError, match="no user ben"):
        users.user(database, "ben")


def test_the_last_administrator_stays_while_there_are_others(database: Database) -> None:
    put(database, "anna", Role.ADMIN)
    put(database, "ben", Role.REVIEWER)
    with pytest.raises(ConfigurationError) as caught:
        users.set_role(database, "anna", Role.VIEWER, who="root", now=NOW)
    assert caught.value.code == "last_admin"
    with pytest.raises(ConfigurationError, match="last administrator"):
        users.set_active(database, "anna", active=False, who="root", now=NOW)
    users.set_role(database, "ben", Role.VIEWER, who="root", now=NOW)
    assert users.user(database, "anna") == users.users(database)[0]
    users.set_active(database, "ben", active=False, who="root", now=NOW)
    users.set_active(database, "anna", active=False, who="root", now=NOW)
    assert not users.log_in_needed(database)


def test_every_change_of_a_user_is_in_the_trail_without_any_secret(database: Database) -> None:
    put(database, "anna", Role.ADMIN)
    put(database, "ben", Role.VIEWER)
    users.set_role(database, "ben", Role.REVIEWER, who="anna", now=NOW)
    users.set_role(database, "ben", Role.REVIEWER, who="anna", now=NOW)
    users.set_password(database, "ben", "other hash", who="ben", now=NOW)
    users.set_active(database, "ben", active=False, who="anna", now=NOW)
    users.set_active(database, "ben", active=True, who="anna", now=NOW)
    assert told(database) == [
        ("root", "user_added", "anna", None, "admin"),
        ("root", "user_added", "ben", None, "viewer"),
        ("anna", "role_changed", "ben", "viewer", "reviewer"),
        ("ben", "password_set", "ben", None, None),
        ("anna", "user_disabled", "ben", None, None),
        ("anna", "user_enabled", "ben", None, None),
    ]


def test_a_session_knows_its_user_with_the_role_of_today_until_it_ends(
    database: Database,
) -> None:
    put(database, "anna", Role.ADMIN)
    put(database, "ben", Role.VIEWER)
    secret = sessions.begin(database, "ben", address="10.0.0.1", now=NOW)
    later = NOW + timedelta(minutes=30)
    assert sessions.identity(database, secret, now=NOW) == Identity("ben", Role.VIEWER, "session")
    users.set_role(database, "ben", Role.REVIEWER, who="anna", now=later)
    found = sessions.identity(database, secret, now=later)
    assert found == Identity("ben", Role.REVIEWER, "session")
    assert sessions.identity(database, secret + "x", now=later) is None
    with database.read() as session:
        kept = session.scalars(select(SessionRow.digest)).all()
        assert len(kept) == 1 and secret not in kept
    sessions.end(database, secret, now=later)
    assert sessions.identity(database, secret, now=later) is None
    assert told(database)[-1] == ("ben", "log_out", None, None, None)


def test_a_session_ends_when_nothing_is_heard_and_after_a_day_of_work(
    database: Database,
) -> None:
    put(database, "anna", Role.ADMIN)
    silent = sessions.begin(database, "anna", address="a", now=NOW)
    busy = sessions.begin(database, "anna", address="a", now=NOW)
    at = NOW
    while at < NOW + sessions.LONGEST - timedelta(hours=1):
        at += timedelta(hours=1)
        if at < NOW + sessions.LONGEST:
            assert sessions.identity(database, busy, now=at) is not None, at
    assert sessions.identity(database, silent, now=NOW + sessions.IDLE) is None
    assert sessions.identity(database, busy, now=NOW + sessions.LONGEST) is None
    sessions.begin(database, "anna", address="a", now=NOW + sessions.LONGEST)
    with database.read() as session:
        assert len(session.scalars(select(SessionRow.digest)).all()) == 1


def test_a_new_password_or_being_disabled_ends_sessions_at_once(database: Database) -> None:
    put(database, "anna", Role.ADMIN)
    put(database, "ben", Role.VIEWER)
    first = sessions.begin(database, "ben", address="a", now=NOW)
    users.set_password(database, "ben", "other", who="ben", now=NOW)
    assert sessions.identity(database, first, now=NOW) is None
    second = sessions.begin(database, "ben", address="a", now=NOW)
    users.set_active(database, "ben", active=False, who="anna", now=NOW)
    assert sessions.identity(database, second, now=NOW) is None
    assert users.password_hash(database, "ben") is None


def test_a_token_has_the_lesser_of_its_role_and_the_users_until_it_is_revoked(
    database: Database,
) -> None:
    put(database, "anna", Role.ADMIN)
    put(database, "erp", Role.REVIEWER, password=None)
    made, secret = tokens.make(
        database, "erp", label="x", role=Role.REVIEWER, expires_at=None, who="anna", now=NOW
    )
    assert tokens.identity(database, secret, now=NOW) == Identity("erp", Role.REVIEWER, "token")
    users.set_role(database, "erp", Role.VIEWER, who="anna", now=NOW)
    assert tokens.identity(database, secret, now=NOW) == Identity("erp", Role.VIEWER, "token")
    with pytest.raises(ConfigurationError) as caught:
        tokens.make(
            database, "erp", label="x", role=Role.ADMIN, expires_at=None, who="anna", now=NOW
        )
    assert caught.value.code == "token_role"
    tokens.revoke(database, made.token_id, who="anna", now=NOW)
    tokens.revoke(database, made.token_id, who="anna", now=NOW)
    assert tokens.identity(database, secret, now=NOW) is None
    with database.read() as session:
        kept = session.execute(select(TokenRow.digest)).scalar_one()
    assert secret not in kept
    assert [t[1] for t in told(database)][-2:] == ["role_changed", "token_revoked"]


def test_a_token_ends_on_its_day_and_with_its_user(database: Database) -> None:
    put(database, "anna", Role.ADMIN)
    put(database, "erp", Role.VIEWER, password=None)
    day = NOW + timedelta(days=1)
    given = {"label": "x", "role": Role.VIEWER, "who": "anna", "now": NOW}
    _, short = tokens.make(database, "erp", expires_at=day, **given)  # type: ignore[arg-type]
    _, long = tokens.make(database, "erp", expires_at=None, **given)  # type: ignore[arg-type]
    assert tokens.identity(database, short, now=day - timedelta(seconds=1)) is not None
    assert tokens.identity(database, short, now=day) is None
    users.set_active(database, "erp", active=False, who="anna", now=day)
    users.set_active(database, "erp", active=True, who="anna", now=day)
    assert tokens.identity(database, long, now=day) is None
    assert [t.revoked_at is not None for t in tokens.tokens(database)] == [True, True]


def fail(database: Database, name: str, address: str, at: datetime) -> int | None:
    """Return the seconds to wait, None if the attempt may be made."""
    try:
        attempts.begin(database, name, address=address, now=at)
    except TooManyAttempts as error:
        return error.wait_s
    return None


def test_guessing_at_one_name_from_one_address_has_to_wait(database: Database) -> None:
    for number in range(attempts.SAME_PLACE):
        assert fail(database, "anna", "1.1.1.1", NOW + timedelta(minutes=number)) is None
    soon = NOW + timedelta(minutes=5)
    assert fail(database, "anna", "1.1.1.1", soon) == 10 * 60
    assert fail(database, "anna", "2.2.2.2", soon) is None  # the owner, at home
    assert fail(database, "ben", "1.1.1.1", soon) is None
    assert fail(database, "anna", "1.1.1.1", NOW + attempts.WINDOW) is None


def test_the_right_password_strikes_out_the_wrong_ones(database: Database) -> None:
    for _ in range(attempts.SAME_PLACE):
        fail(database, "anna", "1.1.1.1", NOW)
    attempts.succeeded(database, "anna", address="1.1.1.1")
    assert fail(database, "anna", "1.1.1.1", NOW) is None


def test_trying_many_names_or_from_many_addresses_has_to_wait_too(database: Database) -> None:
    for number in range(attempts.SAME_ADDRESS):
        assert fail(database, f"user{number}", "1.1.1.1", NOW) is None
    assert fail(database, "somebody", "1.1.1.1", NOW) is not None
    for number in range(attempts.SAME_NAME):
        assert fail(database, "anna", f"10.0.0.{number}", NOW) is None
    assert fail(database, "anna", "10.9.9.9", NOW) is not None


def test_attempts_made_at_the_same_moment_are_counted_one_by_one(database: Database) -> None:
    allowed: list[int | None] = []
    threads = [
        threading.Thread(target=lambda: allowed.append(fail(database, "anna", "1.1.1.1", NOW)))
        for _ in range(4 * attempts.SAME_PLACE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert allowed.count(None) == attempts.SAME_PLACE


def test_a_failed_log_in_is_noted_but_not_what_was_typed_as_an_unknown_name(
    database: Database,
) -> None:
    put(database, "anna", Role.ADMIN)
    attempts.failed(database, "anna", address="1.1.1.1", now=NOW)
    attempts.failed(database, "my secret password", address="1.1.1.1", now=NOW)
    assert told(database)[1:] == [
        ("anna", "log_in_failed", "address", None, "1.1.1.1"),
        ("unknown", "log_in_failed", "address", None, "1.1.1.1"),
    ]
    with database.read() as session:
        assert "secret" not in str(session.execute(text("SELECT * FROM audit")).all())


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "-x", "../x", "a/b", "é", "x" * 65, "a\x00", "<b>", "a\n"]
)
def test_a_name_that_could_confuse_is_refused(name: str) -> None:
    if name == "a\n":  # a line's end is stripped like a blank
        assert checked_name(name) == "a"
        return
    with pytest.raises(ConfigurationError) as caught:
        checked_name(name)
    assert caught.value.code == "user_name"


def test_a_name_is_the_same_in_any_case() -> None:
    assert checked_name(" Anna.Miller@x-y.org ") == "anna.miller@x-y.org"


@pytest.mark.parametrize("password", ["short", "a" * 30, "anna" * 5, "ababababababab", "x" * 257])
def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(ConfigurationError):
        checked_password(password, name="anna")


def test_each_role_may_what_the_ones_before_may() -> None:
    table = {role: [needed for needed in Role if role.may(needed)] for role in Role}
    assert table == {
        Role.VIEWER: [Role.VIEWER],
        Role.REVIEWER: [Role.VIEWER, Role.REVIEWER],
        Role.ADMIN: [Role.VIEWER, Role.REVIEWER, Role.ADMIN],
    }
