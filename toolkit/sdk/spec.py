"""The settings of a kind as people write them, as they are compared, and on the wire, with a typed field for each."""

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
    """How two contributions to the same object combine in one setting."""

    EQUAL = "equal"  # two values are a mistake that names both lines
    UNION = "union"  # lists come together
    LOWEST = "lowest"  # of two numbers the smaller is the stricter
    LOWEST_BUT_ZERO = "lowest but zero"  # likewise, and 0 is the service's own limit, which any number narrows
    HIGHEST = "highest"


class LeftToTenant:
    """A setting that the playbook omits is left to the tenant."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The engine's information about a field in addition to its type, in the field's Annotated."""

    form: Form
    wire: str = ""  # the service's name, by default the field's own in PascalCase
    silence: Value | type[LeftToTenant] = LeftToTenant  # the value for a managed object if it is omitted
    at_least: bool = False  # a bare list asks for these entries and leaves other entries
    join: Join = Join.EQUAL
    fills: bool = False  # written only if the service shows no value, and another value is left unchanged
    by_hand: bool = False  # a person changes it: the kind refuses a write (its doubts) until it is as asked
    mark: bool = False  # it names the owner of an object, so it is never only compared


@dataclass(frozen=True, slots=True)
class Wire:
    """The service's name of one field, if many fields share a Setting."""

    name: str


@dataclass(frozen=True, slots=True)
class Within:
    """The allowed values in words for the reference of a kind, if the field's type does not give them."""

    words: str


UNSAID: Any = object()
"""The value of an omitted setting in a spec that is created in code."""


def declare(words: str, *examples: object, default: object = None, alias: str | None = None) -> Any:
    """Return a field with a description, example values for a playbook, and its default."""
    return Field(default=default, alias=alias, description=words, examples=list(examples) or None)


Switch: TypeAlias = Annotated[bool, Setting(FLAG)]
"""A setting that is on or off."""


def switch(words: str) -> Any:
    """Return the field of a setting that is off until a playbook sets it."""
    return declare(words, True, default=False)


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """A heading of a reference page, and the sentence below it."""

    title: str
    about: str


class Spec(BaseModel):
    """The settings of a kind, strict with people and lenient with services.

    A subclass declares an optional field for each setting, `Annotated[type | None, Setting(...)]`, described with
    `Field(description=..., examples=[...])`. None, written as null, means that the setting must be unset. A field whose
    setting has the name of a Python keyword ends with an underscore and has the setting as its alias.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    together: ClassVar[tuple[frozenset[str], ...]] = ()
    """Settings that a service accepts only together. When one changes, all are sent."""

    field_groups: ClassVar[Mapping[str, FieldGroup]] = {}
    """The headings of settings, by their names. The others are listed under the class that declares them."""

    effects: ClassVar[Mapping[str, SettingEffect]] = {}
    """The effect of each setting: uses that a change ends. A class declares them for the settings that it adds."""

    properties: ClassVar[Properties] = Properties()
    """Other compared properties of a response in addition to the settings' wire names, and ignored ones with reasons.
    """

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
        """Return a playbook's desired settings, with implied and omitted ones. Raise pydantic's error if invalid."""
        spec = cls.model_validate(written)
        table = cls.table()
        fields = {_setting_name(name, field): name for name, field in cls.model_fields.items()}
        named = {
            name: _desired_value(setting, getattr(spec, fields[name]))
            for name, setting in table.items()
            if fields[name] in spec.model_fields_set
        }
        return {**cls.closed(), **cls.implied_settings(named), **named}

    @classmethod
    def implied_settings(cls, named: Settings) -> Settings:  # noqa: ARG003 - kinds with implied settings use it
        """Return the settings that the service adds to the named settings."""
        return {}

    @classmethod
    def observed(cls, body: Body) -> Settings:
        """Return every setting of the kind from a service's response, with None if it is unset."""
        return {name: setting.form.read(body.get(wire_name(name, setting))) for name, setting in cls.table().items()}

    @classmethod
    def body(cls, settings: Settings) -> Body:
        """Return settings in wire names. A null clears a setting."""
        table = cls.table()
        return {wire_name(name, table[name]): table[name].form.write(value) for name, value in settings.items()}

    @classmethod
    def closed(cls) -> Settings:
        """Return the settings that have a value if the playbook omits them, with that value."""
        return {name: s.silence for name, s in cls.table().items() if not isinstance(s.silence, type)}

    @classmethod
    def defaults(cls) -> Settings:
        """Return the settings for which the service has a default, with its value."""
        table, fields = cls.table(), {_setting_name(name, field): field for name, field in cls.model_fields.items()}
        given = {name: fields[name].default for name in table if not fields[name].is_required()}
        return {name: table[name].form.read(value) for name, value in given.items() if value not in (None, [])}

    @classmethod
    def table(cls) -> Mapping[str, Setting]:
        """Return each field's Setting. Raise TypeError for a field that has none."""
        return _table(cls)

    @classmethod
    def unwritable(cls, body: Body) -> Mapping[str, str]:  # noqa: ARG003 - kinds with references use it
        """Return, by setting, why no playbook can hold its value, such as the id of a deleted group."""
        return {}

    @classmethod
    def written_at(cls, setting: str) -> Sequence[str]:
        """Return the keys of a playbook under which a setting is written, the nearest first."""
        return (setting,)

    @classmethod
    def nest_settings(cls, written: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return settings, each by its name, as an import writes them into a playbook."""
        return written

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """Return the properties of a response that are set and that the kind neither compares nor ignores."""
        return _properties(cls).unknown(body)


@cache
def setting_effects(spec: type[Spec]) -> Mapping[str, SettingEffect]:
    """Return the effect of each setting, as a spec and its base classes declare them."""
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
    return {_setting_name(name, field): _setting(spec, name, field) for name, field in spec.model_fields.items()}


def _setting_name(name: str, field: FieldInfo) -> str:
    return field.alias or name


def _setting(spec: type[Spec], name: str, field: FieldInfo) -> Setting:
    named = next((note.name for note in field.metadata if isinstance(note, Wire)), "")
    for note in field.metadata:
        if isinstance(note, Setting):
            return replace(note, wire=named or note.wire)
    raise TypeError(f"{spec.__name__}.{name} has no canonical form. Give it a Setting")


def wire_name(name: str, setting: Setting) -> str:
    """Return the service's name of a setting: `from_scope` is FromScope unless the field has another."""
    return setting.wire or _in_pascal_case(name)


@cache
def _in_pascal_case(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def _desired_value(setting: Setting, written: Any) -> Value:
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
    """A list that holds at least these entries, and none of the entries in `lacks`. Other entries are left."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    contains: list[str]
    lacks: list[str] = []


class Lacks(BaseModel):
    """A list that holds none of these entries. Other entries are left."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    lacks: list[str]


Listed = list[str] | Exactly | Contains | Lacks
"""How a playbook writes a list: bare, `{exactly: [...]}`, `{contains: [...]}` or `{lacks: [...]}`."""


def written_entries(written: Listed | None) -> list[str]:
    """Return the entries of a list in any of its spellings, to check each."""
    match written:
        case Exactly(exactly=entries) | Contains(contains=entries) | Lacks(lacks=entries):
            return entries
        case None:
            return []
        case entries:
            return entries
