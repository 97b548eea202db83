"""Every Chrome policy that a playbook can ask for, with its fields."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from connectors.google_workspace.kind_tables import effect_of, read_table
from toolkit.records import dataclass
from toolkit.sdk import GroupNesting, SettingEffect, Targets, in_camel_case, in_groups
from toolkit.values import Json, Settings


class ChromeFieldType(StrEnum):
    """What a field holds."""

    FLAG = "flag"
    UNSET_OR = "unset_or"  # Google's NullableBoolean: UNSET, TRUE, FALSE
    WORD = "word"  # one of the schema's constants, without what they all begin with
    TEXT = "text"  # what people read
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
    example: Json = field(hash=False)
    entry: str = ""  # of a list: the expression that an entry fits
    longest: int = 0  # of a length of time: minutes, 0 for any
    shared: bool = False  # several hands fill the list
    effect: SettingEffect | None = field(default=None, compare=False)

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
    is_for_one_app: bool = False  # it is of one app, named behind it
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
        return next((policy_field for policy_field in self.fields if policy_field.name == name), None)


def read_schema(name: str, row: Mapping[str, Any], table: Mapping[str, Mapping[str, Any]]) -> Schema:
    fields = table[row.get("same_fields", name)]["fields"]
    return Schema(
        name,
        row["title"],
        row["console"],
        tuple(_field(field, written) for field, written in fields.items()),
        is_for_one_app=row.get("of_app", False),
        together=tuple(row.get("together", ())),
    )


def _field(name: str, row: Mapping[str, Any]) -> ChromeField:
    """Read a field as the table has it: what it holds stands before what it means."""
    takes = next(kind for kind in ChromeFieldType if kind in row)
    meaning = f"Says whether {row[takes]}." if takes is ChromeFieldType.FLAG else row[takes]
    shared = takes in (ChromeFieldType.BLOCKED, ChromeFieldType.ALLOWED)
    entry, longest = row.get("entry", ""), row.get("longest", 0)
    return ChromeField(name, takes, meaning, row["example"], entry, longest, shared, effect_of(row))


_TABLE = read_table(__package__, "policies.toml")
SCHEMAS: Mapping[str, Schema] = MappingProxyType({name: read_schema(name, row, _TABLE) for name, row in _TABLE.items()})


_AT, _GROUP, _IN = " @ ", "group:", " in "
INHERITED = "inherited"
_APP = re.compile(r"chrome:[a-p]{32}|android:[A-Za-z]\w*(?:\.[A-Za-z]\w*)+|web:https?://\S+")
_ADDRESS = re.compile(r"[^\s@A-Z]+@[^\s@A-Z]+")


@dataclass(frozen=True, slots=True)
class PolicyName:
    """What a name says."""

    schema: Schema
    app: str  # "" where the policy is not one app's
    unit: str  # a path; for a group that of the unit whose people are in it, "" where none is named
    group: str  # an address, "" where it is at a unit


def split_name(name: str) -> PolicyName:
    """Read a name; ValueError where it is none."""
    policy, at, target = name.partition(_AT)
    if not at:
        raise ValueError(f"{name!r} names no policy at a unit; write one as `users.UrlBlocking @ /Staff`")
    written, _, app = policy.partition(" ")
    if written not in SCHEMAS:
        raise ValueError(f"{written!r} is not a Chrome policy that toolkit sets{_suggestion(written)}")
    schema = SCHEMAS[written]
    _check_app(schema, app)
    if target.startswith(_GROUP):
        group, within, unit = target.removeprefix(_GROUP).partition(_IN)
        return PolicyName(schema, app, _unit(unit) if within else "", _address(schema, group))
    return PolicyName(schema, app, _unit(target), "")


NESTING = GroupNesting.TRANSITIVE
"""A group that is configured may hold other groups, whose members count as its own; a unit is for those below it.

Follows https://support.google.com/a/answer/9224126
"""


def reaches(name: str, _settings: Settings) -> Targets:
    """Return the people of the unit or group that a policy is for."""
    named = split_name(name)
    return in_groups([named.group or named.unit])


def without_unit(name: str) -> str:
    """Return the name of a group's policy without the unit of its people: Google keeps one for each group."""
    policy, at, target = name.partition(_AT)
    return f"{policy}{at}{target.partition(_IN)[0]}" if target.startswith(_GROUP) else name


def check_setting(name: str, setting: str) -> str | None:
    """Say that a policy has no such field, and which it has."""
    schema = SCHEMAS.get(name.partition(_AT)[0].partition(" ")[0])
    if schema is None or schema.field(setting) or setting == INHERITED:
        return None
    return f"{schema.name} has no setting {setting}; it has: {', '.join(field.name for field in schema.fields)}"


def _check_app(schema: Schema, app: str) -> None:
    if not schema.is_for_one_app and app:
        raise ValueError(f"{schema.name} is not a single app's: leave out {app!r}")
    if schema.is_for_one_app and not _APP.fullmatch(app):
        problem = f"{app!r} is not an app" if app else "it does not say of which app"
        raise ValueError(
            f"{problem}; write one behind the policy, as `{schema.name} android:com.whatsapp @ /Staff`, "
            "chrome: and the 32 letters of an extension, or web: and an address"
        )


def _unit(path: str) -> str:
    if not path.startswith("/") or (path.endswith("/") and path != "/"):
        raise ValueError(
            f"{path!r} is not an organisational unit; write its path as /Staff/Teachers, / for all, or a group as "
            f"{_GROUP}trip-leaders@example.org"
        )
    return path


def _address(schema: Schema, written: str) -> str:
    if not schema.for_groups:
        raise ValueError(f"{schema.name} is of devices, which Google sets by organisational unit, never for a group")
    if not _ADDRESS.fullmatch(written):
        raise ValueError(f"{written!r} is not the address of a group: write it whole and in lower case")
    return written


def _suggestion(written: str) -> str:
    close = get_close_matches(written, SCHEMAS, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
