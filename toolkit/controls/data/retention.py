"""The control for retention: how long mail, files and chat are kept."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from toolkit.controls.control import Control, ControlSettings
from toolkit.sdk.audience import EVERYONE
from toolkit.sdk.part import Level, Part

UNLIMITED, UNDECIDED = "unlimited", "undecided"
_PERIOD = re.compile(r"([1-9]\d{0,4}) (day|week|year)s?")
_DAYS = {"day": 1, "week": 7, "year": 365}


def _period(written: str) -> str:
    period = " ".join(written.lower().split())
    if period not in {UNLIMITED, UNDECIDED} and not _PERIOD.fullmatch(period):
        raise ValueError(
            f"{written!r} is no period; write `7 years`, `90 days`, `{UNLIMITED}`, or `{UNDECIDED}` until it is agreed"
        )
    return period


Period = Annotated[str, AfterValidator(_period)]


class Retention(ControlSettings):
    """How long each is kept; nothing is deleted. A year is 365 days, as on both clouds.

    For a period that is missing or `undecided`, toolkit writes nothing and does not guess one.
    """

    schedule_ref: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="Where the school's retention schedule says so: its title, version and who agreed it.",
        examples=["Retention schedule 2026, agreed by the governors on 14 October 2026"],
    )
    mail: Period = Field(default=UNDECIDED, description="How long mail is kept.", examples=["7 years"])
    files: Period = Field(default=UNDECIDED, description="How long files are kept.", examples=[UNLIMITED])
    chat: Period = Field(default=UNDECIDED, description="How long chats are kept.", examples=["90 days"])

    @model_validator(mode="after")
    def _for_everybody(self) -> Self:
        if self.audience not in {None, EVERYONE}:
            raise ValueError("it keeps what everybody writes: leave `for` out, or write `for: everyone`")
        return self


def days_of(period: str) -> int | str | None:
    """Give a period in days, `unlimited` as it is, and None for one that is undecided."""
    if period == UNDECIDED:
        return None
    found = _PERIOD.fullmatch(period)
    return int(found[1]) * _DAYS[found[2]] if found else UNLIMITED


CONTROL = Control(
    name="data.retention",
    title="Retention of mail, files and chat",
    clauses=("EML-14", "EML-15", "EML-16", "SYS-01", "SEC-13"),
    settings=Retention,
    reaches_people=False,
    goes_on_without=("mail", "files", "chat"),
)


def undecided_part(name: str, covers: str) -> Part:
    """Leave a period to the school: nothing is written for it."""
    return Part(
        name=name,
        level=Level.MANUAL,
        covers=covers,
        reason=f"undecided: the playbook gives no period, and toolkit guesses none: agree one in the retention "
        f"schedule, and write it as `{name}: 7 years`",
    )
