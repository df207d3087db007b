"""Networks that differ from ours in where their trained numbers stand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from peft import MultitaskPromptTuningConfig
from peft.tuners.multitask_prompt_tuning import MultitaskPromptEmbedding
from torch import Tensor, nn

from models.backbone import Backbone
from models.network import PROMPT_TEXT, Batch, Network, by_word
from models.prompts import DeepPrompt
from models.tasks import Task

Kind = Literal["none", "deep", "input", "peft", "peft-repaired"]


class Ranked(DeepPrompt):
    """Factors of a higher rank: P_k,l = P*_l ∘ Σ_r u_k,l,r ⊗ v_k,l,r; they start near one."""

    def __init__(self, backbone: Backbone, tasks: tuple[str, ...], length: int, rank: int) -> None:
        super().__init__(backbone, tasks, length)
        layers, width = backbone.layers, backbone.width
        for name in tasks:
            u = 1 + 0.02 * torch.randn(layers, length, rank)
            v = (1 + 0.02 * torch.randn(layers, rank, 2 * width)) / rank
            # unlike noise, or all ranks would move alike
            self.u[name] = nn.Parameter(u + 0.1 * torch.randn(1, 1, rank))
            self.v[name] = nn.Parameter(v)

    def prompt(self, task: str) -> Tensor:
        """Return P_k [layers, p, 2d]."""
        shared: Tensor = self.private.get(task, self.shared)
        prompt: Tensor = shared * (self.u[task] @ self.v[task])
        return prompt


class Bare(nn.Module):
    """No addition for the layout."""

    def forward(self, boxes: Tensor, flags: Tensor, shapes: Tensor) -> Tensor:
        """Return zero."""
        return boxes.new_zeros(())


class InputPrompted(Network):
    """Prompt vectors before the input (Lester et al. 2021) in the place of deep ones.

    ``peft`` takes them from PEFT's multitask prompt embedding as it is shipped: its factors start
    at N(0, 0.02²), so the prompt starts at nearly nothing. ``peft-repaired`` starts them near one.
    Both read words as we do; PEFT's own pooling at the first position, a prompt vector, is left
    out.
    """

    def __init__(
        self,
        backbone: Backbone,
        tasks: Mapping[str, Task],
        *,
        kind: Kind,
        length: int,
        label_size: int,
    ) -> None:
        super().__init__(backbone, tasks, prompt_length=0, label_size=label_size, mixers=0)
        tokenizer = backbone.tokenizer
        pieces = tokenizer(PROMPT_TEXT, add_special_tokens=False)["input_ids"]
        text = torch.tensor((pieces * (length // len(pieces) + 1))[:length])
        self.length = length
        start = backbone.embed(text).detach().clone()
        if kind == "input":
            self.soft = nn.Parameter(start.repeat(len(tasks), 1, 1))
            return
        config = MultitaskPromptTuningConfig(
            task_type="TOKEN_CLS",
            num_tasks=len(tasks),
            num_virtual_tokens=length,
            token_dim=backbone.width,
            num_transformer_submodules=1,
            num_layers=backbone.layers,
        )
        self.soft_tasks = MultitaskPromptEmbedding(config, backbone.model.get_input_embeddings())
        with torch.no_grad():
            self.soft_tasks.embedding.weight.copy_(start)
            if kind == "peft-repaired":
                for factors in (self.soft_tasks.prefix_task_cols, self.soft_tasks.prefix_task_rows):
                    factors.add_(1)

    def soft_prompts(self, task_ids: Tensor) -> Tensor:
        """Return the prompt vectors of the rows' tasks, [batch, p, d]."""
        if hasattr(self, "soft"):
            return self.soft[task_ids]
        index = torch.arange(self.length).expand(len(task_ids), -1)
        prompts: Tensor = self.soft_tasks(index, task_ids)
        return prompts

    def words(
        self,
        batch: Batch,
        prefixes: Tensor,
        task_ids: Tensor,
        *,
        shift: float = 0.0,
        scale: float = 0.0,
    ) -> Tensor:
        """Return word states [batch, words, d] of sequences that the prompt stands before."""
        embedded = self.placed(batch, shift=shift, scale=scale)
        prompts = self.soft_prompts(task_ids)
        ones = batch.mask.new_ones(prompts.shape[:2])
        hidden = self.backbone(
            torch.cat((prompts, embedded), 1), torch.cat((ones, batch.mask), 1), None
        )
        return by_word(hidden[:, self.length :], batch)
