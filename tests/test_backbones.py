"""Every family of encoders that DOCTALLY_BACKBONE may name, as tiny random models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from families import FAMILIES, saved
from small import SMALL, made
from tiny import page_of
from transformers import AutoModel, DebertaV2Config, DebertaV2Model

from doctally.errors import ConfigurationError
from doctally.pages import Reading
from doctally.values import Locale
from models import bank as banks
from models.backbone import Backbone, attach, load_backbone
from models.engine import Engine
from models.network import Network, collate
from models.prompts import DeepPrompt, batch_prefix
from models.tasks import TASKS
from models.train import adapt, train
from models.windows import cut, encode, encode_reading, lead

CHOSEN = {name: TASKS[name] for name in ("route", "invoice", "receipt")}


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def backbone(folder: Path) -> Backbone:
    return load_backbone(str(folder))


def padded(backbone: Backbone) -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.randint(5, 60, (2, 40), generator=torch.Generator().manual_seed(1))
    mask = torch.ones_like(ids, dtype=torch.bool)
    mask[0, 25:] = False
    return ids.masked_fill(~mask, backbone.tokenizer.pad_token_id), mask


def prefix(backbone: Backbone, tasks: int = 1) -> torch.Tensor:
    torch.manual_seed(4)
    prompt = DeepPrompt(backbone, [str(n) for n in range(tasks)], length=5)
    prompt.start_from(backbone, "invoice number total")
    return prompt.prefixes()


def test_without_a_prefix_the_encoder_is_what_the_library_computes(
    backbone: Backbone, folder: Path
) -> None:
    ids, mask = padded(backbone)
    plain = AutoModel.from_pretrained(folder, attn_implementation="sdpa").eval()
    with torch.inference_mode():
        ours = backbone(backbone.embed(ids), mask, None)
        theirs = plain(input_ids=ids, attention_mask=mask).last_hidden_state
    assert torch.allclose(ours[mask], theirs[mask], atol=1e-5)


def test_the_prompt_steers_every_piece_and_learns_through_every_layer(backbone: Backbone) -> None:
    ids, mask = padded(backbone)
    own = prefix(backbone).detach().requires_grad_()
    steered = backbone(backbone.embed(ids), mask, batch_prefix(own, torch.tensor([0, 0])))
    bare = backbone(backbone.embed(ids), mask, None)
    assert ((steered - bare).abs().amax(-1)[mask] > 1e-7).all()
    steered[mask].square().sum().backward()
    assert own.grad is not None
    assert (own.grad.abs().amax((0, 2, 3, 4, 5)) > 0).all()
    assert not any(p.requires_grad for p in backbone.model.parameters())


def test_a_batch_of_mixed_tasks_equals_each_task_alone_to_the_last_bit(backbone: Backbone) -> None:
    torch.manual_seed(1)
    network = Network(backbone, CHOSEN, prompt_length=5, label_size=16, mixers=1)
    network.start()
    network.eval()
    page = page_of("invoice number 4711", "total  119.00", "date 01.02.2026")
    reading = Reading("application/pdf", (page,))
    [encoded] = encode_reading(reading, backbone.tokenizer, Locale(True, False))
    window = next(cut([encoded], document=0, size=100, overlap=10))
    batch = collate([(encoded, window)] * 3, pad=backbone.tokenizer.pad_token_id)
    with torch.inference_mode():
        prefixes = network.prompt.prefixes()
        mixed, _ = network.states(batch, prefixes, torch.tensor([0, 1, 2]))
        for task in range(3):
            alone, _ = network.states(batch, prefixes, torch.tensor([task] * 3))
            assert torch.equal(mixed[task], alone[task])
        assert not torch.allclose(mixed[0], mixed[1], atol=1e-7)


def test_a_bank_is_trained_adapted_saved_and_loaded_and_another_backbone_is_refused(
    backbone: Backbone, folder: Path, tmp_path: Path
) -> None:
    config = replace(SMALL, steps=25, above_steps=0)
    examples = [made(n, backbone) for n in range(4)]
    losses: list[float] = []
    network = train(
        backbone,
        examples,
        config,
        weights={},
        progress=lambda _step, loss: losses.append(loss),
    )
    assert losses[-1] < 0.8 * losses[0]
    adapt(network, "invoice", examples, replace(config, steps=3))
    version = banks.save(network, tmp_path, {"config": config.as_dict()})
    engine = Engine(banks.load(version, load_backbone(str(folder))), config, version.name)
    reading = Reading("application/pdf", (page_of("invoice", "number: 4003", "total  13.00"),))
    assert engine.extract([reading])[0].model_version == version.name
    other = load_backbone(str(saved(folder.name.rsplit("-", 1)[0], tmp_path, seed=9)))
    with pytest.raises(ConfigurationError, match=r"DOCTALLY_BACKBONE.*doctally train"):
        banks.load(version, other)


def test_words_have_the_pieces_that_they_have_inside_a_text(backbone: Backbone) -> None:
    tokenizer = backbone.tokenizer
    page = page_of("date invoice 4711")
    (none,) = [[(False,) * 5] * 3]
    encoded = encode(page, tokenizer, none, pages=1)
    text = lead(tokenizer) + "date invoice 4711"
    inside = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert [piece for word in encoded.pieces for piece in word] == inside


def test_local_attention_stays_local_and_still_sees_the_prompt(tmp_path: Path) -> None:
    backbone = load_backbone(str(saved("modernbert", tmp_path)))
    for layer in backbone.model.layers:  # every layer as a local one
        layer.attention_type = "sliding_attention"
    ids, _ = padded(backbone)
    ids, mask = ids[1:], torch.ones(1, 40, dtype=torch.bool)
    moved = ids.clone()
    moved[0, 39] = 7 if ids[0, 39] != 7 else 8
    with torch.inference_mode():
        one, other = (backbone(backbone.embed(x), mask, None) for x in (ids, moved))
        own = batch_prefix(prefix(backbone), torch.tensor([0]))
        steered = backbone(backbone.embed(ids), mask, own)
    assert torch.equal(one[0, :20], other[0, :20])
    assert not torch.equal(one[0, 38:], other[0, 38:])
    assert ((steered - one).abs().amax(-1) > 1e-7).all()


def test_an_encoder_with_its_own_kind_of_attention_is_refused(tmp_path: Path) -> None:
    sizes = {"hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    model = DebertaV2Model(DebertaV2Config(vocab_size=60, intermediate_size=96, **sizes))
    tokenizer = load_backbone(str(saved("bert", tmp_path))).tokenizer
    with pytest.raises(ConfigurationError, match="cannot take prefixes"):
        attach(model, tokenizer, sha256="x")


def test_a_folder_without_a_model_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be loaded"):
        load_backbone(str(tmp_path))
