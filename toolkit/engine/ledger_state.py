"""What the ledger remembers for a run: asked before anything is read of a tenant."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.engine.extension import Extension
from toolkit.engine.group_ids import Bound
from toolkit.ledger.entries import Piloted
from toolkit.ledger.memory import Unfinished
from toolkit.planning.applied_change import Deed
from toolkit.planning.change import Change
from toolkit.planning.flapping import Act
from toolkit.planning.ownership import Known, Own
from toolkit.sdk.address import Address
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind

Added = Callable[[Collection[str]], Mapping[Address, Mapping[str, frozenset[str]]]]
"""Gives, for some kinds, the entries of lists that are there through us, by object and setting."""


def _nothing_added(_kinds: Collection[str]) -> Mapping[Address, Mapping[str, frozenset[str]]]:
    return {}


Deeds = Callable[[Collection[Address]], Sequence[Deed]]
"""Gives what was done to some objects, the first first."""


def _no_deeds(_addresses: Collection[Address]) -> Sequence[Deed]:
    return ()


Acts = Callable[[Collection[Address]], Mapping[Address, Sequence[Act]]]
"""Gives, for some objects, what we did to them."""


def _no_acts(_addresses: Collection[Address]) -> Mapping[Address, Sequence[Act]]:
    return {}


GroupsThen = Callable[[Collection[Address]], Mapping[Address, Mapping[str, str]]]
"""Gives, for some objects, the ids by provider:name under which groups were found by the run that wrote each last."""


def _no_groups_then(_addresses: Collection[Address]) -> Mapping[Address, Mapping[str, str]]:
    return {}


def _never_bound(_provider: str, _name: str) -> None:
    return None


def _no_pilots(_provider: str) -> Sequence[Piloted]:
    return ()


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the ledger remembers for a run."""

    known: Mapping[Address, Known] = field(default_factory=dict)
    unfinished: Sequence[Unfinished] = ()
    inventory: Mapping[str, frozenset[str]] = field(default_factory=dict)  # ids of unmanaged objects by kind
    added: Added = _nothing_added
    own: Own = field(default_factory=Own)  # what this ledger ever had to do with
    deeds: Deeds = _no_deeds
    acts: Acts = _no_acts
    bound: Bound = _never_bound
    groups_then: GroupsThen = _no_groups_then
    pilots: Callable[[str], Sequence[Piloted]] = _no_pilots  # that the last apply knew, by provider
    extensions: Sequence[Extension] = ()

    def disputable(
        self, changes: Sequence[Change], kinds: Mapping[str, Kind[Connection]]
    ) -> Mapping[Address, Sequence[Act]]:
        """Return what we did to the objects of some changes, except to those lent to people, who may turn them off."""
        named = [change.address for change in changes if not kinds[change.address.of_kind].lent]
        return self.acts(named) if named else {}
