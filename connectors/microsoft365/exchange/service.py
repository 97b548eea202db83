"""The services that run cmdlets, and the conversion of their responses to rows, or to errors of toolkit.errors."""

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
_TIME = "shows when the object was created or changed. Its settings are compared instead"
_STORED = "shows where and how Exchange stores the object"

IGNORED: Mapping[str, str] = {
    **dict.fromkeys(("Name", "Identity", "Id", "Guid", "ImmutableId", "ExchangeObjectId", "DistinguishedName"), _ID),
    **dict.fromkeys(("WhenChanged", "WhenChangedUTC", "WhenCreated", "WhenCreatedUTC"), _TIME),
    **dict.fromkeys(("ObjectCategory", "ObjectClass", "ObjectState", "ExchangeVersion", "OriginatingServer"), _STORED),
    **dict.fromkeys(("OrganizationId", "OrganizationalUnitRoot", "RunspaceId"), _STORED),
    "AdminDisplayName": "is a note that only administrators see",
}
"""Ignored properties of all kinds of objects, with the reason."""

DEFAULTS: Mapping[str, Json] = {"IsValid": True}

RULES = "AppliedByRules"
"""The property under which a mail filter policy holds its rules as JSON. Exchange shows rules by other cmdlets."""

FILTER_POLICY = Properties(
    ignored={
        **{path: reason for path, reason in IGNORED.items() if path != "AdminDisplayName"},
        "IsDefault": "shows whether Microsoft created the policy. The name of the policy shows that too",
        "ConfigurationType": "shows the type of the policy. Each kind reads only its own type",
        RULES: "shows the rules that apply the policy to its audience. toolkit does not change them",
        "RecommendedPolicyType": "shows the preset that the policy belongs to. Its settings are compared instead",
    },
    defaults=DEFAULTS,
    narrowing=frozenset(),
)
"""The properties of mail filter policies."""


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
# The beginning of a parameter, or of a cmdlet's noun, with the role that allows it. The first match counts.
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
    """Raise BadAnswer if a list fills exactly one page, because the service may have cut it off."""
    if command.lists_everything and len(rows) == PAGE:
        raise BadAnswer(
            f"{command}: the response has exactly {PAGE} rows and no next page, so the list may be incomplete"
        )


def to_rows(service: WebService[Command], command: Command, reply: Reply) -> Sequence[Body]:
    """Return the rows of a response, without annotation keys.

    Raise BadAnswer if the response is not a complete page.
    """
    if not reply.fine:
        raise_refusal(service, command, reply)
    body = reply.body
    if not isinstance(body, Mapping):
        raise BadAnswer(f"{command}: the response is not JSON. Is a web filter in the way?")
    if errors := list(_list_texts(body.get("@adminapi.errors"))):
        raise Rejected(f"{command}: {'; '.join(errors)}")
    if "@adminapi.confirmationmessage" in body:
        raise Rejected(f"{command}: the cmdlet asks for a confirmation, so nothing was changed")
    # A warning is in the body, in a header, or in both.
    warnings = [*_list_texts(body.get("@adminapi.warnings")), reply.headers.get("x-warnings", "")]
    if cut := [warning for warning in warnings if _TRUNCATED.search(warning)]:
        raise BadAnswer(f"{command}: the list is incomplete: {cut[0]}")
    return [_remove_annotations(row) for row in read_rows(body.get("value"), str(command))]


def raise_cut_short(service: WebService[Command], command: Command, reply: Reply, rows: int) -> NoReturn:
    """Raise an error if the service refused the next page of a list, because an incomplete list must not be used."""
    try:
        raise_refusal(service, command, reply)
    except Transient:
        raise
    except ServiceError as error:
        raise BadAnswer(f"{error}. The list is incomplete after {rows} rows") from error


def _to_error(command: Command, status: int, text: str, *, service: str, writes: str) -> ServiceError | None:
    match status:
        case HTTPStatus.FORBIDDEN:
            return _to_forbidden_error(command, service, writes)
        case HTTPStatus.UNAUTHORIZED:  # for a token that was just issued
            return Refused(
                f"{command}: {service} does not accept the access token of this app. It needs the application "
                f"permission {_PERMISSION} of Office 365 Exchange Online, with admin consent",
                missing=_PERMISSION,
            )
        case HTTPStatus.BAD_REQUEST if (hidden := _HIDDEN.search(text)) and hidden["name"] in command.parameters:
            return _to_hidden_parameter_error(command, service, hidden["name"], writes)
        case HTTPStatus.NOT_IMPLEMENTED:
            return Rejected(f"{text} (status 501: the service does not offer this cmdlet)")
        case _:
            return None


def _to_forbidden_error(command: Command, service: str, writes: str) -> Refused:
    """Return the error for a response with status 403.

    The service does not say whether the app lacks a role or the cmdlet does not exist.
    """
    if command.cmdlet.startswith("Search-"):
        needed = f"a role group of {service} with {AUDIT_LOGS} and {_PERMISSION}"
        return Refused(
            f"{command}: this app may not run it. It needs {needed}. Changes take up to an hour", missing=needed
        )
    role = _READER if command.cmdlet.startswith(("Get-", "EXOBanner")) else writes
    needed = f"{role} (or a role group with this cmdlet) and {_PERMISSION}"
    return Refused(
        f"{command}: this app may not run it. It needs {needed}. Assign both in Entra, and wait up to an hour",
        missing=needed,
    )


def _to_hidden_parameter_error(command: Command, service: str, name: str, writes: str) -> Refused:
    """Return the error for a parameter that Exchange hides from this app, because the app lacks a role.

    Follows https://learn.microsoft.com/powershell/exchange/find-exchange-cmdlet-permissions
    """
    noun = command.cmdlet.partition("-")[2]
    role = next((role for begins, role in _ROLES if name.startswith(begins) or noun.startswith(begins)), "")
    lacking = f"probably {role}" if role else "a role that toolkit does not know"
    administrator = _READER if command.reads else writes
    return Refused(
        f"{command}: {service} reports that the parameter {name} does not exist. {service} hides parameters from an "
        f"app whose role group lacks a role. Here, the missing role is {lacking}. Give the app {administrator} in "
        "Entra, or add the role to its role group, and wait up to an hour. In Exchange Online PowerShell, "
        f"`Get-ManagementRole -Cmdlet {command} -CmdletParameters {name}` lists the roles that have it",
        missing=f"{administrator} (or a role group with the role {role or f'that has {name} of {command}'})",
    )


def _find_failure(error: Body) -> ServiceFailure:
    return ServiceFailure(_choose_message(error), types=" ".join(_list_exception_types(error)))


def _choose_message(error: Mapping[str, Json]) -> str:
    """Return the most specific message in an error: the inner exception's, else the last detail's, else the title."""
    inner = _find_inner_exception(error).get("message")
    if isinstance(inner, str) and inner and not _WORDLESS.search(inner):
        return inner
    details = [detail.rpartition("|")[2].strip() for detail in _list_error_details(error)]
    return next((detail for detail in details if detail), str(error.get("message") or "no reason given"))


def _list_exception_types(error: Mapping[str, Json]) -> Iterator[str]:
    """Yield the exception types named in an error. Each of its details has the form `id|type|text`."""
    yield str(error.get("code") or "")
    yield str(_find_inner_exception(error).get("type") or "")
    for detail in _list_error_details(error):
        yield from detail.split("|")[:2]


def _find_inner_exception(error: Mapping[str, Json]) -> Mapping[str, Json]:
    outer = error.get("innererror")
    inner = outer.get("internalexception") if isinstance(outer, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _list_error_details(error: Mapping[str, Json]) -> Iterator[str]:
    details = error.get("details")
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, Mapping):
            yield str(detail.get("message") or "")


def _list_texts(value: Json) -> Iterator[str]:
    for entry in value if isinstance(value, list) else []:
        yield str(entry.get("message") or entry) if isinstance(entry, Mapping) else str(entry)


def _remove_annotations(row: Body) -> Body:
    return {name: _strip_annotations(value) for name, value in row.items() if "@" not in name}


def _strip_annotations(value: Json) -> Json:
    match value:
        case Mapping():
            return _remove_annotations(value)
        case list():
            return [_strip_annotations(entry) for entry in value]
        case _:
            return value


def _make_cmdlet_service(name: str, scope: str, *, writes: str, product: str = "") -> WebService[Command]:
    """Return a service that runs cmdlets. `writes` is the Entra role that an app needs to change something."""
    return WebService(
        name=name,
        scope=scope,
        refusal=partial(_to_error, service=name, writes=writes),
        failure=_find_failure,
        statuses={HTTPStatus.NOT_FOUND: NotFound},
        phrases=((_MISSING, NotFound), (_EXISTS, Conflict)),
        passing=_PASSING,
        explains=True,
        product=product,
        has_request_ids=True,
    )


EXCHANGE = _make_cmdlet_service("Exchange", "https://outlook.office365.com/.default", writes="Exchange Administrator")
COMPLIANCE = _make_cmdlet_service(
    "Security & Compliance",
    "https://ps.compliance.protection.outlook.com/.default",
    writes="Compliance Administrator",
    product="Security & Compliance",
)
