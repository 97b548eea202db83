"""Policy schemas: name, whom each may be set for, and its fields with the values that they take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import with_config

from connectors.emulator.data_files import STRICT, read_table


class Type(StrEnum):
    """What a field holds; the value is the word of a protobuf descriptor."""

    FLAG = "TYPE_BOOL"
    TEXT = "TYPE_STRING"
    CHOICE = "TYPE_ENUM"
    NUMBER = "TYPE_MESSAGE"  # {"duration": "300"}, {"value": "3"}: an int64 inside a message, so that none is possible


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class Field:
    """One field of a schema."""

    name: str
    type: Type
    description: str = ""
    repeated: bool = False
    most: int = 0  # entries of a list; 0: any number
    urls: bool = False  # entries are URL patterns
    everything: bool = True  # "*" alone is such a pattern
    choices: tuple[str, ...] = ()
    type_name: str = ""  # of the enumeration or message
    inside: str = ""  # the name of the number inside its message
    range: tuple[int, int | None] = (0, None)
    notice: str = ""  # the value that has to be acknowledged by a field of its own
    acknowledges: bool = False  # it is such a field, and is never kept


@with_config(STRICT)
@dataclass(frozen=True, slots=True)
class PolicySchema:
    """One policy schema."""

    name: str
    description: str
    category: str
    fields: tuple[Field, ...]
    groups: bool = True  # may be set for a group too
    keys: tuple[str, ...] = ()  # names of the additional target keys
    default: Mapping[str, Any] = field(default_factory=dict)  # Google's own value, where it shows one
    together: tuple[str, ...] = ()  # fields that are set all or none

    @property
    def namespace(self) -> str:
        """chrome.users.apps of chrome.users.apps.InstallType."""
        return self.name.rpartition(".")[0]

    def find(self, name: str) -> Field | None:
        return next((one for one in self.fields if one.name == name), None)


INSTALL_TYPE = "chrome.users.apps.InstallType"
APP_ID = "app_id"
SCHEMAS: Mapping[str, PolicySchema] = {one.name: one for one in read_table(__file__, "schemas.json", PolicySchema)}
"""The policy schemas that are emulated, by name: those that a school's policies need, of the 1,100 that Google has.

Names, fields and most values are those of GAM's published list of schemas and of schemas that others published raw
(contracts/google.md, section 4). A constant's beginning follows no rule; where none was seen, it is made like others.
"""
