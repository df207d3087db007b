"""The model at work: readings in, extractions out, many documents and tasks in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from doctally.categories import Category, fingerprint
from doctally.errors import ConfigurationError
from doctally.pages import Happened, Reading
from doctally.results import Extraction, FieldValue
from doctally.schemas import DocumentType
from doctally.values import Locale, infer_locale
from models import pairs
from models.backbone import load_backbone, use_threads
from models.bank import active, load, packaged_bank
from models.blocks import Blocks
from models.boundaries import Boundaries
from models.boundaries import load as load_boundaries
from models.calibration import LINE, TYPE, Calibration
from models.comparing import pair_scores
from models.config import Config
from models.consistent import as_billed
from models.currency import currency_of
from models.given import from_record, judged, lacks_lines
from models.header import header
from models.history import earlier, history_of
from models.legible import as_read
from models.lines import line_items
from models.network import Network
from models.owned import Suppliers, load_suppliers
from models.precision import Precision, placed
from models.scoring import Scorer, States
from models.spend import Asked, Spend
from models.stacks import beginnings
from models.states import StateJudge, load_judge
from models.tasks import ROUTE, task_for
from models.titles import BESIDE, evidence
from models.tracked import tracking_of
from models.windows import Encoded, encode_reading

EVENT_WORDS = 40
"""A text of more words is a message, not a carrier's single event."""


class Engine:
    """A loaded backbone and bank; the prompts' keys and values are computed once.

    ``states`` reads in the network's place, with its numbers (``models.recall``).
    """

    def __init__(
        self,
        network: Network,
        config: Config,
        version: str,
        calibration: Calibration | None = None,
        suppliers: Suppliers | None = None,
        states: States | None = None,
    ) -> None:
        self._calibration = calibration or Calibration({})
        self.suppliers = suppliers or Suppliers()
        self._network = network.eval()
        self._scorer = Scorer(self._network, config, states)
        self._boundaries: Boundaries | None = None
        self._config = config
        self.version = version
        self._spend: tuple[tuple[str, Path | None, float], Spend] | None = None
        self._event_judge: StateJudge | None = None
        self._events_loaded = False

    @classmethod
    def load(
        cls,
        *,
        backbone: str,
        bank: Path | None,
        threads: int,
        precision: Precision = "float32",
        device: str = "cpu",
    ) -> Engine:
        """Return the engine of a bank's active version; ``threads`` 0 means this process's cores.

        Raises ConfigurationError if backbone, bank or device cannot be used.
        """
        use_threads(threads)
        version = active(bank or packaged_bank())
        frozen = placed(load_backbone(backbone), precision=precision, device=device)
        network = load(version, frozen)
        lines = {name: (a, b) for name, (a, b) in version.card.get("calibration", {}).items()}
        owned = load_suppliers(version.folder, network.shapes)
        config = Config(**version.card["config"])
        return cls(network, config, version.name, Calibration(lines), owned)

    def extract(self, readings: Sequence[Reading]) -> list[Extraction]:
        """Return one extraction per reading, in order.

        A reading with a record (XML, EDI) gives the record's values with confidence 1; a record
        without lines, as its profile may have it, gets those that its pages print.
        """
        paged = {n: r for n, r in enumerate(readings) if r.record is None or lacks_lines(r)}
        locales = {n: infer_locale(reading.text) for n, reading in paged.items()}
        encoded = {
            n: encode_reading(reading, self._network.backbone.tokenizer, locales[n])
            for n, reading in paged.items()
        }
        nowhere = (str(DocumentType.OTHER), 0.0)
        piles = self._stacks({n: pages for n, pages in encoded.items() if readings[n].loose})
        encoded = {n: pages for n, pages in encoded.items() if n not in piles}
        unknown = {n: pages for n, pages in encoded.items() if readings[n].record is None}
        whose = {n: s for n in encoded if (s := self.suppliers.of(readings[n])) is not None}
        routes = dict.fromkeys(encoded, nowhere) | self._scorer.judge(
            ROUTE, unknown, whose, self._hints({n: readings[n] for n in unknown}), BESIDE
        )
        routes |= {n: (r.record.document_type, 1.0) for n, r in paged.items() if r.record}
        tagged = self._scorer.tag(encoded, {n: t for n, (t, _) in routes.items()}, whose)
        moved = {n: encoded[n] for n, (t, _) in routes.items() if t == DocumentType.SHIPMENT_STATUS}
        states = self._scorer.judge("status", moved) if "status" in self.tasks else {}
        found = []
        for number, reading in enumerate(readings):
            if reading.record is not None and number not in paged:
                found.append(from_record(reading))
                continue
            if number in piles:
                found.append(
                    Extraction(*nowhere, {}, model_version=self.version, starts=piles[number])
                )
                continue
            document_type, confidence = routes[number]
            fields: dict[str, FieldValue] = {}
            items: tuple[Mapping[str, FieldValue], ...] = ()
            task = task_for(document_type)
            if task is not None and number in tagged:
                locale = locales[number]
                blocks = [Blocks(page) for page in reading.pages]
                items = line_items(reading.pages, blocks, tagged[number][0], task, locale)
                if reading.record is not None:
                    lined = self._sure(Extraction(document_type, 1.0, {}, items), reading)
                    found.append(replace(from_record(reading), line_items=lined.line_items))
                    continue
                fields = header(
                    reading.pages,
                    blocks,
                    tagged[number],
                    task,
                    locale,
                    captions=self._network.captions,
                    document_type=document_type,
                    lines=items,
                )
                fields |= currency_of(reading.pages, document_type)
                fields |= tracking_of(reading.pages, document_type, fields)
                if number in states:
                    fields["status"] = judged(*states[number])
                document_type = as_billed(document_type, fields)
            told: tuple[Happened, ...] = ()
            if document_type == DocumentType.SHIPMENT_STATUS and number in states:
                told = self._history(reading, locales[number], fields)
            said = Extraction(document_type, confidence, fields, items, self.version, events=told)
            found.append(self._sure(said, reading))
        return found

    def read_as(
        self, document_type: str, readings: Sequence[Reading]
    ) -> list[Mapping[str, FieldValue]]:
        """Return each reading's header values, read as this type whatever its route says.

        Confidences are not calibrated. Raises ConfigurationError if no task of the bank reads it.
        """
        task = task_for(document_type)
        if task is None or task.name not in self.tasks:
            raise ConfigurationError(f"the bank has no task that reads {document_type}")
        locales = [infer_locale(reading.text) for reading in readings]
        encoded = {
            n: encode_reading(reading, self._network.backbone.tokenizer, locales[n])
            for n, reading in enumerate(readings)
        }
        tagged = self._scorer.tag(encoded, dict.fromkeys(encoded, document_type), {})
        return [
            header(
                reading.pages,
                [Blocks(page) for page in reading.pages],
                tagged[number],
                task,
                locales[number],
                captions=self._network.captions,
                document_type=document_type,
            )
            for number, reading in enumerate(readings)
        ]

    def _sure(self, found: Extraction, reading: Reading) -> Extraction:
        """Return the extraction with what the model's and the reader's doubts leave of it."""
        return as_read(self._calibrated(found), reading.pages)

    def _calibrated(self, found: Extraction) -> Extraction:
        """Return the extraction with confidences that mean how often such a value is right."""

        def sure(name: str, value: FieldValue) -> FieldValue:
            said = self._calibration(name, value.confidence)
            return replace(value, confidence=min(said, 0.9999))

        return replace(
            found,
            route_confidence=self._calibration(TYPE, found.route_confidence),
            fields={name: sure(name, value) for name, value in found.fields.items()},
            line_items=tuple(
                {name: sure(LINE, value) for name, value in row.items()} for row in found.line_items
            ),
        )

    def stacks(self, readings: Sequence[Reading]) -> list[tuple[int, ...]]:
        """Return for each reading the pages that begin a document, from 1; () is one document."""
        tokenizer = self._network.backbone.tokenizer
        encoded = {
            n: encode_reading(r, tokenizer, infer_locale(r.text)) for n, r in enumerate(readings)
        }
        found = self._stacks(encoded)
        return [found.get(n, ()) for n in range(len(readings))]

    @property
    def tasks(self) -> frozenset[str]:
        """Return the names of the tasks that the bank has prompts for."""
        return frozenset(self._network.tasks)

    def answers(self, task: str, readings: Sequence[Reading]) -> list[tuple[str, float]]:
        """Return for each reading a classifying task's answer and its probability.

        A reading without words gets the task's first answer, at 0.
        """
        tokenizer = self._network.backbone.tokenizer
        encoded = {
            n: encode_reading(r, tokenizer, infer_locale(r.text)) for n, r in enumerate(readings)
        }
        found = self._scorer.judge(task, encoded)
        if task == "status":
            found |= self._events({n: r.text for n, r in enumerate(readings)})
        unknown = (self._network.tasks[task].names[0], 0.0)
        return [found.get(n, unknown) for n in range(len(readings))]

    def _history(
        self, reading: Reading, locale: Locale, fields: Mapping[str, FieldValue]
    ) -> tuple[Happened, ...]:
        """Return what a carrier's message tells beside the event that its fields are about."""
        judge = self._states_judge()
        if judge is None:
            return ()
        latest = fields["event_time"].value if "event_time" in fields else ""
        return earlier(history_of(reading.pages, locale, judge.answers), latest)

    def _states_judge(self) -> StateJudge | None:
        if not self._events_loaded:
            self._event_judge, self._events_loaded = load_judge(self._network.backbone), True
        return self._event_judge

    def _events(self, texts: Mapping[int, str]) -> dict[int, tuple[str, float]]:
        """Return the state of those texts that are single events: a few words."""
        short = [n for n, text in texts.items() if 0 < len(text.split()) <= EVENT_WORDS]
        if not short:
            return {}
        judge = self._states_judge()
        if judge is None:
            return {}
        said = judge.answers([texts[n] for n in short])
        return dict(zip(short, said, strict=True))

    def same(self, asked: Sequence[pairs.Pair]) -> list[float]:
        """Return for each pair the probability that both records are the same thing.

        Raises ConfigurationError when the bank has no numbers of the task ``match``.
        """
        if pairs.TASK not in self.tasks:
            raise ConfigurationError(
                "the bank cannot compare pairs; train it: doctally train PAIRS --start active "
                "--task match"
            )
        return pair_scores(self._network, self._scorer.prefixes, asked, self._config)

    def categorise(
        self, asked: Sequence[Asked], categories: Sequence[Category], taught: Path | None = None
    ) -> list[tuple[str, float]]:
        """Return for each supplier its spend category and how likely that is.

        ``taught`` is the file of what corrections have taught, if there is one. Raises
        ConfigurationError if it is damaged.
        """
        own = [taught] if taught is not None else []
        stamp = taught.stat().st_mtime if taught is not None and taught.is_file() else 0.0
        key = (fingerprint(categories), taught, stamp)
        if self._spend is None or self._spend[0] != key:
            self._spend = key, Spend.load(categories, self._network.backbone, *own)
        return self._spend[1].answers(asked)

    def _stacks(self, encoded: Mapping[int, Sequence[Encoded]]) -> dict[int, tuple[int, ...]]:
        """Return, of those that are stacks, the pages that begin a document.

        What has neither title nor address and is of no known type, an annex or terms, stays with
        the document before it.
        """
        if not encoded:
            return {}
        boundaries = self._boundaries = self._boundaries or load_boundaries()
        likely = [
            (number, begins)
            for number, pages in encoded.items()
            for begins in beginnings([page.page for page in pages], boundaries)
        ]
        alone = {k: [encoded[n][b.index]] for k, (n, b) in enumerate(likely) if not b.headed}
        routes = self._scorer.judge(ROUTE, alone)
        starts: dict[int, tuple[int, ...]] = {}
        for k, (number, begins) in enumerate(likely):
            if k not in routes or routes[k][0] != DocumentType.OTHER:
                starts[number] = (*starts.get(number, (1,)), begins.index + 1)
        return starts

    def _hints(self, readings: Mapping[int, Reading]) -> dict[int, list[float]]:
        """Return what the titles of documents say of their types."""
        names = self._network.tasks[ROUTE].names
        return {n: evidence(r.pages[0], names) for n, r in readings.items() if r.pages}
