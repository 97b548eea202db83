"""What a write to the Policy API answers with: an operation, which may be undone, or failed inside a good answer.

There is no way to ask for one again: cloudidentity v1 has no operations.get. Codes are google.rpc.Code.
"""

from collections.abc import Mapping

from toolkit.errors import Conflict, NotFound, Refused, Rejected, ServiceError, Throttled, Unavailable
from toolkit.values import Body

_ERRORS: Mapping[int, type[ServiceError]] = {
    4: Unavailable,
    5: NotFound,
    6: Conflict,
    7: Refused,
    8: Throttled,
    13: Unavailable,
    14: Unavailable,
}


def made(operation: Body) -> Body:
    """Give the policy that a create made; nothing where it is still under way."""
    _check(operation)
    response = operation.get("response")
    if operation.get("done") is not True or not isinstance(response, Mapping):
        return {}
    return {name: value for name, value in response.items() if name != "@type"}


def ended(operation: Body) -> Body:
    """Give an operation that has come to its end; Unavailable while it is under way, so that it is sent again."""
    _check(operation)
    if operation.get("done") is not True:
        raise Unavailable("the Policy API has taken the change and not made it yet")
    return operation


def _check(operation: Body) -> None:
    """Raise what stands in a failed operation."""
    error = operation.get("error")
    if isinstance(error, Mapping):
        code = error.get("code")
        kind = _ERRORS.get(code, Rejected) if isinstance(code, int) else Rejected
        raise kind(f"the Policy API answers with a failed operation: {error.get('message') or 'no reason given'}")
