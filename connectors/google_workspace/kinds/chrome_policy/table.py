"""Every Chrome policy that a playbook can ask for, with its fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as told
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from connectors.google_workspace.kind_tables import in_camel_case, read_table
from toolkit.values import Json


class ChromeFieldType(StrEnum):
    """What a field holds."""

    FLAG = "flag"
    UNSET_OR = "unset_or"  # Google's NullableBoolean: UNSET, TRUE, FALSE
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
        return in_camel_case(self.name)


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


def read_schema(name: str, row: Mapping[str, Any], table: Mapping[str, Mapping[str, Any]]) -> Schema:
    """Read a policy as the table has it."""
    fields = table[row.get("same_fields", name)]["fields"]
    return Schema(
        name,
        row["title"],
        row["console"],
        tuple(_field(field, written) for field, written in fields.items()),
        of_app=row.get("of_app", False),
        together=tuple(row.get("together", ())),
    )


def _field(name: str, row: Mapping[str, Any]) -> ChromeField:
    """Read a field as the table has it: what it holds stands before what it means."""
    takes = next(kind for kind in ChromeFieldType if kind in row)
    meaning = f"Says whether {row[takes]}." if takes is ChromeFieldType.FLAG else row[takes]
    shared = takes in (ChromeFieldType.BLOCKED, ChromeFieldType.ALLOWED)
    return ChromeField(name, takes, meaning, row["example"], row.get("entry", ""), row.get("longest", 0), shared)


_TABLE = read_table(__package__, "policies.toml")
SCHEMAS: Mapping[str, Schema] = MappingProxyType({name: read_schema(name, row, _TABLE) for name, row in _TABLE.items()})
