"""Read the registers: approvals, acknowledgements, confirmed clauses, expiry dates and filtering duties."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, timedelta
from typing import Annotated, Any, Self, TypeVar

from pydantic import AfterValidator, Field, model_validator

from toolkit.errors import Problem
from toolkit.messages import did_you_mean, quoted, shown
from toolkit.playbook.attestations import last_day
from toolkit.playbook.error_messages import read_form
from toolkit.playbook.playbook_schema import Clause, Day, FileEntry, FileForm, Line, RoleOrPerson, Slug, check_order
from toolkit.playbook.records import Record
from toolkit.playbook.register_clocks import Incident, Loan, Request, find_double_loans
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.expiry import DAYS, RECORDED, ROWS
from toolkit.sdk.resource import Origin
from toolkit.yaml.node import Source, line_of


class _Counting(FileEntry):
    on: Day = Field(description="The date.")
    last: Day | None = Field(
        default=None,
        alias="until",
        description="The last day on which it is valid. Default: a year from `on`.",
    )

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if self.last:
            check_order(self.last, self.on, "on")
        return self

    @property
    def until(self) -> date:
        return self.last or last_day(self.on)


class Approval(_Counting):
    """An approval by a role."""

    clause: Clause = Field(description="The clause that requires approval.")
    what: Line = Field(description="The type of approval, without names.", examples=["software for phonics"])
    by: RoleOrPerson = Field(description="The role of the person who approved this.")
    reference: Line | None = Field(default=None, description="The place of the document.", examples=["DPIA-2026-04"])


class Acknowledgement(FileEntry):
    """The number of people of a role who acknowledged the policy."""

    role: Line = Field(description="A role of the school file.", examples=["staff"])
    on: Day = Field(description="The date of the count.")
    signed: Annotated[int, Field(ge=0)] = Field(description="The number of people who acknowledged the policy.")
    of: Annotated[int, Field(ge=1)] = Field(description="The number of people in the role.")

    @model_validator(mode="after")
    def _check_count(self) -> Self:
        if self.signed > self.of:
            raise ValueError(f"`signed` ({self.signed}) is larger than `of` ({self.of})")
        return self


class Attested(_Counting):
    """A role's confirmation of a clause."""

    clause: Clause = Field(description="The clause.")
    by: RoleOrPerson = Field(description="The role of the person who confirmed this.")
    note: Line | None = Field(default=None, description="How the clause was confirmed.")
    operator: bool = Field(default=False, description="true if the person who runs toolkit confirmed it.")


def _refuse_address(text: str) -> str:
    if "@" in text:
        raise ValueError(f"{shown(text)} is an address. Write a role, such as Designated Safeguarding Lead")
    return text


RoleName = Annotated[Line, AfterValidator(_refuse_address)]


class FilteringDuties(FileEntry):
    """The roles responsible for filtering and monitoring, and the date of the annual review. No names."""

    lead: RoleName | None = Field(
        default=None, description="The role of the responsible senior leader.", examples=["Deputy Head Teacher"]
    )
    governor: RoleName | None = Field(
        default=None, description="The role of the link governor.", examples=["Safeguarding Governor"]
    )
    reviewed: Day | None = Field(default=None, description="The date of the last annual review.")
    alerts: list[RoleName] = Field(
        default=[],
        description="The roles that read monitoring alerts in term time.",
        examples=[["Designated Safeguarding Lead", "Deputy Designated Safeguarding Lead"]],
    )
    alerts_in_holidays: list[RoleName] = Field(
        default=[], description="The roles that read monitoring alerts in the holidays."
    )

    @property
    def review_due(self) -> date | None:
        """Return the date by which the next review is due, a year after the last review."""
        return last_day(self.reviewed) if self.reviewed else None


def _check_warning_days(days: list[int]) -> list[int]:
    if not days or min(days) < 0:
        raise ValueError("must have at least one number of days, such as [60, 30, 14]")
    return sorted(days, reverse=True)


def _check_row_name(name: str) -> str:
    rows = [row for row in ROWS if row != RECORDED]
    if name not in rows:
        raise ValueError(f"{shown(name)} is not a row of the expiry board{did_you_mean(name, rows)}")
    return name


_Days = Annotated[list[int], AfterValidator(_check_warning_days)]
_Row = Annotated[str, AfterValidator(_check_row_name)]


class Expires(FileEntry):
    """An item that expires and that no service shows, such as a domain."""

    what: Line = Field(description="The item.", examples=["domain example-primary.example"])
    ends: Day | None = Field(default=None, description="The last date on which it is valid.")
    seen: Day | None = Field(default=None, description="The date on which the item last worked, instead of `ends`.")
    every: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Only with `seen`: days after which the item must be checked again."
    )
    acts: RoleOrPerson = Field(description="The role that must act.", examples=["School Business Manager"])
    days: _Days = Field(default=[*DAYS], description="Days before its end from which an item is shown as ending soon.")

    @model_validator(mode="after")
    def _check_one_date(self) -> Self:
        if (self.ends is None) == (self.seen is None) or (self.seen is None) != (self.every is None):
            raise ValueError("must have either `ends`, or `seen` and `every`")
        return self

    @property
    def last(self) -> date:
        """Return the last date on which the item is valid."""
        return self.ends or (self.seen or date.min) + timedelta(days=self.every or 0)


class ExpiryForm(FileForm):
    """The rows of the expiry board that `toolkit check` reads from the tenants."""

    days: dict[_Row, _Days] = Field(
        default={}, description="Rows with their own days, such as chromebook_updates: [365, 180]."
    )
    leave_out: list[_Row] = Field(default=[], description="Rows that are not read.")


class RegistersForm(FileForm):
    """The form of a file of registers."""

    registers: Slug = Field(description="A short name, such as autumn-2026.")
    approvals: list[Approval] | None = Field(default=None, description="Approvals by a role.")
    requests: list[Request] | None = Field(default=None, description="Requests and their answers.")
    incidents: list[Incident] | None = Field(default=None, description="Incidents, without their content.")
    loans: list[Loan] | None = Field(default=None, description="Log-ins lent to supply staff, with their dates.")
    acknowledgements: list[Acknowledgement] | None = Field(
        default=None, description="The number of people who acknowledged the policy, by role and date."
    )
    records: list[Record] | None = Field(
        default=None, description="Records that outside standards require: backups, training, contracts and others."
    )
    attested: list[Attested] | None = Field(default=None, description="Clauses that people confirmed.")
    filtering_and_monitoring: FilteringDuties | None = Field(
        default=None,
        description="The leads for filtering and monitoring, the annual review, and the readers of alerts.",
    )
    expiry: ExpiryForm | None = Field(
        default=None, description="Read expiry dates of the tenants in `toolkit check`. {} reads every row."
    )
    expires: list[Expires] | None = Field(
        default=None, description="Expiry dates that no service shows: domains, the last MIS sync."
    )


@dataclass(frozen=True, slots=True)
class ExpiryBoard:
    """The selected rows of the expiry board, and their place in the file."""

    days: Mapping[str, Sequence[int]]
    left_out: frozenset[str]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Registers:
    """The entries of all registers."""

    approvals: tuple[Approval, ...] = ()
    incidents: tuple[Incident, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    attested: tuple[Attested, ...] = ()
    board: ExpiryBoard | None = None  # None if the tenants are not read for the board
    expires: tuple[Expires, ...] = ()
    filtering: FilteringDuties = field(default_factory=FilteringDuties)
    records: tuple[Record, ...] = ()
    requests: tuple[Request, ...] = ()
    loans: tuple[Loan, ...] = ()


_FILTERING = "filtering_and_monitoring"
_Entry = TypeVar("_Entry", bound=FileEntry)


def read_registers(sources: Iterable[Source], school: School | None, problems: list[Problem]) -> Registers:
    """Combine all files of registers. Problems are added to `problems`."""
    forms = [
        (form, source)
        for source in sources
        if (form := read_form(RegistersForm, source, "the file of registers", problems)) is not None
    ]
    problems += [problem for form, source in forms for problem in _unknown_role_problems(form, source, school)]
    problems += _duplicate_duties_problems(forms)

    def every(key: str) -> tuple[Any, ...]:
        return tuple(entry for form, source in forms for entry in _entries_with_places(key, getattr(form, key), source))

    requests, loans = every("requests"), every("loans")
    problems += [_lent_twice_problem(loan, before) for loan, before in find_double_loans(loans)]
    return Registers(
        approvals=(
            *every("approvals"),
            *(_to_approval(request) for request in requests if request.answer == "approved"),
        ),
        incidents=every("incidents"),
        acknowledgements=every("acknowledgements"),
        attested=every("attested"),
        board=_combine_boards([(form.expiry, source) for form, source in forms if form.expiry]),
        expires=every("expires"),
        filtering=next(
            (form.filtering_and_monitoring for form, _ in forms if form.filtering_and_monitoring), FilteringDuties()
        ),
        records=every("records"),
        requests=requests,
        loans=loans,
    )


def _to_approval(request: Request) -> Approval:
    """Return an approved request as an approval."""
    fields = {"clause": request.clause, "what": request.what, "by": request.by, "reference": request.reference}
    return Approval.model_validate({**fields, "on": request.decided}).place(request.origin)


def _lent_twice_problem(loan: Loan, earlier_loan: Loan) -> Problem:
    message = (
        f"{quoted(loan.log_in)} is already lent, at {earlier_loan.origin}. Write `back` there, or lend another log-in"
    )
    return Problem(loan.origin.path, loan.origin.line, message)


def _duplicate_duties_problems(forms: Sequence[tuple[RegistersForm, Source]]) -> Iterator[Problem]:
    """Yield a problem for each further entry about filtering duties, because a report can have only one."""
    places = [
        (source, line_of(source.root, (_FILTERING,), otherwise=source.root.line))
        for form, source in forms
        if form.filtering_and_monitoring
    ]
    for source, line in places[1:]:
        first, first_line = places[0]
        message = f"`{_FILTERING}` is also at {first.origin(first_line)}. Keep one of them"
        yield source.problem(line, message)


def _combine_boards(written: Sequence[tuple[ExpiryForm, Source]]) -> ExpiryBoard | None:
    """Combine the expiry boards of all files, or return None if no file has a board."""
    if not written:
        return None
    days = {row: limits for form, _ in written for row, limits in form.days.items()}
    left_out = frozenset(row for form, _ in written for row in form.leave_out)
    source = written[0][1]
    return ExpiryBoard(days, left_out, source.origin(line_of(source.root, ("expiry",), otherwise=source.root.line)))


def _entries_with_places(key: str, entries: Sequence[_Entry] | None, source: Source) -> Iterator[_Entry]:
    for position, entry in enumerate(entries or ()):
        yield entry.place(source.origin(line_of(source.root, (key, position), otherwise=source.root.line)))


def _unknown_role_problems(form: RegistersForm, source: Source, school: School | None) -> Iterator[Problem]:
    for position, acknowledgement in enumerate(form.acknowledgements or ()):
        if school and acknowledgement.role not in school.roles:
            line = line_of(source.root, ("acknowledgements", position, "role"), otherwise=source.root.line)
            yield source.problem(
                line, f"unknown role {quoted(acknowledgement.role)}{did_you_mean(acknowledgement.role, school.roles)}"
            )
