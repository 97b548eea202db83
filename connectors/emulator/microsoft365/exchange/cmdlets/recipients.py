"""Everything that can receive mail."""

from collections.abc import Sequence

from connectors.emulator.microsoft365.exchange.cmdlet import BY_GLOBAL, Cmdlet, Outcome, Request, chosen, limited
from connectors.emulator.microsoft365.exchange.parameters import (
    FILTER,
    RESULT_SIZE,
    WHICH,
    CmdletParameter,
    Reach,
    by_name,
    elsewhere,
)
from connectors.emulator.wire import Body

NAMES = (
    "PrimarySmtpAddress",
    "UserPrincipalName",
    "Alias",
    "Name",
    "DisplayName",
    "Guid",
    "ExchangeGuid",
    "ExternalDirectoryObjectId",
)
SELECTING = (WHICH, FILTER, RESULT_SIZE, CmdletParameter("RecipientTypeDetails", "RecipientTypeDetails[]"))
FILTERED = "Filter takes -eq, -ne, -like, -notlike, -and, -or, -not and brackets"


def of_kind(request: Request, rows: Sequence[Body]) -> Sequence[Body]:
    """Narrow rows by RecipientTypeDetails and RecipientType."""
    details, kinds = request.parameters.get("RecipientTypeDetails"), request.parameters.get("RecipientType")
    for name, wanted in (("RecipientTypeDetails", details), ("RecipientType", kinds)):
        if isinstance(wanted, Sequence):
            rows = [row for row in rows if row.get(name) in wanted]
    return rows


def _recipients(request: Request) -> Outcome:
    return limited(request, of_kind(request, chosen(request, request.all("exchange.recipients"), NAMES)))


CMDLETS = (
    Cmdlet(
        "Get-Recipient",
        _recipients,
        by_name(
            SELECTING,
            (
                CmdletParameter("RecipientType", "RecipientType[]"),
                CmdletParameter("Properties", "String[]", reach=Reach.IGNORED),
            ),
            elsewhere("Anr", "AuthenticationType", "Capabilities", "IncludeSoftDeletedRecipients"),
            elsewhere("OrganizationalUnit", "PropertySet", "RecipientPreviewFilter", "SortBy"),
        ),
        BY_GLOBAL,
        FILTERED,
    ),
)
