"""What Graph answers: a body, or its refusal in our terms."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import NoReturn

from connectors.microsoft365.graph.requests import GraphRequest
from connectors.microsoft365.replies import Reply, raise_by_status
from toolkit.errors import BadAnswer, Conflict, NotFound, NotLicensed, Refused, Rejected, Unavailable
from toolkit.sdk.replies import retry_after
from toolkit.sdk.shapes import read_rows
from toolkit.values import Body, Json

# The least application permission that reads below a path.
_PERMISSIONS: Mapping[str, str] = {
    "organization": "Organization.Read.All",
    "users": "User.Read.All",
    "directory": "User.Read.All",  # the people among what was deleted
    "groups": "GroupMember.Read.All",
    "domains": "Domain.Read.All",
    "subscribedSkus": "LicenseAssignment.Read.All",
    "servicePrincipals": "Application.Read.All",
    "directoryRoles": "RoleManagement.Read.Directory",
    "deviceManagement": "DeviceManagementConfiguration.Read.All",
    "deviceAppManagement": "DeviceManagementApps.Read.All",
    "reports": "Reports.Read.All",
    "auditLogs": "AuditLog.Read.All",
    "identity": "Policy.Read.All",
    "policies": "Policy.Read.All",
}
# The same for what belongs to a mailbox, by what follows its owner in a path, in lower case.
_OF_A_MAILBOX: Mapping[str, str] = {
    "calendarview": "Calendars.ReadBasic",
    "calendar": "Calendars.ReadBasic",
    "mailboxsettings": "MailboxSettings.Read",
}
# What Intune says to a school that has not bought it: learn.microsoft.com/answers/questions/1063413
_NOT_BOUGHT = re.compile(r"not applicable to target tenant", re.IGNORECASE)
_INTUNE = ("/deviceManagement", "/deviceAppManagement")
_THERE_ALREADY = re.compile(r"already exists|ObjectConflict|NameAlreadyExists", re.IGNORECASE)


def body_of(request: GraphRequest, reply: Reply) -> Body:
    """Give the body of an answer, empty where a write has none; raises for all that is not one."""
    if not reply.fine:
        _raise_refusal(request, reply)
    if isinstance(reply.body, Mapping):
        return reply.body
    if reply.body is None and not request.reads:
        return {}
    raise BadAnswer(f"{request}: the answer is no JSON object; is a web filter in between?")


def text_of(request: GraphRequest, reply: Reply) -> str:
    """Give the text of an answer that is a file; raises for all that is not one."""
    if not reply.fine:
        _raise_refusal(request, reply)
    if reply.text is None:
        raise BadAnswer(f"{request}: the answer is no file of text")
    return reply.text


def next_link(body: Body) -> Json:
    """Return the link to the next page as the answer has it; nothing where there is none."""
    return body.get("@odata.nextLink")


def rows_of(request: GraphRequest, body: Body) -> list[Body]:
    """Give the rows of one page."""
    return read_rows(body.get("value"), str(request))


def _raise_refusal(request: GraphRequest, reply: Reply) -> NoReturn:
    error = reply.body.get("error") if isinstance(reply.body, Mapping) else None
    said = error if isinstance(error, Mapping) else {}
    code, words = str(said.get("code") or ""), str(said.get("message") or "no reason given")
    text = f"{request}: {words}" + (f" ({code})" if code else "")
    raise_by_status(reply, what=str(request), text=words)
    match reply.status:
        case HTTPStatus.FORBIDDEN:
            raise _refused(request, text)
        case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
            raise NotFound(text, code=code)
        case HTTPStatus.CONFLICT:
            raise Conflict(text)
        case HTTPStatus.FAILED_DEPENDENCY:
            raise Unavailable(text, retry_after=retry_after(reply.headers))
        case HTTPStatus.BAD_REQUEST if _NOT_BOUGHT.search(words) and _of_intune(request):
            raise NotLicensed("the school's licences do not include Intune")
        case _ if _THERE_ALREADY.search(text):
            raise Conflict(text)
        case _ if reply.body is None:
            raise BadAnswer(f"{request}: {reply.status} without a reason; is a web filter in between?")
        case _:
            raise Rejected(text)


def _of_intune(request: GraphRequest) -> bool:
    return request.path.removeprefix("/beta").startswith(_INTUNE)


def _refused(request: GraphRequest, text: str) -> Refused:
    collection, *below = request.path.removeprefix("/beta").partition("?")[0].strip("/").split("/")
    mailbox = _OF_A_MAILBOX.get(below[1].lower(), "") if collection == "users" and len(below) > 1 else ""
    if below[:1] == ["authenticationMethods"]:  # of all reports the only one that tells of sign-ins
        collection = "auditLogs"
    if below[:1] == ["auditEvents"]:  # Intune's log belongs to its apps
        collection = "deviceAppManagement"
    needed = (mailbox or _PERMISSIONS.get(collection.partition("(")[0], "")) if request.reads else ""
    advice = f"; this app needs the application permission {needed}, with admin consent" if needed else ""
    return Refused(text + advice, missing=needed)
