"""Reads why the sign-in service refused a sign-in, from the service's text or from errors of Microsoft's library."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from connectors.microsoft365.replies import raise_unreachable
from toolkit.errors import BadAnswer, RequestFailed, Unavailable
from toolkit.records import dataclass
from toolkit.sdk import is_temporary_status, retry_after

if TYPE_CHECKING:
    from azure.core.exceptions import ClientAuthenticationError

_NUMBERED = re.compile(r"(AADSTS\d+):?\s*(.*?[.!?](?=\s|$)|.+)", re.DOTALL)
_STATUS = re.compile(r"HTTP (?:status|Error): (\d{3})")
# Too many requests, or a part of the service that is briefly away. MSAL passes on the text without the status.
_PASSING = frozenset({"AADSTS90006", "AADSTS90024", "AADSTS90033", "AADSTS90055"})
_LOOK_UP = "see https://login.microsoftonline.com/error?code="


@dataclass(frozen=True, slots=True)
class AadRefusal:
    """A refused sign-in: its error number, such as AADSTS50105 or "", and the first sentence of its text."""

    number: str
    text: str

    @classmethod
    def parse(cls, message: str) -> "AadRefusal":
        """Return the refusal that a text of the sign-in service describes."""
        match = _NUMBERED.search(message)
        return cls(match[1], _to_one_line(match[2])) if match else cls("", _to_one_line(message))

    def advice(self, advice_by_number: Mapping[str, str]) -> str:
        """Return the advice for the refusal's number. For an unknown number, name the page that explains it."""
        return advice_by_number.get(self.number) or _LOOK_UP + self.number.removeprefix("AADSTS")


def read_refusal(error: "ClientAuthenticationError", authority: str, *, hide: Callable[[str], str] = str) -> AadRefusal:
    """Return the refusal in an error of Microsoft's library, without the secrets that `hide` removes.

    Raise BadAnswer or Unavailable if the service failed.
    """
    from azure.core.exceptions import DecodeError, ServiceRequestError, ServiceResponseError

    message = hide(" ".join(_list_texts_of_causes(error)))
    if isinstance(error.__cause__, RequestFailed):
        raise error.__cause__
    if isinstance(error.__cause__, KeyError | TypeError | AttributeError | RecursionError | DecodeError):
        # The vendor's library raises these errors for a response with unexpected content.
        raise BadAnswer(f"the sign-in service at {authority} sent a response that cannot be understood") from error
    if isinstance(error.__cause__, ServiceRequestError | ServiceResponseError):
        raise_unreachable(authority, error.__cause__)
    match = _NUMBERED.search(message)
    if is_temporary_status(_find_failure_status(error, message)) or (match and match[1] in _PASSING):
        raise Unavailable(
            f"the sign-in service at {authority} failed: {_to_one_line(str(error.message))}",
            retry_after=retry_after(getattr(error.response, "headers", {})),
        ) from error
    if match:
        return AadRefusal(match[1], _to_one_line(match[2]))
    return AadRefusal("", hide(_to_one_line(str(error.message).partition("\n")[0])))


def _list_texts_of_causes(error: BaseException | None) -> Iterator[str]:
    """Yield the texts of an error and of its causes. The last text is the service's own if the error is from MSAL."""
    while error:
        yield str(error)
        error = error.__cause__ or error.__context__


def _find_failure_status(error: "ClientAuthenticationError", message: str) -> int:
    """Return the HTTP status of a failure, or 0 if there is none.

    Errors of MSAL may have the status only in the text.
    """
    if error.response and error.response.status_code:
        return error.response.status_code
    match = _STATUS.search(message)
    return int(match[1]) if match else 0


def _to_one_line(text: str) -> str:
    return " ".join(text.replace("Authentication failed: ", "").split())
