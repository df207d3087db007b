"""The methods that are compared: what each trains, jointly or a task at a time."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from peft import LoraConfig, inject_adapter_in_model

from benchmarks.mpt.data import Source
from benchmarks.mpt.variants import Bare, InputPrompted, Kind, Ranked
from models.backbone import PACKAGED, Backbone, load_backbone
from models.config import Config
from models.descent import descend
from models.distil import Distilled
from models.examples import Example
from models.network import PROMPT_TEXT, Network
from models.sampling import Sampler
from models.tasks import Task
from models.train import adapt
from models.views import Live, labelled

LABEL_SIZE = 96


@dataclass(frozen=True, slots=True)
class Method:
    """What is trained: prompt, factors, layout, the backbone itself; jointly or task by task.

    ``target`` is the share of the budget for the last stage, each task by its own numbers.
    """

    title: str
    joint: bool = False
    prompt: Kind = "deep"
    length: int = 20
    rank: int = 0  # of the factors; 0: none
    tune: str = ""  # "full" or "lora": what of the backbone moves
    layout: bool = True
    distil: bool = False
    target: float = 0.0
    private: bool = False
    trained: bool = True
    body_rate: float = 0.0


FULL, LORA = "full", "lora"
METHODS: Mapping[str, Method] = {
    "full": Method("full fine-tuning per task", prompt="none", tune=FULL, body_rate=1e-4),
    "deep": Method("deep prompt per task"),
    "mpt": Method("MPT (ours)", joint=True, rank=1, distil=True, target=0.2),
    "lora": Method("LoRA per task (peft, r = 8)", prompt="none", tune=LORA, body_rate=2e-3),
    "mpt-undistilled": Method("MPT without distillation", joint=True, rank=1, target=0.2),
    "shared": Method("one shared prompt, no factors", joint=True),
    "heads": Method("trained heads only", prompt="none", layout=False),
    "described": Method("label descriptions, untrained", prompt="none", trained=False),
    "input": Method("input-only prompt per task", prompt="input"),
    "peft": Method("PEFT's MPT as shipped", joint=True, prompt="peft"),
    "peft-repaired": Method("PEFT's MPT, factors from one", joint=True, prompt="peft-repaired"),
    "undecomposed": Method(
        "MPT without decomposition", joint=True, distil=True, target=0.2, private=True
    ),
    "unlaid": Method(
        "MPT without layout", joint=True, rank=1, distil=True, target=0.2, layout=False
    ),
    "rank2": Method("MPT, rank 2", joint=True, rank=2, distil=True, target=0.2),
    "rank4": Method("MPT, rank 4", joint=True, rank=4, distil=True, target=0.2),
    "p5": Method("MPT, p = 5", joint=True, rank=1, distil=True, target=0.2, length=5),
    "p10": Method("MPT, p = 10", joint=True, rank=1, distil=True, target=0.2, length=10),
    "p40": Method("MPT, p = 40", joint=True, rank=1, distil=True, target=0.2, length=40),
}


@dataclass(frozen=True, slots=True)
class Fitted:
    """A network per task (one for all when trained jointly), its numbers and what it cost."""

    networks: Mapping[str, Network]
    shared_numbers: int
    task_numbers: int  # of one task on average, label vectors left out
    seconds: float


def config_of(steps: int, *, window: int, pieces: int, seed: int) -> Config:
    """Return the settings that all methods train with."""
    return Config(
        label_size=LABEL_SIZE,
        mixers=0,
        window=window,
        overlap=0,
        pieces_per_batch=pieces,
        steps=steps,
        average=0.95,
        seed=seed,
    )


def fit(
    method: Method,
    sources: Sequence[Source],
    config: Config,
    *,
    teachers: Mapping[str, Network] | None = None,
) -> Fitted:
    """Return the method trained with ``config.steps`` batches per task in all its stages."""
    started = time.perf_counter()
    if not method.joint:
        parts = [_alone(method, source, config) for source in sources]
        networks = {s.name: network for s, network in zip(sources, parts, strict=True)}
        own = sum(_numbers(n, method) for n in parts) // len(parts)
        return Fitted(networks, 0, own, time.perf_counter() - started)
    tasks = {source.name: source.task for source in sources}
    network = _network(method, load_backbone(), tasks, config)
    examples = [example for source in sources for example in source.train]
    target = round(method.target * config.steps)
    joint = replace(config, steps=(config.steps - target) * len(sources))
    _descend(network, examples, joint, method, teachers if method.distil else None)
    if target:
        for source in sources:
            short = replace(config, steps=target)
            adapt(network, source.name, source.train, short, private=method.private)
    shared = network.prompt.shared.numel() + _count(network.layout)
    own = 0
    if method.rank:
        own = sum(p.numel() for p in network.own(sources[0].name)["factors"])
    if method.private:
        own = network.prompt.shared.numel()
    if isinstance(network, InputPrompted):
        factors = network.soft_tasks
        shared += factors.embedding.weight.numel()
        own = (factors.prefix_task_cols.numel() + factors.prefix_task_rows.numel()) // len(tasks)
    return Fitted(dict.fromkeys(tasks, network), shared, own, time.perf_counter() - started)


def _alone(method: Method, source: Source, config: Config) -> Network:
    # an own copy of the backbone where it moves; the one in memory is frozen
    backbone = load_backbone.__wrapped__(PACKAGED) if method.tune else load_backbone()
    if method.tune == LORA:
        lora = LoraConfig(r=8, lora_alpha=16, target_modules=["query", "value"])
        inject_adapter_in_model(lora, backbone.model)
    network = _network(method, backbone, {source.name: source.task}, config)
    if method.trained:
        _descend(network, source.train, config, method, None)
    return network.eval()


def _network(
    method: Method, backbone: Backbone, tasks: Mapping[str, Task], config: Config
) -> Network:
    torch.manual_seed(config.seed)
    random.seed(config.seed)
    if method.prompt in ("input", "peft", "peft-repaired"):
        network: Network = InputPrompted(
            backbone, tasks, kind=method.prompt, length=method.length, label_size=LABEL_SIZE
        )
    else:
        length = method.length if method.prompt == "deep" else 0
        network = Network(backbone, tasks, prompt_length=length, label_size=LABEL_SIZE, mixers=0)
        if method.rank > 1:
            network.prompt = Ranked(backbone, tuple(tasks), length, method.rank)
        if length:
            network.prompt.start_from(backbone, PROMPT_TEXT)
    if not method.layout:
        network.layout = Bare()  # type: ignore[assignment]  # the same call, nothing added
    network.head.start_from(backbone, tasks)
    return network


def _descend(
    network: Network,
    examples: Sequence[Example],
    config: Config,
    method: Method,
    teachers: Mapping[str, Network] | None,
) -> None:
    """Train everything that the method trains."""
    network.requires_grad_(True).train()
    prompt = network.prompt
    factors = [*prompt.u.values(), *prompt.v.values()]
    groups: list[dict[str, Any]] = [
        {"params": list(network.layout.parameters()), "lr": config.head_rate},
        {"params": list(network.head.parameters()), "lr": config.head_rate},
    ]
    if isinstance(network, InputPrompted):
        soft = [p for n, p in network.named_parameters() if n.startswith("soft")]
        groups.append({"params": soft, "lr": 10 * config.prompt_rate})
    elif prompt.shared.numel():
        groups.append({"params": [prompt.shared], "lr": config.prompt_rate, "weight_decay": 0.0})
    if method.rank:
        groups.append({"params": factors, "lr": config.factor_rate, "weight_decay": 0.0})
    else:
        for factor in factors:
            factor.requires_grad_(False)
    if method.tune:
        body = [
            p
            for n, p in network.backbone.model.named_parameters()
            if method.tune == FULL or "lora_" in n
        ]
        for parameter in body:
            parameter.requires_grad_(True)
        groups.append({"params": body, "lr": method.body_rate})
    sampler = Sampler(
        examples, weights=equal_shares(examples, config), config=config, tasks=network.tasks
    )
    objective = (
        Distilled(network, teachers, config)
        if teachers
        else labelled(network, Live(network, config), config)
    )
    descend(
        [group for group in groups if group["params"]],
        sampler,
        config,
        objective=objective,
        steps=config.steps,
        progress=lambda step, loss: None,
        minutes=float("inf"),
    )
    network.requires_grad_(False).eval()


def equal_shares(examples: Sequence[Example], config: Config) -> dict[str, float]:
    """Return weights of the examples' sources by which every task is drawn as often.

    The sampler takes the square root of a group's size and only some of the draws to classify.
    """
    groups = Counter((e.source, (*e.types, e.status or "")[0]) for e in examples)
    sums: Counter[str] = Counter()
    for (source, _), size in groups.items():
        sums[_task_of(source)] += size**0.5  # type: ignore[assignment]  # a sum of roots
    judged = {e.source for e in examples if e.task is None}
    return {
        source: 1 / sums[_task_of(source)] / (config.route_share if source in judged else 1)
        for source, _ in groups
    }


def _task_of(source: str) -> str:
    return source.split("/")[0]


def _count(module: torch.nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


def _numbers(network: Network, method: Method) -> int:
    """Return a task's numbers beside its head: prompt, layout, what moved of the backbone."""
    if not method.trained:
        return 0
    own = network.prompt.shared.numel() + _count(network.layout)
    own += sum(p.numel() for n, p in network.named_parameters() if n.startswith("soft"))
    model = network.backbone.model
    if method.tune == FULL:
        own += _count(model)
    if method.tune == LORA:
        own += sum(p.numel() for n, p in model.named_parameters() if "lora_" in n)
    return own
