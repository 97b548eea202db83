"""Keep list entries that may belong to someone else: to a waiting control, to an exception, or to another school."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from toolkit.planning.contribution import Contribution
from toolkit.planning.desired.control_request import CloudCatalogue
from toolkit.sdk.resource import ALL_ENTRIES, Address, Desired, Handling, Mode, Observed
from toolkit.sdk.spec import Join, Spec
from toolkit.values import AtLeast, Value, entries, unique


def mark_spared_entries(
    desired: Sequence[Desired], waiting_contributions: Sequence[Contribution], catalogues: Mapping[str, CloudCatalogue]
) -> list[Desired]:
    """Return the desired objects, with a mark on list entries that may belong to a control which waits for a decision.

    If the waiting control has decided about a look-alike, all controls that require the object follow the decision.
    """
    by_address: dict[Address, list[Contribution]] = {}
    for contribution in waiting_contributions:
        if (
            contribution.mode is not Mode.OFF
            and not contribution.withdrawn
            and contribution.address.provider in catalogues
        ):
            by_address.setdefault(contribution.address, []).append(contribution)
    return [_mark_spared_entries_of_object(entry, by_address.get(entry.address, ()), catalogues) for entry in desired]


def _mark_spared_entries_of_object(
    desired: Desired, waiting_contributions: Sequence[Contribution], catalogues: Mapping[str, CloudCatalogue]
) -> Desired:
    if not waiting_contributions:
        return desired
    table = catalogues[desired.address.provider].kinds[desired.address.kind].spec.table()
    lists: dict[str, frozenset[str]] = {}
    for path, value in (
        (path, value) for contribution in waiting_contributions for path, value in contribution.settings.items()
    ):
        if table[path].join is Join.UNION:
            lists[path] = lists.get(path, frozenset()) | {*entries(table[path].form.read(value))}
    decided = [contribution.handling for contribution in waiting_contributions if contribution.handling != Handling()]
    handling = decided[0] if decided and desired.handling == Handling() else desired.handling
    return replace(desired, spared={**desired.spared, **lists}, handling=handling)


def add_spared_entries(desired: Desired, observed: Observed, spec: type[Spec]) -> Desired:
    """Return the desired object with the spared list entries that the tenant already has, so that a run does not
    remove them.

    If other schools share the object, every other setting stays as it is in the tenant.
    """
    if desired.is_shared:
        settings = {
            path: value if path in desired.spared or path not in observed.settings else observed.settings[path]
            for path, value in desired.settings.items()
        }
        desired = replace(desired, settings=settings)
    kept: dict[str, Value] = {}
    for path, may_stay in desired.spared.items():
        desired_value = desired.settings.get(path)
        present = frozenset(entries(observed.settings.get(path)))
        there = (present if ALL_ENTRIES in may_stay else may_stay & present).difference(entries(desired_value))
        if path not in desired.settings or not there:
            continue
        items = unique((*entries(desired_value), *there))
        open_ended = isinstance(desired_value, AtLeast) or spec.table()[path].at_least
        lacking = desired_value.lacking if isinstance(desired_value, AtLeast) else ()
        kept[path] = AtLeast(items, unique({*lacking} - there)) if open_ended else items
    return replace(desired, settings={**desired.settings, **kept}) if kept else desired
