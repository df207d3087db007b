"""Keeps what is typed: the hold on the document and the draft, saved while somebody works.

The browser keeps its own copy of what was typed until the server has saved it, so that a server
that went away and came back loses no key either.
"""

from __future__ import annotations

import json
from typing import Any

from nicegui import ui

from db import drafts, holds
from db.holds import HeldByAnother, Hold
from doctally.edits import Edits
from doctally.people import Identity
from doctally.review.draft import Draft
from doctally.review.office import Office

LEASE_S = 60.0
RENEW_S = 20.0
SAVE_S = 0.4
ANSWER_S = 20.0
TYPED = """(e) => {
  const field = e.target.dataset && e.target.dataset.field;
  if (!field) return;
  const key = 'doctally-typed-%(number)d', kept = JSON.parse(sessionStorage.getItem(key) || '{}');
  kept[field] = e.target.value;
  sessionStorage.setItem(key, JSON.stringify(kept));
}"""
_SAVED = """
const key = 'doctally-typed-%(number)d', kept = JSON.parse(sessionStorage.getItem(key) || '{}');
for (const [field, value] of Object.entries(%(saved)s))
  if (kept[field] === value) delete kept[field];
sessionStorage.setItem(key, JSON.stringify(kept));
"""
_LEFT = """return {
  typed: JSON.parse(sessionStorage.getItem('doctally-typed-%(number)d') || '{}'),
  focus: document.activeElement.dataset.field || '',
}"""


class Keep:
    """The hold and the draft of one document in one browser."""

    def __init__(self, office: Office, identity: Identity, holder: str, document_id: int) -> None:
        self.office = office
        self.identity = identity
        self.holder = holder
        self.document_id = document_id
        self.client = ui.context.client
        self._saved: Edits | None = None
        self._left: drafts.Draft | None = None
        self._typed: dict[str, str] = {}
        self._heard: set[str] = set()

    def hold(self) -> Hold:
        """Take the document, or hear who has it."""
        return holds.take(
            self.office.database,
            self.document_id,
            holder=self.holder,
            who=self.identity.name,
            now=self.office.now(),
            lease_s=LEASE_S,
        )

    def release(self) -> None:
        """Give the document to others."""
        holds.give_up(self.office.database, self.document_id, holder=self.holder)

    def edits(self) -> tuple[Edits, str | None]:
        """Return the draft that was left here, and whose it is and of when; empty without one."""
        left = self._left = drafts.draft(self.office.database, self.document_id)
        if left is None:
            return Edits(), None
        edits = Edits.model_validate(left.body)
        self._saved = edits
        told = f"{left.who}, {left.saved_at.astimezone():%d %b %H:%M}"
        return edits, None if edits.empty else told

    def untouched(self) -> bool:
        """Tell whether nobody has left anything else here since ``edits``."""
        return drafts.draft(self.office.database, self.document_id) == self._left

    def typed(self, path: str, text: str) -> None:
        """Note what an input holds now."""
        self._typed[path] = text
        self._heard.add(path)

    def save(self, draft: Draft) -> bool:
        """Keep the draft if it has changed; False if somebody else has the document now."""
        if draft.edits is self._saved or draft.edits == (self._saved or Edits()):
            return True
        try:
            drafts.save(
                self.office.database,
                self.document_id,
                draft.edits.model_dump(mode="json"),
                who=self.identity.name,
                holder=self.holder,
                now=self.office.now(),
            )
        except HeldByAnother:
            return False
        self._saved = draft.edits
        told = {"number": self.document_id, "saved": json.dumps(self._typed)}
        self.client.run_javascript(_SAVED % told)
        self._typed = {}
        return True

    async def left_in_browser(self) -> tuple[dict[str, str], str]:
        """Return what the browser has of this document and the server never got, and the focus."""
        try:
            ask = _LEFT % {"number": self.document_id}
            found: Any = await self.client.run_javascript(ask, timeout=ANSWER_S)
        except TimeoutError:  # it has gone meanwhile
            return {}, ""
        left = {str(k): str(v) for k, v in found["typed"].items() if k not in self._heard}
        return left, str(found["focus"])

    def watch_typing(self, element: ui.element) -> None:
        """Let the browser keep what is typed inside the element."""
        element.on("input", js_handler=TYPED % {"number": self.document_id})
