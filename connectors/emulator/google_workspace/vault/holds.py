"""Holds of a matter: create, get, list, update and delete.

A hold covers accounts or the people of a unit, and stays what it began as: what an update brings of the other sort is
ignored (developers.google.com/workspace/vault/guides/holds). An update takes service and query whole, and a hold on a
unit has to name its unit again.
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
from connectors.emulator.google_workspace.vault.matters import Privilege, check_open, in_matter
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
    """Read the service of a hold; raises ApiError where the body names none."""
    corpus = text(body.get("corpus"))
    if corpus not in _QUERIES:
        raise errors.invalid_argument("Hold corpus is required.")
    return corpus


def read_query(body: Body, corpus: str) -> Body:
    """Read the query of a hold as it is kept; raises ApiError for one of another service."""
    name, given = _QUERIES[corpus], mapping(body.get("query"))
    if any(value is not None and key != name for key, value in given.items()):
        raise errors.invalid_argument(f"The query of a hold on {corpus} can only be {name or 'empty'}.")
    return {name: _rounded(mapping(given.get(name)))} if name else {}


def _rounded(query: Body) -> Body:
    """Take the dates of a query to the midnight that begins their day, in GMT."""
    set_ = {name: value for name, value in query.items() if value not in (None, "")}
    dates: dict[str, Json] = {name: _midnight(text(set_[name])) for name in _DATES if name in set_}
    return {**set_, **dates}


def _midnight(written: str) -> str:
    try:
        instant = datetime.fromisoformat(written)
    except ValueError as bad:
        raise errors.invalid_argument(f"Invalid time: {written}") from bad
    if instant.tzinfo is None:
        raise errors.invalid_argument(f"Invalid time, it has no zone: {written}")
    return f"{instant.astimezone(UTC):%Y-%m-%d}T00:00:00Z"


def held_account(asked: MethodCall, corpus: str, written: Body) -> Body:
    """Make what a hold stores of an account from its address or its id; raises ApiError for an unknown account."""
    address, key = text(written.get("email")), text(written.get("accountId"))
    find = people.find_group if corpus == GROUPS else people.find_user
    # An id has no @; what looks like an address in its place is nobody's.
    found = find(asked.store, asked.tenant_id, address or key.partition("@")[0])
    if found is None:
        raise errors.invalid_argument(f"There is no account {address or key}.")
    name = mapping(found.get("name")) if corpus != GROUPS else {}
    names: dict[str, Json] = {"firstName": name.get("givenName"), "lastName": name.get("familyName")}
    return {
        "accountId": found["id"],
        "email": found["email"] if corpus == GROUPS else found["primaryEmail"],
        **{one: value for one, value in names.items() if value},
        "holdTime": clock.text(asked.now),
    }


_LONGEST_PAGE = 100
_COVERED = ("accounts", "orgUnit")

InHold: TypeAlias = Callable[[MethodCall, Body], Body]


def in_hold(handler: InHold) -> Handler:
    """Answer about a hold of an open matter that the caller sees."""

    def answer(asked: MethodCall, matter: Body) -> Body:
        check_open(matter)
        hold = asked.collection(HOLDS).get(_key(asked, asked.text("holdId")))
        if hold is None:
            raise errors.not_found()
        return handler(asked, hold)

    return in_matter(Privilege.MANAGE_HOLDS, answer)


def accounts_of(hold: Body) -> list[Body]:
    """List the accounts that a hold names."""
    return [mapping(one) for one in sequence(hold.get("accounts"))]


def with_accounts(hold: Body, accounts: Sequence[Body]) -> dict[str, Json]:
    """Make a hold that names other accounts; one that names none leaves them out."""
    kept = {name: value for name, value in hold.items() if name != "accounts"}
    return {**kept, **({"accounts": list(accounts)} if accounts else {})}


def keep(asked: MethodCall, hold: Body) -> Body:
    """Store a hold with the time of the change, and show it whole."""
    changed: Body = {**hold, "updateTime": clock.text(asked.now)}
    asked.collection(HOLDS).put(_key(asked, text(hold["holdId"])), changed)
    return changed


def _key(asked: MethodCall, hold_id: str) -> str:
    return f"{asked.text('matterId')}/{hold_id}"


def _create(asked: MethodCall, matter: Body) -> Body:
    """Make a hold; nothing keeps two from having one name."""
    check_open(matter)
    name, corpus = text(asked.body.get("name")), read_corpus(asked.body)
    unit, accounts = mapping(asked.body.get("orgUnit")), accounts_of(asked.body)
    if not name:
        raise errors.invalid_argument("Hold name is required.")
    if unit and (accounts or corpus == GROUPS):
        raise errors.invalid_argument("A hold covers accounts or an organizational unit, and a Groups hold accounts.")
    hold: Body = {
        "holdId": uuid4().hex[:13],
        "name": name,
        "corpus": corpus,
        "query": read_query(asked.body, corpus),
        **({"orgUnit": _unit(asked, unit)} if unit else {}),
    }
    return keep(asked, with_accounts(hold, _named(asked, hold)))


def _unit(asked: MethodCall, written: Body) -> Body:
    key = text(written.get("orgUnitId")).removeprefix(UNIT_PREFIX)
    if not key or asked.collection(ORG_UNITS).get(key) is None:
        raise errors.invalid_argument(f"There is no organizational unit {written.get('orgUnitId')}.")
    return {"orgUnitId": UNIT_PREFIX + key, "holdTime": clock.text(asked.now)}


def _named(asked: MethodCall, before: Body) -> list[Body]:
    """Read the accounts of a body, each once; those that the hold had already keep the time they were put on it."""
    known = {text(one["accountId"]): one for one in accounts_of(before)}
    corpus = text(before["corpus"])
    found = [held_account(asked, corpus, one) for one in accounts_of(asked.body)]
    return list({text(one["accountId"]): known.get(text(one["accountId"]), one) for one in found}.values())


def _shown(asked: MethodCall, hold: Body) -> Body:
    """Show a hold; whom it covers is left out for those alone who ask for the basic view."""
    if asked.text("view") == "BASIC_HOLD":
        return {name: value for name, value in hold.items() if name not in _COVERED}
    return hold


def _list(asked: MethodCall, matter: Body) -> Body:
    check_open(matter)
    size = asked.number("pageSize", _LONGEST_PAGE)
    if not 0 < size <= _LONGEST_PAGE:
        raise errors.invalid_argument("page_size must be between 0 and 100.")
    rows = list(asked.collection(HOLDS).below(text(matter["matterId"])).values())
    page = read_page(asked.parameters, size)
    shown: list[Json] = [_shown(asked, one) for one in page_of(rows, page)]
    return {**({"holds": shown} if shown else {}), **page.next_token(len(rows))}


def _update(asked: MethodCall, hold: Body) -> Body:
    if read_corpus(asked.body) != hold["corpus"]:
        raise errors.invalid_argument("The corpus of a hold cannot be changed.")
    if "query" not in asked.body:
        raise errors.invalid_argument("Hold query is required.")
    name = text(asked.body.get("name")) or hold["name"]
    changed: Body = {**hold, "name": name, "query": read_query(asked.body, text(hold["corpus"]))}
    if "orgUnit" in hold:
        return keep(asked, {**changed, "orgUnit": _changed_unit(asked, mapping(hold["orgUnit"]))})
    return keep(asked, with_accounts(changed, _named(asked, hold)) if "accounts" in asked.body else changed)


def _changed_unit(asked: MethodCall, before: Body) -> Body:
    written = mapping(asked.body.get("orgUnit"))
    if not written:
        raise errors.invalid_argument("The organizational unit of the hold is required, also where it stays.")
    unit = _unit(asked, written)
    return before if unit["orgUnitId"] == before["orgUnitId"] else unit


def _delete(asked: MethodCall, hold: Body) -> Body:
    asked.collection(HOLDS).delete(_key(asked, text(hold["holdId"])))
    return {}


_CODES: Mapping[int, int] = {400: 3, 404: 5, 409: 6}  # of google.rpc.Code, by HTTP status


def _create_account(asked: MethodCall, hold: Body) -> Body:
    account = _added(asked, hold, asked.body)
    keep(asked, with_accounts(hold, [*accounts_of(hold), account]))
    return account


def _added(asked: MethodCall, hold: Body, written: Body) -> Body:
    """Make the account that joins a hold; raises ApiError where it cannot, or is there already."""
    if "orgUnit" in hold:
        raise errors.failed_precondition("Accounts cannot be added to a hold on an organizational unit.")
    account = held_account(asked, text(hold["corpus"]), written)
    if any(one["accountId"] == account["accountId"] for one in accounts_of(hold)):
        raise errors.duplicate(f"Account {account['email']} is on this hold already.")
    return account


def _without(hold: Body, key: str) -> Body:
    left = [one for one in accounts_of(hold) if one["accountId"] != key]
    if len(left) == len(accounts_of(hold)):
        raise errors.not_found(f"Account {key} is not on this hold.")
    return with_accounts(hold, left)


def _add_several(asked: MethodCall, hold: Body) -> Body:
    addresses, keys = texts(asked.body.get("emails")), texts(asked.body.get("accountIds"))
    if bool(addresses) == bool(keys):
        raise errors.invalid_argument("Either emails or account_ids are required, and not both.")
    wanted: list[Body] = [*({"email": one} for one in addresses), *({"accountId": one} for one in keys)]
    results: list[Json] = []
    for written in wanted:
        try:
            account = _added(asked, hold, written)
        except errors.ApiError as refused:
            results.append({"status": _status(refused)})
        else:
            hold = with_accounts(hold, [*accounts_of(hold), account])
            results.append({"account": account, "status": {}})
    keep(asked, hold)
    return {"responses": results}


def _remove_several(asked: MethodCall, hold: Body) -> Body:
    statuses: list[Json] = []
    for key in texts(asked.body.get("accountIds")):
        try:
            hold = _without(hold, key)
        except errors.ApiError as refused:
            statuses.append(_status(refused))
        else:
            statuses.append({})
    keep(asked, hold)
    return {"statuses": statuses}


def _status(refused: errors.ApiError) -> Body:
    code = 9 if refused.reason == "failedPrecondition" else _CODES[refused.status]
    return {"code": code, "message": refused.message}


HANDLERS: Mapping[str, Handler] = {
    "vault.matters.holds.create": in_matter(Privilege.MANAGE_HOLDS, _create),
    "vault.matters.holds.list": in_matter(Privilege.MANAGE_HOLDS, _list),
    "vault.matters.holds.get": in_hold(_shown),
    "vault.matters.holds.update": in_hold(_update),
    "vault.matters.holds.delete": in_hold(_delete),
    "vault.matters.holds.accounts.create": in_hold(_create_account),
    "vault.matters.holds.addHeldAccounts": in_hold(_add_several),
    "vault.matters.holds.removeHeldAccounts": in_hold(_remove_several),
}
