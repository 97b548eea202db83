"""Controls about confidential records that leave the school."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from toolkit.controls.control import Control, ControlSettings
from toolkit.sdk import declare

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}")
RECORDS = {
    "national_insurance": r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]",
    "nhs_number": r"\d\d\d[ -]?\d\d\d[ -]?\d\d\d\d",
    "pupil_number": r"[A-HJ-NP-RT-Z]\d\d\d\d\d\d\d\d\d\d\d[0-9A-HJ-NP-RT-Z]",
}
"""Numbers that identify a person, as expressions for both clouds."""


def _domain(written: str) -> str:
    if not _DOMAIN.fullmatch(written):
        raise ValueError(f"{written!r} is not a domain; write one in lower case, as localauthority.example")
    return written


class Dlp(ControlSettings):
    """Numbers that identify pupils and staff, in mail and files that go outside: recorded, and people are warned.

    Nothing is blocked, because the school first counts for 30 days. Partners who need such records come first.
    """

    looks_for: list[Literal["national_insurance", "nhs_number", "pupil_number"]] = declare(
        "Numbers to look for: National Insurance numbers, NHS numbers and unique pupil numbers.",
        ["pupil_number"],
        default=[*RECORDS],
    )
    partners: list[Annotated[str, AfterValidator(_domain)]] = Field(
        min_length=1,
        description="Domains that such records may go to: the local authority, payroll, the next school, SEN teams.",
        examples=[["localauthority.example"]],
    )
    act: Literal["record", "warn"] = declare(
        "record: only note it. warn: ask the sender, if the cloud can.", default="warn"
    )

    @property
    def expression(self) -> str:
        """Return the expression that matches one of the whole numbers."""
        return rf"\b({'|'.join(RECORDS[name] for name in self.looks_for)})\b"


CONTROLS = (
    Control(
        name="data.dlp",
        title="Confidential records in mail and files",
        clauses=("GEN-12", "GEN-18", "NET-07", "MIS-06"),
        settings=Dlp,
        asks=("partner_domains",),
    ),
)
