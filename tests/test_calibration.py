from __future__ import annotations

import math
import random

import pytest

from models.calibration import Calibration, Judgement, accepted_share, calibration_error, fit


def boasting(count: int, *, name: str = "total_gross", seed: int = 1) -> list[Judgement]:
    """Return judgements whose log-odds are twice what they should be."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        true = chance.uniform(-1.5, 3)
        right = chance.random() < 1 / (1 + math.exp(-true))
        found.append(Judgement(name, 1 / (1 + math.exp(-2 * true)), right))
    return found


def test_a_boasting_model_is_brought_down_to_what_it_gets_right() -> None:
    told = fit(boasting(3000))
    fresh = boasting(3000, seed=2)
    said = [Judgement(j.name, told(j.name, j.score), j.right) for j in fresh]
    assert calibration_error(fresh) > 0.06
    assert calibration_error(said) < 0.03
    assert told.lines["total_gross"][0] == pytest.approx(0.5, abs=0.08)


def test_a_field_with_few_values_follows_all_fields() -> None:
    rare = [Judgement("supplier_bic", 0.9, True)] * 3
    told = fit([*boasting(1000), *rare])
    assert "supplier_bic" not in told.lines
    assert told("supplier_bic", 0.9) == told("*", 0.9)


def test_surer_stays_surer() -> None:
    told = fit(boasting(500))
    scores = [told("total_gross", s / 20) for s in range(1, 20)]
    assert scores == sorted(scores)
    assert all(0 < s < 1 for s in scores)


def test_without_judgements_scores_stay_as_they_are() -> None:
    assert fit([]) == Calibration({})
    assert fit([])("total_gross", 0.42) == 0.42


def test_only_right_values_do_not_make_certainty() -> None:
    told = fit([Judgement("issue_date", 0.8, True)] * 40)
    assert 0.8 < told("issue_date", 0.8) < 0.999


def test_the_accepted_share_stops_where_errors_pass_the_limit() -> None:
    judged = [Judgement("a", 1 - n / 1000, n < 300 or n % 2 == 0) for n in range(400)]
    assert accepted_share(judged, 0.01) == pytest.approx(0.7625, abs=0.01)
    assert accepted_share(judged, 1.0) == 1.0
    assert accepted_share([], 0.01) == 0.0


def test_no_field_runs_away_from_the_line_of_all() -> None:
    every = boasting(2000)
    for seed in range(40):
        chance = random.Random(seed)
        share = chance.random()
        low = chance.uniform(0.02, 0.6)
        high = chance.uniform(low, 1)
        own = [
            Judgement("payment_terms", score, chance.random() < share)
            for score in (chance.uniform(low, high) for _ in range(64))
        ]
        own += [Judgement("payment_terms", 0.9999, chance.random() < share) for _ in range(16)]
        slope, shift = fit([*every, *own]).lines["payment_terms"]
        assert 0 < slope < 3 and abs(shift) < 5
