"""People and what they may do: roles, who is acting, and what a name or password must be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from doctally.errors import ConfigurationError

LEAST_PASSWORD = 12
MOST_PASSWORD = 256
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)


class Role(StrEnum):
    """What a person may do; each role may do all that the one before it may."""

    VIEWER = "viewer"
    REVIEWER = "reviewer"
    ADMIN = "admin"

    def may(self, needed: Role) -> bool:
        """Tell whether this role includes the one that is needed."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who acts and with which rights; ``via`` says how we know."""

    name: str
    role: Role
    via: Literal["local", "session", "token"]

    def may(self, needed: Role) -> bool:
        """Tell whether this person may do what needs the role."""
        return self.role.may(needed)


def checked_name(name: str) -> str:
    """Return the user name, lower case; ConfigurationError if it cannot be one."""
    found = name.strip()
    if not _NAME.fullmatch(found):
        message = "a user name has 1 to 64 letters, digits or . _ @ - and begins with no sign"
        raise ConfigurationError(message, code="user_name")
    return found.lower()


def checked_password(password: str, *, name: str) -> str:
    """Return the password; ConfigurationError says why it is too weak to be one.

    Length is what is asked for, not kinds of characters (NIST SP 800-63B, 5.1.1.2).
    """
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        message = f"a password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters"
        raise ConfigurationError(message, code="password_length")
    bare = password.casefold().replace(name.casefold(), "")
    if len(bare) < LEAST_PASSWORD // 2 or len(set(bare)) < LEAST_PASSWORD // 3:
        message = "this password is too easy: it repeats few characters or the user's name"
        raise ConfigurationError(message, code="password_weak")
    return password
