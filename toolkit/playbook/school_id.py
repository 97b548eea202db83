"""The id of a school, which is in the mark of each object that is made for it."""

import re
import secrets
from collections.abc import Iterable
from string import ascii_lowercase, digits

from toolkit.messages import shown
from toolkit.sdk.ownership import ID
from toolkit.sdk.providers import EMULATED

SAMPLE_ID = "example1"


def checked_id(text: str) -> str:
    """Return an id as a school file gives it; ValueError if it is not one."""
    if not re.fullmatch(ID, text):
        raise ValueError(f"{shown(text)} is not an id of a school: `toolkit validate --fix` writes one where none is")
    return text


def new_school_id() -> str:
    """Make up an id: a letter, and seven letters and digits."""
    return secrets.choice(ascii_lowercase) + "".join(secrets.choice(ascii_lowercase + digits) for _ in range(7))


def is_borrowed(identifier: str | None, tenants: Iterable[str | None]) -> bool:
    """Return whether a school with a tenant of its own has the sample's id, as each school with a copy of it would."""
    return identifier == SAMPLE_ID and any(tenant != EMULATED for tenant in tenants)
