"""What a service answers to a cmdlet: its rows, or its refusal in our terms."""

import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import NoReturn

from connectors.microsoft365.exchange.service import EXCHANGE, CmdletService
from connectors.microsoft365.permissions import AUDIT_LOGS
from connectors.microsoft365.replies import Reply, raise_by_status
from toolkit.errors import (
    BadAnswer,
    Conflict,
    NotFound,
    Refused,
    Rejected,
    ServiceError,
    SignInRefused,
    Transient,
    Unavailable,
)
from toolkit.sdk.replies import retry_after
from toolkit.sdk.shapes import read_rows
from toolkit.values import Body, Json

_TRUNCATED = re.compile(r"only the first [\d,.]+|ResultSize parameter", re.IGNORECASE)
_WORDLESS = re.compile(r"Exception of type '.*' was thrown")
_PASSING = re.compile(r"CmdletProxyNotAvailable|ServerBusy|TransientException|BackendCommunication", re.IGNORECASE)
_MISSING = "ManagementObjectNotFoundException"
_THERE_ALREADY = re.compile(r"AlreadyExists|ObjectExists|NameConflict|Duplicate\w*Exception", re.IGNORECASE)
_THERE_ALREADY_WORDS = re.compile(
    r"already (exists|in use)|with the same name|already a compliance (policy|rule)|already has a rule", re.IGNORECASE
)
_PERMISSION = "Exchange.ManageAsApp"


def rows_of(cmdlet: str, reply: Reply, service: CmdletService = EXCHANGE) -> Sequence[Body]:
    """Give the rows of an answer, without the keys that describe others; raises for all that is not one whole page."""
    if not reply.fine:
        raise_refusal(cmdlet, reply, service)
    body = reply.body
    if not isinstance(body, Mapping):
        raise BadAnswer(f"{cmdlet}: the answer is no JSON; is a web filter in between?")
    if errors := list(_texts(body.get("@adminapi.errors"))):
        raise Rejected(f"{cmdlet}: {'; '.join(errors)}")
    if "@adminapi.confirmationmessage" in body:
        raise Rejected(f"{cmdlet}: asks for a confirmation and did nothing")
    if cut := [warning for warning in _texts(body.get("@adminapi.warnings")) if _TRUNCATED.search(warning)]:
        raise BadAnswer(f"{cmdlet}: not all of the list came back: {cut[0]}")
    return [_without_marks(row) for row in read_rows(body.get("value"), cmdlet)]


def next_link(reply: Reply) -> Json:
    """Return the link to the next page as the answer has it; nothing where there is none."""
    return reply.body.get("@odata.nextLink") if isinstance(reply.body, Mapping) else None


def raise_refusal(cmdlet: str, reply: Reply, service: CmdletService = EXCHANGE) -> NoReturn:
    """Raise an answer that is an error in our terms, with the service's own words."""
    error = reply.body.get("error") if isinstance(reply.body, Mapping) else None
    said = error if isinstance(error, Mapping) else {}
    text = f"{cmdlet}: {_words(said)}"
    if reply.status == HTTPStatus.FORBIDDEN:
        raise _refused(cmdlet, service)
    if reply.status == HTTPStatus.NOT_IMPLEMENTED:
        raise Rejected(f"{text} (501: not available here)")
    if reply.status == HTTPStatus.UNAUTHORIZED:
        raise _not_let_in(cmdlet, service)
    kinds = " ".join(_kinds(said))
    if _PASSING.search(kinds):
        raise Unavailable(text, retry_after=retry_after(reply.headers))
    raise_by_status(reply, what=cmdlet, text=_words(said))
    if reply.body is None:
        raise BadAnswer(f"{cmdlet}: {reply.status} without a reason; is a web filter in between?")
    if _MISSING in kinds or reply.status == HTTPStatus.NOT_FOUND:
        raise NotFound(text)
    if _THERE_ALREADY.search(kinds) or _THERE_ALREADY_WORDS.search(text):
        raise Conflict(text)
    raise Rejected(text)


def raise_cut_short(cmdlet: str, reply: Reply, service: CmdletService, rows: int) -> NoReturn:
    """Raise for a list whose next page was refused: half a list is none."""
    try:
        raise_refusal(cmdlet, reply, service)
    except (Transient, SignInRefused):
        raise
    except ServiceError as error:
        raise BadAnswer(f"{error}; the list ended after {rows} rows and is not whole") from error


def _refused(cmdlet: str, service: CmdletService) -> Refused:
    """Word a 403: the service says nothing, neither that a right is missing nor that there is no such cmdlet."""
    if cmdlet.startswith("Search-"):
        needed = f"a role group of {service.name} with {AUDIT_LOGS} and {_PERMISSION}"
        return Refused(f"{cmdlet}: this app may not run it; it needs {needed}: wait up to an hour", missing=needed)
    role = service.reads if cmdlet.startswith(("Get-", "EXOBanner")) else service.writes
    needed = f"{role} (or a role group with this cmdlet) and {_PERMISSION}"
    return Refused(
        f"{cmdlet}: this app may not run it; it needs {needed}: give it both in Entra, and wait up to an hour",
        missing=needed,
    )


def _not_let_in(cmdlet: str, service: CmdletService) -> Refused:
    """Word a 401 to a token that was just issued: the service takes none without its own permission."""
    return Refused(
        f"{cmdlet}: {service.name} does not accept the access token of this app; it needs the application permission "
        f"{_PERMISSION} of Office 365 Exchange Online, with admin consent",
        missing=_PERMISSION,
    )


def _words(error: Mapping[str, Json]) -> str:
    """Find the sentence that tells most: the inner exception's, else the last part of the details, else the title."""
    inner = _inner(error).get("message")
    if isinstance(inner, str) and inner and not _WORDLESS.search(inner):
        return inner
    details = [detail.rpartition("|")[2].strip() for detail in _details(error)]
    return next((detail for detail in details if detail), str(error.get("message") or "no reason given"))


def _kinds(error: Mapping[str, Json]) -> Iterator[str]:
    """List the names of the exceptions that an error tells of; details read `id|type|text`."""
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
    for one in value if isinstance(value, list) else []:
        yield str(one.get("message") or one) if isinstance(one, Mapping) else str(one)


def _without_marks(row: Body) -> Body:
    return {name: _inside(value) for name, value in row.items() if "@" not in name}


def _inside(value: Json) -> Json:
    match value:
        case Mapping():
            return _without_marks(value)
        case list():
            return [_inside(one) for one in value]
        case _:
            return value
