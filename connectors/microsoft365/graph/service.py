"""Requests to Microsoft Graph, and the conversion of its errors to errors of toolkit.errors."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from connectors.microsoft365.http import ServiceRequest, WebService, raise_refusal
from connectors.microsoft365.replies import Reply
from toolkit.errors import BadAnswer, Conflict, NotFound, NotLicensed, Refused, ServiceError, Unavailable
from toolkit.records import dataclass

_ODATA = frozenset({"select", "filter", "top", "expand", "orderby", "search", "skip", "count"})
# Actions that are sent as POST but change nothing, by the last part of their path.
_READING_ACTIONS = frozenset(
    {"getschedule", "getbyids", "getmembergroups", "getmemberobjects", "checkmembergroups", "checkmemberobjects"}
)
# The least application permission to read below a path.
_PERMISSIONS: Mapping[str, str] = {
    "organization": "Organization.Read.All",
    "users": "User.Read.All",
    "directory": "User.Read.All",  # deleted people
    "groups": "GroupMember.Read.All",
    "domains": "Domain.Read.All",
    "subscribedSkus": "LicenseAssignment.Read.All",
    "servicePrincipals": "Application.Read.All",
    "applications": "Application.Read.All",
    "directoryRoles": "RoleManagement.Read.Directory",
    "deviceManagement": "DeviceManagementConfiguration.Read.All",
    "deviceAppManagement": "DeviceManagementApps.Read.All",
    "reports": "Reports.Read.All",
    "auditLogs": "AuditLog.Read.All",
    "identity": "Policy.Read.All",
    "policies": "Policy.Read.All",
    "admin": "SharePointTenantSettings.Read.All",
}
# Likewise, for parts of a collection that need another permission.
_BELOW: Mapping[str, str] = {
    "authenticationMethods": "AuditLog.Read.All",  # the only report about sign-ins
    "auditEvents": "DeviceManagementApps.Read.All",  # Intune's log needs the permission for apps
    "managedDevices": "DeviceManagementManagedDevices.Read.All",
    "applePushNotificationCertificate": "DeviceManagementServiceConfig.Read.All",
    "depOnboardingSettings": "DeviceManagementServiceConfig.Read.All",
    "subscriptions": "Organization.Read.All",
    "exchange": "ExchangeMessageTrace.Read.All",
    "deviceRegistrationPolicy": "Policy.Read.DeviceConfiguration",
}
# Likewise, for parts of a mailbox, by the part of the path after its owner, in lower case.
_IN_MAILBOX: Mapping[str, str] = {
    "calendarview": "Calendars.ReadBasic",
    "calendar": "Calendars.ReadBasic",
    "mailboxsettings": "MailboxSettings.Read",
}
# Intune's message to a school without an Intune licence: learn.microsoft.com/answers/questions/1063413
_NOT_BOUGHT = re.compile(r"not applicable to target tenant", re.IGNORECASE)
BETA = "/beta"
_INTUNE = ("/deviceManagement", "/deviceAppManagement")
_EXISTS = re.compile(r"already exists|ObjectConflict|NameAlreadyExists", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GraphRequest(ServiceRequest):
    """A request to Graph.

    The path begins after the version and includes the query. A path for beta begins with `/beta/`.
    """

    @property
    def version(self) -> str:
        """Return the version that the path names: "beta", or "" for v1.0."""
        return BETA if self.path.startswith(f"{BETA}/") else ""

    @property
    def reads(self) -> bool:
        """Return whether the request is known to change nothing. An unknown request counts as a change."""
        last = self.path.partition("?")[0].rstrip("/").rpartition("/")[2].rpartition(".")[2].removesuffix("()")
        match self.method:
            case "GET" | "HEAD":
                return True
            case "POST":
                return last.lower() in _READING_ACTIONS
            case _:
                return False


def path_with(path: str, query: Mapping[str, str]) -> str:
    """Return a path with its query. The names of OData options get a dollar sign."""
    options = [
        ("$" if name in _ODATA else "") + name + "=" + quote(value, safe="$,:'()/") for name, value in query.items()
    ]
    return path + ("?" + "&".join(options) if options else "")


def to_literal(text: str) -> str:
    """Return a text in quotes, as an OData filter needs it."""
    return "'" + text.replace("'", "''") + "'"


def text_of(request: GraphRequest, reply: Reply) -> str:
    """Return the text of a response with a file. Raise an error if the response has no text."""
    if not reply.fine:
        raise_refusal(GRAPH, request, reply)
    if reply.text is None:
        raise BadAnswer(f"{request}: the response is not a text file")
    return reply.text


def _to_error(request: GraphRequest, status: int, text: str) -> ServiceError | None:
    if status == HTTPStatus.FORBIDDEN:
        return _to_forbidden_error(request, text)
    if status == HTTPStatus.BAD_REQUEST and _NOT_BOUGHT.search(text) and _is_for_intune(request):
        return NotLicensed("the school's licences do not include Intune")
    return None


def _is_for_intune(request: GraphRequest) -> bool:
    return request.path.removeprefix(request.version).startswith(_INTUNE)


def _to_forbidden_error(request: GraphRequest, text: str) -> Refused:
    collection, *below = request.path.removeprefix(request.version).partition("?")[0].strip("/").split("/")
    mailbox = _IN_MAILBOX.get(below[1].lower(), "") if collection == "users" and len(below) > 1 else ""
    specific = mailbox or _BELOW.get(below[0] if below else "", "")
    needed = (specific or _PERMISSIONS.get(collection.partition("(")[0], "")) if request.reads else ""
    advice = f". It needs the application permission {needed}, with admin consent" if needed else ""
    return Refused(text + advice, missing=needed)


GRAPH: WebService[GraphRequest] = WebService(
    name="Microsoft Graph",
    scope="https://graph.microsoft.com/.default",
    refusal=_to_error,
    statuses={
        HTTPStatus.NOT_FOUND: NotFound,
        HTTPStatus.GONE: NotFound,
        HTTPStatus.CONFLICT: Conflict,
        HTTPStatus.FAILED_DEPENDENCY: Unavailable,
    },
    phrases=((_EXISTS, Conflict),),
)
