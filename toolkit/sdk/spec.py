"""Declare the settings of a kind. Each setting has a typed field, a canonical form, and the service's own name."""

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
    """The way in which the values of two controls for the same setting of an object are combined."""

    EQUAL = "equal"  # two different values are an error that names both lines
    UNION = "union"  # lists are merged
    LOWEST = "lowest"  # the smaller number is stricter
    LOWEST_BUT_ZERO = "lowest but zero"  # the smaller number is stricter, but 0 means the service's own limit
    HIGHEST = "highest"


class LeftToTenant:
    """A default for a setting: if the playbook leaves the setting out, the tenant's value is kept."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The properties of a setting, such as its canonical form, declared in the field's Annotated type."""

    form: Form
    wire: str = ""  # the service's name, by default the field's name in PascalCase
    silence: Value | type[LeftToTenant] = LeftToTenant  # the value for a managed object if the playbook omits it
    at_least: bool = False  # whether a plain list keeps entries that others added
    join: Join = Join.EQUAL
    fills: bool = False  # whether it is written only if the tenant has no value
    by_hand: bool = False  # whether only a person can change it, so the kind refuses writes until it is as desired
    mark: bool = False  # whether it names the owner of an object, so it is never only compared


@dataclass(frozen=True, slots=True)
class Wire:
    """The service's name for a field, which is needed if several fields share a Setting."""

    name: str


@dataclass(frozen=True, slots=True)
class Within:
    """A description of the allowed values for the reference pages, if the field's type does not show them."""

    words: str


UNSAID: Any = object()
"""The value of an omitted setting in a spec created in code."""


def declare(description: str, *examples: object, default: object = None, alias: str | None = None) -> Any:
    """Return a field with a description, example values and a default value."""
    return Field(default=default, alias=alias, description=description, examples=list(examples) or None)


Switch: TypeAlias = Annotated[bool, Setting(FLAG)]
"""The type of a setting that is on or off."""


def switch(description: str) -> Any:
    """Return a field for a setting that is off unless a playbook turns it on."""
    return declare(description, True, default=False)


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """A heading for a group of fields on a reference page, and the sentence below the heading."""

    title: str
    about: str


class Spec(BaseModel):
    """The settings of a kind. Values in playbooks are validated strictly, and values in responses leniently.

    A subclass declares an optional field for each setting, `Annotated[type | None, Setting(...)]`, described with
    `Field(description=..., examples=[...])`. None, written as null, means that the setting must be unset. If a
    setting's name is a Python keyword, the field has a trailing underscore and the setting's name as alias.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    together: ClassVar[tuple[frozenset[str], ...]] = ()
    """Settings that a service accepts only together. If one changes, all are sent."""

    field_groups: ClassVar[Mapping[str, FieldGroup]] = {}
    """Headings for settings on the reference page, by setting. Other settings are listed under their class."""

    effects: ClassVar[Mapping[str, SettingEffect]] = {}
    """The effect of a change of each setting. Each class declares the effects of its own settings."""

    properties: ClassVar[Properties] = Properties()
    """Compared and ignored properties of responses, in addition to the settings' wire names."""

    @model_validator(mode="before")
    @classmethod
    def _remove_absent_settings(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value is not UNSAID}

    @property
    def written(self) -> Mapping[str, Json]:
        """Return the settings that are set, in the form of a playbook."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    @classmethod
    def desired(cls, written: Mapping[str, Json]) -> Settings:
        """Return the desired settings for a playbook's settings, with settings that are implied or that the playbook
        leaves out. Raise ValidationError if a setting is invalid.
        """
        spec = cls.model_validate(written)
        table = cls.table()
        fields = {_setting_name(name, field): name for name, field in cls.model_fields.items()}
        named = {
            name: _desired_value(setting, getattr(spec, fields[name]))
            for name, setting in table.items()
            if fields[name] in spec.model_fields_set
        }
        return {**cls.always_set_settings(), **cls.implied_settings(named), **named}

    @classmethod
    def implied_settings(cls, named: Settings) -> Settings:  # noqa: ARG003 - kinds with implied settings use it
        """Return the settings that the service derives from the given settings."""
        return {}

    @classmethod
    def observed(cls, body: Body) -> Settings:
        """Return the value of every setting of the kind in a response. Unset settings are None."""
        return {name: setting.form.read(body.get(wire_name(name, setting))) for name, setting in cls.table().items()}

    @classmethod
    def body(cls, settings: Settings) -> Body:
        """Return settings by the service's names, as the body of a request. A null clears a setting."""
        table = cls.table()
        return {wire_name(name, table[name]): table[name].form.write(value) for name, value in settings.items()}

    @classmethod
    def always_set_settings(cls) -> Settings:
        """Return the values of the settings that toolkit sets even if the playbook leaves them out."""
        return {name: s.silence for name, s in cls.table().items() if not isinstance(s.silence, type)}

    @classmethod
    def defaults(cls) -> Settings:
        """Return the service's default of each setting."""
        table, fields = cls.table(), {_setting_name(name, field): field for name, field in cls.model_fields.items()}
        given = {name: fields[name].default for name in table if not fields[name].is_required()}
        return {name: table[name].form.read(value) for name, value in given.items() if value not in (None, [])}

    @classmethod
    def table(cls) -> Mapping[str, Setting]:
        """Return each field's Setting. Raise TypeError for a field without a Setting."""
        return _settings_by_name(cls)

    @classmethod
    def unwritable(cls, body: Body) -> Mapping[str, str]:  # noqa: ARG003 - kinds with references use it
        """Return, by setting, the reason why a playbook cannot contain the value in a response, such as the id of a
        deleted group.
        """
        return {}

    @classmethod
    def nesting_keys(cls, setting: str) -> Sequence[str]:
        """Return the playbook keys in which a setting can be nested, from the innermost to the outermost."""
        return (setting,)

    @classmethod
    def nest_settings(cls, written: Mapping[str, Json]) -> Mapping[str, Json]:
        """Return settings in the nested form in which an import writes them into a playbook."""
        return written

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """Return the properties of a response that have a value and that the kind neither compares nor ignores."""
        return _properties_of(cls).unknown(body)


@cache
def setting_effects(spec: type[Spec]) -> Mapping[str, SettingEffect]:
    """Return the effect of each setting, as a spec and its base classes declare it."""
    declared: dict[str, SettingEffect] = {}
    for base in reversed(spec.__mro__):
        declared |= base.__dict__.get("effects", {})
    return declared


@cache
def _properties_of(spec: type[Spec]) -> Properties:
    """Return the known properties of a kind's responses, including the service's names of its settings."""
    return spec.properties.extended(compared=(wire_name(name, setting) for name, setting in spec.table().items()))


@cache
def _settings_by_name(spec: type[Spec]) -> Mapping[str, Setting]:
    return {
        _setting_name(name, field): _setting_of_field(spec, name, field) for name, field in spec.model_fields.items()
    }


def _setting_name(name: str, field: FieldInfo) -> str:
    return field.alias or name


def _setting_of_field(spec: type[Spec], name: str, field: FieldInfo) -> Setting:
    named = next((note.name for note in field.metadata if isinstance(note, Wire)), "")
    for note in field.metadata:
        if isinstance(note, Setting):
            return replace(note, wire=named or note.wire)
    raise TypeError(f"{spec.__name__}.{name} has no canonical form. Give it a Setting")


def wire_name(name: str, setting: Setting) -> str:
    """Return the service's name of a setting. `from_scope` becomes FromScope unless its Setting has another name."""
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
    """A desired list that must have exactly these entries."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    exactly: list[str]


class Contains(BaseModel):
    """A desired list that must have at least these entries, and none of the entries in `lacks`.

    All other entries are left unchanged.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    contains: list[str]
    lacks: list[str] = []


class Lacks(BaseModel):
    """A desired list that must not have these entries. All other entries are left unchanged."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    lacks: list[str]


Listed = list[str] | Exactly | Contains | Lacks
"""A list in a playbook: plain, `{exactly: [...]}`, `{contains: [...]}` or `{lacks: [...]}`."""


def written_entries(written: Listed | None) -> list[str]:
    """Return the entries of a list, which a playbook may write in any of these forms, for validation."""
    match written:
        case Exactly(exactly=entries) | Contains(contains=entries) | Lacks(lacks=entries):
            return entries
        case None:
            return []
        case entries:
            return entries
