"""A plan: everything that differs, in which state each finding is, and why some of it will not be touched."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum

from toolkit.planning.audience.pilot_parts import InPilot
from toolkit.planning.change import Change, Create, Delete, Update, rests_on, without_paths
from toolkit.playbook.entries import Acceptance, OpenChoice
from toolkit.records import dataclass
from toolkit.sdk.directory import UseCount
from toolkit.sdk.first_run import VendorFact
from toolkit.sdk.part import Realisation
from toolkit.sdk.reason import Reason
from toolkit.sdk.resource import Address, Desired, Growth, Observed, Origin, Reach
from toolkit.sdk.verdict import Count
from toolkit.values import Value, digest_of, plain


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that could not be read: a whole kind, or one object of it."""

    kind: str
    reason: Reason
    address: Address | None = None
    for_whom: bool = False  # it was read, but not for whom it is to be
    people_before: int | None = None  # of that one: for how many it was applied last
    gone: bool = False  # whose it was is not there any more
    unused: bool = False  # the person's account is closed or has no mailbox: there is nothing to read or write
    provider: str = ""  # where `kind` is a control: the cloud on which it is not known
    excepts: str = ""  # of an exception from that control: the role that it is for


@dataclass(frozen=True, slots=True)
class LookAlike:
    """An object of no playbook that does what one of ours is for."""

    desired: Desired
    observed: Observed
    job: str = ""  # as append_disclaimer; "" where only its name is ours
    ours: bool = False  # an earlier run made it, for another role or under another name


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that is not made, with the reason and what to do."""

    address: Address
    reason: str
    origin: Origin | None = None
    change: Change | None = None  # where nothing but that it keeps less evidence, or could stop mail, is in its way
    mail_of: tuple[str, ...] = ()  # the protected mailboxes whose mail it could stop
    effects: tuple[str, ...] = ()  # what it would do, counted in the tenant
    waits: bool = False  # a window of the school opens later, and then it is written


@dataclass(frozen=True, slots=True)
class OrphanSetting:
    """A setting of a wanted object that is as we left it, and that no playbook speaks of any more."""

    address: Address
    path: str
    before: Value  # what it had before we first set it
    stays: str = ""  # why nobody can put that back


@dataclass(frozen=True, slots=True)
class RollbackConflict:
    """A setting that is not put back, since it was changed after our last write."""

    address: Address
    path: str
    now: Value
    left: Value
    before: Value


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about an object of ours that is no change: why it does not work as it should."""

    address: Address
    by: str  # the name of the object that is the reason
    text: str
    whole: bool = True  # False: for some only of the messages that our object is for
    ours: bool = False  # an earlier run made that object
    fulfilled: bool = False  # ours does all that the playbooks ask: what is missing beside that is for a person
    sure: bool = True  # False: what people or devices then get is not known
    count: Count | None = None  # for how many it is known, where that was counted
    unread: bool = False  # it is not sure since something could not be read


@dataclass(frozen=True, slots=True)
class UnreadProperty:
    """A property that the kind neither compares nor ignores, and that changes neither what objects do nor for whom."""

    kind: str
    path: str  # the service's name
    addresses: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class AcceptedDrift:
    """A difference that a person accepted for some time: it is neither written nor counted."""

    address: Address
    path: str  # the setting; "": that it is missing, or there
    reason: str
    ends: datetime
    by: str  # a role
    origin: Origin


@dataclass(frozen=True, slots=True)
class RealisedControl:
    """A control of the playbooks on one provider."""

    control: str
    provider: str
    clauses: tuple[str, ...]
    realisation: Realisation
    audience: str = ""  # for whom, in the playbook's word
    apps: tuple[str, ...] = ()  # what it blocks, by their titles
    exception: str = ""  # the name of the exception that it is
    pilot: InPilot | None = None  # where the playbook says that one role has it first
    use: UseCount | None = None  # of the cloud, by those whom it is for; None: nothing was read to count them by


@dataclass(frozen=True, slots=True)
class ReachBefore:
    """Whom an object reached before a change, for the rollback of that change."""

    reach: Reach | None
    growth: Growth  # how many of these it does not reach after the change
    everyone: bool
    all_devices: bool


@dataclass(frozen=True, slots=True)
class UnverifiedChanges:
    """Changes that are not written, since they rest on a fact that the tenant has not shown yet."""

    provider: str
    fact: VendorFact
    addresses: tuple[Address, ...]


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """How the objects of an ordered kind stand: ours as their addresses, others as the service's ids."""

    wanted: tuple[str, ...]  # ours, in the playbooks' order, those to be created too
    current: tuple[str, ...]  # everything that is there, first to last
    ours: Mapping[str, str]  # the service's id of each of ours that is there -> its address


@dataclass(frozen=True, slots=True)
class ObservedState:
    """What one run read of the tenants."""

    objects: Mapping[str, Sequence[Observed]]  # by kind with provider
    order: Mapping[str, Sequence[str]]  # by kind, all ids as the service lists them, those of unreadable objects too
    unknown: Sequence[Unknown] = ()
    unavailable: Mapping[str, str] = field(default_factory=dict)  # kinds that the licences lack -> the reason
    rivals: Mapping[str, Sequence[Observed]] = field(default_factory=dict)  # of kinds read only to find look-alikes
    unread_rivals: frozenset[str] = frozenset()  # such kinds of which something could not be read
    incomplete: frozenset[str] = frozenset()  # kinds whose list lacks objects that are there


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done and what is not, in the order in which it would be done."""

    changes: tuple[Change, ...] = ()
    watched: tuple[Change, ...] = ()  # differences of what is only checked
    matching: tuple[Address, ...] = ()
    unmanaged: tuple[Observed, ...] = ()
    elsewhere: tuple[Observed, ...] = ()  # another ledger's by its marker: as wanted, or in no playbook
    look_alikes: tuple[LookAlike, ...] = ()
    doubles: tuple[LookAlike, ...] = ()  # look-alikes of what is there: both do the job
    left: tuple[LookAlike, ...] = ()  # look-alikes that the playbook leaves in place
    unknown: tuple[Unknown, ...] = ()
    unused: tuple[Unknown, ...] = ()  # of people whose account is closed or has no mailbox: no failure
    refused: tuple[Refusal, ...] = ()
    unverified: tuple[UnverifiedChanges, ...] = ()
    remarks: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()  # of two that the playbooks ask for: said, and no finding
    maybes: tuple[Remark, ...] = ()  # why it is not known whether an object of ours works for all that it is for
    unread: tuple[UnreadProperty, ...] = ()
    kept: tuple[Refusal, ...] = ()  # what a withdrawn control changed and nobody can change back
    leftover: tuple[Observed, ...] = ()  # ours and in no playbook, while nobody asks to prune
    dropped: tuple[OrphanSetting, ...] = ()  # settings that are ours and in no playbook, while nobody asks to prune
    pruned: frozenset[Address] = frozenset()  # what goes or is given back since no playbook asks for it any more
    conflicts: tuple[RollbackConflict, ...] = ()
    controls: tuple[RealisedControl, ...] = ()
    unavailable: Mapping[str, str] = field(default_factory=dict)  # as seen
    undecided: tuple[OpenChoice, ...] = ()  # choices that nobody has made, with the controls that wait for them
    wanted: Mapping[Address, frozenset[str]] = field(default_factory=dict)  # everything asked for, by which controls
    orders: Mapping[str, PlannedOrder] = field(default_factory=dict)  # by ordered kind
    contested: Mapping[Address, frozenset[str]] = field(default_factory=dict)  # settings that others change back
    ceded: Mapping[Address, frozenset[str]] = field(default_factory=dict)  # such settings, left to those others
    accepted: tuple[AcceptedDrift, ...] = ()
    growth: Mapping[Address, Growth] = field(default_factory=dict)  # how many more an object would reach
    reach_before: Mapping[Address, ReachBefore] = field(default_factory=dict)  # of the objects that a run changes
    everybody: frozenset[Address] = frozenset()  # objects that reached everybody before
    first_time: frozenset[Address] = frozenset()  # objects that reached no one before, so that no limit counts them
    shared_with: tuple[str, ...] = ()  # other schools of which objects were seen in the same tenants
    groups: Mapping[str, str] = field(default_factory=dict)  # read to count: provider:name -> the service's id
    not_protected: tuple[str, ...] = ()  # accounts that the school file protects and no tenant has: misspelt, or gone

    @property
    def digest(self) -> str:
        """Identify the changes with the before-values they rest on."""
        return digest_of([rests_on(change) for change in self.changes])


_SHOWN = 8  # hex digits


class FindingState(StrEnum):
    """What is known of a finding."""

    OPEN = "open"
    CONTESTED = "contested"  # changed again after each of our repairs
    FIXED = "fixed"


class Ending(StrEnum):
    """Why a finding is none any more."""

    REPAIRED = "repaired"  # by a run of ours
    TENANT = "tenant"  # in the tenant, by somebody else
    ACCEPTED = "accepted"  # an exception in the playbooks lets it be for some time
    PLAYBOOK = "playbook"  # the playbooks do not ask for it any more, or leave it
    OTHERWISE = "otherwise"  # it is not so any more, and its object differs in another way
    AS_WANTED = "as_wanted"  # what is wanted and what is there agree again, and nothing says which of them moved


def accepting(plan: Plan, acceptances: Sequence[Acceptance], now: datetime) -> Plan:
    """Take out of a plan what is accepted at an instant."""
    live = [one for one in acceptances if one.live(now)]
    if not live:
        return plan
    sorting = _Sorting(live)
    changes = tuple(rest for change in plan.changes for rest in sorting.rest(change))
    watched = tuple(rest for change in plan.watched for rest in sorting.rest(change))
    return replace(plan, changes=changes, watched=watched, accepted=tuple(sorting.accepted))


def fingerprint(value: Value) -> str:
    """Return a short name of a value, by which an acceptance knows it again."""
    return digest_of(plain(value))[:_SHOWN]


@dataclass(slots=True)
class _Sorting:
    live: Sequence[Acceptance]
    accepted: list[AcceptedDrift] = field(default_factory=list)

    def rest(self, change: Change) -> Iterator[Change]:
        """Return what of a change no one accepted; a setting is accepted with the value that it had then."""
        own = [one for one in self.live if one.address == change.address]
        match change:
            case Update():
                named = {f.path: one for f in change.fields for one in own if one.setting == f.path}
                values = {field.path: fingerprint(field.before) for field in change.fields}
                valid = {path: one for path, one in named.items() if one.value in {"", values[path]}}
                self._note(change, [valid[path] for path in sorted(valid)])
                other = [
                    f"{path} was accepted with another value ({named[path].origin})"
                    for path in named.keys() - valid.keys()
                ]
                remark = "; ".join(filter(None, [change.remark, *sorted(other)]))
                yield from without_paths(replace(change, remark=remark), frozenset(valid))
            case Create() | Delete() if whole := [one for one in own if one.setting is None]:
                self._note(change, whole[-1:])
            case _:
                yield change

    def _note(self, change: Change, found: Sequence[Acceptance]) -> None:
        self.accepted += [
            AcceptedDrift(change.address, one.setting or "", one.reason, one.ends, one.by, one.origin) for one in found
        ]
