"""What Vault says of each account that joins or leaves a hold, inside an answer that is good.

Codes are google.rpc.Code, as in
https://developers.google.com/workspace/vault/reference/rest/v1/matters.holds/addHeldAccounts
"""

from collections.abc import Iterable, Mapping

from connectors.google_workspace.api import Call
from connectors.google_workspace.api.answers import rows_of
from toolkit.errors import BadAnswer, NotFound, Refused, Rejected, ServiceError, Throttled, Unavailable
from toolkit.values import Body, Json

_NOT_FOUND, _EXISTS = 5, 6
_ERRORS: Mapping[int, type[ServiceError]] = {
    1: Unavailable,
    4: Unavailable,
    _NOT_FOUND: NotFound,
    7: Refused,
    8: Throttled,
    10: Unavailable,
    13: Unavailable,
    14: Unavailable,
}


def added(call: Call, answer: Body, *, of: int) -> Body:
    """Give the answer where every account is on the hold now, was it before or not; raises what stands in the way."""
    _check(call, [one.get("status") for one in rows_of(call, answer, "responses")], of=of, well=_EXISTS)
    return answer


def removed(call: Call, answer: Body, *, of: int) -> Body:
    """Give the answer where every account is off the hold now; raises what stands in the way."""
    _check(call, rows_of(call, answer, "statuses"), of=of, well=_NOT_FOUND)
    return answer


def _check(call: Call, statuses: Iterable[Json], *, of: int, well: int) -> None:
    read = [status if isinstance(status, Mapping) else {} for status in statuses]
    if len(read) != of:
        raise BadAnswer(f"{call}: the answer tells of {len(read)} accounts where {of} were sent")
    for status in read:
        code = status.get("code") or 0
        if code not in (0, well):
            kind = _ERRORS.get(code, Rejected) if isinstance(code, int) else Rejected
            raise kind(f"{call}: {status.get('message') or 'no reason given'}")
