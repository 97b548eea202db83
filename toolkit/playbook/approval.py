"""Says whether something was approved as it has to be: by a role that may, and with its impact assessment."""

from collections.abc import Iterator, Mapping

from toolkit.controls.control import Control
from toolkit.errors import Problem
from toolkit.playbook.exceptions_schema import DepartureForm
from toolkit.sdk.school import School
from toolkit.yaml.messages import closest, one_of, quoted
from toolkit.yaml.node import MappingNode, Source


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
