"""What the ledger remembers for a run: asked before anything is read of a tenant."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from toolkit.engine.group_ids import Bound
from toolkit.engine.holds.compare import HoldsSeen, nothing_held
from toolkit.engine.replies.remind import Reminded
from toolkit.ledger.entries import Piloted
from toolkit.ledger.memory import Unfinished
from toolkit.planning.applied_state import Known
from toolkit.planning.calendar.due import AppliedPast, PastOf
from toolkit.planning.change import Change
from toolkit.planning.findings.applied_change import Deed
from toolkit.planning.findings.flapping import Act
from toolkit.planning.ownership import Own
from toolkit.sdk.address import Address
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.values import Json, Settings

Added = Callable[[Collection[str]], Mapping[Address, Mapping[str, frozenset[str]]]]
"""Gives, for some kinds, the entries of lists that are there through us, by object and setting."""


def _nothing_added(_kinds: Collection[str]) -> Mapping[Address, Mapping[str, frozenset[str]]]:
    return {}


Lent = Callable[[Mapping[str, Mapping[str, Json]]], Mapping[Address, Settings]]
"""Gives, for some kinds and what gives one of them back, what was there before we first set an object."""


def _nothing_lent(_back: Mapping[str, Mapping[str, Json]]) -> Mapping[Address, Settings]:
    return {}


Deeds = Callable[[Collection[Address]], Sequence[Deed]]
"""Gives what was done to some objects, the first first."""


def _no_deeds(_addresses: Collection[Address]) -> Sequence[Deed]:
    return ()


Acts = Callable[[Collection[Address]], Mapping[Address, Sequence[Act]]]
"""Gives, for some objects, what we did to them."""


def _no_acts(_addresses: Collection[Address]) -> Mapping[Address, Sequence[Act]]:
    return {}


def _nobody_reminded(_address: Address) -> Sequence[tuple[datetime, datetime]]:
    return ()


def _never_applied(_digest: str, _provider: str) -> PastOf:
    return lambda _names, _run: AppliedPast()


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
    lent: Lent = _nothing_lent
    own: Own = field(default_factory=Own)  # what this ledger ever had to do with
    deeds: Deeds = _no_deeds
    acts: Acts = _no_acts
    reminded: Reminded = _nobody_reminded
    holds: HoldsSeen = nothing_held
    bound: Bound = _never_bound
    groups_then: GroupsThen = _no_groups_then
    past: Callable[[str, str], PastOf] = _never_applied  # by digest of the playbooks and provider
    pilots: Callable[[str], Sequence[Piloted]] = _no_pilots  # that the last apply knew, by provider

    def disputable(
        self, changes: Sequence[Change], kinds: Mapping[str, Kind[Connection]]
    ) -> Mapping[Address, Sequence[Act]]:
        """Give what we did to the objects of some changes; not to replies, which their owners turn off as they like."""
        named = [change.address for change in changes if not kinds[change.address.of_kind].lent]
        return self.acts(named) if named else {}
