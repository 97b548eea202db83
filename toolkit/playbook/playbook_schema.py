"""The form of a playbook file, and the types of value that all files use, such as dates and times."""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationInfo

from toolkit.controls.control import read_day
from toolkit.messages import shown
from toolkit.sdk.resource import Mode, Origin

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CLAUSE = re.compile(r"[A-Z]{2,6}-[0-9a-z]{1,4}(\.[0-9a-z]{1,4})*(-[0-9]{1,3})?")


def _check_short_name(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise ValueError(f"{shown(text)} is not a short name, such as mail-disclaimer")
    return text


def _check_clause_name(text: str) -> str:
    if not _CLAUSE.fullmatch(text):
        raise ValueError(f"{shown(text)} is not a clause, such as EML-18")
    return text


Slug = Annotated[str, AfterValidator(_check_short_name)]
Clause = Annotated[str, AfterValidator(_check_clause_name)]
_Mode = Annotated[Mode | None, Field(strict=False)]


class FileForm(BaseModel):
    """A base class for the forms of files and entries. It refuses unknown keys and values of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class PlaybookForm(FileForm):
    """A playbook file. Its controls and resources have separate forms."""

    playbook: Slug = Field(description="A short name, such as mail-disclaimer.")
    title: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="The title of the playbook in reports for governors."
    )
    owner: Annotated[str, Field(min_length=1)] | None = Field(default=None, description="Lead.")
    clauses: list[Clause] | None = Field(
        default=None, description="The clauses of the policy that the playbook helps to meet."
    )
    mode: _Mode = Field(default=None, description="The default mode for entries in this file.")
    controls: list[object] | None = Field(default=None, description="The controls.")
    resources: list[object] | None = Field(default=None, description="Objects with settings that no control covers.")


class ResourceWords(FileForm):
    """The keys that every resource may have in addition to the settings of its kind."""

    mode: _Mode = Field(default=None, description="enforce (compare and write), check (compare and report) or off.")
    adopt: str | None = Field(default=None, description="The name of an existing object that this entry takes over.")
    beside: bool = Field(
        default=False, description="Create the entry's object even if another object already does the same job."
    )
    leave: bool = Field(
        default=False,
        description="Leave the existing object in place instead of creating the entry's own object. If the entry's "
        "object already exists, leave changes that another admin keeps making to it.",
    )
    ours: bool = Field(default=False, description="Continue to repair settings that are changed back by hand.")
    renamed_from: str | None = Field(default=None, description="The previous name of the object.")
    unmanaged_properties: dict[str, Annotated[str, Field(pattern="^[0-9a-f]{12}$")]] = Field(
        default={},
        description="Properties that toolkit does not manage, by path, each with a fingerprint of its value. "
        "`toolkit drift` reports another value.",
    )


_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def check_one_line(text: str) -> str:
    """Return a text unchanged. Raise ValueError if it is not a single line."""
    if not text.strip() or text != text.strip() or "\n" in text:
        raise ValueError("must be one line of text, without spaces around it")
    return text


_PHONE_NUMBER = re.compile(r"(?<!\d)(?:\+|\(?0)[\d ()-]{7,}")


def check_role_or_person(text: str) -> str:
    """Return a role, a person's name or an address unchanged.

    Raise ValueError for a telephone number or text without letters.
    """
    if _PHONE_NUMBER.search(text) or not any(map(str.isalpha, text)):
        raise ValueError(f"{text!r} is not a role, such as Head Teacher, and not a person's name or address")
    return text


def _parse_time_of_day(written: object) -> object:
    return time.fromisoformat(written) if isinstance(written, str) and _CLOCK.fullmatch(written) else written


def check_order(later: date, earlier: date | None, key: str) -> date:
    """Return the date `later` unchanged. Raise ValueError if it is before `earlier`, the date under the key `key`."""
    if earlier is not None and later < earlier:
        raise ValueError(f"{later} comes before {earlier}, the day in `{key}`")
    return later


def check_not_before_from(last: date, info: ValidationInfo) -> date:
    """Return a date unchanged. Raise ValueError if it is before the date in `from`."""
    return check_order(last, info.data.get("first"), "from")


def check_not_before_on(last: date | None, info: ValidationInfo) -> date | None:
    """Return a date unchanged. Raise ValueError if it is before the date in `on`."""
    return None if last is None else check_order(last, info.data.get("on"), "on")


def check_review_date(ratified: str) -> AfterValidator:
    """Return a validator that raises ValueError if a review is due before the date under the key `ratified`."""

    def check(due: date | None, info: ValidationInfo) -> date | None:
        return None if due is None else check_order(due, info.data.get(ratified), ratified)

    return AfterValidator(check)


Line = Annotated[str, AfterValidator(check_one_line)]
RoleOrPerson = Annotated[Line, AfterValidator(check_role_or_person)]
Day = Annotated[date, BeforeValidator(read_day)]
Clock = Annotated[time, BeforeValidator(_parse_time_of_day)]


class FileEntry(FileForm):
    """An entry of a file, with its place in the file."""

    _origin: Origin = PrivateAttr()
    _lines: Mapping[str, int] = PrivateAttr(default_factory=dict)

    @property
    def origin(self) -> Origin:
        return self._origin

    @property
    def lines(self) -> Mapping[str, int]:
        """Return the recorded line of each key."""
        return self._lines

    def place(self, origin: Origin, lines: Mapping[str, int] | None = None) -> Self:
        """Record the place of the entry and the line of each key."""
        self._origin, self._lines = origin, lines or {}
        return self
