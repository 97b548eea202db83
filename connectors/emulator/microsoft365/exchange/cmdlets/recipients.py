"""Everything that can receive mail, and the mailboxes among it."""

from collections.abc import Sequence

from connectors.emulator.microsoft365.exchange.cmdlet import BY_GLOBAL, Cmdlet, Outcome, Request, chosen, limited
from connectors.emulator.microsoft365.exchange.parameters import FILTER, RESULT_SIZE, WHICH, Parameter, Reach, by_name
from connectors.emulator.wire import Body

_NAMES = (
    "PrimarySmtpAddress",
    "UserPrincipalName",
    "Alias",
    "Name",
    "DisplayName",
    "Guid",
    "ExchangeGuid",
    "ExternalDirectoryObjectId",
)
_KINDS = Parameter("RecipientTypeDetails", "RecipientTypeDetails[]")


def _elsewhere(*names: str) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, "Object", reach=Reach.ELSEWHERE) for name in names)


def _recipients(request: Request) -> Outcome:
    return limited(request, _of_kind(request, chosen(request, request.all("exchange.recipients"), _NAMES)))


def _mailboxes(request: Request) -> Outcome:
    only_inactive = bool(request.parameters.get("InactiveMailboxOnly"))
    wanted = {only_inactive, only_inactive or bool(request.parameters.get("IncludeInactiveMailbox"))}
    rows = [row for row in request.all("exchange.mailboxes") if row.get("IsInactiveMailbox", False) in wanted]
    return limited(request, _of_kind(request, chosen(request, rows, _NAMES)))


def _of_kind(request: Request, rows: Sequence[Body]) -> Sequence[Body]:
    details, kinds = request.parameters.get("RecipientTypeDetails"), request.parameters.get("RecipientType")
    for name, wanted in (("RecipientTypeDetails", details), ("RecipientType", kinds)):
        if isinstance(wanted, Sequence):
            rows = [row for row in rows if row.get(name) in wanted]
    return rows


_SHARED = (WHICH, FILTER, RESULT_SIZE, _KINDS)

CMDLETS = (
    Cmdlet(
        "Get-Recipient",
        _recipients,
        by_name(
            _SHARED,
            (Parameter("RecipientType", "RecipientType[]"), Parameter("Properties", "String[]", reach=Reach.IGNORED)),
            _elsewhere(
                "Anr", "AuthenticationType", "Capabilities", "IncludeSoftDeletedRecipients", "OrganizationalUnit"
            ),
            _elsewhere("PropertySet", "RecipientPreviewFilter", "SortBy"),
        ),
        BY_GLOBAL,
        "Filter takes -eq, -ne, -like, -notlike, -and, -or, -not and brackets",
    ),
    Cmdlet(
        "Get-Mailbox",
        _mailboxes,
        by_name(
            _SHARED,
            (
                Parameter("IncludeInactiveMailbox", "SwitchParameter", unset=False),
                Parameter("InactiveMailboxOnly", "SwitchParameter", unset=False),
            ),
            _elsewhere("Anr", "Archive", "GroupMailbox", "MailboxPlan", "Migration", "OrganizationalUnit"),
            _elsewhere("PublicFolder", "SoftDeletedMailbox", "SortBy"),
        ),
        BY_GLOBAL,
        "Filter takes -eq, -ne, -like, -notlike, -and, -or, -not and brackets",
    ),
)
