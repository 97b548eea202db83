"""Holds of a matter: create, get, list, update and delete. A hold covers either accounts or the people of a unit.

An update that would switch between the two is ignored (developers.google.com/workspace/vault/guides/holds). An update
replaces the service and the query, and must repeat the unit of a hold on a unit.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import uuid4

from connectors.emulator import clock
from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.people import HOLDS, ORG_UNITS, UNIT_PREFIX
from connectors.emulator.google_workspace.values import mapping, sequence, text, texts
from connectors.emulator.google_workspace.vault.matters import Privilege, check_open, require_matter
from connectors.emulator.store import Body, Json

GROUPS = "GROUPS"  # the one corpus whose accounts are groups, and which takes no unit
_QUERIES: Mapping[str, str] = {
    "MAIL": "mailQuery",
    "DRIVE": "driveQuery",
    GROUPS: "groupsQuery",
    "HANGOUTS_CHAT": "hangoutsChatQuery",
    "VOICE": "voiceQuery",
    "CALENDAR": "calendarQuery",
    "GEMINI": "geminiQuery",
    "GEMINI_IN_WORKSPACE": "",  # there is nothing to narrow it by
}
_DATES = ("startTime", "endTime")


def read_corpus(body: Body) -> str:
    """Return the service that a hold covers. Raise ApiError if the body does not name one."""
    corpus = text(body.get("corpus"))
    if corpus not in _QUERIES:
        raise errors.invalid_argument("Hold corpus is required.")
    return corpus


def read_query(body: Body, corpus: str) -> Body:
    """Return the query of a hold in the stored form. Raise ApiError if the query is for another service."""
    name, given = _QUERIES[corpus], mapping(body.get("query"))
    if any(value is not None and key != name for key, value in given.items()):
        raise errors.invalid_argument(f"The query of a hold on {corpus} can only be {name or 'empty'}.")
    return {name: _round_dates(mapping(given.get(name)))} if name else {}


def _round_dates(query: Body) -> Body:
    """Return a query with its dates rounded down to midnight GMT."""
    set_ = {name: value for name, value in query.items() if value not in (None, "")}
    dates: dict[str, Json] = {name: _round_to_midnight(text(set_[name])) for name in _DATES if name in set_}
    return {**set_, **dates}


def _round_to_midnight(raw: str) -> str:
    try:
        instant = datetime.fromisoformat(raw)
    except ValueError as bad:
        raise errors.invalid_argument(f"Invalid time: {raw}") from bad
    if instant.tzinfo is None:
        raise errors.invalid_argument(f"Invalid time, it has no zone: {raw}")
    return f"{instant.astimezone(UTC):%Y-%m-%d}T00:00:00Z"


def held_account(call: MethodCall, corpus: str, raw: Body) -> Body:
    """Return the account with an address or an id, in the form in which holds store it.

    Raise ApiError if it is unknown.
    """
    address, key = text(raw.get("email")), text(raw.get("accountId"))
    find = people.find_group if corpus == GROUPS else people.find_user
    # An id has no @, so an address in its place is not found.
    account = find(call.store, call.tenant_id, address or key.partition("@")[0])
    if account is None:
        raise errors.invalid_argument(f"Account {address or key} does not exist.")
    name = mapping(account.get("name")) if corpus != GROUPS else {}
    names: dict[str, Json] = {"firstName": name.get("givenName"), "lastName": name.get("familyName")}
    return {
        "accountId": account["id"],
        "email": account["email"] if corpus == GROUPS else account["primaryEmail"],
        **{field: value for field, value in names.items() if value},
        "holdTime": clock.text(call.now),
    }


_LONGEST_PAGE = 100
_COVERED = ("accounts", "orgUnit")

InHold: TypeAlias = Callable[[MethodCall, Body], Body]


def require_hold(handler: InHold) -> Handler:
    """Return a handler that runs only for a hold in an open matter that the caller can see."""

    def answer(call: MethodCall, matter: Body) -> Body:
        check_open(matter)
        hold = call.collection(HOLDS).get(_hold_key(call, call.text("holdId")))
        if hold is None:
            raise errors.not_found()
        return handler(call, hold)

    return require_matter(Privilege.MANAGE_HOLDS, answer)


def accounts_of(hold: Body) -> list[Body]:
    """Return the accounts on a hold."""
    return [mapping(account) for account in sequence(hold.get("accounts"))]


def with_accounts(hold: Body, accounts: Sequence[Body]) -> dict[str, Json]:
    """Return a hold with other accounts. If there are none, the property is left out."""
    kept = {name: value for name, value in hold.items() if name != "accounts"}
    return {**kept, **({"accounts": list(accounts)} if accounts else {})}


def store_hold(call: MethodCall, hold: Body) -> Body:
    """Store a hold with the time of the change, and return the complete hold."""
    changed: Body = {**hold, "updateTime": clock.text(call.now)}
    call.collection(HOLDS).put(_hold_key(call, text(hold["holdId"])), changed)
    return changed


def _hold_key(call: MethodCall, hold_id: str) -> str:
    return f"{call.text('matterId')}/{hold_id}"


def _create_hold(call: MethodCall, matter: Body) -> Body:
    """Create a hold. Several holds may have the same name."""
    check_open(matter)
    name, corpus = text(call.body.get("name")), read_corpus(call.body)
    unit, accounts = mapping(call.body.get("orgUnit")), accounts_of(call.body)
    if not name:
        raise errors.invalid_argument("Hold name is required.")
    if unit and (accounts or corpus == GROUPS):
        raise errors.invalid_argument("A hold covers accounts or an organizational unit, and a Groups hold accounts.")
    hold: Body = {
        "holdId": uuid4().hex[:13],
        "name": name,
        "corpus": corpus,
        "query": read_query(call.body, corpus),
        **({"orgUnit": _read_unit(call, unit)} if unit else {}),
    }
    return store_hold(call, with_accounts(hold, _read_accounts(call, hold)))


def _read_unit(call: MethodCall, raw: Body) -> Body:
    key = text(raw.get("orgUnitId")).removeprefix(UNIT_PREFIX)
    if not key or call.collection(ORG_UNITS).get(key) is None:
        raise errors.invalid_argument(f"Organizational unit {raw.get('orgUnitId')} does not exist.")
    return {"orgUnitId": UNIT_PREFIX + key, "holdTime": clock.text(call.now)}


def _read_accounts(call: MethodCall, before: Body) -> list[Body]:
    """Return the accounts in a request body without duplicates.

    An account that was on the hold already keeps the time of its hold.
    """
    accounts_before = {text(account["accountId"]): account for account in accounts_of(before)}
    corpus = text(before["corpus"])
    accounts = [held_account(call, corpus, account) for account in accounts_of(call.body)]
    return list(
        {
            text(account["accountId"]): accounts_before.get(text(account["accountId"]), account) for account in accounts
        }.values()
    )


def _project_hold(call: MethodCall, hold: Body) -> Body:
    """Return a hold in the requested view. The basic view leaves out the accounts and the unit."""
    if call.text("view") == "BASIC_HOLD":
        return {name: value for name, value in hold.items() if name not in _COVERED}
    return hold


def _list_holds(call: MethodCall, matter: Body) -> Body:
    check_open(matter)
    size = call.number("pageSize", _LONGEST_PAGE)
    if not 0 < size <= _LONGEST_PAGE:
        raise errors.invalid_argument("page_size must be between 0 and 100.")
    rows = list(call.collection(HOLDS).with_prefix(text(matter["matterId"])).values())
    page = read_page(call.parameters, size)
    shown: list[Json] = [_project_hold(call, hold) for hold in page_of(rows, page)]
    return {**({"holds": shown} if shown else {}), **page.next_token(len(rows))}


def _update_hold(call: MethodCall, hold: Body) -> Body:
    if read_corpus(call.body) != hold["corpus"]:
        raise errors.invalid_argument("The corpus of a hold cannot be changed.")
    if "query" not in call.body:
        raise errors.invalid_argument("Hold query is required.")
    name = text(call.body.get("name")) or hold["name"]
    changed: Body = {**hold, "name": name, "query": read_query(call.body, text(hold["corpus"]))}
    if "orgUnit" in hold:
        return store_hold(call, {**changed, "orgUnit": _read_changed_unit(call, mapping(hold["orgUnit"]))})
    return store_hold(call, with_accounts(changed, _read_accounts(call, hold)) if "accounts" in call.body else changed)


def _read_changed_unit(call: MethodCall, before: Body) -> Body:
    written = mapping(call.body.get("orgUnit"))
    if not written:
        raise errors.invalid_argument("The organizational unit of the hold is required, also if it does not change.")
    unit = _read_unit(call, written)
    return before if unit["orgUnitId"] == before["orgUnitId"] else unit


def _delete_hold(call: MethodCall, hold: Body) -> Body:
    call.collection(HOLDS).delete(_hold_key(call, text(hold["holdId"])))
    return {}


_CODES: Mapping[int, int] = {400: 3, 404: 5, 409: 6}  # of google.rpc.Code, by HTTP status


def _add_account(call: MethodCall, hold: Body) -> Body:
    account = _new_account(call, hold, call.body)
    store_hold(call, with_accounts(hold, [*accounts_of(hold), account]))
    return account


def _new_account(call: MethodCall, hold: Body, raw: Body) -> Body:
    """Return the account that is added to a hold.

    Raise ApiError if the account cannot be held or is on the hold already.
    """
    if "orgUnit" in hold:
        raise errors.failed_precondition("Accounts cannot be added to a hold on an organizational unit.")
    account = held_account(call, text(hold["corpus"]), raw)
    if any(other["accountId"] == account["accountId"] for other in accounts_of(hold)):
        raise errors.duplicate(f"Account {account['email']} is on this hold already.")
    return account


def _without_account(hold: Body, key: str) -> Body:
    left = [account for account in accounts_of(hold) if account["accountId"] != key]
    if len(left) == len(accounts_of(hold)):
        raise errors.not_found(f"Account {key} is not on this hold.")
    return with_accounts(hold, left)


def _add_accounts(call: MethodCall, hold: Body) -> Body:
    addresses, keys = texts(call.body.get("emails")), texts(call.body.get("accountIds"))
    if bool(addresses) == bool(keys):
        raise errors.invalid_argument("Either emails or account_ids are required, and not both.")
    entries: list[Body] = [*({"email": address} for address in addresses), *({"accountId": key} for key in keys)]
    results: list[Json] = []
    for written in entries:
        try:
            account = _new_account(call, hold, written)
        except errors.ApiError as refused:
            results.append({"status": _error_status(refused)})
        else:
            hold = with_accounts(hold, [*accounts_of(hold), account])
            results.append({"account": account, "status": {}})
    store_hold(call, hold)
    return {"responses": results}


def _remove_accounts(call: MethodCall, hold: Body) -> Body:
    statuses: list[Json] = []
    for key in texts(call.body.get("accountIds")):
        try:
            hold = _without_account(hold, key)
        except errors.ApiError as refused:
            statuses.append(_error_status(refused))
        else:
            statuses.append({})
    store_hold(call, hold)
    return {"statuses": statuses}


def _error_status(refused: errors.ApiError) -> Body:
    code = 9 if refused.reason == "failedPrecondition" else _CODES[refused.status]
    return {"code": code, "message": refused.message}


HANDLERS: Mapping[str, Handler] = {
    "vault.matters.holds.create": require_matter(Privilege.MANAGE_HOLDS, _create_hold),
    "vault.matters.holds.list": require_matter(Privilege.MANAGE_HOLDS, _list_holds),
    "vault.matters.holds.get": require_hold(_project_hold),
    "vault.matters.holds.update": require_hold(_update_hold),
    "vault.matters.holds.delete": require_hold(_delete_hold),
    "vault.matters.holds.accounts.create": require_hold(_add_account),
    "vault.matters.holds.addHeldAccounts": require_hold(_add_accounts),
    "vault.matters.holds.removeHeldAccounts": require_hold(_remove_accounts),
}
