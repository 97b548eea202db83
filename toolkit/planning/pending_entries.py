"""Leaves in lists that controls share what one of them put there that waits for a decision now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from toolkit.planning.contribution import Contribution
from toolkit.planning.expand_control import Trade
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.resource import Address, Desired, Handling, Mode, Observed
from toolkit.sdk.spec import Join, Spec
from toolkit.values import AtLeast, Value, entries, unique


def only_waiting(playbooks: Playbooks) -> Playbooks:
    """Give playbooks that ask for what waits, as it stands, and for nothing else."""
    waiting = [
        replace(one, controls=tuple(control.entry for control in one.waiting if control.entry), resources=())
        for one in playbooks.playbooks
    ]
    return replace(playbooks, playbooks=tuple(waiting), departures=())


def sparing(wanted: Sequence[Desired], later: Sequence[Contribution], trades: Mapping[str, Trade]) -> list[Desired]:
    """Note on what is wanted which entries of its lists may be there through a control that waits.

    What the waiting control says about an object of others' that does the same job counts for all who ask for it.
    """
    by_address: dict[Address, list[Contribution]] = {}
    for one in later:
        if one.mode is not Mode.OFF and not one.withdrawn and one.address.provider in trades:
            by_address.setdefault(one.address, []).append(one)
    return [_sparing(one, by_address.get(one.address, ()), trades) for one in wanted]


def _sparing(desired: Desired, later: Sequence[Contribution], trades: Mapping[str, Trade]) -> Desired:
    if not later:
        return desired
    table = trades[desired.address.provider].kinds[desired.address.kind].spec.table()
    lists: dict[str, frozenset[str]] = {}
    for path, value in ((path, value) for one in later for path, value in one.written.items()):
        if table[path].join is Join.UNION:
            lists[path] = lists.get(path, frozenset()) | {*entries(table[path].form.read(value))}
    said = [one.handling for one in later if one.handling != Handling()]
    handling = said[0] if said and desired.handling == Handling() else desired.handling
    return replace(desired, spared={**desired.spared, **lists}, handling=handling)


def as_spared(desired: Desired, observed: Observed, spec: type[Spec]) -> Desired:
    """Want what is spared and there besides: it is neither added nor taken out."""
    kept: dict[str, Value] = {}
    for path, may_stay in desired.spared.items():
        wanted = desired.settings.get(path)
        there = may_stay.intersection(entries(observed.settings.get(path))).difference(entries(wanted))
        if path not in desired.settings or not there:
            continue
        items = unique((*entries(wanted), *there))
        open_ended = isinstance(wanted, AtLeast) or spec.table()[path].at_least
        lacking = wanted.lacking if isinstance(wanted, AtLeast) else ()
        kept[path] = AtLeast(items, unique({*lacking} - there)) if open_ended else items
    return replace(desired, settings={**desired.settings, **kept}) if kept else desired
