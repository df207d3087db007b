"""Which role a request needs before anything else looks at it; what is not listed is refused.

Routes of the API say their role again themselves, and the buttons of pages ask ``whoami.still``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from doctally.people import Role
from doctally.review.request import SAFE_METHODS

SOCKET = "WEBSOCKET"
PUBLIC = re.compile(
    r"/(?:login|health|favicon\.ico)|/_nicegui/[^/]+/(?:static|libraries|components|esm|resources)/.+"
)
"""Open to everybody who reaches us: the log-in page and the files of the framework."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Requests of these methods to paths that match need the role."""

    paths: re.Pattern[str]
    read: Role
    change: Role


RULES = (
    Rule(re.compile(r"/logout"), Role.VIEWER, Role.VIEWER),
    Rule(re.compile(r"/(?:users|audit)(?:/(?s:.*))?"), Role.ADMIN, Role.ADMIN),
    Rule(re.compile(r"/api/documents(?:/(?s:.*))?"), Role.VIEWER, Role.REVIEWER),
    Rule(re.compile(r"/_nicegui_ws/(?s:.*)"), Role.VIEWER, Role.VIEWER),
    Rule(re.compile(r"/_nicegui/client/(?s:.*)"), Role.VIEWER, Role.REVIEWER),
    Rule(re.compile(r"(?s).*"), Role.VIEWER, Role.ADMIN),
)


def is_public(path: str) -> bool:
    """Tell whether anybody may ask for the path."""
    return PUBLIC.fullmatch(path) is not None


def needed(method: str, path: str) -> Role:
    """Return the role that a request needs; ``SOCKET`` is a reading method."""
    rule = next(rule for rule in RULES if rule.paths.fullmatch(path))
    return rule.read if method in SAFE_METHODS or method == SOCKET else rule.change
