"""Create and validate the id of a school, which is part of the mark on the objects that toolkit creates."""

import re
import secrets
from collections.abc import Iterable
from string import ascii_lowercase, digits

from toolkit.messages import shown
from toolkit.sdk.ownership import ID
from toolkit.sdk.providers import EMULATED

SAMPLE_ID = "example1"


def check_school_id(text: str) -> str:
    """Return a school's id unchanged. Raise ValueError if the text is not an id."""
    if not re.fullmatch(ID, text):
        raise ValueError(
            f"{shown(text)} is not a school's id. Delete the line and run `toolkit validate --fix`, which writes a "
            "new id"
        )
    return text


def new_school_id() -> str:
    """Return a new random id: a letter, followed by seven letters or digits."""
    return secrets.choice(ascii_lowercase) + "".join(secrets.choice(ascii_lowercase + digits) for _ in range(7))


def is_borrowed(identifier: str | None, tenants: Iterable[str | None]) -> bool:
    """Return whether a school with a real tenant has the sample's id, for example because it copied the sample."""
    return identifier == SAMPLE_ID and any(tenant != EMULATED for tenant in tenants)
