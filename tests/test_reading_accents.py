"""Accents that OCR saw where there are none."""

from __future__ import annotations

import pytest

from doctally.locale import is_english
from extractors.accents import without_strays
from extractors.layout import Run


def read(text: str) -> str:
    runs = [Run(word, 0.0, 0.0, 1.0, 1.0, size=1.0) for word in text.split()]
    return " ".join(run.text for run in without_strays(runs))


ENGLISH = (
    "Gerbang Alaf Restäurants Sdn Bhd tax invoice amount due to the customer, thank you for your "
    "visit and please come again, Level 6 Bangunan TH Damansara"
)


def test_the_few_accents_of_an_english_page_are_dirt() -> None:
    assert read(ENGLISH) == ENGLISH.replace("ä", "a")


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH.replace("tax invoice", "Rechnung"),
        "Übertrag von Seite 1, Summe der Positionen, Zwischensumme",
        "café crème brûlée, the amount due, thank you",  # many: meant so
        "Łódź",
        "12,50 € ½ °C №",
    ],
)
def test_where_accents_belong_they_stay(text: str) -> None:
    assert read(text) == text


def test_a_page_without_words_stays_empty() -> None:
    assert without_strays([]) == []


def test_english_is_told_by_its_words() -> None:
    assert is_english("Tax invoice: amount due")
    assert not is_english("total date")
    assert not is_english("Invoice / Facture, amount / montant")
