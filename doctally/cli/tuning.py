"""The verbs that leave prompts as they are: what captions say, and how sure a value is.

torch is imported inside the commands, so that ``doctally --help`` stays quick.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress

from doctally.cli.evaluate import labelled_pool
from doctally.cli.model import Folders, bank_folder, errors

if TYPE_CHECKING:
    from doctally.settings import Settings
    from models.cards import Version
    from models.network import Network

Bank = Annotated[Path | None, typer.Option(help="Bank folder.")]
Promote = Annotated[bool, typer.Option(help="Use the new version at once.")]


def calibrate(
    folders: Folders,
    bank: Bank = None,
    promote: Promote = True,
) -> None:
    """Make the active version's confidences mean how often such a value is right.

    The folders must be labelled and never trained on; held-out documents of the known sets stay
    untouched. Writes a new version with the same numbers.

    Example: doctally bank calibrate unseen-synthetic/
    """
    from doctally.settings import load_settings
    from models import bank as banks
    from models.calibration import calibration_error, fit
    from models.config import Config
    from models.engine import Engine
    from models.recipe import judge

    settings = load_settings()
    target = bank_folder(bank)
    version, network = _opened(target, settings)
    engine = Engine(network, Config(**version.card["config"]), version.name)
    with Progress(console=errors) as shown, closing(labelled_pool(settings)) as pool:
        scoring = shown.add_task("scoring", total=None)
        judged = judge(
            folders,
            engine,
            pool,
            progress=lambda done, total: shown.update(scoring, completed=done, total=total),
        )
    fitted = fit(judged)
    card = banks.descended({k: v for k, v in version.card.items() if k != "version"}, version)
    card |= {
        "calibration": {name: list(line) for name, line in fitted.lines.items()},
        "calibrated_on": {
            "values": len(judged),
            "raw_error": round(calibration_error(judged), 4),
        },
    }
    _kept(network, target, card, version, promote=promote)


def captions(
    folders: Folders,
    bank: Bank = None,
    images: Annotated[bool, typer.Option(help="Also read images by OCR (slow).")] = False,
    seed: Annotated[int, typer.Option(help="Seed of the order of the examples.")] = 7,
    promote: Promote = True,
) -> None:
    """Teach the version in use what captions say of the values beside them, nothing else.

    The folders must be labelled; held-out documents of the known sets are left out. Prompts and
    label vectors stay as they are. Confidences change, so calibrate the new version.

    Example: doctally bank captions synthetic/ ../labelled && doctally bank calibrate unseen/
    """
    from doctally.settings import load_settings
    from models import bank as banks
    from models.averaging import LOST
    from models.captions_training import captions_of
    from models.recipe import gather

    settings = load_settings()
    target = bank_folder(bank)
    version, network = _opened(target, settings)
    with Progress(console=errors) as shown, closing(labelled_pool(settings)) as pool:
        reading = shown.add_task("reading", total=None)
        corpus = gather(
            folders,
            network.backbone,
            pool,
            images=images,
            progress=lambda done, total: shown.update(reading, completed=done, total=total),
        )
    network.captions = captions_of(corpus.examples, seed=seed)
    card = {name: told for name, told in version.card.items() if name not in LOST}
    card |= {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "captions": corpus.summary(),
    }
    _kept(network, target, banks.descended(card, version), version, promote=promote)


def _opened(bank: Path, settings: Settings) -> tuple[Version, Network]:
    """Return the version in use and its network."""
    from models import bank as banks
    from models.backbone import load_backbone, use_threads

    use_threads(settings.threads)
    version = banks.active(bank)
    return version, banks.load(version, load_backbone(settings.backbone))


def _kept(
    network: Network, bank: Path, card: Mapping[str, Any], parent: Version, *, promote: bool
) -> None:
    """Write a version with its parent's suppliers, and say which it is."""
    from models import bank as banks
    from models.owned import load_suppliers

    made = banks.save(network, bank, card, load_suppliers(parent.folder, network.shapes))
    if promote:
        banks.promote(bank, made.name)
    typer.echo(f"{made.name}  {made.folder}")
