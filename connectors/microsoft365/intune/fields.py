"""The types of settings that several Intune policies use, and the forms in which their values are compared."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from toolkit.sdk import NUMBER, TEXT, Form, Join, Setting, Within, text_in
from toolkit.values import Body, Json, Value, entries, unique

LengthAtLeast: TypeAlias = Annotated[int | None, Field(ge=4, le=16), Setting(NUMBER, join=Join.HIGHEST)]
AppleLengthAtLeast: TypeAlias = Annotated[int | None, Field(ge=4, le=14), Setting(NUMBER, join=Join.HIGHEST)]
SortsOfCharacters: TypeAlias = Annotated[int | None, Field(ge=1, le=4), Setting(NUMBER, join=Join.HIGHEST)]
CharactersAtLeast: TypeAlias = Annotated[int | None, Field(ge=1, le=16), Setting(NUMBER, join=Join.HIGHEST)]
RememberedAtLeast: TypeAlias = Annotated[int | None, Field(ge=1, le=24), Setting(NUMBER, join=Join.HIGHEST)]
MinutesAtMost: TypeAlias = Annotated[int | None, Field(ge=1), Setting(NUMBER, join=Join.LOWEST)]
DaysAtMost: TypeAlias = Annotated[int | None, Field(ge=1, le=730), Setting(NUMBER, join=Join.LOWEST)]
DaysOfAYearAtMost: TypeAlias = Annotated[int | None, Field(ge=1, le=365), Setting(NUMBER, join=Join.LOWEST)]


VERSION = r"\d+(\.\d+){0,3}"
_BETWEEN, _ANY = " to ", "any"
_NAMED = re.compile(r"(?P<what>.(?:(?! \().)*+) \((?P<name>..++)(?<=\))", re.DOTALL)


def read_switch(value: Json) -> Value:
    """Return a value that is true or false.

    Null is false, because Intune shows null for a switch that was never set.
    """
    if not isinstance(value, bool | None):
        raise ValueError(f"{value!r} is neither true nor false")  # noqa: TRY004 - likewise `text_in`
    return value is True


def choice_setting(unset: str) -> Setting:
    """Return a setting with a fixed set of words. `unset` is Intune's word for a setting that was never set."""
    return Setting(Form("one of the words", lambda value: text_in(value) if value else unset))


def named_entries(type_name: str, properties: Sequence[str], name: str) -> Setting:
    """Return a setting for a list of objects. A playbook writes an object as a value with a name in brackets.

    Two properties are a range, such as `10.0.22631.1 to 10.0.22631.9999 (Windows 11 23H2)`.
    """

    def to_text(entry: Json) -> str:
        if not isinstance(entry, Mapping):
            return text_in(entry).strip()
        value_text = _BETWEEN.join(str(entry.get(end) or _ANY) for end in properties)
        label = str(entry.get(name) or "")
        return f"{value_text} ({label})" if label not in ("", value_text) else value_text

    def read(value: Json) -> Value:
        if not isinstance(value, Sequence | None) or isinstance(value, str):
            raise ValueError(f"{value!r} is not a list")  # noqa: TRY004 - likewise `text_in`
        return unique(map(to_text, value or ())) or None

    def wire(entry: str) -> Body:
        match = _NAMED.fullmatch(entry)
        value_text = match["what"] if match else entry
        ends = {
            end: None if part == _ANY else part
            for end, part in zip(properties, value_text.split(_BETWEEN), strict=True)
        }
        label = match["name"][:-1] if match else None
        return {"@odata.type": f"#microsoft.graph.{type_name}", **ends, name: label or value_text}

    return Setting(Form("list, compared without regard to order", read, lambda value: [*map(wire, entries(value))]))


SWITCH = Form("true or false", read_switch)

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
    str | None, Field(pattern=f"^{VERSION}$"), Within("numbers with dots between them"), Setting(TEXT)
]
Build: TypeAlias = Annotated[
    str | None, Field(pattern=r"^[0-9A-Za-z.]+$"), Within("a build such as 22F82"), Setting(TEXT)
]
PatchLevel: TypeAlias = Annotated[
    str | None, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), Within("a date such as 2026-11-01"), Setting(TEXT)
]
SecurityLevel: TypeAlias = Annotated[
    Literal["unavailable", "secured", "low", "medium", "high", "notSet"], choice_setting("unavailable")
]

PasswordType: TypeAlias = Annotated[
    Literal["deviceDefault", "alphanumeric", "numeric"], choice_setting("deviceDefault")
]
OwnedPasswordType: TypeAlias = Annotated[
    Literal[
        "deviceDefault",
        "required",
        "numeric",
        "numericComplex",
        "alphabetic",
        "alphanumeric",
        "alphanumericWithSymbols",
        "lowSecurityBiometric",
        "customPassword",
    ],
    choice_setting("deviceDefault"),
]
"""The characters that a password needs on a school's Android device."""

WorkProfilePasswordType: TypeAlias = Annotated[
    Literal[
        "deviceDefault",
        "lowSecurityBiometric",
        "required",
        "atLeastNumeric",
        "numericComplex",
        "atLeastAlphabetic",
        "atLeastAlphanumeric",
        "alphanumericWithSymbols",
    ],
    choice_setting("deviceDefault"),
]
AppPermissionPolicy: TypeAlias = Annotated[
    Literal["deviceDefault", "prompt", "autoGrant", "autoDeny"], choice_setting("deviceDefault")
]
