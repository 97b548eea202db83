"""Read the controls of a playbook file, and check their pilots."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from toolkit.catalogue.naming import CONTEXT, builtin
from toolkit.controls.blocking import NEEDS
from toolkit.controls.control import Control, ControlSettings
from toolkit.controls.replies import ABSENCES
from toolkit.errors import UnusableModule
from toolkit.messages import closest, did_you_mean, one_of, quoted
from toolkit.playbook.asked import errors_in_answers
from toolkit.playbook.choices import CHOICES
from toolkit.playbook.decisions import fill
from toolkit.playbook.describe_type import keys
from toolkit.playbook.entries import ControlEntry, WaitingControl, pilot_of
from toolkit.playbook.error_messages import SettingsPlace, problems_of
from toolkit.playbook.vocabulary import Reading, contradiction, installed_vocabulary
from toolkit.school.school import School
from toolkit.sdk.dates import day
from toolkit.sdk.directory import EVERYONE
from toolkit.sdk.providers import controls_with_pilots, providers
from toolkit.sdk.resource import Mode, Origin
from toolkit.values import Json
from toolkit.yaml.node import Items, MappingNode, Node, Scalar, Source, plain_table

_PILOT, _PILOT_FOR = "pilot", "for"


def pilot_errors(
    control: Control, settings: ControlSettings, table: MappingNode, school: School
) -> Iterator[tuple[int, str]]:
    """Yield the line and the message for each problem with the pilot of a control."""
    pilot = settings.pilot
    if pilot is None:
        return
    at = table.entries[_PILOT]
    line = at.node.entries[_PILOT_FOR].line if isinstance(at.node, MappingNode) else at.line
    able = [name for name in school.tenants if control.name in controls_with_pilots(name)]
    if not able:
        titles = one_of([providers()[name].title for name in school.tenants if name in providers()], "and")
        message = (
            f"{control.name} cannot start with a group, because on {titles} its settings cannot be limited to some "
            "people"
        )
        yield at.line, f"{message}. Delete `pilot`, and add the control to the playbook on the day on which it "
        "should start"
    elif pilot.audience in {EVERYONE, settings.audience}:
        yield line, "the role of a pilot must be smaller than the control's audience. Name a smaller role, or "
        "delete `pilot`"
    elif pilot.audience not in school.roles:
        meant = did_you_mean(pilot.audience, school.roles)
        yield line, f"unknown role {quoted(pilot.audience)}{meant}: add it to `roles:` in {school.origin.path}"
    else:
        yield from ((line, message) for message in _clouds_without_group(pilot.audience, able, school))


def _clouds_without_group(role: str, able: list[str], school: School) -> Iterator[str]:
    for name in able:
        if school.roles[role].on(name) is None:
            yield (
                f"the role {quoted(role)} does not have a group on {name}, which the pilot needs. Name a group in "
                f"{school.origin.path}"
            )


def pilot_conflict(entry: ControlEntry, role: str, starts: datetime, school: School) -> str:
    """Return why a control cannot have an exception during its pilot, or ""."""
    pilot = pilot_of(entry, school)
    if pilot is None or starts >= pilot.ends:
        return ""
    return (
        f"until {day(pilot.until)} only {pilot.audience} have {entry.name}. Remove people who should not have it from "
        f"that group. An exception for {role} can start on that day. Delete an exception that has ended"
    )


_FOR = "for"
_RESTS_ON = "rests_on"


def read_controls(items: Items, reading: Reading) -> Iterator[ControlEntry | WaitingControl]:
    """Yield the controls of a playbook's list. Entries with problems are reported and left out."""
    for node in items.nodes:
        if (named_table := _name_and_settings(node, reading)) is None:
            continue
        name, line, table = named_table
        control = reading.vocabulary.controls.get(name)
        if control is None and (broken := reading.vocabulary.find_broken_module(name)):
            reading.add_problem(line, f"{quoted(name)} cannot be used. {broken}")
        elif control is None:
            reading.add_problem(line, f"unknown control {quoted(name)}{_suggest_control(name, reading)}")
        elif (entry := _read_entry(control, line, table, reading)) is not None:
            yield entry


def _name_and_settings(node: Node, reading: Reading) -> tuple[str, int, MappingNode] | None:
    """Return the name, the line and the settings of a control, read from an entry of the list of controls."""
    match node:
        case Scalar(value=str() as name):
            return name, node.line, MappingNode(node.line, {})
        case MappingNode(entries={**entries}) if entries:
            (name, entry), *others = entries.items()
            if others:
                other, misplaced = others[0]
                reading.add_problem(
                    misplaced.line,
                    f"{quoted(other)} is on the same level as {quoted(name)}. Indent it further",
                )
                return None
            match entry.node:
                case MappingNode() as table:
                    return name, entry.line, table
                case Scalar(value=None):
                    return name, entry.line, MappingNode(entry.line, {})
            reading.add_problem(
                entry.line, f"{quoted(name)} must be followed by its settings, one on each line and indented further"
            )
        case _:
            reading.add_problem(node.line, "a control is written as its name, such as `mail.disclaimer:`")
    return None


def _suggest_control(name: str, reading: Reading) -> str:
    if reading.vocabulary.kind(name):
        return ". It is a kind, so put it under `resources:`"
    return did_you_mean(name, reading.vocabulary.controls)


def _read_entry(
    control: Control, line: int, table: MappingNode, reading: Reading
) -> ControlEntry | WaitingControl | None:
    before = len(reading.problems)
    _check_audience(control, line, table, reading)
    filled = fill(table, reading.decisions, going_on=control.goes_on_without, add_problem=reading.add_problem)
    waits_for = (*filled.waits_for, *_open_decisions(table, reading))
    table = filled.table
    if filled.waits_for:
        _check_names(control, table, reading)
        return None if len(reading.problems) > before else _create_waiting_control(control, line, waits_for, reading)
    settings = _read_settings(control, line, table, reading)
    if settings is not None and (wrong := contradiction(settings)):
        reading.add_problem(line, wrong)
    for at, wrong in pilot_errors(control, settings, table, reading.school) if settings and reading.school else ():
        reading.add_problem(at, wrong)
    for at, wrong in errors_in_answers(control, settings, table) if settings else ():
        reading.add_problem(at, wrong)
    for name in settings.counted_roles if settings else ():
        _check_role(table.entries[name].node, reading)
    if settings is None or len(reading.problems) > before:
        return None
    entry = ControlEntry(
        name=control.name,
        settings=settings,
        origin=reading.source.origin(line),
        lines=table.lines(),
        mode=settings.mode or reading.mode,
        playbook=reading.slug,
        written=plain_table(table),
        read=create_settings_reader(control, reading),
    )
    if waits_for:
        return replace(_create_waiting_control(control, line, waits_for, reading), entry=entry)
    reading.open_choices.update(dict.fromkeys(filled.goes_on))
    return entry


def _create_waiting_control(
    control: Control, line: int, decisions: tuple[str, ...], reading: Reading
) -> WaitingControl:
    return WaitingControl(
        name=control.name,
        decisions=tuple(dict.fromkeys(decisions)),
        clauses=reading.clauses,
        origin=reading.source.origin(line),
    )


def _open_decisions(table: MappingNode, reading: Reading) -> tuple[str, ...]:
    """Return the decisions in the control's `rests_on` that are still undecided."""
    entry = table.entries.get(_RESTS_ON)
    nodes = entry.node.nodes if entry and isinstance(entry.node, Items) else ()
    names = [node.value for node in nodes if isinstance(node, Scalar) and isinstance(node.value, str)]
    for node in nodes:
        if isinstance(node, Scalar) and isinstance(node.value, str) and node.value not in CHOICES:
            reading.add_problem(node.line, f"unknown decision {quoted(node.value)}{did_you_mean(node.value, CHOICES)}")
    return tuple(name for name in names if name not in reading.decisions.decided)


def _check_names(control: Control, table: MappingNode, reading: Reading) -> None:
    """Report unknown names of settings of a control that waits for a decision. The values are not validated."""
    setting_names = keys(control.settings)
    for name, entry in table.entries.items():
        if name not in setting_names:
            reading.add_problem(entry.line, f"unknown setting {quoted(name)}{did_you_mean(name, setting_names)}")


def _check_audience(control: Control, line: int, table: MappingNode, reading: Reading) -> None:
    written = table.entries.get(_FOR)
    match written.node if written else Scalar(line, None):
        case Scalar(value=None) if written or control.reaches_people:
            at = written.line if written else line
            reading.add_problem(at, f"{control.name} needs `for`. Add `for: everyone` or a role")
        case Scalar(value=value, line=at) if value == EVERYONE and control.of_role:
            reading.add_problem(at, f"{control.name} cannot be for everyone. Name a role, such as {control.of_role}")
        case Scalar() as node:
            _check_role(node, reading)


def _check_role(node: Node, reading: Reading) -> None:
    match node:
        case Scalar(line=at, value=str() as role) if not _is_known_role(role, reading.school):
            reading.add_problem(at, f"unknown role {quoted(role)}{_suggest_role(role, reading.school)}")


def _is_known_role(role: str, school: School | None) -> bool:
    return role == EVERYONE or school is None or role in school.roles


def _suggest_role(role: str, school: School | None) -> str:
    if school is None:
        return ""
    meant = closest(role, [*school.roles, EVERYONE])
    return f": did you mean `{meant}`?" if meant else f": add it to `roles:` in {school.origin.path}"


def create_settings_reader(control: Control, reading: Reading) -> Callable[[Mapping[str, Json]], ControlSettings]:
    """Return a function that validates a control's settings in the context of its file. It raises ValidationError."""
    context = {
        "read_text": reading.read_text,
        CONTEXT: reading.apps,
        NEEDS: reading.needs(),
        ABSENCES: reading.find_absences,
    }

    def read(written: Mapping[str, Json]) -> ControlSettings:
        return control.settings.model_validate(written, context=context, by_alias=True, by_name=False)

    return read


def _read_settings(control: Control, line: int, table: MappingNode, reading: Reading) -> ControlSettings | None:
    try:
        return create_settings_reader(control, reading)(plain_table(table))
    except UnusableModule as error:
        reading.add_problem(line, f"{quoted(control.name)} cannot be used. {error}")
        return None
    except ValidationError as error:
        place = SettingsPlace(
            source=reading.source, table=table, line=line, subject=control.name, model=control.settings
        )
        reading.problems.extend(problems_of(error, place))
        return None


_NOWHERE = Path("import.yaml")


def checked_entry(
    control: Control, written: Mapping[str, Json], texts: Mapping[str, str], school: School
) -> ControlEntry | None:
    """Return a control entry in mode `check`, or None if its settings are invalid. `texts` replaces its text files."""
    reading = Reading(
        source=Source(file=_NOWHERE, relative=str(_NOWHERE), content=b"", root=MappingNode(1, {})),
        slug="import",
        mode=Mode.CHECK,
        school=school,
        vocabulary=installed_vocabulary(),
        read_text=texts.__getitem__,
        find_absences=Path,
        apps=builtin(),
        problems=[],
    )
    read = create_settings_reader(control, reading)
    try:
        settings = read(written)
    except (ValidationError, KeyError):
        return None
    return ControlEntry(
        name=control.name,
        settings=settings,
        origin=Origin(str(_NOWHERE), 1),
        lines={},
        mode=Mode.CHECK,
        playbook="import",
        written=written,
        read=read,
    )
