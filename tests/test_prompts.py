from __future__ import annotations

import pytest
import torch
from tiny import page_of, tiny_backbone

from doctally.pages import Page, Reading
from doctally.values import Locale
from models.attention import LAYER, Pass, prefix_attention, running
from models.backbone import Backbone
from models.network import Network, collate
from models.prompts import DeepPrompt, batch_prefix
from models.tasks import TASKS
from models.windows import Encoded, cut, encode_reading

CHOSEN = {name: TASKS[name] for name in ("route", "invoice", "receipt")}


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def network(backbone: Backbone) -> Network:
    torch.manual_seed(1)
    made = Network(backbone, CHOSEN, prompt_length=5, label_size=16, mixers=1)
    made.start()
    return made.eval()


def encoded_of(page: Page, network: Network) -> Encoded:
    reading = Reading("application/pdf", (page,))
    locale = Locale(day_first=True, decimal_comma=False)
    return encode_reading(reading, network.backbone.tokenizer, locale)[0]


def test_a_task_prompt_is_the_shared_prompt_times_the_outer_product_of_its_factors(
    backbone: Backbone,
) -> None:
    prompt = DeepPrompt(backbone, ["a", "b"], length=5)
    for layer in range(backbone.layers):
        outer = torch.outer(prompt.u["b"][layer], prompt.v["b"][layer])
        assert torch.allclose(prompt.prompt("b")[layer], prompt.shared[layer] * outer)


def test_a_new_task_costs_one_u_and_one_v_per_layer(backbone: Backbone) -> None:
    one, two = DeepPrompt(backbone, ["a"], 5), DeepPrompt(backbone, ["a", "b"], 5)

    def size(prompt: DeepPrompt) -> int:
        return sum(p.numel() for p in prompt.parameters())

    assert size(two) - size(one) == backbone.layers * (5 + 2 * backbone.width)


def test_keys_and_values_come_from_their_halves_of_the_prompt(backbone: Backbone) -> None:
    prompt = DeepPrompt(backbone, ["a"], length=5)
    prefix = prompt.prefixes()
    width, head = backbone.width, backbone.width // backbone.heads
    whole = prompt.prompt("a")
    assert prefix.shape == (1, backbone.layers, 2, backbone.heads, 5, head)
    assert torch.equal(prefix[0, 1, 0, 2, 3], whole[1, 3, 2 * head : 3 * head])
    assert torch.equal(prefix[0, 1, 1, 2, 3], whole[1, 3, width + 2 * head : width + 3 * head])


def test_a_prefix_is_what_attention_over_longer_keys_and_values_gives(backbone: Backbone) -> None:
    query, key, value = (torch.randn(1, 4, 6, 12) for _ in range(3))
    prompt = DeepPrompt(backbone, ["a"], 5)
    prefix = batch_prefix(prompt.prefixes(), torch.tensor([0]))
    module = next(m for m in backbone.model.modules() if getattr(m, LAYER, None) == 1)
    with running(Pass(prefix)):
        ours, _ = prefix_attention(module, query, key, value, None)
    keys = torch.cat((prefix[1][0], key), 2)
    values = torch.cat((prefix[1][1], value), 2)
    weights = (query @ keys.transpose(-1, -2) / 12**0.5).softmax(-1)
    assert torch.allclose(ours, (weights @ values).transpose(1, 2), atol=1e-5)


def test_a_batch_of_mixed_tasks_equals_each_task_alone_to_the_last_bit(network: Network) -> None:
    page = page_of("invoice number 123", "total  45.00", "date 01.02.2026")
    encoded = encoded_of(page, network)
    window = next(cut([encoded], document=0, size=100, overlap=10))
    batch = collate([(encoded, window)] * 3, pad=0)
    with torch.inference_mode():
        prefixes = network.prompt.prefixes()
        mixed, _ = network.states(batch, prefixes, torch.tensor([0, 1, 2]))
        for task in range(3):
            alone, _ = network.states(batch, prefixes, torch.tensor([task] * 3))
            assert torch.equal(mixed[task], alone[task])
        assert not torch.allclose(mixed[0], mixed[1])


def test_only_prompt_layout_and_head_are_trainable(network: Network) -> None:
    trained = {name.split(".")[0] for name, p in network.named_parameters() if p.requires_grad}
    assert trained == {"prompt", "layout", "head"}
    assert not any(p.requires_grad for p in network.backbone.model.parameters())


def test_padding_changes_nothing(network: Network) -> None:
    short = encoded_of(page_of("total 12.00"), network)
    long = encoded_of(page_of("invoice number 123 order total date " * 3), network)
    windows = [next(cut([e], document=0, size=200, overlap=10)) for e in (short, long)]
    with torch.inference_mode():
        prefixes = network.prompt.prefixes()
        both, _ = network.states(
            collate([(short, windows[0]), (long, windows[1])], pad=0),
            prefixes,
            torch.tensor([1, 1]),
        )
        alone, _ = network.states(
            collate([(short, windows[0])], pad=0), prefixes, torch.tensor([1])
        )
    assert torch.allclose(both[0, :2], alone[0, :2], atol=1e-5)
