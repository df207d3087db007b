"""The keys of the document view: one table from which handler, help and docs derive."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from nicegui import events, ui

from doctally.review.widgets import heading


@dataclass(frozen=True, slots=True)
class Key:
    """An act and its letter: alone when no field has the focus, with Alt everywhere."""

    act: str
    letter: str
    meaning: str
    also: str = ""


KEYS = (
    Key("accept_field", "a", "Accept this field and go to the next doubt", "Enter"),
    Key("next_doubt", "n", "Next doubt", "F8"),
    Key("previous_doubt", "p", "Previous doubt", "Shift+F8"),
    Key("confirm", "c", "Confirm the document and open the next", "Ctrl+Enter"),
    Key("reject", "r", "Reject the document"),
    Key("skip", "s", "Next document, this one stays in the queue"),
    Key("back", "b", "The document before"),
    Key("undo", "u", "Undo the last change; without one, the last decision"),
    Key("page", "g", "Next page"),
    Key("larger", "+", "Larger"),
    Key("smaller", "-", "Smaller"),
    Key("queue", "q", "Back to the queue"),
    Key("help", "?", "These keys"),
)
MORE = (
    ("Tab, Shift+Tab", "Next, previous field"),
    ("Alt+1 ... Alt+6", "Take a suggestion"),
    ("Esc", "Leave the field, so that letters alone are keys"),
    ("click on the page", "Fill the field with the words there"),
    ("drag on the page", "Fill the field with the words inside"),
    ("Ctrl+click on the page", "Go to the field of that box"),
)

_HANDLER = """(e) => {
  const letters = %s;
  const at = e.target, typing = at.matches('input, textarea'), grid = at.closest('.ag-root');
  const plain = !e.ctrlKey && !e.altKey && !e.metaKey, field = at.dataset.field;
  const alt = e.altKey && !e.ctrlKey && !e.metaKey;
  let act = null;
  if (at.closest('[role=dialog], .q-menu')) return;
  if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) act = 'confirm';
  else if (e.key === 'F8') act = e.shiftKey ? 'previous_doubt' : 'next_doubt';
  else if (e.key === 'Enter' && plain && !e.shiftKey && field
           && at.getAttribute('aria-expanded') !== 'true') act = 'accept_field';
  else if (e.key === 'Escape' && typing && !grid && at.getAttribute('aria-expanded') !== 'true')
    e.currentTarget.focus();
  else if (alt && /^Digit[1-9]$/.test(e.code)) act = 'take' + e.code.slice(5);
  else if (alt || (plain && !typing && !grid))
    act = letters[e.key.toLowerCase()] || (alt && letters[e.code.slice(3).toLowerCase()]) || null;
  if (act) { e.preventDefault(); e.stopPropagation(); emit(act); }
}"""

# A cell or button that goes while it has the focus would take the keys with it.
_STAY = """(e) => { const desk = e.currentTarget; setTimeout(() => {
  if (document.activeElement === document.body) desk.focus({preventScroll: true}); }, 30); }"""


def listen(element: ui.element, heard: Callable[[str], None]) -> None:
    """Let ``heard`` know the act of every key pressed inside the element."""
    letters = json.dumps({key.letter: key.act for key in KEYS})

    def told(event: events.GenericEventArguments) -> None:
        heard(str(event.args))

    element.on("keydown.capture", told, js_handler=_HANDLER % letters)
    element.on("focusout", js_handler=_STAY)


def help_overlay() -> ui.dialog:
    """Return the overlay that shows the keys, closed."""
    with ui.dialog().props('aria-label="Keys"') as overlay, ui.card().style("max-width: 560px"):
        heading("Keys", 2)
        rows = []
        for key in KEYS:
            also = "".join(f" or <kbd>{part}</kbd>" for part in [key.also] if part)
            rows.append((f"<kbd>{key.letter}</kbd>{also}", key.meaning))
        rows += [(f"<kbd>{keys}</kbd>", meaning) for keys, meaning in MORE]
        cells = "".join(f"<tr><td>{keys}</td><td>{meaning}</td></tr>" for keys, meaning in rows)
        ui.html(f'<table class="dt-keys">{cells}</table>', sanitize=False)
        ui.label("While a field has the focus, hold Alt with the letter.").classes("dt-soft")
        ui.button("Close", on_click=overlay.close).props("flat").classes("self-end")
    return overlay
