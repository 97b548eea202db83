"""Canonical forms and types that settings of Intune's policies share."""

from typing import Annotated, TypeAlias

from pydantic import Field

from toolkit.sdk.form import NUMBER, TEXT, Form, text_in
from toolkit.sdk.spec import Setting, Within
from toolkit.values import Json, Value


def camel(name: str) -> str:
    """Write the name of a setting as Graph does: `os_minimum_version` is osMinimumVersion."""
    first, *others = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def on(value: Json) -> Value:
    """Take what nobody set for what Intune shows then, false."""
    if not isinstance(value, bool | None):
        raise ValueError(f"{value!r} is neither true nor false")  # noqa: TRY004 - likewise `text_in`
    return value is True


def choice(unset: str) -> Setting:
    """Make the setting of an enumeration, with the member that Intune shows where nobody set it."""
    return Setting(Form("one of the words", lambda value: text_in(value) if value else unset))


SWITCH = Form("true or false", on)

Switch: TypeAlias = Annotated[bool, Setting(SWITCH)]
Minutes: TypeAlias = Annotated[int | None, Field(ge=0), Setting(NUMBER)]
Days: TypeAlias = Annotated[int | None, Field(ge=1, le=65535), Setting(NUMBER)]
DaysOfAYear: TypeAlias = Annotated[int | None, Field(ge=1, le=365), Setting(NUMBER)]
Length: TypeAlias = Annotated[int | None, Field(ge=4, le=16), Setting(NUMBER)]
AppleLength: TypeAlias = Annotated[int | None, Field(ge=4, le=14), Setting(NUMBER)]
CharacterSets: TypeAlias = Annotated[int | None, Field(ge=1, le=4), Setting(NUMBER)]
Characters: TypeAlias = Annotated[int | None, Field(ge=1, le=16), Setting(NUMBER)]
Remembered: TypeAlias = Annotated[int | None, Field(ge=1, le=24), Setting(NUMBER)]
Version: TypeAlias = Annotated[
    str | None, Field(pattern=r"^\d+(\.\d+){0,3}$"), Within("numbers with dots between them"), Setting(TEXT)
]
PatchLevel: TypeAlias = Annotated[
    str | None, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), Within("a date as 2026-11-01"), Setting(TEXT)
]
