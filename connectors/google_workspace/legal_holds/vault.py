"""The matters and holds of Google Vault. Lists are read completely, and every result in a response is checked.

Follows https://developers.google.com/workspace/vault/reference/rest/v1/matters and
https://developers.google.com/workspace/vault/reference/rest/v1/matters.holds
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from connectors.google_workspace.api.answers import to_rows
from connectors.google_workspace.api.calls import Api, Call
from toolkit.errors import BadAnswer, NotFound, Refused, Rejected, ServiceError, Throttled, Unavailable, answered
from toolkit.records import dataclass
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


def check_added(call: Call, answer: Body, *, of: int) -> Body:
    """Return the response if all accounts are on the hold now. Otherwise raise the error."""
    _check_statuses(
        call,
        [account_result.get("status") for account_result in to_rows(call, answer, "responses")],
        of=of,
        succeeded=_EXISTS,
    )
    return answer


def check_removed(call: Call, answer: Body, *, of: int) -> Body:
    """Return the response if no account is on the hold any longer. Otherwise raise the error."""
    _check_statuses(call, to_rows(call, answer, "statuses"), of=of, succeeded=_NOT_FOUND)
    return answer


def _check_statuses(call: Call, statuses: Iterable[Json], *, of: int, succeeded: int) -> None:
    results = [status if isinstance(status, Mapping) else {} for status in statuses]
    if len(results) != of:
        raise BadAnswer(f"{call}: the response has {len(results)} results for {of} accounts")
    for status in results:
        code = status.get("code") or 0
        if code not in (0, succeeded):
            kind = _ERRORS.get(code, Rejected) if isinstance(code, int) else Rejected
            raise kind(f"{call}: {status.get('message') or 'no reason given'}")


_SETTLES = 10.0  # seconds until lists show a new object; Google does not publish a figure
_HOLD = "holdId,name,corpus,query,orgUnit(orgUnitId),accounts(accountId)"  # no person's name
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter in Vault."""

    id: str
    description: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold in Vault.

    `accounts` are ids of accounts, or of groups if the corpus is GROUPS. A hold on a `unit` has none.
    """

    matter: str
    id: str
    name: str
    corpus: str
    query: Body
    accounts: frozenset[str]
    unit: str | None


class Vault:
    """The client for the tenant's Vault, as the administrator sees it.

    Every method raises the exceptions of toolkit.errors.
    """

    def __init__(self, api: Api) -> None:
        self._api = api

    @property
    def api(self) -> Api:
        """Return the client of Vault's API, which searches use too."""
        return self._api

    def check_case_access(self) -> None:
        """Read one matter, to check that the administrator may use Vault. Raise the error of the request if not."""
        self._api.read(_make_call("matters.list", {"state": "OPEN", "view": "BASIC", "pageSize": 1}))

    def matters(self, state: str = "OPEN") -> Sequence[Matter]:
        """Return the matters in a state that the administrator can see. STATE_UNSPECIFIED means every state."""
        call = _make_call("matters.list", {"state": state, "view": "BASIC", "pageSize": _PAGE})
        return [_to_matter(call, row) for row in self._api.pages(call, "matters")]

    def holds(self, matters: Sequence[str]) -> Sequence[Hold]:
        """Return the holds of several matters. One request reads 50 matters. Raise an error if a list is incomplete."""
        calls = [_make_holds_call(matter) for matter in matters]
        if len(calls) == 1:
            return [_to_hold(calls[0], row) for row in self._api.pages(calls[0], "holds")]
        return [
            _to_hold(call, row)
            for call, rows in zip(calls, self._api.lists(calls, "holds"), strict=True)
            for row in answered(rows)
        ]

    def read_hold(self, hold: Hold) -> Hold:
        """Return a hold, read again just before it is changed, because holds in Vault have no versions."""
        call = _make_call("matters.holds.get", {**_make_hold_path(hold), "fields": _HOLD})
        return _to_hold(call, self._api.read(call))

    def open_matter(self, name: str, description: str) -> Matter:
        """Open a matter and return it. If an attempt got no response, look for a matter with this description first."""
        call = _make_call("matters.create", body={"name": name, "description": description})

        def find_existing() -> Body | None:
            matters = [matter for matter in self.matters() if description in matter.description]
            return {"matterId": matters[0].id, "description": description} if matters else None

        return _to_matter(call, self._api.create(call, find_existing, settles=_SETTLES))

    def create(self, matter: str, *, name: str, corpus: str, query: Body, accounts: Iterable[str]) -> Hold:
        """Create a hold on accounts and return it.

        If an attempt got no response, look for a hold with this name first.
        """
        body: Body = {"name": name, "corpus": corpus, "query": query, "accounts": _to_account_rows(accounts)}
        call = _make_call("matters.holds.create", {"matterId": matter}, body)

        def find_existing() -> Body | None:
            rows = self._api.pages(_make_holds_call(matter), "holds")
            return next((row for row in rows if (row.get("name"), row.get("corpus")) == (name, corpus)), None)

        return _to_hold(call, self._api.create(call, find_existing, settles=_SETTLES))

    def add(self, hold: Hold, accounts: frozenset[str]) -> Hold:
        """Add accounts to a hold, and return the hold. Accounts that are already on the hold are not affected."""
        body: Body = {"accountIds": sorted(accounts)}
        call = _make_call("matters.holds.addHeldAccounts", _make_hold_path(hold), body)
        self._api.change(call, outcome=lambda answer: check_added(call, answer, of=len(accounts)))
        return replace(hold, accounts=hold.accounts | accounts)

    def widen(self, hold: Hold, query: Body, accounts: frozenset[str]) -> Hold:
        """Replace the query of a hold, and add accounts. The complete hold is sent, so that it loses no account."""
        body: Body = {
            "name": hold.name,
            "corpus": hold.corpus,
            "query": query,
            "accounts": _to_account_rows(hold.accounts | accounts),
        }
        call = _make_call("matters.holds.update", _make_hold_path(hold), body)
        return _to_hold(call, self._api.change(call))

    def remove(self, hold: Hold, account: str) -> None:
        """Remove an account from a hold. Do nothing if the account has been removed already."""
        body: Body = {"accountIds": [account]}
        call = _make_call("matters.holds.removeHeldAccounts", _make_hold_path(hold), body)
        self._api.change(call, outcome=lambda answer: check_removed(call, answer, of=1))

    def delete(self, hold: Hold) -> None:
        """Delete a hold. This releases its accounts."""
        self._api.delete(_make_call("matters.holds.delete", _make_hold_path(hold)))


def _make_call(method: str, parameters: Body | None = None, body: Body | None = None) -> Call:
    return Call(f"vault.{method}", parameters or {}, body)


def _make_holds_call(matter: str) -> Call:
    fields = f"nextPageToken,holds({_HOLD})"
    return _make_call("matters.holds.list", {"matterId": matter, "pageSize": _PAGE, "fields": fields})


def _make_hold_path(hold: Hold) -> Body:
    return {"matterId": hold.matter, "holdId": hold.id}


def _to_account_rows(accounts: Iterable[str]) -> Json:
    return [{"accountId": account} for account in sorted(accounts)]


def _to_matter(call: Call, row: Body) -> Matter:
    match row.get("matterId"):
        case str(key) if key:
            return Matter(key, str(row.get("description") or ""))
        case _:
            raise BadAnswer(f"{call}: the response does not name a matter")


def _to_hold(call: Call, row: Body) -> Hold:
    query, unit = row.get("query"), row.get("orgUnit")
    match row:
        case {"holdId": str(key), "corpus": str(corpus)} if key and corpus:
            return Hold(
                matter=str(call.parameters["matterId"]),
                id=key,
                name=str(row.get("name") or ""),
                corpus=corpus,
                query=query if isinstance(query, dict) else {},
                accounts=frozenset(_read_accounts(call, row)),
                unit=str(unit["orgUnitId"]) if isinstance(unit, dict) and unit.get("orgUnitId") else None,
            )
        case _:
            raise BadAnswer(f"{call}: the response contains a hold without an id or a service")


def _read_accounts(call: Call, row: Body) -> Iterator[str]:
    for account in to_rows(call, row, "accounts"):
        if not account.get("accountId"):
            raise BadAnswer(f"{call}: the response contains a hold on an account without an id")
        yield str(account["accountId"])
