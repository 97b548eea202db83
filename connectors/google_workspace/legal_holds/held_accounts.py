"""Finds the accounts that any open matter in Google Vault holds, directly or through a unit.

All matters are included.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from connectors.google_workspace.accounts import Accounts
from connectors.google_workspace.legal_holds.cases import CORPORA, is_whole
from connectors.google_workspace.legal_holds.vault import Hold, Vault
from connectors.google_workspace.units import Unit, Units
from toolkit.errors import NotFound
from toolkit.sdk import UNITS, OnHold, Service
from toolkit.values import Settings, unique


def read_seen(vault: Vault, accounts: Accounts, units: Units) -> Mapping[str, Settings]:
    """Return the accounts on hold in open matters, each with its holds.

    People and units are read only for holds on units.
    """
    holds = _read_open_holds(vault)
    held_by_name: defaultdict[str, list[str]] = defaultdict(list)
    for hold in holds:
        for account in hold.accounts:
            held_by_name[account].append(_describe_hold(hold))
    held_by_unit: defaultdict[str, list[str]] = defaultdict(list)
    for account, hold in _list_accounts_in_units([unit_hold for unit_hold in holds if unit_hold.unit], accounts, units):
        held_by_unit[account].append(_describe_hold(hold))
    return {
        account: {"holds": unique(held_by_name.get(account, ())), UNITS: unique(held_by_unit.get(account, ()))}
        for account in sorted({*held_by_name, *held_by_unit})
    }


def read_on_hold(vault: Vault, accounts: Accounts, units: Units) -> OnHold:
    """Return whose accounts open matters hold. An account that is not in the directory has no address.

    Holds on groups are left out, because they keep the messages of the group and not a person's data.
    """
    holds = [hold for hold in _read_open_holds(vault) if hold.corpus != _OF_GROUPS]
    in_units = (
        account for account, _ in _list_accounts_in_units([hold for hold in holds if hold.unit], accounts, units)
    )
    held_accounts = {*in_units, *(account for hold in holds for account in hold.accounts)}
    listed = accounts.all() if held_accounts else {}
    people = {account.lower(): listed[account].known_as for account in held_accounts if account in listed}
    return OnHold(frozenset(account.lower() for account in held_accounts), people=people)


def _read_open_holds(vault: Vault) -> Sequence[Hold]:
    matters = vault.matters()
    return vault.holds([matter.id for matter in matters]) if matters else ()


_OF_GROUPS = CORPORA[Service.GROUPS].name


def _list_accounts_in_units(holds: Sequence[Hold], accounts: Accounts, units: Units) -> Iterator[tuple[str, Hold]]:
    """Yield each account id with each hold on the unit in which the account is at present."""
    for hold in holds:
        unit = _find_unit(hold, units)
        if unit:
            yield from ((key, hold) for key, account in accounts.all().items() if unit.holds(account.unit))


def _find_unit(hold: Hold, units: Units) -> Unit | None:
    try:
        return units.unit_by_id(str(hold.unit))
    except NotFound:  # no one is in a unit that no longer exists
        return None


def _describe_hold(hold: Hold) -> str:
    extent = "whole" if is_whole(hold.corpus, hold.query) else "restricted"
    return f"{hold.matter}/{hold.id}/{hold.corpus}/{extent}"
