"""The changes that a run made. Its rollback is planned from them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field

from toolkit.planning.applied_change import (
    AppliedChange,
)
from toolkit.planning.matching import LastApplied
from toolkit.records import dataclass
from toolkit.sdk.resource import Address, Origin
from toolkit.values import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """The changes that a run made, and the ledger's earlier records of the changed objects."""

    run: str
    changes: Sequence[AppliedChange]  # of the run, in order
    earlier: Sequence[AppliedChange] = ()  # of earlier runs, to the same objects
    last_applied: Mapping[Address, LastApplied] = field(default_factory=dict)
    labels: Mapping[Address, str] = field(default_factory=dict)  # the owners of objects
    since: Collection[str] = ()  # the runs after it
    put_back: Mapping[Address, Settings] = field(
        default_factory=dict
    )  # the settings after earlier rollbacks of the run

    @property
    def origin(self) -> Origin:
        return Origin(f"run {self.run}", 0)
