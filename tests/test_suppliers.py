"""Who a document is from, and the account that suddenly is another one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from db import suppliers
from db.database import Database
from doctally.cli.suppliers import read_suppliers
from doctally.errors import ConfigurationError
from doctally.export import write_table
from doctally.results import Severity
from doctally.suppliers import Resolution, Seen, Supplier, check_account, resolve
from synth.dice import Dice
from synth.firms import firms, respelt

NOW = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
ACME = Supplier(
    1, "Acme Werkzeuge GmbH & Co. KG", ("DE123456789",), ("DE02120300000000202051",),
    ("acme.example",), ("ACME Tools",), "Hauptstr. 1, 24103 Kiel",
)  # fmt: skip
ZETA = Supplier(2, "Zeta Metall AG", ("DE987654321",))


@pytest.mark.parametrize(
    ("seen", "how"),
    [
        (Seen("Somebody Else", tax_id="DE 123 456 789"), "tax_id"),
        (Seen("Acme", iban="DE02 1203 0000 0000 2020 51"), "iban"),
        (Seen("ACME TOOLS LTD"), "alias"),
        (Seen("Acme Werkzeuge"), "name"),
        (Seen("ACME WERKZEUGE G.M.B.H."), "name"),
        (Seen("Acme Werke", email="info@acme.example"), "email"),
        (Seen("Acme Werke", address="Hauptstr. 1, 24103 Kiel"), "address"),
    ],
)
def test_a_supplier_is_known_by(seen: Seen, how: str) -> None:
    found = resolve(seen, [ACME, ZETA])
    assert found is not None
    assert (found.supplier.name, found.how) == (ACME.name, how)


def test_nobody_is_guessed() -> None:
    assert resolve(Seen("Omega Papier"), [ACME, ZETA]) is None
    assert resolve(Seen("Acme Werkzeuge Ltd"), [ACME, ZETA]) is None
    assert resolve(Seen("Acme Werkzeuge", tax_id="DE555555555"), [ACME, ZETA]) is None
    twin = Supplier(3, "Acme Werkzeuge AG")
    assert resolve(Seen("Acme Werkzeuge"), [ACME, twin]) is None
    assert resolve(Seen("Acme Toolbox", email="x@gmail.com"), [ACME]) is None


def test_another_account_of_a_known_supplier_is_rejected() -> None:
    seen = Seen("Acme Werkzeuge GmbH", iban="DE89370400440532013000")
    (found,) = check_account(seen, resolve(seen, [ACME, ZETA]))
    assert (found.code, found.severity) == ("bank_account_changed", Severity.REJECT)
    assert "supplier_iban" in found.fields
    assert "DE02120300000000202051" not in found.message  # the record is not told to everybody
    same = Seen("Acme Werkzeuge GmbH", iban="DE02 1203 0000 0000 2020 51")
    assert check_account(same, resolve(same, [ACME])) == ()
    assert check_account(seen, Resolution(ZETA, "name", 1.0)) == ()


def test_what_is_put_in_is_found_again(database: Database) -> None:
    assert suppliers.put(database, [ACME, ZETA], now=NOW) == (2, 0)
    assert suppliers.put(database, [ACME], now=NOW) == (0, 1)
    assert [s.name for s in suppliers.suppliers(database)] == [ACME.name, ZETA.name]
    found = suppliers.resolve(database, Seen("acme werkzuege"))
    assert found is not None
    assert found.supplier.ibans == ACME.ibans
    assert suppliers.resolve(database, Seen("Omega Papier")) is None
    assert suppliers.resolve(database, Seen()) is None


def test_another_name_is_learnt_from_a_confirmation_but_no_other_account(
    database: Database,
) -> None:
    suppliers.put(database, [ACME], now=NOW)
    seen = Seen("Kieler Eisenwaren", tax_id="DE123456789", iban="DE89370400440532013000")
    with database.write() as session:
        suppliers.learn(session, seen, now=NOW)
        suppliers.learn(session, Seen("Omega Papier", iban="DE89370400440532013000"), now=NOW)
    known = {s.name: s for s in suppliers.suppliers(database)}
    assert known[ACME.name].aliases == ("ACME Tools", "Kieler Eisenwaren")
    assert known[ACME.name].ibans == ACME.ibans
    assert known["Omega Papier"].ibans == ("DE89370400440532013000",)
    found = suppliers.resolve(database, Seen("KIELER EISENWAREN"))
    assert found is not None
    assert found.how == "alias"


def test_the_master_goes_out_and_comes_back_whole(tmp_path: Path) -> None:
    import pandas as pd

    odd = {"name": "=cmd|' /C calc'!A0", "ibans": "DE02120300000000202051", "aliases": "a; b"}
    for name in ("s.csv", "s.xlsx"):
        write_table(pd.DataFrame([odd]), tmp_path / name)
        (found,) = read_suppliers(tmp_path / name)
        assert (found.name, found.ibans, found.aliases) == (
            odd["name"],
            ("DE02120300000000202051",),
            ("a", "b"),
        )


@pytest.mark.parametrize(
    ("text", "told"),
    [("name,ibans\nA,DE1\n", "row 2: DE1"), ("name,tax\nA,1\n", "tax"), ("ibans\nX\n", "name")],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "s.csv"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=told):
        read_suppliers(path)


def test_respelt_names_find_their_firm() -> None:
    dice = Dice("respelt")
    made = firms(dice, 120)
    known = [Supplier(n, f.name) for n, f in enumerate(made)]
    right = 0
    for n, firm in enumerate(made):
        found = resolve(Seen(respelt(dice, firm.name)), known)
        assert found is None or found.supplier.supplier_id == n
        right += found is not None
    assert right >= 0.95 * len(made)
