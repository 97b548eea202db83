"""How a kind's settings are written by people, compared, and put on the wire: one typed field a setting."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

from toolkit.records import dataclass
from toolkit.sdk.effect import SettingEffect
from toolkit.sdk.form import FLAG, Form, Properties, UnknownProperty
from toolkit.values import AtLeast, Body, Json, Settings, Value


class Join(StrEnum):
    """What becomes of one setting when two contributions shape one object."""

    EQUAL = "equal"  # two values are a mistake that names both lines
    UNION = "union"  # lists come together
    LOWEST = "lowest"  # of two numbers the smaller is the stricter
    LOWEST_BUT_ZERO = "lowest but zero"  # likewise, and 0 is the service's own limit, which any number narrows
    HIGHEST = "highest"


class LeftToTenant:
    """Silence about a setting leaves it to the tenant."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the engine needs to know of a field beside its type; it is in the field's Annotated."""

    form: Form
    wire: str = ""  # the service's name; without it the field's own in PascalCase
    silence: Value | type[LeftToTenant] = LeftToTenant  # what a managed object has here when the playbook says nothing
    at_least: bool = False  # a bare list asks for these entries and leaves others'
    join: Join = Join.EQUAL
    fills: bool = False  # written only where the service shows nothing; another value stays, and is no difference
    by_hand: bool = False  # a person changes it: the kind refuses a write (its doubts) until it is as asked
    mark: bool = False  # it says whose an object is: asked of what is written, never of what is only compared


@dataclass(frozen=True, slots=True)
class Wire:
    """The service's name of one field, beside a Setting that many fields share."""

    name: str


@dataclass(frozen=True, slots=True)
class Within:
    """What a field's checks allow, in words, where its type does not say it: for the reference of its kind."""

    words: str


UNSAID: Any = object()
"""In the place of a setting, where a spec is made in code: the setting is not named."""


def declare(words: str, *examples: object, default: object = None, alias: str | None = None) -> Any:
    """Declare a setting by what it does, values that a playbook might give it, and its default."""
    return Field(default=default, alias=alias, description=words, examples=list(examples) or None)


Switch: TypeAlias = Annotated[bool, Setting(FLAG)]
"""A setting that is on or off."""


def switch(words: str) -> Any:
    """Declare a setting that is off until a playbook sets it."""
    return declare(words, True, default=False)


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """A heading of a reference page, and the sentence below it."""

    title: str
    about: str


class Spec(BaseModel):
    """The settings of a kind; strict with people, lenient with services.

    A subclass declares one optional field a setting, `Annotated[type | None, Setting(...)]`, described with
    `Field(description=..., examples=[...])`. None, written as null, means that the setting must be unset.
    A field whose setting is called like a word of Python has an underscore behind it and the setting as its alias.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    together: ClassVar[tuple[frozenset[str], ...]] = ()
    """Settings that a service takes only with each other: when one changes, all are sent."""

    field_groups: ClassVar[Mapping[str, FieldGroup]] = {}
    """The headings of settings, by their names; the others are listed under the class that declares them."""

    effects: ClassVar[Mapping[str, SettingEffect]] = {}
    """The effect of each setting: uses that a change ends. A class declares them for the settings that it adds."""

    properties: ClassVar[Properties] = Properties()
    """What else the kind compares of an answer, beside the wire names of its settings, and what it ignores and why."""

    @model_validator(mode="before")
    @classmethod
    def _leave_out_unsaid(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value is not UNSAID}

    @property
    def written(self) -> Mapping[str, Json]:
        """Return the settings that are named, as a playbook would write them."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    @classmethod
    def desired(cls, written: Mapping[str, Json]) -> Settings:
        """Read what a playbook names, with what it implies and what its silence means; pydantic's error if wrong."""
        spec = cls.model_validate(written)
        table = cls.table()
        fields = {_called(name, field): name for name, field in cls.model_fields.items()}
        named = {
            name: _wanted(setting, getattr(spec, fields[name]))
            for name, setting in table.items()
            if fields[name] in spec.model_fields_set
        }
        return {**cls.closed(), **cls.implied(named), **named}

    @classmethod
    def implied(cls, named: Settings) -> Settings:  # noqa: ARG003 - the kinds that imply something say what
        """Say what the service fills in beside the named settings."""
        return {}

    @classmethod
    def observed(cls, body: Body) -> Settings:
        """Read a service's answer: every setting of the kind, None where it is unset."""
        return {name: setting.form.read(body.get(wire_name(name, setting))) for name, setting in cls.table().items()}

    @classmethod
    def body(cls, settings: Settings) -> Body:
        """Put settings on the wire; null clears one."""
        table = cls.table()
        return {wire_name(name, table[name]): table[name].form.write(value) for name, value in settings.items()}

    @classmethod
    def closed(cls) -> Settings:
        """List the settings for which silence means something, with what it means."""
        return {name: s.silence for name, s in cls.table().items() if not isinstance(s.silence, type)}

    @classmethod
    def defaults(cls) -> Settings:
        """Return the settings that have a default of the service, with its value."""
        table, fields = cls.table(), {_called(name, field): field for name, field in cls.model_fields.items()}
        given = {name: fields[name].default for name in table if not fields[name].is_required()}
        return {name: table[name].form.read(value) for name, value in given.items() if value not in (None, [])}

    @classmethod
    def table(cls) -> Mapping[str, Setting]:
        """Give each field's Setting; TypeError for a field that has none."""
        return _table(cls)

    @classmethod
    def unwritable(cls, body: Body) -> Mapping[str, str]:  # noqa: ARG003 - the kinds that refer to others say what
        """Return by setting why no playbook can hold its value, such as the id of a deleted group."""
        return {}

    @classmethod
    def written_at(cls, setting: str) -> Sequence[str]:
        """Return the keys of a playbook under which a setting is written, the nearest first."""
        return (setting,)

    @classmethod
    def nested(cls, written: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return settings, each by its name, as an import writes them into a playbook."""
        return written

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """List the properties of an answer that the kind neither compares nor ignores and that is set."""
        return _properties(cls).unknown(body)


@cache
def setting_effects(spec: type[Spec]) -> Mapping[str, SettingEffect]:
    """Return the effect of each setting, as a spec and the classes below it declare them."""
    declared: dict[str, SettingEffect] = {}
    for base in reversed(spec.__mro__):
        declared |= base.__dict__.get("effects", {})
    return declared


@cache
def _properties(spec: type[Spec]) -> Properties:
    """Return the properties of a kind with the wire names of its settings."""
    return spec.properties.extended(compared=(wire_name(name, setting) for name, setting in spec.table().items()))


@cache
def _table(spec: type[Spec]) -> Mapping[str, Setting]:
    return {_called(name, field): _setting(spec, name, field) for name, field in spec.model_fields.items()}


def _called(name: str, field: FieldInfo) -> str:
    return field.alias or name


def _setting(spec: type[Spec], name: str, field: FieldInfo) -> Setting:
    named = next((note.name for note in field.metadata if isinstance(note, Wire)), "")
    for note in field.metadata:
        if isinstance(note, Setting):
            return replace(note, wire=named or note.wire)
    raise TypeError(f"{spec.__name__}.{name} says nothing of its canonical form: give it a Setting")


def wire_name(name: str, setting: Setting) -> str:
    """Give the service's name of a setting: `from_scope` is FromScope unless the field says otherwise."""
    return setting.wire or _in_pascal_case(name)


@cache
def _in_pascal_case(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _wanted(setting: Setting, written: Any) -> Value:
    value = written.model_dump(exclude_unset=True) if isinstance(written, BaseModel) else written
    read = setting.form.read(value)
    if setting.at_least and isinstance(read, tuple) and isinstance(written, list):
        return AtLeast(read)
    return read


class Exactly(BaseModel):
    """A list that holds these entries and no others."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    exactly: list[str]


class Contains(BaseModel):
    """A list that holds at least these entries, and none of those it lacks; others' stay."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    contains: list[str]
    lacks: list[str] = []


class Lacks(BaseModel):
    """A list that holds none of these entries; others' stay."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    lacks: list[str]


Listed = list[str] | Exactly | Contains | Lacks
"""How a playbook writes a list: bare, `{exactly: [...]}`, `{contains: [...]}` or `{lacks: [...]}`."""


def written_entries(written: Listed | None) -> list[str]:
    """List the entries of a list in whichever way it is written, for checks of each."""
    match written:
        case Exactly(exactly=entries) | Contains(contains=entries) | Lacks(lacks=entries):
            return entries
        case None:
            return []
        case entries:
            return entries
