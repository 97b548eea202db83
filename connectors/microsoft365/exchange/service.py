"""Cmdlets, the services that run them, and what a service answers: rows, or a refusal in our terms."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import NoReturn

from connectors.microsoft365.exchange.command import PAGE, Command
from connectors.microsoft365.http import ServiceFailure, WebService, raise_refusal
from connectors.microsoft365.permissions import AUDIT_LOGS
from connectors.microsoft365.replies import Reply
from toolkit.errors import BadAnswer, Conflict, NotFound, Refused, Rejected, ServiceError, Transient
from toolkit.sdk import Properties, read_rows
from toolkit.values import Body, Json

_ID = "identifies the object"
_TIME = "says when it was made or changed; what was changed is compared"
_STORED = "says where and how Exchange stores the object"

IGNORED: Mapping[str, str] = {
    **dict.fromkeys(("Name", "Identity", "Id", "Guid", "ImmutableId", "ExchangeObjectId", "DistinguishedName"), _ID),
    **dict.fromkeys(("WhenChanged", "WhenChangedUTC", "WhenCreated", "WhenCreatedUTC"), _TIME),
    **dict.fromkeys(("ObjectCategory", "ObjectClass", "ObjectState", "ExchangeVersion", "OriginatingServer"), _STORED),
    **dict.fromkeys(("OrganizationId", "OrganizationalUnitRoot", "RunspaceId"), _STORED),
    "AdminDisplayName": "is a note that only administrators see",
}
"""Paths with the reason, for every kind of object."""

DEFAULTS: Mapping[str, Json] = {"IsValid": True}

RULES = "AppliedByRules"
"""Under this name a policy of the mail filters holds, as JSON, the rules that apply it, which other cmdlets show."""

FILTER_POLICY = Properties(
    ignored={
        **{path: reason for path, reason in IGNORED.items() if path != "AdminDisplayName"},
        "IsDefault": "says whether it is the one that Microsoft made; its name says that too",
        "ConfigurationType": "says which kind of policy it is; the kind is read by it",
        RULES: "shows which rules apply the policy, which says whom it reaches; toolkit sets no such rule",
        "RecommendedPolicyType": "says from which of Microsoft's presets it is; what it does is compared",
    },
    defaults=DEFAULTS,
    narrowing=frozenset(),
)
"""What a policy of the mail filters shows."""


_TRUNCATED = re.compile(r"only the first [\d,.]+|ResultSize parameter", re.IGNORECASE)
_WORDLESS = re.compile(r"Exception of type '.*' was thrown")
_PASSING = re.compile(r"CmdletProxyNotAvailable|ServerBusy|TransientException|BackendCommunication", re.IGNORECASE)
_MISSING = re.compile("ManagementObjectNotFoundException")
_EXISTS = re.compile(
    r"AlreadyExists|ObjectExists|NameConflict|Duplicate\w{0,60}Exception"
    r"|already (exists|in use)|with the same name|already a compliance (policy|rule)|already has a rule",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"(?:Invalid cmdlet parameters specified\. |cannot be found that matches parameter name ')(?P<name>\w{1,80})"
)
# The beginning of a parameter or of a cmdlet's noun, and the role that has it. The first match counts.
_ROLES = (
    ("LitigationHold", "Legal Hold"),
    ("InactiveMailbox", "Legal Hold"),
    ("IncludeInactiveMailbox", "Legal Hold"),
    ("TransportRule", "Transport Rules"),
    ("AdminAuditLog", "Audit Logs"),
    ("RemoteDomain", "Remote and Accepted Domains"),
    ("AcceptedDomain", "Remote and Accepted Domains"),
    ("MalwareFilter", "Transport Hygiene"),
    ("Hosted", "Transport Hygiene"),
    ("Recipient", "Mail Recipients"),
    ("Mailbox", "Mail Recipients"),
    ("DistributionGroup", "Distribution Groups"),
    ("DynamicDistributionGroup", "Distribution Groups"),
)
_PERMISSION = "Exchange.ManageAsApp"
_READER = "Global Reader"


def refuse_full_page(command: Command, rows: Sequence[Body]) -> None:
    """Raise BadAnswer if a whole list is exactly one full page: the service may have kept the rest back."""
    if command.lists_everything and len(rows) == PAGE:
        raise BadAnswer(
            f"{command}: exactly {PAGE} rows came back and no next page, so the list may have been cut off there"
        )


def to_rows(service: WebService[Command], command: Command, reply: Reply) -> Sequence[Body]:
    """Return the rows of an answer, without the keys that describe others; raises for all that is not a whole page."""
    if not reply.fine:
        raise_refusal(service, command, reply)
    body = reply.body
    if not isinstance(body, Mapping):
        raise BadAnswer(f"{command}: the answer is not JSON; is a web filter in between?")
    if errors := list(_texts(body.get("@adminapi.errors"))):
        raise Rejected(f"{command}: {'; '.join(errors)}")
    if "@adminapi.confirmationmessage" in body:
        raise Rejected(f"{command}: asks for a confirmation and did nothing")
    # A warning is in the body, in a header, or in both.
    warnings = [*_texts(body.get("@adminapi.warnings")), reply.headers.get("x-warnings", "")]
    if cut := [warning for warning in warnings if _TRUNCATED.search(warning)]:
        raise BadAnswer(f"{command}: not all of the list came back: {cut[0]}")
    return [_without_annotations(row) for row in read_rows(body.get("value"), str(command))]


def raise_cut_short(service: WebService[Command], command: Command, reply: Reply, rows: int) -> NoReturn:
    """Raise for a list whose next page was refused: half a list is none."""
    try:
        raise_refusal(service, command, reply)
    except Transient:
        raise
    except ServiceError as error:
        raise BadAnswer(f"{error}; the list ended after {rows} rows and is not whole") from error


def _refusal(command: Command, status: int, text: str, *, service: str, writes: str) -> ServiceError | None:
    match status:
        case HTTPStatus.FORBIDDEN:
            return _forbidden(command, service, writes)
        case HTTPStatus.UNAUTHORIZED:  # to a token that was just issued
            return Refused(
                f"{command}: {service} does not accept the access token of this app; it needs the application "
                f"permission {_PERMISSION} of Office 365 Exchange Online, with admin consent",
                missing=_PERMISSION,
            )
        case HTTPStatus.BAD_REQUEST if (hidden := _HIDDEN.search(text)) and hidden["name"] in command.parameters:
            return _hidden(command, service, hidden["name"], writes)
        case HTTPStatus.NOT_IMPLEMENTED:
            return Rejected(f"{text} (501: not available here)")
        case _:
            return None


def _forbidden(command: Command, service: str, writes: str) -> Refused:
    """Word a 403: the service says nothing, neither that a right is missing nor that there is no such cmdlet."""
    if command.cmdlet.startswith("Search-"):
        needed = f"a role group of {service} with {AUDIT_LOGS} and {_PERMISSION}"
        return Refused(f"{command}: this app may not run it; it needs {needed}: wait up to an hour", missing=needed)
    role = _READER if command.cmdlet.startswith(("Get-", "EXOBanner")) else writes
    needed = f"{role} (or a role group with this cmdlet) and {_PERMISSION}"
    return Refused(
        f"{command}: this app may not run it; it needs {needed}: give it both in Entra, and wait up to an hour",
        missing=needed,
    )


def _hidden(command: Command, service: str, name: str, writes: str) -> Refused:
    """Word the refusal of a parameter: a role group hides parameters from its members.

    Follows https://learn.microsoft.com/powershell/exchange/find-exchange-cmdlet-permissions
    """
    noun = command.cmdlet.partition("-")[2]
    role = next((role for begins, role in _ROLES if name.startswith(begins) or noun.startswith(begins)), "")
    lacking = f"probably {role}" if role else "a role that toolkit cannot name"
    administrator = _READER if command.reads else writes
    return Refused(
        f"{command}: {service} answers that the parameter {name} does not exist. It hides parameters from an app whose "
        f"role group lacks a role, here {lacking}. Give the app "
        f"{administrator} in Entra, or add the role to its role group, and wait up to an hour. In Exchange Online "
        f"PowerShell, `Get-ManagementRole -Cmdlet {command} -CmdletParameters {name}` lists the roles that have it",
        missing=f"{administrator} (or a role group with the role {role or f'that has {name} of {command}'})",
    )


def _failure(error: Body) -> ServiceFailure:
    return ServiceFailure(_reason(error), types=" ".join(_types(error)))


def _reason(error: Mapping[str, Json]) -> str:
    """Find the sentence that tells most: the inner exception's, else the last part of the details, else the title."""
    inner = _inner(error).get("message")
    if isinstance(inner, str) and inner and not _WORDLESS.search(inner):
        return inner
    details = [detail.rpartition("|")[2].strip() for detail in _details(error)]
    return next((detail for detail in details if detail), str(error.get("message") or "no reason given"))


def _types(error: Mapping[str, Json]) -> Iterator[str]:
    """List the types of exceptions in an error; details read `id|type|text`."""
    yield str(error.get("code") or "")
    yield str(_inner(error).get("type") or "")
    for detail in _details(error):
        yield from detail.split("|")[:2]


def _inner(error: Mapping[str, Json]) -> Mapping[str, Json]:
    outer = error.get("innererror")
    inner = outer.get("internalexception") if isinstance(outer, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _details(error: Mapping[str, Json]) -> Iterator[str]:
    details = error.get("details")
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, Mapping):
            yield str(detail.get("message") or "")


def _texts(value: Json) -> Iterator[str]:
    for entry in value if isinstance(value, list) else []:
        yield str(entry.get("message") or entry) if isinstance(entry, Mapping) else str(entry)


def _without_annotations(row: Body) -> Body:
    return {name: _strip_annotations(value) for name, value in row.items() if "@" not in name}


def _strip_annotations(value: Json) -> Json:
    match value:
        case Mapping():
            return _without_annotations(value)
        case list():
            return [_strip_annotations(entry) for entry in value]
        case _:
            return value


def _cmdlet_service(name: str, scope: str, *, writes: str, product: str = "") -> WebService[Command]:
    """Describe a service; `writes` is the role of Entra that may write."""
    return WebService(
        name=name,
        scope=scope,
        refusal=partial(_refusal, service=name, writes=writes),
        failure=_failure,
        statuses={HTTPStatus.NOT_FOUND: NotFound},
        phrases=((_MISSING, NotFound), (_EXISTS, Conflict)),
        passing=_PASSING,
        explains=True,
        product=product,
        has_request_ids=True,
    )


EXCHANGE = _cmdlet_service("Exchange", "https://outlook.office365.com/.default", writes="Exchange Administrator")
COMPLIANCE = _cmdlet_service(
    "Security & Compliance",
    "https://ps.compliance.protection.outlook.com/.default",
    writes="Compliance Administrator",
    product="Security & Compliance",
)
