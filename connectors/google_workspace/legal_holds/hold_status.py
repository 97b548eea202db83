"""The status of a person's holds in a case, and everything that Vault holds, by account."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.google_workspace.accounts import Accounts
from connectors.google_workspace.groups import Groups
from connectors.google_workspace.legal_holds.cases import CORPORA, Case, is_whole
from connectors.google_workspace.legal_holds.vault import Hold, Vault
from connectors.google_workspace.units import Unit, Units
from toolkit.errors import NotFound
from toolkit.sdk.directory import Person
from toolkit.sdk.legal_holds import UNITS, HoldStatus, Service, ServiceHold
from toolkit.values import Settings, unique


def standing(case: Case, person: Person, service: Service, groups: Groups | None) -> ServiceHold:
    """Say how one hold stands; `groups` are those that the person is in, None where there is no such account."""
    if service is Service.GROUPS:
        return _of_groups(case.ours(service, person), person, groups)
    found = [one for one in case.on(service) if person.id in one.accounts]
    if any(is_whole(one.corpus, one.query) for one in found):
        return ServiceHold(service, HoldStatus.CONFIRMED)
    if found:
        return ServiceHold(service, HoldStatus.WEAKER, _bounds(service, found))
    return no_account(person, service) if groups is None else ServiceHold(service, HoldStatus.ABSENT)


def no_account(person: Person, service: Service) -> ServiceHold:
    """Say that there is nothing to hold, since there is no account."""
    return ServiceHold(service, HoldStatus.UNAVAILABLE, f"Google knows no account {person.address}")


def no_groups(person: Person) -> ServiceHold:
    """Say that there is nothing to hold, since messages of groups are held by the group."""
    return ServiceHold(Service.GROUPS, HoldStatus.UNAVAILABLE, f"{person.address} is in no group of the school")


def _of_groups(ours: Sequence[Hold], person: Person, groups: Groups | None) -> ServiceHold:
    kept = {key for one in ours if is_whole(one.corpus, one.query) for key in one.accounts}
    bounded = [one for one in ours if one.accounts and not is_whole(one.corpus, one.query)]
    missing = sorted(address for key, address in (groups or {}).items() if key not in kept)
    if bounded and (missing or not kept):
        return ServiceHold(Service.GROUPS, HoldStatus.WEAKER, _bounds(Service.GROUPS, bounded))
    if kept and missing:
        return ServiceHold(Service.GROUPS, HoldStatus.WEAKER, f"not kept, since joined after: {', '.join(missing)}")
    if kept:
        return ServiceHold(Service.GROUPS, HoldStatus.CONFIRMED)
    if groups is None:
        return no_account(person, Service.GROUPS)
    return ServiceHold(Service.GROUPS, HoldStatus.ABSENT) if groups else no_groups(person)


def _bounds(service: Service, holds: Iterable[Hold]) -> str:
    words = (bound for hold in holds for bound in CORPORA[service].bounds(hold.query))
    return "; ".join(dict.fromkeys(words))


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
        account: {"holds": unique(named.get(account, ())), UNITS: unique(covered.get(account, ()))}
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
