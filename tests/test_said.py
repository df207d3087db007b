"""What carriers' set phrases mean, in several languages, and where they are left to the model."""

from __future__ import annotations

import pytest

from doctally.said import state_said


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Out for delivery", "out_for_delivery"),
        ("Sendung befindet sich in Zustellung", "out_for_delivery"),
        ("Could not be delivered, recipient not at home", "attempt_failed"),
        ("Zustellung fehlgeschlagen, niemand angetroffen", "attempt_failed"),
        ("Livraison impossible, destinataire absent", "attempt_failed"),
        ("Dropped at a parcel locker near you", "available_for_pickup"),
        ("Disponible en point relais", "available_for_pickup"),
        ("Delivered, Parcel Locker", "delivered"),
        ("Your parcel has been delivered", "delivered"),
        ("El paquete ha sido entregado", "delivered"),
        ("Shipping label created", "info_received"),
        ("Sendung elektronisch angekündigt", "info_received"),
    ],
)
def test_set_phrases_tell_the_state_in_any_language(text: str, state: str) -> None:
    assert state_said(text) == state


@pytest.mark.parametrize(
    "text",
    [
        "Departed from facility",
        "Posted by the sender at the Packstation",
        "We attempted to pick up the parcel but were unsuccessful",
        "Awaiting collection by the carrier",
        "Address incomplete",
        "",
    ],
)
def test_what_is_not_beyond_doubt_is_left_to_the_model(text: str) -> None:
    assert state_said(text) is None
