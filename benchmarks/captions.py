"""What captions add: the bank in use, read with their opinion and without.

    python -m benchmarks.captions ../shared/data
    python -m benchmarks.captions UNSEEN --limit 160

Held-out documents of the known sets, others whole; prompts and everything else are the same. The
last column is the processor time that the captions' opinion takes, a document.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from doctally.settings import load_settings
from extractors.read import ReaderPool
from models.backbone import load_backbone, use_threads
from models.bank import active, load
from models.captions import SILENT, Captions
from models.config import Config
from models.documents import LIMITS
from models.engine import Engine
from models.evaluate import Scores, evaluate
from models.lineage import bank_of


class Timed:
    """Captions that note the processor seconds they take."""

    def __init__(self, captions: Captions) -> None:
        self.captions = captions
        self.seconds = 0.0

    def weigh(self, *about: object) -> object:
        """Return what the captions return."""
        started = time.process_time()
        try:
            return self.captions.weigh(*about)  # type: ignore[arg-type]  # passed on as it came
        finally:
            self.seconds += time.process_time() - started


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a Markdown table: header F1 with captions and without, set by set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, help="documents of each set")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args(arguments)
    settings = load_settings()
    use_threads(settings.threads)
    version = active(bank_of(settings))
    network = load(version, load_backbone(settings.backbone))
    timed = Timed(network.captions)
    found: list[dict[str, Scores]] = []
    with closing(ReaderPool(LIMITS, workers=given.workers, timeout_s=120)) as pool:
        for captions in (SILENT, timed):
            network.captions = captions  # type: ignore[assignment]  # stands in for it
            engine = Engine(network, Config(**version.card["config"]), version.name)
            found.append(evaluate(given.folder, engine, pool, limit=given.limit))
    without, said = found
    print(f"bank {version.name}\n\n| set | documents | header F1 without | with |")
    print("| --- | --- | --- | --- |")
    documents = 0
    for name, scores in said.items():
        if scores.header.tp:
            documents += scores.documents
            print(
                f"| {name} | {scores.documents} | {without[name].header.f1:.3f} "
                f"| {scores.header.f1:.3f} |"
            )
    print(f"\n{1000 * timed.seconds / max(documents, 1):.1f} ms of the processor a document")


if __name__ == "__main__":
    main()
