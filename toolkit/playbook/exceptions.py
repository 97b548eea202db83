"""Read a file of approved exceptions and accepted differences."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from toolkit.controls.blocking import Blocking
from toolkit.controls.control import Control, ControlSettings
from toolkit.errors import Problem
from toolkit.messages import closest, did_you_mean, one_of, quoted
from toolkit.playbook.controls import pilot_conflict
from toolkit.playbook.entries import Acceptance, ControlEntry, Departure, Playbook
from toolkit.playbook.error_messages import SettingsPlace, problems_of, read_form
from toolkit.playbook.exceptions_schema import ZONE, AcceptedForm, DepartureForm, DeparturesForm
from toolkit.playbook.role_names import normalise_role
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.school.school import School
from toolkit.sdk.directory import EVERYONE
from toolkit.sdk.resource import Address, parse_address
from toolkit.values import Json
from toolkit.yaml.node import MappingNode, Source, plain_table

PERSONAL_OBJECT = (
    "accepting it would name a person in the playbooks. Remove the person from the control's group, or set the "
    "control's entry to `mode: check`"
)
"""The advice if the difference is in a person's own object."""


def read_acceptances(
    source: Source, forms: Sequence[AcceptedForm], school: School, vocabulary: Vocabulary, problems: list[Problem]
) -> Iterator[Acceptance]:
    """Yield the accepted differences in a file. Entries with problems are reported and left out."""
    for form, table in zip(forms, source.tables("accepted"), strict=True):
        address = _parse_accepted_address(form, table, source, vocabulary, problems)
        ends = datetime.fromisoformat(form.ends)
        wrong = list(entitlement_problems(form.by, table, source, school, may="accept findings"))
        problems += wrong
        if form.on > ends.date():
            problems.append(
                source.problem(table.entries["on"].line, f"it was accepted on {form.on}, after its end date")
            )
        elif address is not None and not wrong:
            yield Acceptance(
                address=address,
                setting=form.setting or form.property,
                reason=form.reason,
                ends=ends,
                by=form.by,
                on=form.on,
                origin=source.origin(table.line),
                value=form.value or "",
            )


def _parse_accepted_address(
    form: AcceptedForm, table: MappingNode, source: Source, vocabulary: Vocabulary, problems: list[Problem]
) -> Address | None:
    line = table.entries["object"].line
    try:
        address = parse_address(form.object)
    except ValueError as wrong:
        problems.append(source.problem(line, str(wrong)))
        return None
    names = vocabulary.kind_names()
    if address.kind_path not in names:
        meant = did_you_mean(address.kind_path, names)
        problems.append(source.problem(line, f"unknown kind {quoted(address.kind_path)}{meant}"))
        return None
    if names[address.kind_path][1].per_person:
        problems.append(source.problem(line, f"{address.kind_path} belongs to a person, and {PERSONAL_OBJECT}"))
        return None
    problem = _setting_problem(form, table, source, address, names[address.kind_path][1].spec.table())
    problems += [problem] if problem else []
    return None if problem else address


def _setting_problem(
    form: AcceptedForm, table: MappingNode, source: Source, address: Address, settings: Collection[str]
) -> Problem | None:
    """Return the problem with the setting, the property or the value of an entry."""
    if form.setting is not None and form.property is not None:
        return source.problem(table.entries["property"].line, "name a setting or a property, not both")
    if form.value is not None and form.setting is None and form.property is None:
        message = "`value` needs a setting or a property. Add it, or leave `value` out"
        return source.problem(table.entries["value"].line, message)
    if form.setting is not None and form.setting not in settings:
        meant = did_you_mean(form.setting, settings)
        message = f"{address.kind_path} has no setting {quoted(form.setting)}{meant}"
        return source.problem(table.entries["setting"].line, message)
    return None


def approval_problems(
    form: DepartureForm, table: MappingNode, source: Source, school: School, controls: Mapping[str, Control]
) -> Iterator[Problem]:
    """Yield the problems with the approval of an exception."""
    yield from entitlement_problems(form.by, table, source, school, may="approve exceptions")
    for role, why in ((form.audience, "it is for them"), (form.requested_by or "", "the same role asked for it")):
        if normalise_role(role) == normalise_role(form.by):
            yield source.problem(table.entries["by"].line, f"{quoted(form.by)} cannot approve it because {why}")
    control = controls.get(form.control)
    if control and control.shares and form.dpia is None:
        message = (
            f"an exception from {control.name} needs `dpia:`, the impact assessment that covers it, because "
            f"{control.shares}"
        )
        yield source.problem(table.line, message)


def entitlement_problems(by: str, table: MappingNode, source: Source, school: School, *, may: str) -> Iterator[Problem]:
    """Yield a problem if a role may not approve. The message names the roles that may approve."""
    if wrong := entitlement_error(by, school, may=may):
        yield source.problem(table.entries["by"].line, wrong)


def entitlement_error(by: str, school: School, *, may: str) -> str:
    """Return a message that names the roles which may approve, or "" if this role may approve."""
    if normalise_role(by) in map(normalise_role, school.approvers):
        return ""
    meant = closest(by, school.approvers)
    perhaps = f": did you mean `{meant}`?" if meant else "."
    return (
        f"{quoted(by)} may not {may}{perhaps} {one_of(school.approvers)} may, by `approvers:` in {school.origin.path}"
    )


def read_departures(
    source: Source,
    form: DeparturesForm,
    school: School,
    playbooks: Sequence[Playbook],
    problems: list[Problem],
    *,
    words: Vocabulary,
    has_unread_playbooks: bool,
) -> Iterator[Departure]:
    """Yield the approved exceptions in a file.

    Entries with problems are reported and left out. Exceptions from controls that wait for a decision are also left
    out. So are exceptions from unknown controls if `has_unread_playbooks`.
    """
    entries = [entry for playbook in playbooks for entry in playbook.controls]
    waiting = {entry.name for playbook in playbooks for entry in playbook.waiting}
    for entry_form, table in zip(form.approved or [], source.tables("approved"), strict=True):
        control_names = {entry.name for entry in entries}
        if entry_form.control not in control_names and (has_unread_playbooks or entry_form.control in waiting):
            continue
        errors = [
            *_unknown_role_problems(entry_form, table, source, school),
            *_late_approval_problems(entry_form, table, source),
            *approval_problems(entry_form, table, source, school, words.controls),
        ]
        entry = _find_entry(entry_form, table, source, entries, errors)
        settings = _settings_for_role(entry_form, table, source, entry, errors) if entry else None
        starts = datetime.fromisoformat(entry_form.starts)
        if entry and (message := pilot_conflict(entry, entry_form.audience, starts, school)):
            errors.append(source.problem(table.entries["starts"].line, message))
        problems += errors
        if entry and not errors:
            yield _create_departure(entry_form, table, source, entry, settings)


def read_exceptions(source: Source, school: School, problems: list[Problem]) -> DeparturesForm | None:
    """Return a validated file of exceptions, or None if it is invalid."""
    return read_form(DeparturesForm, source, "the file of exceptions", problems, {ZONE: ZoneInfo(school.time_zone)})


def duplicate_departures(departures: Iterable[Departure]) -> Iterator[Problem]:
    """Yield a problem for each exception that has the same name as another exception, or overlaps with another
    exception for the same people.
    """
    earlier: list[Departure] = []
    for departure in departures:
        for earlier_departure in earlier:
            if departure.name == earlier_departure.name:
                yield Problem(
                    departure.origin.path,
                    departure.lines["exception"],
                    f"{quoted(departure.name)} is also at {earlier_departure.origin}. Keep one of them",
                )
            elif departure.overlaps(earlier_departure):
                message = (
                    f"{departure.audience} has an exception from {departure.entry.name} for the same time in "
                    f"{quoted(earlier_departure.name)} at {earlier_departure.origin}. Combine the two exceptions, or "
                    "end one before the other starts"
                )
                yield Problem(departure.origin.path, departure.origin.line, message)
        earlier.append(departure)


def _unknown_role_problems(
    form: DepartureForm, table: MappingNode, source: Source, school: School
) -> Iterator[Problem]:
    if form.audience == EVERYONE:
        message = "an exception must be for a role. To change a control for everyone, change its playbook"
        yield source.problem(table.entries["for"].line, message)
    elif form.audience not in school.roles:
        message = f"unknown role {quoted(form.audience)}{did_you_mean(form.audience, school.roles)}"
        yield source.problem(table.entries["for"].line, f"{message}: add it to `roles:` in {school.origin.path}")


def _late_approval_problems(form: DepartureForm, table: MappingNode, source: Source) -> Iterator[Problem]:
    starts = datetime.fromisoformat(form.starts).date()
    if form.on > starts:
        message = f"it was approved on {form.on}, but it starts earlier, on {starts}. Start it on the date of approval"
        yield source.problem(table.entries["on"].line, message)


def _find_entry(
    form: DepartureForm, table: MappingNode, source: Source, entries: Sequence[ControlEntry], errors: list[Problem]
) -> ControlEntry | None:
    """Return the control entry to which the exception applies."""
    with_name = [entry for entry in entries if entry.name == form.control]
    if not with_name:
        control_names = {entry.name for entry in entries}
        message = f"no playbook asks for {form.control}{did_you_mean(form.control, control_names)}"
        errors.append(source.problem(table.entries["control"].line, message))
        return None
    with_audience = [entry for entry in with_name if form.within in {None, entry.settings.audience}]
    if len(with_audience) == 1:
        return with_audience[0]
    roles = one_of([quoted(entry.settings.audience or EVERYONE) for entry in with_name])
    line = table.lines().get("within", table.line)
    errors.append(source.problem(line, f"`within:` must name one of the audiences of {form.control}: {roles}"))
    return None


def _settings_for_role(
    form: DepartureForm, table: MappingNode, source: Source, entry: ControlEntry, errors: list[Problem]
) -> ControlSettings | None:
    """Return the control's settings for the role, or None if the control does not apply to the role."""
    changed = table.entries["change"]
    if not isinstance(changed.node, MappingNode):
        return _settings_without_blocks(form, entry) if isinstance(entry.settings, Blocking) else None
    if "for" in changed.node.entries:
        errors.append(
            source.problem(changed.node.entries["for"].line, "put `for` on the same level as `change`, not inside it")
        )
        return None
    try:
        return entry.read({**entry.written, **plain_table(changed.node), "for": form.audience})
    except ValidationError as error:
        place = SettingsPlace(
            source=source,
            table=changed.node,
            line=changed.line,
            subject=f"the change of {entry.name}",
            model=type(entry.settings),
        )
        errors += problems_of(error, place)
        return None


def _settings_without_blocks(form: DepartureForm, entry: ControlEntry) -> ControlSettings:
    """Return the settings of a blocking control for a role with `change: off`. Nothing is blocked for this role."""
    hosts, allow = (entry.written.get(key) or [] for key in ("hosts", "allow"))
    opened: list[Json] = [*_list_entries(allow), *_list_entries(hosts)]
    return entry.read(
        {**entry.written, "for": form.audience, "without": entry.written["block"], "hosts": [], "allow": opened}
    )


def _list_entries(written: Json) -> Sequence[Json]:
    return written if isinstance(written, list) else []


def _create_departure(
    form: DepartureForm, table: MappingNode, source: Source, entry: ControlEntry, settings: ControlSettings | None
) -> Departure:
    return Departure(
        name=form.exception,
        entry=entry,
        audience=form.audience,
        settings=settings,
        reason=form.reason,
        begins=datetime.fromisoformat(form.starts),
        ends=datetime.fromisoformat(form.ends),
        by=form.by,
        on=form.on,
        clauses=tuple(form.clauses or ()),
        dpia=form.dpia,
        origin=source.origin(table.line),
        lines=table.lines(),
    )
