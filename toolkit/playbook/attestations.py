"""Read attestations and tests of parts of controls that people check by hand. Each has a role and a last date."""

from collections.abc import Collection, Iterable, Sequence
from datetime import MAXYEAR, date, timedelta
from itertools import combinations
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field

from toolkit.errors import Problem
from toolkit.messages import closest, did_you_mean, quoted
from toolkit.playbook.error_messages import read_form
from toolkit.playbook.playbook_schema import Day, FileEntry, FileForm, Line, RoleOrPerson, Slug, check_not_before_on
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.school.school import School
from toolkit.sdk.part import SCHOOL
from toolkit.yaml.node import MappingNode, Scalar, Source


def last_day(on: date) -> date:
    """Return the last day of the year that begins on a date: for 2 March 2026, 1 March 2027."""
    if on.year == MAXYEAR:
        return date.max
    month, day = (3, 1) if (on.month, on.day) == (2, 29) else (on.month, on.day)
    return date(on.year + 1, month, day) - timedelta(days=1)


class Attestation(FileEntry):
    """A person's confirmation that a part of a control that no cloud shows is done."""

    control: Line = Field(description="The control, such as mail.personal_label.", examples=["mail.personal_label"])
    provider: Line = Field(description="The cloud, such as microsoft365.", examples=["microsoft365"])
    part: Line = Field(
        description="The name of a part of the control that people check by hand on this cloud. `toolkit check` "
        "lists these parts.",
        examples=["mail without the label"],
    )
    by: RoleOrPerson = Field(
        description="The role of the person who confirmed the part, such as Head Teacher. No name is needed."
    )
    on: Day = Field(description="The day of the confirmation.")
    last: Annotated[Day | None, AfterValidator(check_not_before_on)] = Field(
        default=None,
        alias="until",
        description="The last day on which the confirmation is valid. Default: a year from `on`.",
    )
    note: Annotated[str, Field(min_length=1)] | None = Field(default=None, description="How the part was confirmed.")
    operator: bool = Field(
        default=False,
        description="true if the operator of toolkit confirmed the part. Reports then say so.",
    )

    @property
    def until(self) -> date:
        """Return the last day on which the attestation is valid."""
        return self.last or last_day(self.on)


class Trial(FileEntry):
    """A test of a part of a control. The file also keeps earlier tests of the same part."""

    control: Line = Field(description="The control, such as web.harmful_filter.", examples=["web.harmful_filter"])
    part: Line = Field(description="The tested part: filtering, or monitoring.", examples=["filtering"])
    by: RoleOrPerson = Field(
        description="The role of the tester, such as Designated Safeguarding Lead. No name is needed."
    )
    on: Day = Field(description="The day of the test.")
    devices: list[Line] = Field(
        min_length=1,
        description="The tested types of device, as in the control's settings.",
        examples=[["staff laptop"]],
    )
    networks: list[Line] = Field(
        min_length=1, description="The tested networks, as in the control's settings.", examples=[["guest Wi-Fi"]]
    )
    users: list[Line] = Field(
        default=[],
        description="The types of user for whom the part was tested. No names.",
        examples=[["pupil", "staff"]],
    )
    result: Literal["passed", "failed"] = Field(description="passed if everything worked, otherwise failed.")
    next_due: Annotated[Day | None, AfterValidator(check_not_before_on)] = Field(
        default=None,
        description="The last day by which the part must be tested again. If the control has a shorter interval, "
        "the shorter interval applies.",
    )
    note: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="The fault and the remedy, without names or harmful addresses."
    )
    operator: bool = Field(
        default=False, description="true if the operator of toolkit did the test. Reports then say so."
    )

    @property
    def has_passed(self) -> bool:
        return self.result == "passed"


class AttestationsForm(FileForm):
    """A file of attestations."""

    attestations: Slug = Field(description="A short name, such as mail-on-google.")
    confirmed: list[Attestation] | None = Field(
        default=None, description="Confirmations of controls' parts, one entry for each part."
    )
    tested: list[Trial] | None = Field(
        default=None, description="Tests, for example of the school's filter, one entry for each test."
    )


_Entry = TypeVar("_Entry", Attestation, Trial)


def read_attestations(
    source: Source, school: School | None, vocabulary: Vocabulary, problems: list[Problem]
) -> tuple[Sequence[Attestation], Sequence[Trial]]:
    """Return the attestations and tests of a file.

    If the file has problems, they are added to `problems` and both results are empty.
    """
    confirmed, tested = source.tables("confirmed"), source.tables("tested")
    wrong = [problem for table in confirmed for problem in _unknown_name_problems(table, source, school, vocabulary)]
    wrong += [problem for table in tested for problem in _unknown_control_problems(table, source, vocabulary)]
    form = read_form(AttestationsForm, source, "the file of attestations", problems)
    problems += wrong
    if form is None or wrong:
        return (), ()
    return (
        _entries_with_places(form.confirmed or (), confirmed, source),
        _entries_with_places(form.tested or (), tested, source),
    )


def _entries_with_places(entries: Iterable[_Entry], tables: Iterable[MappingNode], source: Source) -> Sequence[_Entry]:
    return [entry.place(source.origin(table.line), table.lines()) for entry, table in zip(entries, tables, strict=True)]


def _unknown_name_problems(
    table: MappingNode, source: Source, school: School | None, vocabulary: Vocabulary
) -> Iterable[Problem]:
    """Yield a problem for an unknown control or cloud, or a cloud on which the school does not have a tenant."""
    yield from _unknown_control_problems(table, source, vocabulary)
    provider = _text_under_key(table, "provider")
    if provider == SCHOOL:
        return
    if provider and provider not in vocabulary.kinds:
        message = f"unknown provider {quoted(provider)}{did_you_mean(provider, vocabulary.kinds)}"
        yield source.problem(table.entries["provider"].line, message)
    elif provider and school and provider not in school.tenants:
        message = f"{school.origin.path} does not have a tenant of {provider}. Delete the entry, or add the tenant"
        yield source.problem(table.entries["provider"].line, message)


def _unknown_control_problems(table: MappingNode, source: Source, vocabulary: Vocabulary) -> Iterable[Problem]:
    control = _text_under_key(table, "control")
    if control and control not in vocabulary.controls and not vocabulary.find_broken_module(control):
        message = f"unknown control {quoted(control)}{did_you_mean(control, vocabulary.controls)}"
        yield source.problem(table.entries["control"].line, message)


def _text_under_key(table: MappingNode, key: str) -> str:
    node = table.entries[key].node if key in table.entries else None
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""


def unused_entry_warnings(entries: Iterable[Attestation | Trial], control_names: Collection[str]) -> Iterable[Problem]:
    """Yield a warning for each attestation or test of a control that no playbook uses."""
    for entry in entries:
        if entry.control not in control_names:
            meant = closest(entry.control, control_names)
            message = f"no playbook uses {entry.control}, so the entry has no effect"
            message += f": did you mean {quoted(meant)}?" if meant else ""
            yield Problem(entry.origin.path, entry.lines["control"], message)


def overlap_problems(attestations: Iterable[Attestation]) -> Iterable[Problem]:
    """Yield a problem for each part that has two attestations for the same days."""
    by_part: dict[tuple[str, str, str], list[Attestation]] = {}
    for attestation in attestations:
        by_part.setdefault((attestation.control, attestation.provider, attestation.part), []).append(attestation)
    for first, second in (pair for of_part in by_part.values() for pair in combinations(of_part, 2)):
        if first.on <= second.until and second.on <= first.until:
            message = (
                f"{quoted(second.part)} of {second.control} on {second.provider} is confirmed twice for the same "
                f"days, first at {first.origin}. End the older entry with `until`, or delete it"
            )
            yield Problem(second.origin.path, second.origin.line, message)
