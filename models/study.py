"""What one night of learning does with a bank: suppliers first, then tasks, each judged alone.

A task trains its own numbers only (``models.train.adapt``), so each is kept or left by itself.
Whether it is kept is decided on documents that it never trains on: all of some suppliers, chosen
by a hash, one in five of the others', and practice papers if there are any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from models.backbone import Backbone
from models.bank import Version, load
from models.calibration import Calibration
from models.config import Config
from models.engine import Engine
from models.houses import House, Learnt, MakeEngine, School, houses
from models.judging import Adapted, judged_on
from models.lessons import Lesson, taught
from models.network import Network
from models.owned import Suppliers, load_suppliers
from models.tasks import task_for
from models.train import adapt, train
from models.tutor import ROUTE

FEWEST = 6
"""A task is trained when it has so many confirmed documents to train on."""

FACTOR_RATE, LABEL_RATE = 1e-3, 1e-3
AVERAGE = 0.9
EVERYTHING = "everything"
_APART = 5

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Studied:
    """The network and suppliers after the night, and what was decided on the way."""

    network: Network
    suppliers: Suppliers
    learnt: tuple[Learnt, ...] = ()
    adapted: tuple[Adapted, ...] = ()

    @property
    def changed(self) -> bool:
        """Tell whether there is anything to promote."""
        return any(one.kept for one in self.learnt) or any(one.kept for one in self.adapted)


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to learn from: all confirmed documents, and the ids of those that are new.

    ``practice`` are documents to go on training with beside them, ``exam`` such to judge by too.
    """

    lessons: Sequence[Lesson]
    fresh: frozenset[int]
    practice: Sequence[Lesson] = field(default_factory=tuple)
    exam: Sequence[Lesson] = field(default_factory=tuple)
    steps: int = 60
    minutes: float = 20.0
    tasks: bool = True


def study(
    version: Version, backbone: Backbone, plan: Plan, told: Told = lambda text: None
) -> Studied:
    """Return what the plan makes of a bank version; the version itself is not touched."""
    config = Config(**version.card["config"])
    lines = {name: (a, b) for name, (a, b) in version.card.get("calibration", {}).items()}
    calibration = Calibration(lines)
    network = load(version, backbone)
    suppliers = load_suppliers(version.folder, network.shapes)
    every = houses(plan.lessons)
    new = [house for house in every if any(x.document_id in plan.fresh for x in house.lessons)]

    def engine_of(network: Network) -> MakeEngine:
        return lambda known, states=None: Engine(
            network, config, version.name, calibration, known, states
        )

    school = School(network, config, every, engine=engine_of(network))
    learnt = []
    for house in new:
        told(f"supplier {house.title}: {len(house.lessons)} documents")
        learnt.append(school.learn(house, suppliers))
    suppliers = suppliers.with_({x.house.key: x.supplier for x in learnt if x.supplier})
    if not plan.tasks:
        return Studied(network, suppliers, tuple(learnt))
    adapted: list[Adapted] = []
    for task in _tasks(plan, network):
        told(f"task {task}")
        candidate = load(version, backbone)
        candidate.load_state_dict(network.state_dict())
        one = _adapt(
            candidate,
            task,
            plan,
            every,
            config,
            engine_of(network)(Suppliers()),
            engine_of(candidate)(Suppliers()),
        )
        adapted.append(one)
        if one.kept:
            network = candidate
    moved = {one.task for one in adapted if one.kept}
    if moved:
        school = School(network, config, every, engine=engine_of(network))
        kept = {k: s for k, s in suppliers.known.items() if moved.isdisjoint(s.tasks)}
        suppliers = Suppliers(kept)
        again = [h for h in every if h.key not in kept]
        told(f"{len(again)} suppliers once more, on the new numbers")
        relearnt = [school.learn(house, suppliers) for house in again]
        suppliers = suppliers.with_({x.house.key: x.supplier for x in relearnt if x.supplier})
        learnt = [x for x in learnt if x.house.key in kept] + relearnt
    return Studied(network, suppliers, tuple(learnt), tuple(adapted))


def retrain(
    version: Version, backbone: Backbone, plan: Plan, told: Told = lambda text: None
) -> Studied:
    """Return the network after training shared prompt, layout and heads as well, if it is better.

    All tasks move together and are judged together; every supplier is learnt anew on top.
    """
    config = Config(**version.card["config"])
    network, candidate = load(version, backbone), load(version, backbone)
    every = houses(plan.lessons)
    aside = {x.document_id: h for h in every if h.aside for x in h.lessons}
    lessons = [x for x in plan.lessons if x.document_id not in aside and not apart(x)]
    judged = [x for x in plan.lessons if x.document_id in aside or apart(x)]
    if len(lessons) < FEWEST or not (judged or plan.exam):
        why = f"{len(lessons)} documents to train on, {len(judged) + len(plan.exam)} to judge by"
        return Studied(network, Suppliers(), (), (Adapted(EVERYTHING, False, why, len(lessons)),))
    told(f"training on {len(lessons)} documents and {len(plan.practice)} practice papers")
    tokenizer = backbone.tokenizer
    examples = [taught(x, tokenizer).example for x in (*lessons, *plan.practice)]
    small = replace(
        config,
        steps=plan.steps,
        average=AVERAGE,
        prompt_rate=5e-4,
        factor_rate=5e-4,
        head_rate=3e-4,
        mixer_rate=1e-4,
    )
    train(
        backbone,
        examples,
        small,
        weights={},
        tasks=candidate.tasks,
        minutes=plan.minutes,
        start=candidate,
    )
    candidate.requires_grad_(False)
    lines = {name: (a, b) for name, (a, b) in version.card.get("calibration", {}).items()}

    def engine_of(network: Network) -> MakeEngine:
        return lambda known, states=None: Engine(
            network, config, version.name, Calibration(lines), known, states
        )

    engines = engine_of(network)(Suppliers()), engine_of(candidate)(Suppliers())
    one = judged_on(EVERYTHING, len(lessons), judged, plan.exam, every, aside, *engines)
    if not one.kept:
        suppliers = load_suppliers(version.folder, network.shapes)
        return Studied(network, suppliers, (), (one,))
    school = School(candidate, config, every, engine=engine_of(candidate))
    told(f"{len(every)} suppliers on the new numbers")
    learnt = tuple(school.learn(house, Suppliers()) for house in every)
    suppliers = Suppliers({x.house.key: x.supplier for x in learnt if x.supplier})
    return Studied(candidate, suppliers, learnt, (one,))


def apart(lesson: Lesson) -> bool:
    """Tell whether tasks never train on a document: one in five, by a hash of its number."""
    return sha256(f"document {lesson.document_id}".encode()).digest()[0] % _APART == 0


def _tasks(plan: Plan, network: Network) -> list[str]:
    """Return the tasks that have new examples; the type's only where a type was corrected."""
    new = [x for x in plan.lessons if x.document_id in plan.fresh]
    found = {task.name for x in new if (task := task_for(x.document_type)) is not None}
    if any(("document_type", None) in x.corrected for x in new):
        found.add(ROUTE)
    return sorted(found & set(network.tasks))


def _of(task: str, lessons: Sequence[Lesson]) -> list[Lesson]:
    if task == ROUTE:
        return list(lessons)
    types = {
        x.document_type for x in lessons if (t := task_for(x.document_type)) and t.name == task
    }
    return [x for x in lessons if x.document_type in types]


def _adapt(
    candidate: Network,
    task: str,
    plan: Plan,
    every: Sequence[House],
    config: Config,
    old: Engine,
    new: Engine,
) -> Adapted:
    aside = {x.document_id: h for h in every if h.aside for x in h.lessons}
    mine = _of(task, plan.lessons)
    own = [x for x in mine if x.document_id not in aside and not apart(x)]
    exam = _of(task, plan.exam)
    judged = [x for x in mine if x.document_id in aside or apart(x)]
    if len(own) < FEWEST:
        return Adapted(task, False, f"{len(own)} of {FEWEST} documents to train on")
    if not judged and not exam:
        return Adapted(task, False, "no confirmed document to judge by yet", len(own))
    tokenizer = candidate.backbone.tokenizer
    examples = [taught(x, tokenizer).example for x in (*own, *_of(task, plan.practice))]
    small = replace(
        config,
        steps=plan.steps,
        average=AVERAGE,
        factor_rate=FACTOR_RATE,
        head_rate=LABEL_RATE,
    )
    adapt(candidate, task, examples, small, minutes=plan.minutes)
    return judged_on(task, len(own), judged, exam, every, aside, old, new)
