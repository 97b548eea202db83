"""The register entries with deadlines: incidents, requests for approval, and lent log-ins."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from toolkit.controls.control import read_day
from toolkit.playbook.playbook_schema import Clause, Day, FileEntry, Line, RoleOrPerson, check_order

TELL_ICO = timedelta(hours=72)
"""The time within which a school must inform the ICO after it learned of a breach.
https://ico.org.uk/for-organisations/report-a-breach
"""
ANSWER_WITHIN = timedelta(days=14)
"""The time after which an unanswered request is reported as a finding."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


def _parse_moment(written: object) -> object:
    if not isinstance(written, str) or not _MOMENT.fullmatch(written):
        raise ValueError('must be a date and a time in quotes, such as "2026-10-12 09:40"')
    read_day(written[:10])
    return datetime.fromisoformat(written)


Moment = Annotated[datetime, BeforeValidator(_parse_moment)]
"""A date and time by the school's clock."""


class Incident(FileEntry):
    """An incident, without its content and without names."""

    clause: Clause = Field(description="The clause that the incident concerns.")
    what: Line = Field(description="The type of incident.", examples=["mail to the wrong parent"])
    on: Day = Field(description="The day on which the incident was reported.")
    found: Moment | None = Field(
        default=None,
        description="If personal data may be in the wrong hands: when the school learned of it, in quotes. The "
        "72 hours to inform the ICO begin at this time.",
    )
    dpo: Moment | None = Field(default=None, description="When the Data Protection Officer was informed.")
    ico: Moment | Literal["not needed"] | None = Field(
        default=None,
        description="When the ICO was informed, or `not needed`, which the Data Protection Officer decides.",
    )
    closed: Day | None = Field(default=None, description="The day on which the incident was closed.")

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        if self.closed:
            check_order(self.closed, self.on, "on")
        reported = [moment for moment in (self.dpo, self.ico) if isinstance(moment, datetime)]
        if (self.dpo or self.ico) and self.found is None:
            raise ValueError("needs `found`, the time at which the school learned of it")
        if self.found and any(moment < self.found for moment in reported):
            raise ValueError("no one can be informed before `found`")
        if self.ico == "not needed" and self.dpo is None:
            raise ValueError(
                "needs `dpo`, because the Data Protection Officer decides whether the ICO must be informed"
            )
        if self.closed and self.found and self.ico is None:
            raise ValueError("needs `ico` before it can be closed: when the ICO was informed, or `not needed`")
        return self

    def ico_deadline(self, zone: tzinfo | None) -> datetime | None:
        """Return the time by which the ICO must be informed, or None if it was informed or need not be."""
        if self.found is None or self.ico:
            return None
        return self.found.replace(tzinfo=zone).astimezone(UTC) + TELL_ICO


class Request(FileEntry):
    """A request that a role must approve. The answer `approved` counts as an approval."""

    clause: Clause = Field(description="The clause that requires approval.")
    what: Line = Field(description="The request, without names.", examples=["software for phonics"])
    asked: RoleOrPerson = Field(description="The role of the person who asked.", examples=["class teacher"])
    on: Day = Field(description="The date of the request.")
    decided: Day | None = Field(default=None, description="The date of the answer.")
    answer: Literal["approved", "refused"] | None = Field(default=None, description="The answer.")
    by: RoleOrPerson | None = Field(default=None, description="The role of the person who answered.")
    reference: Line | None = Field(default=None, description="The place of the document.", examples=["DPIA-2026-04"])

    @model_validator(mode="after")
    def _check_answer(self) -> Self:
        if len({self.decided is None, self.answer is None, self.by is None}) != 1:
            raise ValueError("an answer needs `decided`, `answer` and `by`")
        if self.decided:
            check_order(self.decided, self.on, "on")
        return self

    @property
    def answer_by(self) -> date | None:
        """Return the last day for the answer, or None if the request was answered."""
        return None if self.decided else self.on + ANSWER_WITHIN


class Loan(FileEntry):
    """A loan of a shared log-in for supply staff to a person for some days."""

    log_in: Line = Field(description="The log-in, without a person's name.", examples=["Supply 1"])
    to: RoleOrPerson = Field(
        description="The role to which the log-in was lent.", examples=["supply teacher in Year 3"]
    )
    on: Day = Field(description="The first day.")
    until: Day = Field(description="The last day.")
    back: Day | None = Field(
        default=None, description="The day on which the log-in was given back and its password was changed."
    )

    @model_validator(mode="after")
    def _check_dates(self) -> Self:
        check_order(self.until, self.on, "on")
        if self.back:
            check_order(self.back, self.on, "on")
        return self

    @property
    def last(self) -> date:
        """Return the last day on which the person had the log-in."""
        return self.back or self.until

    def overdue(self, today: date) -> bool:
        """Return whether the last day of the loan has passed and the log-in was not returned."""
        return (self.back is None or self.back > today) and self.until < today


def find_double_loans(loans: Iterable[Loan]) -> Iterator[tuple[Loan, Loan]]:
    """Yield each loan that begins before the log-in was returned, together with the previous loan."""
    latest: dict[str, Loan] = {}
    for loan in sorted(loans, key=lambda loan: loan.on):
        before = latest.get(loan.log_in)
        if before and (loan.on < before.last or (before.back is None and loan.on <= before.until)):
            yield loan, before
        latest[loan.log_in] = loan
