"""The lists of Edge and Chrome that Intune's policies set on Windows computers for everyone who signs in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.microsoft365.intune.assignments import targets_of
from connectors.microsoft365.intune.conflicts import IntunePolicy, read_policies
from connectors.microsoft365.intune.setting_keys import of_definition
from connectors.microsoft365.kinds.browser_url_policy import DEFINITIONS, shown_lists
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk import Desired, MachineSetting, texts
from toolkit.values import effective, entries

_KIND = "browser_url_policy"
_SETTINGS: Mapping[str, str] = {of_definition(definition): name for name, definition in DEFINITIONS.items()}


class BrowsersOnWindows:
    """Reads what every policy sets, ours as they are going to be."""

    def read(self, via: Microsoft365, wanted: Sequence[Desired]) -> Sequence[MachineSetting]:
        """List what is set, each list with the policy that sets it; ServiceError where that is not known."""
        ours = {one.address.name.casefold(): one for one in wanted if one.address.kind == _KIND}
        adopted = {one.handling.adopt.casefold() for one in ours.values() if one.handling.adopt}
        policies = list(read_policies(via))
        theirs = [one for one in policies if one.name.casefold() not in ours.keys() | adopted and targets_of(one.row)]
        return [*(one for policy in theirs for one in _of_policy(policy)), *self._of_ours(ours.values(), policies)]

    def _of_ours(self, ours: Iterable[Desired], policies: Sequence[IntunePolicy]) -> Iterator[MachineSetting]:
        there = {one.name.casefold(): one.row for one in policies}
        for one in ours:
            row = there.get((one.handling.adopt or one.address.name).casefold(), {})
            now = shown_lists(row)
            for name in DEFINITIONS:
                before = tuple(texts(now.get(name)))
                listed = entries(effective(one.settings[name], before)) if name in one.settings else before
                if listed:
                    yield MachineSetting(name, one.address.name, listed)


def _of_policy(policy: IntunePolicy) -> Iterator[MachineSetting]:
    """Give the lists of a policy; of one that is written in another way its entries are not known."""
    shown = shown_lists(policy.row)
    for key in policy.keys:
        if name := _SETTINGS.get(key):
            yield MachineSetting(name, policy.name, tuple(texts(shown[name])) or None)


MACHINE = BrowsersOnWindows()
