"""What a person decides on the document before them: confirmed, rejected, reopened, taken back."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import run, ui

from doctally.edits import EditRefused
from doctally.errors import DoctallyError
from doctally.people import Role
from doctally.results import State
from doctally.review.document import DocumentView
from doctally.review.onward import Onward
from doctally.review.rejection import ask_reason
from doctally.review.whoami import still
from flows import review
from flows.review import Decided


class Decisions:
    """The decisions on one document; ``onward`` leads to the one after it."""

    def __init__(self, view: DocumentView, onward: Onward) -> None:
        self.view = view
        self.office = view.office
        self.onward = onward
        self.choice = onward.choice
        self.busy = False

    async def confirm(self) -> None:
        """Confirm the document as it is shown and open the next."""
        view = self.view
        if view.read_only:
            return
        if view.faults:
            path, fault = next(iter(view.faults.items()))
            ui.notify(f"{path}: {fault}", type="warning")
            view.go(path)
            return
        await self._decide(
            "confirmed",
            lambda who: review.confirm(
                self.office.desk,
                view.document_id,
                view.draft.edits,
                who=who,
                now=self.office.now(),
                holder=view.keep.holder,
                seen=view.found.summary.updated_at,
            ),
        )

    def reject(self) -> None:
        """Ask why, then reject."""
        if self.view.found.summary.state is not State.REVIEW or self.view.read_only:
            ui.notify("Only documents in review can be rejected.", timeout=2000)
            return
        with self.view.root:
            ask_reason(self._reject)

    async def _reject(self, reason: str) -> None:
        view = self.view
        await self._decide(
            "rejected",
            lambda who: review.reject(
                self.office.desk,
                view.document_id,
                reason,
                who=who,
                now=self.office.now(),
                holder=view.keep.holder,
                seen=view.found.summary.updated_at,
            ),
        )

    async def reopen(self) -> None:
        """Put the document back into review."""
        view = self.view
        await self._decide(
            "reopened",
            lambda who: review.reopen(
                self.office.desk,
                view.document_id,
                who=who,
                now=self.office.now(),
                holder=view.keep.holder,
                seen=view.found.summary.updated_at,
            ),
            stay=True,
        )

    async def undo(self) -> None:
        """Take the last change back; without one, the last decision, here or of before."""
        if self.view.undo():
            return
        number = self.choice.decided[-1] if self.choice.decided else self.view.document_id
        done = await self._decide(
            "taken back",
            lambda who: review.undo(
                self.office.desk,
                number,
                who=who,
                now=self.office.now(),
                holder=self.view.keep.holder,
            ),
            stay=None,
        )
        if done is None:
            return
        if self.choice.decided and self.choice.decided[-1] == number:
            self.choice.decided.pop()
        self.onward.open(number)

    async def _decide(
        self, told: str, act: Callable[[str], Decided], *, stay: bool | None = False
    ) -> Decided | None:
        """Return what was done, None if it was refused.

        ``stay`` shows this document again (True), the next one (False), or leaves that to the
        caller (None).
        """
        if self.busy:
            return None
        self.busy = True
        try:
            identity = await still(self.onward.client.request, Role.REVIEWER)
            done = await run.io_bound(act, identity.name)
        except EditRefused as error:
            self.view.faults |= error.faults
            ui.notify(str(error), type="warning")
            return None
        except DoctallyError as error:
            ui.notify(error.message, type="warning")
            return None
        finally:
            self.busy = False
        ui.notify(f"{self.view.found.summary.name} {told}", timeout=1800, position="bottom-left")
        if stay is None:
            return done
        self.view.read_only = True  # its draft is gone
        self.view.keep.release()
        if stay:
            self.onward.open(self.view.document_id)
        else:
            self.choice.decided.append(self.view.document_id)
            self.onward.skip()
        return done
