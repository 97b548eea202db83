"""The control for confidential records that leave the school."""

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
"""Regular expressions for numbers that identify a person, which both clouds understand."""


def _check_lower_case_domain(written: str) -> str:
    if not _DOMAIN.fullmatch(written):
        raise ValueError(f"{written!r} is not a domain in lower case, such as localauthority.example")
    return written


class Dlp(ControlSettings):
    """Mail and files that leave the school and contain personal numbers of pupils or staff. toolkit records them and
    warns the sender. Nothing is blocked, because the school first counts for 30 days. Before you start, list the
    partners who need such records.
    """

    looks_for: list[Literal["national_insurance", "nhs_number", "pupil_number"]] = declare(
        "The numbers to detect: National Insurance numbers, NHS numbers and unique pupil numbers.",
        ["pupil_number"],
        default=[*RECORDS],
    )
    partners: list[Annotated[str, AfterValidator(_check_lower_case_domain)]] = Field(
        min_length=1,
        description="Domains that may receive such records: the local authority, payroll, the next school, SEN teams.",
        examples=[["localauthority.example"]],
    )
    act: Literal["record", "warn"] = declare(
        "record: log the event and do nothing else. warn: also warn the sender, if the cloud supports it.",
        default="warn",
    )

    @property
    def expression(self) -> str:
        """Return a regular expression that matches any of the watched numbers as a whole word."""
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
