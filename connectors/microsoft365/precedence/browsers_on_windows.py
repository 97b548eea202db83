"""The lists of sites for Edge and Chrome that Intune policies set on a Windows computer, for all its users."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.microsoft365.intune.assignments import targets_of
from connectors.microsoft365.intune.conflicts import IntunePolicy, read_policies
from connectors.microsoft365.intune.setting_keys import definition_key
from connectors.microsoft365.kinds.browser_url_policy import DEFINITIONS, shown_lists
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk import Desired, MachineSetting, texts
from toolkit.values import effective, entries

_KIND = "browser_url_policy"
_SETTINGS: Mapping[str, str] = {definition_key(definition): name for name, definition in DEFINITIONS.items()}


class BrowsersOnWindows:
    """Reads the lists of sites in every policy. Policies that toolkit manages count as they will be after the run."""

    def read(self, via: Microsoft365, desired: Sequence[Desired]) -> Sequence[MachineSetting]:
        """Return each list of sites with the policy that sets it. Raise ServiceError if the lists cannot be read."""
        managed = {resource.address.name.casefold(): resource for resource in desired if resource.address.kind == _KIND}
        adopted = {resource.handling.adopt.casefold() for resource in managed.values() if resource.handling.adopt}
        policies = list(read_policies(via))
        unmanaged = [
            policy
            for policy in policies
            if policy.name.casefold() not in managed.keys() | adopted and targets_of(policy.row)
        ]
        return [
            *(setting for policy in unmanaged for setting in _policy_lists(policy)),
            *self._managed_lists(managed.values(), policies),
        ]

    def _managed_lists(self, managed: Iterable[Desired], policies: Sequence[IntunePolicy]) -> Iterator[MachineSetting]:
        rows_by_name = {policy.name.casefold(): policy.row for policy in policies}
        for resource in managed:
            row = rows_by_name.get((resource.handling.adopt or resource.address.name).casefold(), {})
            current = shown_lists(row)
            for name in DEFINITIONS:
                entries_before = tuple(texts(current.get(name)))
                entries_after = (
                    entries(effective(resource.settings[name], entries_before))
                    if name in resource.settings
                    else entries_before
                )
                if entries_after:
                    yield MachineSetting(name, resource.address.name, entries_after)


def _policy_lists(policy: IntunePolicy) -> Iterator[MachineSetting]:
    """Yield the lists of sites in a policy. If a list has an unknown form, its entries are unknown."""
    lists = shown_lists(policy.row)
    for key in policy.keys:
        if name := _SETTINGS.get(key):
            yield MachineSetting(name, policy.name, tuple(texts(lists[name])) or None)


MACHINE = BrowsersOnWindows()
