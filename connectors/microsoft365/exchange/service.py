"""The services behind which cmdlets are called: what their tokens are for, and what an app needs to be let in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CmdletService:
    """One service that runs cmdlets; the roles are those of Entra, for reading and for writing."""

    name: str
    scope: str
    reads: str
    writes: str


EXCHANGE = CmdletService(
    name="Exchange",
    scope="https://outlook.office365.com/.default",
    reads="Global Reader",
    writes="Exchange Administrator",
)
COMPLIANCE = CmdletService(
    name="Security & Compliance",
    scope="https://ps.compliance.protection.outlook.com/.default",
    reads="Global Reader",
    writes="Compliance Administrator",
)
