"""The accounts of a hold: one by one, or several with an answer for each.

A refusal among several is a google.rpc.Status of its own, and the others are done all the same.
"""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.values import text, texts
from connectors.emulator.google_workspace.vault.holds import accounts_of, in_hold, keep, with_accounts
from connectors.emulator.google_workspace.vault.queries import held_account
from connectors.emulator.wire import Body, Json

_CODES: Mapping[int, int] = {400: 3, 404: 5, 409: 6}  # of google.rpc.Code, by HTTP status


def _list(asked: MethodCall, hold: Body) -> Body:
    del asked
    accounts = accounts_of(hold)
    return {"accounts": accounts} if accounts else {}


def _create(asked: MethodCall, hold: Body) -> Body:
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


def _delete(asked: MethodCall, hold: Body) -> Body:
    keep(asked, _without(hold, asked.text("accountId")))
    return {}


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
    "vault.matters.holds.accounts.list": in_hold(_list),
    "vault.matters.holds.accounts.create": in_hold(_create),
    "vault.matters.holds.accounts.delete": in_hold(_delete),
    "vault.matters.holds.addHeldAccounts": in_hold(_add_several),
    "vault.matters.holds.removeHeldAccounts": in_hold(_remove_several),
}
