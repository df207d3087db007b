"""A small configuration and examples that training learns within seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tiny import page_of

from doctally.pages import Reading
from models.backbone import Backbone
from models.config import Config
from models.documents import Truth
from models.examples import Example, example

SMALL = Config(
    prompt_length=4,
    label_size=16,
    mixers=1,
    steps=60,
    pieces_per_batch=600,
    head_rate=1e-2,
    prompt_rate=1e-2,
    average=0.9,
)


def truth(document_type: str | None = "invoice", **changes: Any) -> Truth:
    plain = Truth(
        path=Path("a.pdf"),
        document_type=document_type,
        fields={},
        line_items=(),
        labelled=frozenset(),
        visible=frozenset(),
        alternatives={},
        types=(document_type,) if document_type else (),
        source="test",
    )
    return replace(plain, **changes)


def made(number: int, backbone: Backbone) -> Example:
    page = page_of("invoice", f"number: {4000 + number}", f"total  {10 + number}.00")
    names = frozenset({"document_number", "total_gross"})
    known = truth(
        fields={"document_number": str(4000 + number), "total_gross": f"{10 + number}.00"},
        labelled=names,
        visible=names,
    )
    return example(known, Reading("application/pdf", (page,)), backbone.tokenizer)
