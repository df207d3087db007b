from __future__ import annotations

import math

import pytest
import torch

from models.losses import allowed_loss, somewhere_loss


def test_what_a_source_does_not_label_is_never_taught_as_a_negative() -> None:
    logits = torch.zeros(1, 3, requires_grad=True)
    allowed = torch.tensor([[True, True, False]])  # outside, or the unlabelled field 1
    allowed_loss(logits, allowed, torch.ones(1)).backward()
    assert logits.grad is not None
    assert logits.grad[0, 0] == logits.grad[0, 1] < 0 < logits.grad[0, 2]


def test_a_single_allowed_label_is_plain_cross_entropy() -> None:
    logits = torch.randn(5, 4)
    target = torch.tensor([0, 3, 1, 2, 2])
    allowed = torch.nn.functional.one_hot(target, 4).bool()
    ours = allowed_loss(logits, allowed, torch.ones(5))
    assert torch.allclose(ours, torch.nn.functional.cross_entropy(logits, target))


def test_one_place_out_of_two_is_enough() -> None:
    sure = torch.log(torch.tensor([[0.02, 0.98], [0.98, 0.02]]))
    loss = somewhere_loss(sure, [(1, [torch.tensor([0]), torch.tensor([1])])])
    assert loss.item() == pytest.approx(-math.log(1 - 0.02 * 0.98), abs=1e-5)


def test_no_place_found_costs() -> None:
    unsure = torch.log(torch.tensor([[0.9, 0.1], [0.8, 0.2]]))
    loss = somewhere_loss(unsure, [(1, [torch.tensor([0]), torch.tensor([1])])])
    assert loss.item() == pytest.approx(-math.log(1 - 0.9 * 0.8), abs=1e-5)
