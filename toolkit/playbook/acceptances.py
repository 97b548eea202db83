"""Differences accepted until a date, and whether an exception was approved as it must be."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from toolkit.controls.control import Control
from toolkit.errors import Problem
from toolkit.playbook.entries import Acceptance
from toolkit.playbook.exceptions_schema import AcceptedForm, DepartureForm
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.sdk.resource import Address, parse_address
from toolkit.sdk.school import School
from toolkit.yaml.messages import closest, did_you_mean, one_of, quoted
from toolkit.yaml.node import MappingNode, Source

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
        if _plain(role) == _plain(one.by):
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
    if _plain(by) in map(_plain, school.approvers):
        return ""
    meant = closest(by, school.approvers)
    perhaps = f": did you mean `{meant}`?" if meant else "."
    return (
        f"{quoted(by)} may not {may}{perhaps} {one_of(school.approvers)} may, by `approvers:` in {school.origin.path}"
    )


def _plain(role: str) -> str:
    """Write a role as it is compared: head_teacher and Head Teacher are one."""
    return " ".join(role.replace("_", " ").replace("-", " ").casefold().split())
