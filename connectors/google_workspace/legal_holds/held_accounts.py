"""All holds of all open matters of Google Vault by account, those of others too, by name or through a unit."""

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
    """Read the holds of every open matter; people and units are read where a hold is on a unit, once in a run."""
    found = _open_holds(vault)
    named: defaultdict[str, list[str]] = defaultdict(list)
    for hold in found:
        for account in hold.accounts:
            named[account].append(_told(hold))
    covered: defaultdict[str, list[str]] = defaultdict(list)
    for account, hold in _covered([one for one in found if one.unit], accounts, units):
        covered[account].append(_told(hold))
    return {
        account: {"holds": unique(named.get(account, ())), UNITS: unique(covered.get(account, ()))}
        for account in sorted({*named, *covered})
    }


def read_on_hold(vault: Vault, accounts: Accounts, units: Units) -> OnHold:
    """Read whom an open matter holds. An account that the directory does not list has no address.

    A hold on a group keeps the messages of the group, and nothing of a person's own.
    """
    holds = [hold for hold in _open_holds(vault) if hold.corpus != _OF_GROUPS]
    covered = (account for account, _ in _covered([hold for hold in holds if hold.unit], accounts, units))
    held = {*covered, *(account for hold in holds for account in hold.accounts)}
    listed = accounts.all() if held else {}
    people = {account.lower(): listed[account].known_as for account in held if account in listed}
    return OnHold(frozenset(account.lower() for account in held), people=people)


def _open_holds(vault: Vault) -> Sequence[Hold]:
    matters = vault.matters()
    return vault.holds([matter.id for matter in matters]) if matters else ()


_OF_GROUPS = CORPORA[Service.GROUPS].name


def _covered(holds: Sequence[Hold], accounts: Accounts, units: Units) -> Iterator[tuple[str, Hold]]:
    """Give each account with each hold that covers the unit it is in now."""
    for hold in holds:
        unit = _unit(hold, units)
        if unit:
            yield from ((key, hold) for key, account in accounts.all().items() if unit.holds(account.unit))


def _unit(hold: Hold, units: Units) -> Unit | None:
    try:
        return units.named(str(hold.unit))
    except NotFound:  # nobody is in a unit that is gone
        return None


def _told(hold: Hold) -> str:
    kept = "whole" if is_whole(hold.corpus, hold.query) else "restricted"
    return f"{hold.matter}/{hold.id}/{hold.corpus}/{kept}"
