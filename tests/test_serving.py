"""The model at work: how often prompts are computed, what a bank weighs, where it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny import page_of, tiny_backbone

from doctally.errors import ConfigurationError
from doctally.pages import Reading
from models.backbone import Backbone, load_backbone, use_threads
from models.bank import active, load, packaged_bank
from models.config import Config
from models.engine import Engine
from models.network import Network
from models.precision import Precision, placed
from models.prompts import DeepPrompt
from models.tasks import TASKS
from models.train import adapt

SMALL = Config(prompt_length=4, label_size=16, mixers=1)
INVOICE = ("INVOICE", "Invoice number: 4711", "Invoice date: 2026-03-01", "Total due: 119.00 EUR")


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return tiny_backbone(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def network(backbone: Backbone) -> Network:
    torch.manual_seed(1)
    made = Network(backbone, TASKS, prompt_length=4, label_size=16, mixers=1)
    made.start()
    return made.eval()


def reading(*lines: str) -> Reading:
    return Reading("application/pdf", (page_of(*lines),))


def test_prompts_become_keys_and_values_once_for_all_that_is_read(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[int] = []
    plain = DeepPrompt.prefixes

    def counted(prompt: DeepPrompt) -> torch.Tensor:
        computed.append(1)
        return plain(prompt)

    monkeypatch.setattr(DeepPrompt, "prefixes", counted)
    engine = Engine(network, SMALL, "x")
    for _ in range(3):
        engine.extract([reading(*INVOICE), reading("receipt", "total 3.00")])
    assert len(computed) == 1


def test_the_packaged_bank_weighs_under_three_megabytes() -> None:
    files = [p for p in active(packaged_bank()).folder.rglob("*") if p.is_file()]
    assert 100_000 < sum(p.stat().st_size for p in files) < 3_000_000
    assert not [p for p in packaged_bank().rglob("*") if p.suffix in {".pt", ".bin", ".pkl"}]


@pytest.mark.parametrize("precision", ["bfloat16", "int8"])
def test_a_coarser_backbone_gives_nearly_the_same_states_in_float32(
    backbone: Backbone, precision: Precision
) -> None:
    ids = torch.randint(5, 60, (2, 30), generator=torch.Generator().manual_seed(1))
    mask = torch.ones_like(ids, dtype=torch.bool)
    before = backbone(backbone.embed(ids), mask, None)
    coarse = placed(backbone, precision=precision)
    after = coarse(coarse.embed(ids), mask, None)
    assert after.dtype == torch.float32
    assert not torch.equal(after, before)
    assert torch.nn.functional.cosine_similarity(after, before, dim=-1).min() > 0.98
    assert coarse.sha256 == backbone.sha256
    assert torch.equal(backbone(backbone.embed(ids), mask, None), before)


@pytest.mark.parametrize("precision", ["bfloat16", "int8"])
def test_the_packaged_bank_reads_an_invoice_at_every_precision(precision: Precision) -> None:
    engine = Engine.load(backbone="packaged", bank=None, threads=1, precision=precision)
    (found,) = engine.extract([reading(*INVOICE)])
    assert found.document_type == "invoice"
    assert found.fields["document_number"].value == "4711"


def test_a_device_that_is_not_there_is_refused_by_its_name(backbone: Backbone) -> None:
    with pytest.raises(ConfigurationError, match="gramophone"):
        placed(backbone, device="gramophone")


def test_threads_are_those_asked_for_or_what_the_machine_leaves() -> None:
    before = torch.get_num_threads()
    try:
        use_threads(3)
        assert torch.get_num_threads() == 3
        use_threads(0)
        assert 1 <= torch.get_num_threads() <= 16
    finally:
        torch.set_num_threads(before)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_on_a_gpu_the_packaged_bank_reads_the_same(precision: Precision) -> None:
    here = Engine.load(backbone="packaged", bank=None, threads=0)
    there = Engine.load(
        backbone="packaged", bank=None, threads=0, precision=precision, device="cuda"
    )
    (one,), (other,) = (e.extract([reading(*INVOICE)]) for e in (here, there))
    assert {n: v.value for n, v in one.fields.items()} == {
        n: v.value for n, v in other.fields.items()
    }


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_task_is_adapted_on_a_gpu(tmp_path: Path) -> None:
    from small import made

    frozen = placed(load_backbone(), device="cuda")
    network = load(active(packaged_bank()), frozen)
    config = Config(**{**active(packaged_bank()).card["config"], "steps": 2})
    losses: list[float] = []
    examples = [made(n, frozen) for n in range(4)]
    adapt(network, "invoice", examples, config, progress=lambda _s, loss: losses.append(loss))
    assert losses and all(torch.isfinite(torch.tensor(losses)))
