"""A document's header values: what network and captions say of its words, made consistent."""

from __future__ import annotations

from collections.abc import Sequence

from doctally.pages import Page
from doctally.results import FieldValue
from doctally.schemas import DocumentType
from doctally.values import Locale
from models.blocks import Blocks
from models.captions import Around, Captions
from models.consistent import consistent
from models.decode import options
from models.parties import with_headings
from models.products import Row
from models.scoring import Tagged
from models.tasks import Task
from models.totals import printed_sums


def header(
    pages: Sequence[Page],
    blocks: Sequence[Blocks],
    tagged: Tagged,
    task: Task,
    locale: Locale,
    *,
    captions: Captions,
    document_type: str,
    lines: Sequence[Row] = (),
) -> dict[str, FieldValue]:
    """Return the values of a document's fields; ``lines`` are its lines, which make its totals."""
    found = options(pages, blocks, *tagged, task, locale)
    around = [Around(page, block) for page, block in zip(pages, blocks, strict=True)]
    likely = with_headings(captions.weigh(found, around, task.name), pages, blocks)
    # a service on a receipt makes the same sum as a tax
    bill = document_type != DocumentType.RECEIPT
    return consistent(likely, lines, printed_sums(pages, blocks, locale, lines) if bill else ())
