"""Read the files of checklists. Each step has an owner and a due date. toolkit verifies some steps in the tenants."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from toolkit.controls.control import controls
from toolkit.errors import PlaybookError, Problem, UsageError
from toolkit.messages import did_you_mean, quoted, shown
from toolkit.playbook.error_messages import read_form
from toolkit.playbook.playbook_schema import FileEntry, FileForm, Line, Slug
from toolkit.playbook.records import RecordName
from toolkit.playbook.registers import RoleName
from toolkit.school.calendar import Calendar
from toolkit.school.school import School
from toolkit.yaml.node import Source, line_of
from toolkit.yaml.source import read_source

_BUILTIN = Path(__file__).with_name("checklists.yaml")


def _check_control_name(name: str) -> str:
    if name not in controls():
        raise ValueError(f"{shown(name)} is not a control{did_you_mean(name, controls())}")
    return name


class VerifiedBy(FileForm):
    """The facts that show that a step is done. The step is verified if all of these facts are true."""

    account: Literal["blocked", "enabled"] | None = Field(
        default=None, description="The state of the person's account on each cloud."
    )
    control: Annotated[Line, AfterValidator(_check_control_name)] | None = Field(
        default=None,
        description="The control that `toolkit check` must find to be met. In a person's checklist, only this "
        "person counts.",
    )
    subject: Line | None = Field(
        default=None, description="Only with `control`: the subject or part of the check that must pass."
    )
    expiry: bool = Field(
        default=False,
        description="true: the step is verified if every row of the expiry board was read and nothing has expired.",
    )
    record: RecordName | None = Field(
        default=None,
        description="A record in the school's registers that was dated after the start of the checklist and is "
        "valid today.",
    )

    @model_validator(mode="after")
    def _check_any_fact(self) -> Self:
        if not (self.account or self.control or self.expiry or self.record):
            raise ValueError("must have `account`, `control`, `expiry` or `record`")
        if self.subject and not self.control:
            raise ValueError("has `subject`, which needs `control`")
        return self


class StepForm(FileForm):
    """A step of a checklist."""

    step: Slug = Field(description="A short name, such as hold-question.")
    text: Line = Field(description="The task in a sentence, without names of people.")
    owner: RoleName = Field(description="The role that does the step.", examples=["School Business Manager"])
    due: int = Field(
        default=0, ge=-366, le=366, description="Days after `counted_from`. A negative number means days before it."
    )
    counted_from: Literal["start", "term_start", "term_end"] = Field(
        default="start", description="The start of the checklist, or the first or last day of the current or next term."
    )
    first: bool = Field(default=False, description="Whether this step must be done before any other step.")
    verified_by: VerifiedBy | None = Field(
        default=None, description="The facts that verify the step, if toolkit can read them."
    )
    hold: bool = Field(
        default=False,
        description="true: if TOOLKIT_HOLDS_KEY is set, the step shows whether an open case in the register of "
        "holds names the person. A role must still confirm the step.",
    )


class Checklist(FileEntry):
    """A checklist of a school, with its steps in order."""

    name: Slug = Field(
        description="A name such as leaver. A checklist with the name of a checklist in toolkit "
        "replaces that checklist."
    )
    title: Line = Field(description="Its purpose.")
    person: bool = Field(
        default=False, description="true: the checklist is about a person, who must be named at its start."
    )
    steps: Annotated[list[StepForm], Field(min_length=1)] = Field(description="The steps, in order.")

    @model_validator(mode="after")
    def _check_steps(self) -> Self:
        names = [step.step for step in self.steps]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"has the step {quoted(twice)} twice")
        for step in self.steps:
            if step.verified_by and step.verified_by.account and not self.person:
                raise ValueError(f"verifies {quoted(step.step)} by an account, which needs `person: true`")
            if step.hold and (step.verified_by or not self.person):
                raise ValueError(f"has `hold` at {quoted(step.step)}, which needs `person: true` and no `verified_by`")
        return self

    def due(self, start: date, school: School) -> Mapping[str, date]:
        """Return the due date of each step.

        Raise UsageError if the school file does not have the term that a date needs.
        """
        return {step.step: _first_day_to_count(self, step, start, school) + timedelta(step.due) for step in self.steps}


class ChecklistsForm(FileForm):
    """A file of checklists."""

    checklists: Slug = Field(description="A short name, such as school.")
    lists: list[Checklist] = Field(description="The checklists.")


def _first_day_to_count(checklist: Checklist, step: StepForm, start: date, school: School) -> date:
    if step.counted_from == "start":
        return start
    calendar: Calendar | None = school.calendar
    term = next((term for term in calendar.terms if term.days.last >= start), None) if calendar else None
    if term is None:
        raise UsageError(
            f"{school.origin}: `calendar:` has no term that ends on {start} or later, and the step {step.step} of "
            f"{checklist.name} depends on term dates. Add the terms"
        )
    return term.days.first if step.counted_from == "term_start" else term.days.last


def read_checklists(sources: Iterable[Source], problems: list[Problem]) -> Mapping[str, Checklist]:
    """Return the checklists of files by name. Problems in the files are added to `problems`."""
    checklists: dict[str, Checklist] = {}
    for source in sources:
        form = read_form(ChecklistsForm, source, "the file of checklists", problems)
        for position, checklist in enumerate(form.lists if form else ()):
            line = line_of(source.root, ("lists", position, "name"), otherwise=source.root.line)
            if earlier := checklists.get(checklist.name):
                message = f"the checklist {quoted(checklist.name)} is also at {earlier.origin}. Keep one of them"
                problems.append(source.problem(line, message))
            checklists.setdefault(checklist.name, checklist).place(source.origin(line))
    return checklists


def all_checklists(own: Mapping[str, Checklist]) -> Mapping[str, Checklist]:
    """Return all checklists by name. A school's checklist replaces toolkit's checklist of the same name."""
    problems: list[Problem] = []
    builtin = read_checklists([read_source(_BUILTIN, relative=_BUILTIN.name)], problems)
    if problems:
        raise PlaybookError(problems)
    return {**builtin, **own}


def find_checklist(own: Mapping[str, Checklist], name: str) -> Checklist:
    """Return the checklist with a name. Raise UsageError with the closest name if it does not exist."""
    checklists = all_checklists(own)
    if name not in checklists:
        raise UsageError(f"no checklist is called {quoted(name)}{did_you_mean(name, checklists)}")
    return checklists[name]
