"""What the sign-in service says when it refuses, out of its own words or the errors of the vendor's library."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from connectors.microsoft365.replies import raise_unreachable
from toolkit.errors import BadAnswer, RequestFailed, Unavailable
from toolkit.records import dataclass
from toolkit.sdk import is_passing, retry_after

if TYPE_CHECKING:
    from azure.core.exceptions import ClientAuthenticationError

_NUMBERED = re.compile(r"(AADSTS\d+):?\s*(.*?[.!?](?=\s|$)|.+)", re.DOTALL)
_STATUS = re.compile(r"HTTP (?:status|Error): (\d{3})")
# Too many requests, or a part of the service that is away for a moment; MSAL hands on the words without the status.
_PASSING = frozenset({"AADSTS90006", "AADSTS90024", "AADSTS90033", "AADSTS90055"})
_LOOK_UP = "see https://login.microsoftonline.com/error?code="


@dataclass(frozen=True, slots=True)
class AadRefusal:
    """A refusal: its number, AADSTS and digits, and the first sentence of its text; "" where it has no number."""

    number: str
    text: str

    @classmethod
    def parse(cls, message: str) -> "AadRefusal":
        """Read a refusal out of the service's own words."""
        match = _NUMBERED.search(message)
        return cls(match[1], _line(match[2])) if match else cls("", _line(message))

    def advice(self, advice_by_number: Mapping[str, str]) -> str:
        """Give what to do about a number that is known, or the page where it is explained."""
        return advice_by_number.get(self.number) or _LOOK_UP + self.number.removeprefix("AADSTS")


def read_refusal(error: "ClientAuthenticationError", authority: str, *, hide: Callable[[str], str] = str) -> AadRefusal:
    """Read a refusal, with what `hide` takes out of its text; BadAnswer or Unavailable where it is a failure."""
    from azure.core.exceptions import DecodeError, ServiceRequestError, ServiceResponseError

    message = hide(" ".join(_messages(error)))
    if isinstance(error.__cause__, RequestFailed):
        raise error.__cause__
    if isinstance(error.__cause__, KeyError | TypeError | AttributeError | RecursionError | DecodeError):
        # What the vendor's library makes of an answer that has other things in it than it expects.
        raise BadAnswer(f"the sign-in service at {authority} gives an answer that makes no sense") from error
    if isinstance(error.__cause__, ServiceRequestError | ServiceResponseError):
        raise_unreachable(authority, error.__cause__)
    match = _NUMBERED.search(message)
    if is_passing(_status(error, message)) or (match and match[1] in _PASSING):
        raise Unavailable(
            f"the sign-in service at {authority} fails: {_line(str(error.message))}",
            retry_after=retry_after(getattr(error.response, "headers", {})),
        ) from error
    if match:
        return AadRefusal(match[1], _line(match[2]))
    return AadRefusal("", hide(_line(str(error.message).partition("\n")[0])))


def _messages(error: BaseException | None) -> Iterator[str]:
    """List what an error and those behind it say: MSAL leaves the service's own words to the innermost."""
    while error:
        yield str(error)
        error = error.__cause__ or error.__context__


def _status(error: "ClientAuthenticationError", message: str) -> int:
    """Find the HTTP status behind a failure, which MSAL at times leaves only in words; 0 where there is none."""
    if error.response and error.response.status_code:
        return error.response.status_code
    shown = _STATUS.search(message)
    return int(shown[1]) if shown else 0


def _line(text: str) -> str:
    return " ".join(text.replace("Authentication failed: ", "").split())
