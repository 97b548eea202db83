"""What one policy schema is: its name, whom it may be set for, and its fields with the values that they take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.emulator.wire import Json

NO_DEFAULT: Mapping[str, Json] = {}
_LONGEST_LIST = 1000
_NULLABLE_BOOLEAN = ("UNSET", "FALSE", "TRUE")


class Type(StrEnum):
    """What a field holds; the value is the word of a protobuf descriptor."""

    FLAG = "TYPE_BOOL"
    TEXT = "TYPE_STRING"
    CHOICE = "TYPE_ENUM"
    NUMBER = (
        "TYPE_MESSAGE"  # {"duration": "300"} or {"value": "3"}: an int64 inside a message, so that none is possible
    )


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


@dataclass(frozen=True, slots=True)
class PolicySchema:
    """One policy schema."""

    name: str
    description: str
    category: str
    fields: tuple[Field, ...]
    groups: bool = True  # may be set for a group too
    keys: tuple[str, ...] = ()  # names of the additional target keys
    default: Mapping[str, Json] = field(default_factory=lambda: NO_DEFAULT)  # Google's own value, where it shows one
    together: tuple[str, ...] = ()  # fields that are set all or none

    @property
    def namespace(self) -> str:
        """chrome.users.apps of chrome.users.apps.InstallType."""
        return self.name.rpartition(".")[0]

    def find(self, name: str) -> Field | None:
        return next((one for one in self.fields if one.name == name), None)


def flag(name: str, description: str = "", notice: str = "") -> Field:
    return Field(name, Type.FLAG, description, notice=notice)


def acknowledgement(name: str) -> Field:
    return Field(name, Type.FLAG, "Acknowledges the notice.", acknowledges=True)


def words(name: str, description: str = "") -> Field:
    """Write a list of strings."""
    return Field(name, Type.TEXT, description, repeated=True)


def written(name: str, description: str = "") -> Field:
    """Write a string."""
    return Field(name, Type.TEXT, description)


def urls(name: str, description: str = "", *, most: int = _LONGEST_LIST, everything: bool = True) -> Field:
    """Write a list of URL patterns."""
    return Field(name, Type.TEXT, description, repeated=True, most=most, urls=True, everything=everything)


def choice(name: str, enumeration: str, values: Sequence[str], description: str = "", *, prefix: str = "") -> Field:
    """Write a field that takes one constant of an enumeration."""
    constants = tuple(f"{prefix}{value}" for value in values)
    return Field(name, Type.CHOICE, description, choices=constants, type_name=enumeration)


def unset_or(name: str, description: str = "") -> Field:
    """Write a field that is UNSET, FALSE or TRUE."""
    return Field(name, Type.CHOICE, description, choices=_NULLABLE_BOOLEAN, type_name="NullableBoolean")


def duration(name: str, description: str = "", *, least: int = 0, most: int | None = None) -> Field:
    return Field(name, Type.NUMBER, description, type_name="NullableDuration", inside="duration", range=(least, most))


def number(name: str, description: str = "", *, least: int = 0, most: int | None = None) -> Field:
    return Field(name, Type.NUMBER, description, type_name="NullableLong", inside="value", range=(least, most))
