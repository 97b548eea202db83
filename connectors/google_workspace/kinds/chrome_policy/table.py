"""The Chrome policies that a playbook can set, with their fields."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from connectors.google_workspace.kind_tables import effect_of, read_table
from toolkit.records import dataclass
from toolkit.sdk import GroupNesting, SettingEffect, Targets, in_groups, to_camel_case
from toolkit.values import Json, Settings


class ChromeFieldType(StrEnum):
    """The type of the values of a field."""

    FLAG = "flag"
    UNSET_OR = "unset_or"  # Google's NullableBoolean: UNSET, TRUE, FALSE
    WORD = "word"  # one of the schema's constants, without their common beginning
    TEXT = "text"  # a text for people
    SECONDS = "seconds"  # a length of time in seconds
    MINUTES = "minutes"  # a length of time in minutes
    BLOCKED = "blocked"  # URL patterns that are blocked
    ALLOWED = "allowed"  # URL patterns that are allowed
    LIST = "list"


@dataclass(frozen=True, slots=True)
class ChromeField:
    """A field of a policy: its name in playbooks, its name in Google's API, and its type."""

    name: str
    takes: ChromeFieldType
    meaning: str
    example: Json = field(hash=False)
    entry: str = ""  # for a list, the regular expression of an entry
    longest: int = 0  # for a length of time, the maximum in minutes; 0 for no limit
    shared: bool = False  # whether several owners share the list
    effect: SettingEffect | None = field(default=None, compare=False)

    @property
    def wire_name(self) -> str:
        """Return Google's name for the field. For example, `url_blocklist` is urlBlocklist."""
        return to_camel_case(self.name)


@dataclass(frozen=True, slots=True)
class Schema:
    """A policy in the table. Its name is Google's name without `chrome.` at the beginning."""

    name: str
    title: str
    console: str  # after `Admin console > Devices > Chrome > `
    fields: Sequence[ChromeField]
    is_for_one_app: bool = False  # whether the policy is for one app, named after it
    together: tuple[str, ...] = ()  # fields that Google accepts only together

    @property
    def full_name(self) -> str:
        return f"chrome.{self.name}"

    @property
    def namespace(self) -> str:
        """Return the namespace of the policy, such as chrome.users.apps for chrome.users.apps.InstallType."""
        return self.full_name.rpartition(".")[0]

    @property
    def for_groups(self) -> bool:
        """Return whether the policy can be set for a group. Device policies can be set only for units."""
        return not self.name.startswith("devices.")

    def field(self, name: str) -> ChromeField | None:
        return next((policy_field for policy_field in self.fields if policy_field.name == name), None)


def read_schema(name: str, row: Mapping[str, Any], table: Mapping[str, Mapping[str, Any]]) -> Schema:
    fields = table[row.get("same_fields", name)]["fields"]
    return Schema(
        name,
        row["title"],
        row["console"],
        tuple(_read_field(field, written) for field, written in fields.items()),
        is_for_one_app=row.get("of_app", False),
        together=tuple(row.get("together", ())),
    )


def _read_field(name: str, row: Mapping[str, Any]) -> ChromeField:
    """Return the field in a row of the table. The row names the type of the field as the key of its description."""
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
    """The parts of the name of a policy in a playbook: the schema, the app, and the unit or group."""

    schema: Schema
    app: str  # "" if the policy is not for one app
    unit: str  # a path; for a group, the unit of its people, or "" if none is named
    group: str  # an address; "" if the target is a unit


def split_name(name: str) -> PolicyName:
    """Split a policy's name into its parts. Raise ValueError if the name is not valid."""
    policy, at, target = name.partition(_AT)
    if not at:
        raise ValueError(f"{name!r} does not name a policy at a unit. Write it like `users.UrlBlocking @ /Staff`")
    written, _, app = policy.partition(" ")
    if written not in SCHEMAS:
        raise ValueError(f"{written!r} is not a Chrome policy that toolkit sets{_suggest_policy_name(written)}")
    schema = SCHEMAS[written]
    _check_app(schema, app)
    if target.startswith(_GROUP):
        group, within, unit = target.removeprefix(_GROUP).partition(_IN)
        return PolicyName(schema, app, _check_unit(unit) if within else "", _check_group(schema, group))
    return PolicyName(schema, app, _check_unit(target), "")


NESTING = GroupNesting.TRANSITIVE
"""A configured group may contain other groups, whose members count as its own. A unit includes the units below it.

Follows https://support.google.com/a/answer/9224126
"""


def reaches(name: str, _settings: Settings) -> Targets:
    """Return the audience of a policy: the people of its unit or group."""
    named = split_name(name)
    return in_groups([named.group or named.unit])


def without_unit(name: str) -> str:
    """Return the name of a group's policy without its unit, because Google stores only one policy for a group."""
    policy, at, target = name.partition(_AT)
    return f"{policy}{at}{target.partition(_IN)[0]}" if target.startswith(_GROUP) else name


def check_setting(name: str, setting: str) -> str | None:
    """Return a message that lists a policy's fields if the policy does not have this field, otherwise None."""
    schema = SCHEMAS.get(name.partition(_AT)[0].partition(" ")[0])
    if schema is None or schema.field(setting) or setting == INHERITED:
        return None
    return f"{schema.name} has no setting {setting}. It has: {', '.join(field.name for field in schema.fields)}"


def _check_app(schema: Schema, app: str) -> None:
    if not schema.is_for_one_app and app:
        raise ValueError(f"{schema.name} is not for a single app. Leave out {app!r}")
    if schema.is_for_one_app and not _APP.fullmatch(app):
        problem = f"{app!r} is not an app" if app else "the name does not contain an app"
        raise ValueError(
            f"{problem}. Write the app after the policy, for example `{schema.name} android:com.whatsapp @ /Staff`, "
            "chrome: and the 32 letters of an extension, or web: and an address"
        )


def _check_unit(path: str) -> str:
    if not path.startswith("/") or (path.endswith("/") and path != "/"):
        raise ValueError(
            f"{path!r} is not an organisational unit. Write its path, for example /Staff/Teachers, / for all units, "
            f"or a group such as {_GROUP}trip-leaders@example.org"
        )
    return path


def _check_group(schema: Schema, value: str) -> str:
    if not schema.for_groups:
        raise ValueError(
            f"{schema.name} is a device policy, which Google sets for organisational units, never for groups"
        )
    if not _ADDRESS.fullmatch(value):
        raise ValueError(f"{value!r} is not the address of a group. Write the complete address in lower case")
    return value


def _suggest_policy_name(value: str) -> str:
    close = get_close_matches(value, SCHEMAS, n=1)
    return f". Did you mean {close[0]!r}?" if close else ""
