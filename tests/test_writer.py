"""The writer: one bank of prefixes drives a causal model, and its text is checked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from families import byte_pairs
from transformers import LlamaConfig, LlamaForCausalLM
from typer.testing import CliRunner

from doctally.cli.app import app, run
from doctally.errors import ConfigurationError, MissingDependency
from doctally.telling import Facts
from models import causal as causals
from models.backbone import weights_sha256
from models.causal import Causal, attach_causal, load_causal
from models.prompts import batch_prefix
from models.writer import (
    CARD,
    LONGEST,
    WEIGHTS,
    Writer,
    checked,
    fresh_prompt,
    load_prompt,
    packaged_writing,
    save_prompt,
)
from models.writer_training import Pace, Written, next_piece_loss, teach_writer

TEMPLATE = "{% for m in messages %}{{ m['content'] + '\\n' }}{% endfor %}"
DIGEST = Facts("summarise", {"type": "invoice", "number": "4711", "total": "119.00 EUR"})
LETTER = Facts("draft", {"type": "invoice", "number": "17", "difference": "5 billed, 4 ordered"})


def tiny(seed: int = 0) -> Causal:
    """Return a random causal model with fewer key than query heads, as SmolLM2 has."""
    tokenizer = byte_pairs()
    tokenizer.chat_template = TEMPLATE
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=3,
        num_attention_heads=6,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=1,
        initializer_range=0.2,  # so that what it reads matters
    )
    model = LlamaForCausalLM(config)
    return attach_causal(model, tokenizer, sha256=weights_sha256(model))


@pytest.fixture(scope="module")
def causal() -> Causal:
    return tiny()


def examples(causal: Causal) -> list[Written]:
    return [
        Written("summarise", causal.prompt("summarise", DIGEST.text), "invoice 4711"),
        Written("draft", causal.prompt("draft", LETTER.text), "order date total"),
    ]


def test_the_prefixes_have_the_models_key_heads_and_change_what_it_writes(causal: Causal) -> None:
    prompt = fresh_prompt(causal)
    assert prompt.shared.shape == (3, 16, 2 * 2 * 8)
    given = [causal.prompt("summarise", DIGEST.text)]
    own = batch_prefix(prompt.prefixes().detach(), torch.tensor([0]))
    assert causal.write(given, own, longest=12) != causal.write(given, None, longest=12)


def test_writing_step_by_step_is_what_one_pass_over_the_text_says(causal: Causal) -> None:
    prompt = fresh_prompt(causal)
    own = batch_prefix(prompt.prefixes().detach(), torch.tensor([0]))
    given = causal.prompt("summarise", DIGEST.text)
    (text,) = causal.write([given], own, longest=8)
    pieces = causal.backbone.tokenizer(given, add_special_tokens=False)["input_ids"]
    for _ in range(8):
        ids = torch.tensor([pieces])
        states = causal.backbone(
            causal.backbone.embed(ids), torch.ones_like(ids, dtype=torch.bool), own
        )
        best = int(causal.model.lm_head(states[0, -1]).argmax())
        if best == causal.backbone.tokenizer.eos_token_id:
            break
        pieces = [*pieces, best]
    new = pieces[len(causal.backbone.tokenizer(given, add_special_tokens=False)["input_ids"]) :]
    assert causal.backbone.tokenizer.decode(new, skip_special_tokens=True).strip() == text


def test_digests_and_letters_in_one_batch_are_as_alone(
    causal: Causal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("summarise", "draft"):
        monkeypatch.setitem(LONGEST, kind, 12)
    writer = Writer(causal, fresh_prompt(causal))
    both = writer.unchecked([DIGEST, LETTER])
    assert both == [*writer.unchecked([DIGEST]), *writer.unchecked([LETTER])]
    assert both[0] != both[1]


def test_the_prompts_learn_to_write_and_the_model_stands_still(
    causal: Causal, tmp_path: Path
) -> None:
    before = weights_sha256(causal.model)
    rows = examples(causal)
    prompt = fresh_prompt(causal)
    first = float(next_piece_loss(causal, prompt, rows).detach())
    kept = tmp_path / "kept.safetensors"
    steps: list[int] = []
    pace = Pace(steps=20, rows=2, prompt_rate=5e-2, factor_rate=5e-2)
    teach_writer(causal, prompt, rows, pace, kept=kept, progress=lambda step, _: steps.append(step))
    assert float(next_piece_loss(causal, prompt, rows)) < 0.8 * first
    assert weights_sha256(causal.model) == before
    again: list[int] = []
    longer = Pace(steps=22, rows=2)
    resumed = fresh_prompt(causal)
    teach_writer(causal, resumed, rows, longer, kept=kept, progress=lambda s, _: again.append(s))
    assert steps == list(range(1, 21))
    assert again == [21, 22]


def test_prompts_are_kept_with_their_models_hash_and_refuse_another(
    causal: Causal, tmp_path: Path
) -> None:
    prompt = fresh_prompt(causal)
    save_prompt(prompt, tmp_path, {"steps": 0}, sha256=causal.backbone.sha256)
    loaded = load_prompt(causal, tmp_path)
    assert torch.equal(loaded.shared, prompt.shared.half().float())
    with pytest.raises(ConfigurationError, match="DOCTALLY_WRITER"):
        load_prompt(tiny(seed=5), tmp_path)


def test_a_text_that_the_facts_do_not_bear_out_gives_way_to_plain_sentences() -> None:
    good = checked("Invoice 4711 comes to 119.00 EUR.", DIGEST)
    assert (good.by, good.refused) == ("model", ())
    bad = checked("Invoice 4711 comes to 119.00 EUR, due in 30 days.", DIGEST)
    assert (bad.by, bad.refused) == ("plain", ("30",))
    assert "4711" in bad.text and "30" not in bad.text
    short = checked("It is an invoice.", DIGEST)
    assert short.refused == ("no 4711", "no 119.00 EUR")


def test_without_the_extra_the_way_to_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(causals, "NEEDED", ("a_package_nobody_has",))
    with pytest.raises(MissingDependency, match=r"a_package_nobody_has.*pip install"):
        load_causal(kept=tmp_path)


def printed(kind: str, name: str, fields: dict[str, str], line: dict[str, str]) -> str:
    def cells(values: dict[str, str]) -> dict[str, dict[str, str]]:
        return {n: {"value": v} for n, v in values.items()}

    row = {
        "file": name,
        "document_type": kind,
        "fields": cells(fields),
        "line_items": [cells(line)],
    }
    return json.dumps(row)


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    line = {"description": "bolt M8", "code": "B8", "unit_price": "2.00"}
    order = {"document_number": "PO-9", "supplier_name": "Acme Ltd", "currency": "EUR"}
    bill = {
        "document_number": "17",
        "order_number": "PO-9",
        "supplier_name": "Acme Ltd",
        "currency": "EUR",
        "total_gross": "10.00",
    }
    path = tmp_path / "papers.jsonl"
    path.write_text(
        printed("purchase_order", "o.pdf", order, {**line, "quantity": "4", "amount_net": "8.00"})
        + "\n"
        + printed("invoice", "i.pdf", bill, {**line, "quantity": "5", "amount_net": "10.00"}),
        encoding="utf-8",
    )
    return path


def test_documents_are_summarised_and_letters_drafted_without_a_model(papers: Path) -> None:
    told = CliRunner().invoke(app, ["summarise", str(papers), "--json"])
    assert told.exit_code == 0
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert [row["by"] for row in rows] == ["plain", "plain"]
    assert rows[1]["text"].startswith("Acme Ltd sent invoice 17 over 10.00 EUR.")
    letter = CliRunner().invoke(app, ["draft", str(papers), "--json"])
    (row,) = [json.loads(line) for line in letter.stdout.splitlines()]
    assert row["file"] == "i.pdf"
    assert "Dear Acme Ltd" in row["text"] and "5 billed, 4 ordered" in row["text"]


def test_a_model_that_is_asked_for_and_not_installed_ends_with_the_way_to_it(
    papers: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(causals, "NEEDED", ("a_package_nobody_has",))
    monkeypatch.setenv("DOCTALLY_HOME", str(tmp_path / "home"))
    assert run(["summarise", str(papers), "--writer", "packaged"]) == 3
    assert "pip install" in capsys.readouterr().err


def test_the_packaged_prompts_are_small_and_name_their_model() -> None:
    card = json.loads((packaged_writing() / CARD).read_text(encoding="utf-8"))
    assert len(card["backbone_sha256"]) == 64
    assert (packaged_writing() / WEIGHTS).stat().st_size < 500_000
