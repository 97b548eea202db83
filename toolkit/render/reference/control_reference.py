"""Build the reference of a control: its settings, and its parts on each provider."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from toolkit.controls.control import QUESTIONS, Control, ControlSettings
from toolkit.controls.data import Hold
from toolkit.errors import UnusableModule
from toolkit.planning.desired.control_request import CloudCatalogue
from toolkit.render.reference.reference import (
    OverviewLine,
    PartReference,
    Reference,
    SettingGroup,
    docstring_as_line,
    join_requirements,
)
from toolkit.render.reference.setting_reference import (
    MUST,
    SettingReference,
    field_schemas,
    reference_of_control_setting,
)
from toolkit.school.school import ProtectedList, Role, School
from toolkit.sdk.directory import EVERYONE, Audience, Scope
from toolkit.sdk.legal_holds import Service
from toolkit.sdk.part import ControlContext, Level, Realisation, manual
from toolkit.sdk.providers import hold_services
from toolkit.sdk.resource import Mode, Origin

_HOLD_COMMAND = "`toolkit hold place`"
_HELD_DATA = {
    Service.MAILBOX: "the whole mailbox, without a case and for an unlimited time",
    Service.MAIL: "mail in the case",
    Service.FILES: "files in the case",
    Service.CHAT: "chat in the case",
    Service.GROUPS: "group messages in the case",
    Service.CALENDAR: "calendar in the case",
}
_SCHOOL = School(
    name="Example Primary School",
    short_name="EPS",
    domains=("example-primary.example",),
    time_zone="Europe/London",
    tenants={},
    roles={
        "leadership": Role("leadership", groups={"microsoft365": "leadership@example-primary.example"}),
        "pupils": Role("pupils", units={"google_workspace": "/Pupils"}),
    },
    protected=ProtectedList(),
    mode=Mode.CHECK,
    phone=None,
    website=None,
    origin=Origin("00-school.yaml", 1),
)


def control_overview(control: Control, catalogues: Mapping[str, CloudCatalogue]) -> OverviewLine:
    """Return the overview's line about a control, with the levels of its parts on each provider."""
    clouds = "; ".join(catalogue.title for catalogue in catalogues.values())
    section = f"Controls, with the levels of their parts on {clouds}"
    levels = [_part_levels_text(control, catalogue) for catalogue in catalogues.values()]
    return OverviewLine(section, control.name, control.title, "; ".join(levels), len(_own_setting_names(control)))


def _part_levels_text(control: Control, catalogue: CloudCatalogue) -> str:
    """Return the levels of the parts of a control's sample entry on a provider, the strongest first."""
    if control.by_people_alone:
        return Level.MANUAL
    try:
        levels = {part.level for part in _realise_sample(control, catalogue).parts}
    except UnusableModule:
        return "cannot be loaded"
    placed = ["by command"] if _is_legal_hold_control(control) and hold_services(catalogue.name) else []
    return ", ".join([*(level for level in Level if level in levels), *placed])


def _is_legal_hold_control(control: Control) -> bool:
    return control.settings is Hold


def _held_data_text(catalogue: CloudCatalogue) -> str:
    """Return text that lists which data of a person `toolkit hold` puts on hold in a cloud."""
    return join_requirements([_HELD_DATA[service] for service in hold_services(catalogue.name)])


def control_reference(control: Control, catalogues: Mapping[str, CloudCatalogue]) -> Reference:
    """Return the reference of a control: all that an author of playbooks needs to know about it."""
    settings = _setting_references(control)
    own = tuple(setting for name, setting in settings.items() if name in _own_setting_names(control))
    shared = tuple(setting for name, setting in settings.items() if name not in _own_setting_names(control))
    groups = [SettingGroup("Settings", "", own)] if own else []
    return Reference(
        name=control.name,
        title=control.title,
        about=docstring_as_line(control.settings.__doc__),
        facts=(
            ("clauses", join_requirements(control.clauses)),
            *(
                (f"{_HOLD_COMMAND} on {catalogue.title}", _held_data_text(catalogue))
                for catalogue in (catalogues.values() if _is_legal_hold_control(control) else ())
            ),
            *(("question before it is enforced", f"`{name}`: {QUESTIONS[name]}") for name in control.asks),
        ),
        sample=_sample_entry(control),
        groups=(*groups, SettingGroup("Settings of every control", "", shared)),
        parts=tuple(part for catalogue in catalogues.values() for part in _cloud_parts(control, catalogue))
        + _manual_parts(control),
    )


def _own_setting_names(control: Control) -> Sequence[str]:
    return [name for name in control.settings.model_fields if name not in ControlSettings.model_fields]


def _setting_references(control: Control) -> Mapping[str, SettingReference]:
    schemas = field_schemas(control.settings)
    words = {name: field.alias or name for name, field in control.settings.model_fields.items()}
    fields = control.settings.model_fields
    settings = {name: reference_of_control_setting(word, fields[name], schemas[word]) for name, word in words.items()}
    if control.reaches_people:
        settings["audience"] = replace(settings["audience"], silence=MUST)
    return settings


def _sample_entry(control: Control) -> str:
    """Return a sample playbook entry for a control, with the settings that are required or have an example."""
    fields = control.settings.model_fields
    worth = [name for name in _own_setting_names(control) if fields[name].is_required() or fields[name].examples]
    lines = [_setting_references(control)[name].example for name in worth]
    audience = [f"for: {control.of_role or EVERYONE}"] if control.reaches_people else []
    return "\n".join([f"- {control.name}:", *(f"    {line}" for line in (*audience, *lines))]) + "\n"


def _realise_sample(control: Control, catalogue: CloudCatalogue) -> Realisation:
    """Return the parts and objects that the sample entry of a control has on a cloud, for everyone."""
    realised = catalogue.realisations.get(control.name)
    if realised is None:
        reason = f"toolkit cannot set it up on {catalogue.title} yet"
        return Realisation((manual("not realised", control.title, reason),))
    fields = control.settings.model_fields
    examples = {name: fields[name].examples for name in _own_setting_names(control)}
    settings = {name: values[0] for name, values in examples.items() if values}
    context = ControlContext(_SCHOOL, Scope(Audience(EVERYONE)))
    return realised.realise(control.settings.model_validate(settings), context)


def _manual_parts(control: Control) -> tuple[PartReference, ...]:
    return tuple(
        PartReference(
            provider="the school itself",
            name=part.name,
            level=part.level,
            covers=part.covers,
            notes=(*part.limits, part.reason),
            objects=(),
        )
        for part in control.by_people
    )


def _cloud_parts(control: Control, catalogue: CloudCatalogue) -> Iterator[PartReference]:
    if control.by_people_alone:
        return
    for part in _realise_sample(control, catalogue).parts:
        yield PartReference(
            provider=catalogue.title,
            name=part.name,
            level=part.level,
            covers=part.covers,
            notes=(
                *part.limits,
                *([part.reason] if part.reason else []),
                *(["a pilot can have it first"] if part.pilots else []),
            ),
            objects=tuple(f"{catalogue.name}.{resource.kind}[{resource.name}]" for resource in part.resources),
        )
