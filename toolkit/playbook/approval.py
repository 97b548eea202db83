"""Says whether an exception was approved as it has to be: by a role that may, and with its impact assessment."""

from collections.abc import Iterator, Mapping

from toolkit.controls.control import Control
from toolkit.errors import Problem
from toolkit.playbook.departure_form import DepartureForm
from toolkit.playbook.node import Source, Table
from toolkit.playbook.wording import did_you_mean, quoted
from toolkit.tenant.school import School


def unapproved(
    one: DepartureForm, table: Table, source: Source, school: School, controls: Mapping[str, Control]
) -> Iterator[Problem]:
    """Give a problem, with its line, for everything that an approval lacks."""
    yield from _not_entitled(one, table, source, school)
    for role, why in ((one.audience, "it is for them"), (one.requested_by or "", "they asked for it themselves")):
        if _plain(role) == _plain(one.by):
            yield source.problem(table.entries["by"].line, f"{quoted(one.by)} cannot approve it: {why}")
    control = controls.get(one.control)
    if control and control.shares and one.dpia is None:
        message = (
            f"an exception from {control.name} needs `dpia:`, the impact assessment that covers it: {control.shares}"
        )
        yield source.problem(table.line, message)


def _not_entitled(one: DepartureForm, table: Table, source: Source, school: School) -> Iterator[Problem]:
    if _plain(one.by) in map(_plain, school.approvers):
        return
    meant = did_you_mean(one.by, school.approvers)
    message = (
        f"{quoted(one.by)} may not approve exceptions{meant or '.'} `approvers:` in {school.origin.path} says who may"
    )
    yield source.problem(table.entries["by"].line, message)


def _plain(role: str) -> str:
    """Write a role as it is compared: head_teacher and Head Teacher are one."""
    return " ".join(role.replace("_", " ").replace("-", " ").casefold().split())
