"""Build the references of kinds and controls from their declarations, for the terminal and for pages."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from inspect import get_annotations

from pydantic.fields import FieldInfo

from toolkit.planning.ownership import mark_setting_name
from toolkit.records import dataclass
from toolkit.render.line import Line, Tone
from toolkit.render.reference.setting_reference import SettingReference, field_schemas, reference_of_kind_setting
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import Ordered
from toolkit.sdk.kind import Kind
from toolkit.sdk.part import Level
from toolkit.sdk.permission import Permission
from toolkit.sdk.spec import FieldGroup, Spec

NOT_COMPARED = "Not compared"
WIDTH = 100
"""Columns of a terminal that a reference takes."""


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """Settings that a reference shows together under a heading."""

    title: str
    about: str
    settings: tuple[SettingReference, ...]


@dataclass(frozen=True, slots=True)
class PartReference:
    """The reference of a part of a control on a provider."""

    provider: str
    name: str
    level: Level
    covers: str
    notes: tuple[str, ...]  # limits, and the reason for the level
    objects: tuple[str, ...]  # addresses of its resources in the tenant


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference of a kind or a control: all that an author of playbooks needs to know about it."""

    name: str  # microsoft365.transport_rule, mail.disclaimer
    title: str
    about: str
    facts: tuple[tuple[str, str], ...]  # the name of a fact, and its text
    sample: str  # YAML
    groups: tuple[SettingGroup, ...]
    parts: tuple[PartReference, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()  # properties of a response that are not compared, and the reason


@dataclass(frozen=True, slots=True)
class OverviewLine:
    """The overview's line about a kind or a control."""

    section: str
    name: str
    title: str
    can: str
    settings: int
    mark: str = ""  # the service's field with the school's mark, if toolkit creates objects of the kind


def docstring_as_line(docstring: str | None) -> str:
    """Return a docstring as a single line of text."""
    return " ".join((docstring or "").split())


def join_requirements(requirements: Sequence[str]) -> str:
    """Join the requirements of a kind or control into a text, with semicolons."""
    return "; ".join(requirements)


def wrap_text(
    text: str, indent: str, *, indent_of_rest: int | None = None, tone: Tone = Tone.PLAIN, is_cut: bool = False
) -> Iterator[Line]:
    """Break a text into lines that fit the terminal, with an indent of `indent_of_rest` columns after the first
    line.
    """
    below = " " * (len(indent) if indent_of_rest is None else indent_of_rest)
    lines = textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=below, break_on_hyphens=False, break_long_words=is_cut
    )
    yield from (Line(line, tone) for line in lines)


_BRANDS = {"Ios": "iOS", "Macos": "macOS"}
"""Product names that are not written like other words."""


def kind_overview(name: str, kind: Kind[Connection], provider_title: str) -> OverviewLine:
    mark = "" if kind.read_only or kind.fixed else _mark_field(kind) or "none"
    return OverviewLine(provider_title, name, kind.title, _supported_writes(kind), len(kind.spec.model_fields), mark)


def kind_reference(name: str, kind: Kind[Connection]) -> Reference:
    """Return the reference of a kind: all that an author of playbooks needs to know about it."""
    return Reference(
        name=name,
        title=kind.title,
        about=docstring_as_line(kind.spec.__doc__),
        facts=tuple(_kind_facts(kind)),
        sample=kind.sample,
        groups=tuple(_setting_groups(kind.spec)),
        ignored=tuple(_ignored_properties(kind.spec)),
    )


def _supported_writes(kind: Kind[Connection]) -> str:
    if kind.read_only:
        return "read only"
    ordered = ", ordered" if isinstance(kind.endpoint, Ordered) else ""
    return ("changed" if kind.fixed else "created, changed, deleted") + ordered


def _mark_field(kind: Kind[Connection]) -> str:
    """Return the name of the service's field that contains the school's mark, or "" if the service has no such
    field.
    """
    setting = kind.spec.table().get(mark_setting_name(kind.spec))
    return setting.wire if setting else ""


def _kind_facts(kind: Kind[Connection]) -> Iterator[tuple[str, str]]:
    yield "vendor's page", kind.reference
    yield "can be", _supported_writes(kind)
    yield "reach", str(kind.reach)
    if kind.names.only is not None:
        yield "names", "a tenant has only one, so leave the name out"
    elif kind.fixed:
        yield "names", 'the existing objects of the tenant. "*" means every object that no other entry names'
    if not (kind.read_only or kind.fixed):
        field = _mark_field(kind)
        yield (
            "mark",
            f"of the school, in `{field}`" if field else "none, because the service has no field for it",
        )
    if kind.lifecycle.most is not None:
        yield "at most", f"{kind.lifecycle.most} in a tenant"
    if isinstance(kind.endpoint, Ordered):
        yield "order", "as in the playbooks, and unmanaged objects are never moved"
    yield "to read", _permission_names(kind.permissions.read)
    if not kind.read_only:
        yield "to write", _permission_names(kind.permissions.write)
    if kind.settles:
        yield "settles", f"for {kind.settles:g} seconds after a write, a read may still show the earlier state"


def _ignored_properties(spec: type[Spec]) -> Iterator[tuple[str, str]]:
    """Yield the properties that toolkit does not compare, with the reason.

    Properties with the same reason share a row.
    """
    together: dict[str, list[str]] = {}
    for path, reason in spec.properties.ignored.items():
        together.setdefault(reason, []).append(f"`{path}`")
    for reason, paths in together.items():
        yield ", ".join(paths), reason


def _permission_names(permissions: Sequence[Permission]) -> str:
    return join_requirements([str(permission) for permission in permissions])


def _setting_groups(spec: type[Spec]) -> Iterator[SettingGroup]:
    schemas = field_schemas(spec)
    groups: dict[FieldGroup, list[tuple[str, FieldInfo]]] = {}
    for attribute, field in spec.model_fields.items():
        groups.setdefault(_group_of(spec, attribute), []).append((field.alias or attribute, field))
    for group, fields in groups.items():
        settings = tuple(reference_of_kind_setting(spec, name, field, schemas[name]) for name, field in fields)
        yield SettingGroup(group.title, group.about, settings)


def _group_of(spec: type[Spec], attribute: str) -> FieldGroup:
    if group := spec.field_groups.get(attribute):
        return FieldGroup(_title_from_class_name(group.title), group.about)
    declared_in = next(ancestor for ancestor in spec.__mro__ if attribute in get_annotations(ancestor))
    if declared_in is spec:
        return FieldGroup("Settings", "")
    return FieldGroup(_title_from_class_name(declared_in.__name__), docstring_as_line(declared_in.__doc__))


def _title_from_class_name(name: str) -> str:
    """Convert a class name into a heading: `SenderConditions` becomes "Sender conditions"."""
    first, *rest = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize().split(" ")
    return " ".join([_BRANDS.get(first, first), *rest])
