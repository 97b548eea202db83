"""Reads a file of exceptions: for whom a control is different for some time, and who approved that.

And differences that are accepted until a date.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from toolkit.controls.blocking import Blocking
from toolkit.controls.control import Control, ControlSettings
from toolkit.errors import Problem
from toolkit.messages import closest, did_you_mean, one_of, quoted
from toolkit.playbook.controls import still_in_pilot
from toolkit.playbook.entries import Acceptance, ControlEntry, Departure, Playbook
from toolkit.playbook.error_messages import SettingsPlace, problems_of, read_form
from toolkit.playbook.exceptions_schema import ZONE, AcceptedForm, DepartureForm, DeparturesForm
from toolkit.playbook.role_names import role_words
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.school.school import School
from toolkit.sdk.directory import EVERYONE
from toolkit.sdk.resource import Address, parse_address
from toolkit.values import Json
from toolkit.yaml.node import MappingNode, Source, plain_table

OF_A_PERSON = (
    "to accept it would name a person in the playbooks: take the person out of the group that the control is for, or "
    "set the entry that asks for it to `mode: check`"
)
"""What to do where something differs that is one person's own."""


def read_acceptances(
    source: Source, forms: Sequence[AcceptedForm], school: School, vocabulary: Vocabulary, problems: list[Problem]
) -> Iterator[Acceptance]:
    """Read the list of what was accepted; an entry with problems is told and left out."""
    for one, table in zip(forms, source.tables("accepted"), strict=True):
        address = _address(one, table, source, vocabulary, problems)
        ends = datetime.fromisoformat(one.ends)
        wrong = list(not_entitled(one.by, table, source, school, may="accept findings"))
        problems += wrong
        if one.on > ends.date():
            problems.append(source.problem(table.entries["on"].line, f"it was accepted on {one.on}, after its end"))
        elif address is not None and not wrong:
            yield Acceptance(
                address=address,
                setting=one.setting or one.property,
                reason=one.reason,
                ends=ends,
                by=one.by,
                on=one.on,
                origin=source.origin(table.line),
                value=one.value or "",
            )


def _address(
    one: AcceptedForm, table: MappingNode, source: Source, vocabulary: Vocabulary, problems: list[Problem]
) -> Address | None:
    line = table.entries["object"].line
    try:
        address = parse_address(one.object)
    except ValueError as wrong:
        problems.append(source.problem(line, str(wrong)))
        return None
    names = vocabulary.kind_names()
    if address.of_kind not in names:
        meant = did_you_mean(address.of_kind, names)
        problems.append(source.problem(line, f"unknown kind {quoted(address.of_kind)}{meant}"))
        return None
    if names[address.of_kind][1].per_person:
        problems.append(source.problem(line, f"{address.of_kind} is of one person, and {OF_A_PERSON}"))
        return None
    problem = _wrong_setting(one, table, source, address, names[address.of_kind][1].spec.table())
    problems += [problem] if problem else []
    return None if problem else address


def _wrong_setting(
    one: AcceptedForm, table: MappingNode, source: Source, address: Address, known: Collection[str]
) -> Problem | None:
    """Return what is wrong with the setting, the property or the value of an entry."""
    if one.setting is not None and one.property is not None:
        return source.problem(table.entries["property"].line, "name a setting or a property, not both")
    if one.value is not None and one.setting is None and one.property is None:
        message = "a value is of a setting or a property: name that too, or leave the value out"
        return source.problem(table.entries["value"].line, message)
    if one.setting is not None and one.setting not in known:
        meant = did_you_mean(one.setting, known)
        message = f"{address.of_kind} has no setting {quoted(one.setting)}{meant}"
        return source.problem(table.entries["setting"].line, message)
    return None


def unapproved(
    one: DepartureForm, table: MappingNode, source: Source, school: School, controls: Mapping[str, Control]
) -> Iterator[Problem]:
    """Give a problem, with its line, for everything that an approval lacks."""
    yield from not_entitled(one.by, table, source, school, may="approve exceptions")
    for role, why in ((one.audience, "it is for them"), (one.requested_by or "", "they asked for it themselves")):
        if role_words(role) == role_words(one.by):
            yield source.problem(table.entries["by"].line, f"{quoted(one.by)} cannot approve it: {why}")
    control = controls.get(one.control)
    if control and control.shares and one.dpia is None:
        message = (
            f"an exception from {control.name} needs `dpia:`, the impact assessment that covers it: {control.shares}"
        )
        yield source.problem(table.line, message)


def not_entitled(by: str, table: MappingNode, source: Source, school: School, *, may: str) -> Iterator[Problem]:
    """Give a problem where a role is none of those that may, with those that may."""
    if wrong := unentitled(by, school, may=may):
        yield source.problem(table.entries["by"].line, wrong)


def unentitled(by: str, school: School, *, may: str) -> str:
    """Say that a role is none of those that may, and which do; nothing where it is one."""
    if role_words(by) in map(role_words, school.approvers):
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
    of_others: bool,
) -> Iterator[Departure]:
    """Read what was approved in a file of exceptions; an entry with problems is told and left out.

    With `of_others` there are playbooks beside that were not read: what departs from a control of theirs is left out,
    as is what departs from a control that waits for a decision.
    """
    entries = [entry for playbook in playbooks for entry in playbook.controls]
    waiting = {entry.name for playbook in playbooks for entry in playbook.waiting}
    for one, table in zip(form.approved or [], source.tables("approved"), strict=True):
        asked = {entry.name for entry in entries}
        if one.control not in asked and (of_others or one.control in waiting):
            continue
        wrong = [
            *_unknown_role(one, table, source, school),
            *_premature(one, table, source),
            *unapproved(one, table, source, school, words.controls),
        ]
        entry = _entry(one, table, source, entries, wrong)
        settings = _settings(one, table, source, entry, wrong) if entry else None
        starts = datetime.fromisoformat(one.starts)
        if entry and (message := still_in_pilot(entry, one.audience, starts, school)):
            wrong.append(source.problem(table.entries["starts"].line, message))
        problems += wrong
        if entry and not wrong:
            yield _departure(one, table, source, entry, settings)


def read_exceptions(source: Source, school: School, problems: list[Problem]) -> DeparturesForm | None:
    """Return what a file of exceptions says; None where that is not what such a file can say."""
    return read_form(DeparturesForm, source, "the file of exceptions", problems, {ZONE: ZoneInfo(school.time_zone)})


def twice(departures: Iterable[Departure]) -> Iterator[Problem]:
    """Give a problem for each exception whose name another one has, or who departs for the same people at once."""
    seen: list[Departure] = []
    for one in departures:
        for other in seen:
            if one.name == other.name:
                yield Problem(
                    one.origin.path,
                    one.lines["exception"],
                    f"{quoted(one.name)} is also at {other.origin}: keep one",
                )
            elif one.overlaps(other):
                message = (
                    f"{one.audience} is excepted from {one.entry.name} for the same time by {quoted(other.name)} at "
                    f"{other.origin}: make one of the two, or end one before the other starts"
                )
                yield Problem(one.origin.path, one.origin.line, message)
        seen.append(one)


def _unknown_role(one: DepartureForm, table: MappingNode, source: Source, school: School) -> Iterator[Problem]:
    if one.audience == EVERYONE:
        message = "an exception is for a role: to change a control for everyone, change its playbook"
        yield source.problem(table.entries["for"].line, message)
    elif one.audience not in school.roles:
        message = f"unknown role {quoted(one.audience)}{did_you_mean(one.audience, school.roles)}"
        yield source.problem(table.entries["for"].line, f"{message}: add it to `roles:` in {school.origin.path}")


def _premature(one: DepartureForm, table: MappingNode, source: Source) -> Iterator[Problem]:
    starts = datetime.fromisoformat(one.starts).date()
    if one.on > starts:
        message = f"it was approved on {one.on}, after it starts on {starts}: let it start when it is approved"
        yield source.problem(table.entries["on"].line, message)


def _entry(
    one: DepartureForm, table: MappingNode, source: Source, entries: Sequence[ControlEntry], wrong: list[Problem]
) -> ControlEntry | None:
    """Find the control of the playbooks that it departs from."""
    named = [entry for entry in entries if entry.name == one.control]
    if not named:
        asked = {entry.name for entry in entries}
        message = f"no playbook asks for {one.control}{did_you_mean(one.control, asked)}"
        wrong.append(source.problem(table.entries["control"].line, message))
        return None
    within = [entry for entry in named if one.within in {None, entry.settings.audience}]
    if len(within) == 1:
        return within[0]
    roles = one_of([quoted(entry.settings.audience or EVERYONE) for entry in named])
    line = table.lines().get("within", table.line)
    wrong.append(source.problem(line, f"say `within:` which of the audiences of {one.control} they are: {roles}"))
    return None


def _settings(
    one: DepartureForm, table: MappingNode, source: Source, entry: ControlEntry, wrong: list[Problem]
) -> ControlSettings | None:
    """Read the control's settings as they are for the people excepted; None where it asks nothing of them."""
    changed = table.entries["change"]
    if not isinstance(changed.node, MappingNode):
        return _all_open(one, entry) if isinstance(entry.settings, Blocking) else None
    if "for" in changed.node.entries:
        wrong.append(source.problem(changed.node.entries["for"].line, "put `for` on the level of `change`, not in it"))
        return None
    try:
        return entry.read({**entry.written, **plain_table(changed.node), "for": one.audience})
    except ValidationError as error:
        place = SettingsPlace(
            source=source,
            table=changed.node,
            line=changed.line,
            subject=f"the change of {entry.name}",
            model=type(entry.settings),
        )
        wrong += problems_of(error, place)
        return None


def _all_open(one: DepartureForm, entry: ControlEntry) -> ControlSettings:
    """Write `off` for a block as what it comes to: each of its apps and hosts stays open for the group."""
    hosts, allow = (entry.written.get(key) or [] for key in ("hosts", "allow"))
    opened: list[Json] = [*_listed(allow), *_listed(hosts)]
    return entry.read(
        {**entry.written, "for": one.audience, "without": entry.written["block"], "hosts": [], "allow": opened}
    )


def _listed(written: Json) -> Sequence[Json]:
    return written if isinstance(written, list) else []


def _departure(
    one: DepartureForm, table: MappingNode, source: Source, entry: ControlEntry, settings: ControlSettings | None
) -> Departure:
    return Departure(
        name=one.exception,
        entry=entry,
        audience=one.audience,
        settings=settings,
        reason=one.reason,
        begins=datetime.fromisoformat(one.starts),
        ends=datetime.fromisoformat(one.ends),
        by=one.by,
        on=one.on,
        clauses=tuple(one.clauses or ()),
        dpia=one.dpia,
        origin=source.origin(table.line),
        lines=table.lines(),
    )
