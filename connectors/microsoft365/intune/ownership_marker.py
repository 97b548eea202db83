"""The mark of what is ours in Intune, a sentence in an object's description: display names are not unique there."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from toolkit.sdk.form import PROSE, TEXT
from toolkit.sdk.resource import Remote
from toolkit.sdk.spec import Setting, Spec
from toolkit.values import Body

MARK = "Managed by toolkit from the school's playbooks."
"""What stands at the end of the description of everything that toolkit makes here; people may read it."""

NAME = 200
"""Characters in a display name; not published."""


def is_ours(remote: Remote) -> bool:
    """Say whether an object bears the mark."""
    return is_marked(remote.body)


def is_marked(row: Body) -> bool:
    return MARK in str(row.get("description") or "")


def described(row: Body, settings: Body) -> Body:
    """Give the description that settings ask for, as a property to be sent; nothing where they do not speak of it."""
    if not {"description", "managed_by"} & settings.keys():
        return {}
    words = str(settings.get("description") or "") if "description" in settings else without_mark(row)
    marked = settings["managed_by"] is not None if "managed_by" in settings else is_marked(row)
    return {"description": "\n\n".join(part for part in (words, MARK if marked else "") if part)}


def without_mark(row: Body) -> str:
    """Give what people wrote, before the mark and after it."""
    written = str(row.get("description") or "")
    return "\n\n".join(part for part in map(str.strip, written.split(MARK)) if part)


def shown_mark(row: Body) -> Body:
    """Give the settings of Marked as an object shows them."""
    return {"description": without_mark(row), "managed_by": "toolkit" if is_marked(row) else None}


def check_name(name: str) -> str | None:
    """Say what is wrong with a display name, None if nothing is."""
    if not name.strip():
        return "it needs a name"
    return f"{name[:20]!r}... has {len(name)} characters; {NAME} are enough" if len(name) > NAME else None


def _unmarked(written: str | None) -> str | None:
    if written is not None and MARK in written:
        raise ValueError("leave out the sentence that toolkit puts at its end by itself")
    return written


class Marked(Spec):
    """How people in the admin centre see what it is for and whose it is."""

    description: Annotated[str | None, AfterValidator(_unmarked), Setting(PROSE, wire="description")] = Field(
        default=None,
        description=f"Says what it is for; toolkit puts behind it: {MARK}",
        examples=["Agreed by the governors"],
    )
    managed_by: Annotated[Literal["toolkit"], Setting(TEXT, wire="description", silence="toolkit", mark=True)] = Field(
        default="toolkit", description="Says whose it is; the sentence in its description is put back if it is gone."
    )
