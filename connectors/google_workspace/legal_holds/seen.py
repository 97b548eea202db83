"""Everything that Vault holds, by account: told so that it changes only where somebody changed it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from connectors.google_workspace.accounts import Accounts
from connectors.google_workspace.legal_holds.corpora import is_whole
from connectors.google_workspace.legal_holds.vault import Hold, Vault
from connectors.google_workspace.units import Unit, Units
from toolkit.errors import NotFound
from toolkit.values import Settings, unique


def read_seen(vault: Vault, accounts: Accounts, units: Units) -> Mapping[str, Settings]:
    """Read the holds of every open matter; people and units are read where a hold is on a unit, once in a run."""
    matters = vault.matters()
    found = vault.holds([one.id for one in matters]) if matters else ()
    named: defaultdict[str, list[str]] = defaultdict(list)
    for hold in found:
        for account in hold.accounts:
            named[account].append(_told(hold))
    covered: defaultdict[str, list[str]] = defaultdict(list)
    for account, hold in _covered([one for one in found if one.unit], accounts, units):
        covered[account].append(_told(hold))
    return {
        account: {"holds": unique(named.get(account, ())), "units": unique(covered.get(account, ()))}
        for account in sorted({*named, *covered})
    }


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
