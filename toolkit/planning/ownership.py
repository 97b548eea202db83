"""What this ledger applied before, and what another ledger manages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from toolkit.planning.plan import Refusal
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Address, Desired, Observed, Origin, Reach
from toolkit.values import Settings


@dataclass(frozen=True, slots=True)
class Own:
    """What this ledger ever had to do with."""

    addresses: Collection[Address] = ()  # not of what it deleted, since another ledger can make that again
    ids: Collection[tuple[str, str]] = ()  # kind with provider, and the service's id; of what it deleted, too

    def knows(self, observed: Observed) -> bool:
        """Say whether an object is one of these, by its id or by what the service calls it."""
        named = replace(observed.address, name=observed.remote.name)
        return named in self.addresses or (observed.address.of_kind, observed.remote.id) in self.ids


def of_another(kind: Kind[Connection], observed: Observed, own: Own) -> bool:
    """Say whether an object bears our marker and is in no step of this ledger.

    Two computers that write one school's tenants would undo what the other has done.
    """
    return bool(kind.is_ours and kind.is_ours(observed.remote)) and not own.knows(observed)


def from_another(kind: Kind[Connection], desired: Desired, observed: Observed, own: Own) -> bool:
    """Say whether an object that is wanted is another ledger's; what the playbook names itself is taken over."""
    if desired.address in own.addresses or desired.handling.adopt or desired.renamed_from:
        return False
    return of_another(kind, observed, own)


def not_ours(address: Address, origin: Origin, reason: str = "") -> Refusal:
    """Refuse to write to what another ledger manages, and say how it becomes this one's."""
    managed = "managed from another ledger: it bears toolkit's marker, and this ledger does not know it"
    adopt = f"if this one is to manage it: toolkit state adopt '{address}'"
    return Refusal(address, f"{f'{reason}, but ' if reason else ''}{managed}; {adopt}", origin)


@dataclass(frozen=True, slots=True)
class Known:
    """An object as we left it: under which id, what was sent, what came back, whom it reached."""

    remote_id: str | None = None
    sent: Settings = field(default_factory=dict)
    returned: Settings = field(default_factory=dict)
    reach: Reach | None = None
    added: Mapping[str, frozenset[str]] = field(default_factory=dict)  # entries of lists that are there through us
    at: datetime | None = None  # when we last wrote it
    run: str = ""  # the run that last wrote it
