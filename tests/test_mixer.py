from __future__ import annotations

import torch

from models.mixer import ACROSS, DOWN, SAME_LINE, Mixer, relations

LEVELS = len(DOWN) + 1


def relation(word: tuple[float, ...], other: tuple[float, ...]) -> tuple[str, int]:
    found = int(relations(torch.tensor([[word, other]]))[0, 0, 1])
    return ACROSS[found // LEVELS], found % LEVELS


def test_a_caption_stands_left_of_its_value_on_the_same_line() -> None:
    assert relation((0.30, 0.100, 0.36, 0.112), (0.24, 0.101, 0.29, 0.113)) == (
        "next left",
        SAME_LINE,
    )


def test_the_head_of_a_column_stands_above_flush_right() -> None:
    across, down = relation((0.80, 0.50, 0.86, 0.512), (0.82, 0.44, 0.861, 0.452))
    assert across == "flush right"
    assert down < SAME_LINE


def test_what_is_far_away_in_another_column_is_not_over_the_word() -> None:
    assert relation((0.1, 0.5, 0.2, 0.512), (0.7, 0.53, 0.8, 0.542))[0] == "far right"


def test_relations_do_not_change_when_the_page_moves() -> None:
    torch.manual_seed(0)
    corner = torch.rand(1, 12, 2) * 0.7
    boxes = torch.cat((corner, corner + torch.tensor([0.06, 0.012])), dim=-1)
    assert torch.equal(relations(boxes), relations(boxes + 0.05))


def test_a_new_mixer_changes_nothing_and_a_trained_one_ignores_padding() -> None:
    torch.manual_seed(0)
    mixer = Mixer(16).eval()
    states = torch.randn(1, 6, 16)
    corner = torch.rand(1, 6, 2) * 0.8
    where = relations(torch.cat((corner, corner + 0.02), dim=-1))
    present = torch.tensor([[True, True, True, True, False, False]])
    assert torch.equal(mixer(states, where, present), states)
    torch.nn.init.normal_(mixer.out.weight)
    heard = mixer(states, where, present)
    assert not torch.allclose(heard, states)
    other = states.clone()
    other[0, 4:] = 9.0
    assert torch.allclose(mixer(other, where, present)[0, :4], heard[0, :4])
