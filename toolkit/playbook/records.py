"""Records that outside standards require and that no service shows, such as backups, plans and training."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from toolkit.messages import did_you_mean, shown
from toolkit.playbook.playbook_schema import Day, FileEntry, Line, RoleOrPerson, check_order
from toolkit.records import dataclass

_YEAR, _TERM = timedelta(days=365), timedelta(days=122)


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A type of record: its title, how long an entry is valid, and whether it has a count or a result."""

    title: str
    lasts: timedelta = _YEAR
    count_phrase: str = ""  # the phrase that follows "`number` of `of`"
    needs_result: bool = False  # whether an entry must be passed or failed
    counts_people: bool = False  # whether people are counted, whom small numbers could identify


RECORDS: Mapping[str, RecordKind] = {
    "backup_restore_test": RecordKind("Backups, with a test of restoring", _TERM, needs_result=True),
    "response_plan": RecordKind("Plan for a cyber attack"),
    "risk_assessment": RecordKind("Cyber risk assessment"),
    "training_staff": RecordKind("Cyber security training of staff", count_phrase="are trained", counts_people=True),
    "training_governors": RecordKind(
        "Cyber security training of governors", count_phrase="are trained", counts_people=True
    ),
    "asset_register": RecordKind("Register of devices and systems"),
    "contract_register": RecordKind("Register of contracts"),
    "impact_assessments": RecordKind("Data protection impact assessments", count_phrase="are done"),
    "breaches": RecordKind("Breaches of personal data", count_phrase="are closed"),
    "subject_access_requests": RecordKind(
        "Subject access requests", count_phrase="were answered in time", counts_people=True
    ),
    "ai_tools": RecordKind("Register of AI tools", count_phrase="are assessed"),
    "network_review": RecordKind("Review of broadband, switches, wireless network and firewall"),
    "police_cyberalarm": RecordKind("Registration with Police CyberAlarm"),
}
"""Every type of record by name, in the order of a report."""


def _check_record_name(name: str) -> str:
    if name not in RECORDS:
        raise ValueError(f"{shown(name)} is not a type of record{did_you_mean(name, RECORDS)}")
    return name


RecordName = Annotated[str, AfterValidator(_check_record_name), WithJsonSchema({"type": "string", "enum": [*RECORDS]})]


class Record(FileEntry):
    """A dated entry about a record. It has neither the content of the record nor the name of a person."""

    record: RecordName = Field(description="Which record.", examples=["backup_restore_test"])
    by: RoleOrPerson = Field(description="The role of the person who confirmed this.")
    on: Day = Field(description="The date of the test, review or count.")
    last: Day | None = Field(
        default=None,
        alias="until",
        description="The last date on which the record is valid. Default: a year after `on`, or a term for backups.",
    )
    number: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="The number of people, tasks or cases that are trained, done or closed."
    )
    of: Annotated[int, Field(ge=0)] | None = Field(default=None, description="The total.")
    result: Literal["passed", "failed"] | None = Field(default=None, description="The result of a test of restoring.")
    reference: Line | None = Field(default=None, description="The place of the document.", examples=["risk-2026-09"])

    @model_validator(mode="after")
    def _check_numbers_and_result(self) -> Self:
        kind = RECORDS[self.record]
        if self.last:
            check_order(self.last, self.on, "on")
        if (self.number is None, self.of is None) != (not kind.count_phrase, not kind.count_phrase):
            raise ValueError(
                f"needs `number` and `of`: how many {kind.count_phrase}" if kind.count_phrase else _NO_COUNT
            )
        if self.number is not None and self.of is not None and self.number > self.of:
            raise ValueError(f"`number` ({self.number}) is larger than `of` ({self.of})")
        if (self.result is not None) != kind.needs_result:
            raise ValueError("needs `result`: passed or failed" if kind.needs_result else "must not have `result`")
        return self

    @property
    def until(self) -> date:
        return self.last or self.on + RECORDS[self.record].lasts


_NO_COUNT = "must not have `number` and `of`, because this record has no count"
