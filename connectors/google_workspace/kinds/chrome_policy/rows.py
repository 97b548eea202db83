"""What a row of the table of Chrome policies says, and short ways to write one."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as told
from enum import StrEnum

from toolkit.values import Json


class ChromeFieldType(StrEnum):
    """What a field holds."""

    FLAG = "flag"
    UNSET_OR = "unset or a flag"  # Google's NullableBoolean: UNSET, TRUE, FALSE
    WORD = "word"  # one of the schema's constants, without what they all begin with
    SECONDS = "seconds"  # a length of time that Google counts in seconds
    MINUTES = "minutes"  # ... and in minutes
    BLOCKED = "blocked"  # URL patterns that are closed
    ALLOWED = "allowed"  # URL patterns that stay open
    LIST = "list"


@dataclass(frozen=True, slots=True)
class ChromeField:
    """One field of a policy: how a playbook and Google call it, and what it holds."""

    name: str
    takes: ChromeFieldType
    meaning: str
    example: Json = told(hash=False)
    entry: str = ""  # of a list: the expression that an entry fits
    longest: int = 0  # of a length of time: minutes, 0 for any
    shared: bool = False  # several hands fill the list

    @property
    def wire_name(self) -> str:
        """Give Google's name of the field: `url_blocklist` is urlBlocklist."""
        first, *others = self.name.split("_")
        return first + "".join(part[:1].upper() + part[1:] for part in others)


@dataclass(frozen=True, slots=True)
class Schema:
    """One policy; its name is Google's without `chrome.`."""

    name: str
    title: str
    console: str  # behind `Admin console > Devices > Chrome > `
    fields: Sequence[ChromeField]
    of_app: bool = False  # it is of one app, named behind it
    together: tuple[str, ...] = ()  # fields that Google takes only together

    @property
    def full_name(self) -> str:
        return f"chrome.{self.name}"

    @property
    def namespace(self) -> str:
        """Give Google's name of the family: chrome.users.apps of chrome.users.apps.InstallType."""
        return self.full_name.rpartition(".")[0]

    @property
    def for_groups(self) -> bool:
        """Say whether a group can be its target at all: what is a device's never can."""
        return not self.name.startswith("devices.")

    def field(self, name: str) -> ChromeField | None:
        return next((one for one in self.fields if one.name == name), None)


def flag(name: str, meaning: str, example: bool) -> ChromeField:  # noqa: FBT001 - a table's column
    return ChromeField(name, ChromeFieldType.FLAG, f"Says whether {meaning}.", example)


def unset_or(name: str, meaning: str, example: bool) -> ChromeField:  # noqa: FBT001 - likewise
    return ChromeField(name, ChromeFieldType.UNSET_OR, meaning, example)


def word(name: str, meaning: str, example: str) -> ChromeField:
    return ChromeField(name, ChromeFieldType.WORD, meaning, example)


def seconds(name: str, meaning: str, example: str) -> ChromeField:
    return ChromeField(name, ChromeFieldType.SECONDS, meaning, example)


def minutes(name: str, meaning: str, example: str, longest: int) -> ChromeField:
    return ChromeField(name, ChromeFieldType.MINUTES, meaning, example, longest=longest)


def blocked(name: str, meaning: str, example: Sequence[str]) -> ChromeField:
    return ChromeField(name, ChromeFieldType.BLOCKED, meaning, list(example), shared=True)


def allowed(name: str, meaning: str, example: Sequence[str]) -> ChromeField:
    return ChromeField(name, ChromeFieldType.ALLOWED, meaning, list(example), shared=True)


def listed(name: str, meaning: str, example: Sequence[str], entry: str) -> ChromeField:
    return ChromeField(name, ChromeFieldType.LIST, meaning, list(example), entry)
