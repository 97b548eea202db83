"""A kind of object: its settings, its calls, and what an expert knows about changing one."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from toolkit.records import dataclass
from toolkit.sdk.audit_log import LogPlace
from toolkit.sdk.directory import GroupNesting
from toolkit.sdk.effect import ObjectEffects
from toolkit.sdk.endpoint import Endpoint
from toolkit.sdk.mail_semantics import MailSemantics
from toolkit.sdk.permission import Permission, Permissions
from toolkit.sdk.presupposition import Presupposition
from toolkit.sdk.resource import Desired, Observed, Remote
from toolkit.sdk.spec import Spec
from toolkit.sdk.targets import TARGETS, Extent, Scale, Targets, TargetsOf, whole_tenant
from toolkit.sdk.temporary_setting import TemporarySetting
from toolkit.sdk.verdict import Count
from toolkit.values import Body, Json, Settings

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason not to write one object as it is wanted, or not to claim that it works, found by asking the tenant."""

    name: str
    setting: str
    reason: str
    by: str = ""  # the object of others that is the reason
    beside: bool = False  # what is beside an object is the reason, and is no object: one that is there is no refusal
    maybe: bool = False  # the tenant does not show whether it is so: the object is written, and the plan says it
    whole: bool = True  # of what is only maybe so: False where it is known not to be so for some
    count: Count | None = None  # for how many it is known
    unread: bool = False  # it may be so: something could not be read
    noted: bool = False  # it is no reason against the object: the plan says it, and that is all
    unless_there: bool = False  # a reason not to write it, and only noted of an object that is so already
    asked: Observed | None = None  # the object of others for which a playbook says `adopt`, `beside` or `leave` first


def _never(*_: object) -> None:
    return None


def _nothing(*_: object) -> tuple[()]:
    return ()


def _closes_nothing(_before: Settings, _after: Settings) -> Mapping[str, str]:
    return {}


def _always(*_: object) -> bool:
    return True


def _nothing_above(_body: Body) -> Settings:
    return {}


def _as_it_was(_name: str, _before: Settings, back: Settings) -> Settings:
    return back


class Renaming(StrEnum):
    """What becomes of a name that the playbook gives an object that has another."""

    SERVICE = "service"  # the service renames it
    MARK = "mark"  # the service has no rename: our mark in the object says what the playbook calls it
    NEVER = "never"  # the name is what the object is


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRules:
    """What the names of a kind's objects are."""

    only: str | None = None  # the name of the one object, where a tenant has just one
    identifies: bool = False  # the name is what an object is about, as a host is
    mark: str = ""  # the setting that says what the playbook calls it, where the service has no rename

    check: Callable[[str], str | None] = _never
    """Return why the service would not accept a name."""

    check_setting: Callable[[str, str], str | None] = _never
    """Return why an object of a name has no such setting (name, setting)."""

    same_object: Callable[[str], str] = str
    """Return one word for all names of the same object of a tenant."""

    not_looked_for: str = ""  # objects that the kind does not read, in the words of an import


@dataclass(frozen=True, slots=True)
class OtherObject:
    """An object of a kind that sets what other kinds set too."""

    name: str
    sets: tuple[str, ...] = ()  # such as windows_configuration.password_required


class IdMeaning(NamedTuple):
    """The meaning of an id in a setting of an object."""

    name: str  # the object's
    setting: str
    identifier: str
    meaning: str  # the name of the object with the id, or that it was deleted


@dataclass(frozen=True, slots=True)
class OtherObjects(Generic[C]):
    """The objects of a kind that set what other kinds set too."""

    title: str  # the heading of an import's list of them
    read: Callable[[C], Iterable[OtherObject]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """What objects are for, so that two that do one job are named, of different kinds too."""

    names: frozenset[str] = frozenset()  # every job that one of the kind can have, as append_disclaimer

    of: Callable[[Settings], Iterable[str]] = _nothing
    """Name the jobs of an object, switched off or not, each with what it is about: `append_disclaimer: outgoing`."""

    same: Callable[[Settings, Settings], bool] = _always
    """Tell whether an observed object does what a desired one is for, where one job does not say so yet."""

    works: Callable[[Settings], bool] = _always
    """Tell whether an object is switched on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """How objects of a kind begin, change and end."""

    most: int | None = None  # how many a tenant can have
    refers_to: tuple[str, ...] = ()  # kinds of the same provider that are written before it and deleted after it
    presupposes: tuple[Presupposition, ...] = ()
    only_where_there: bool = False  # of a fixed kind: an object that does not exist needs no change

    cautious: Callable[[Settings], Settings] = dict
    """Return the settings in which a new object starts on a live tenant."""

    promotion: Callable[[Observed, Settings], str | None] = _never
    """Name a change that turns on what was only being watched, or that asks for what the service does not have."""

    stays: str = ""  # why what was set stays where toolkit is withdrawn or no playbook asks for it any more

    residue: str = ""  # a part of a change that no rollback removes and that has no effect

    withdrawn: Callable[[Mapping[str, Json]], Mapping[str, Json] | None] = _never
    """Return what is written into an object of a fixed kind to undo what was asked for; None if that is unknown."""

    closes: Callable[[Settings, Settings], Mapping[str, str]] = _closes_nothing
    """Return the settings by which a change stops what people may use and no API counts, each with the refusal.

    It is given all settings before and after. Such a change is written only for a control whose resource
    shows that people looked at what it stops (`Resource.reviewed`).
    """

    restores: Callable[[str, Settings, Settings], Settings] = _as_it_was
    """Return what is written to put back what an object had: its name, all it showed, and what is to be put back of it.

    More or other settings than the last are written only while no one else has changed the object since; none where
    toolkit has no way to put it back.
    """

    lists_above: Callable[[Body], Settings] = _nothing_above
    """Return the lists that would apply in an object's place without it, from what was read of the object.

    An object that inherits takes over what is above it when it is first set. These entries stay in its lists
    while others have entries there too.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSemantics(Generic[C]):
    """What a change does to evidence, for kinds whose objects keep or delete it."""

    weaker: Callable[[Settings | None, Settings | None], str | None] = _never
    """Return how a change keeps less evidence than before, or deletes something sooner or for the first time.

    It is given all settings before and after; None before where the object is made, None after where it is deleted.
    """

    everywhere: bool = True  # every object of the kind keeps evidence, so that a withdrawal changes none

    weakened_by: str = "a command of its own"  # what may do that, as a refusal names it; REF stands for the object

    extent: Callable[[C, Settings | None, Settings | None], Extent] | None = None
    """Count in the tenant what such a change reaches (via, before, after); None where no command makes one.

    It raises the errors of toolkit.errors where anything of that is unknown.
    """

    extent_needs: Callable[[Settings], tuple[Permission, ...]] = _nothing
    """Name what the counting needs, by the settings that the playbooks name."""


@dataclass(frozen=True, slots=True)
class MemberList:
    """A list of people: no protected account is taken out of it, and a run takes few others out, on all clouds."""

    setting: str
    most_removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[C]):
    """One kind of object; found in connectors/<provider>/kinds as `KIND`."""

    name: str
    title: str  # in a governor's words, singular
    spec: type[Spec]
    endpoint: Endpoint[C]
    reference: str  # the vendor's page
    permissions: Permissions
    logged: LogPlace | None = None  # where the tenant's own log shows who changed an object
    sample: str = ""  # an entry of a playbook, as an admin would write it
    plural: str = "objects"  # what several objects are counted as: mail rules, or mailboxes where each has one

    settles: float = 0.0  # seconds in which a read may still show the state before our own write
    whole: bool = True  # False: they cannot all be listed, so only those that the playbooks name are read
    read_only: bool = False  # no API sets it: what differs is reported and never written
    fixed: bool = False  # the tenant has what it has: objects are changed, never created or deleted
    per_person: bool = False  # one object a person, named by the person's immutable id
    temporary: TemporarySetting | None = None  # its objects are set until a date, and then put back

    reach: Scale  # the fewest whom one object can be for; a setting of the tenant is for everybody
    targets: TargetsOf | None = None
    """Return whom an object touches, by its name and all its settings, where `reach` alone does not say it."""

    nesting: GroupNesting | None = None  # of the groups that it names; None where its objects name none

    locks_out: bool = False  # an object can keep the people whom it touches from signing in

    is_ours: Callable[[Remote], bool] | None = None
    """Tell by a marker in the object itself whether toolkit made it; None where a kind's objects bear none."""

    doubts: Callable[[C, Sequence[Desired]], Iterable[Doubt]] = _nothing
    """Ask the tenant, in bulk, about what objects that will be written refer to."""

    conflicts: Callable[[C, Sequence[Desired], Collection[str]], Iterable[Doubt]] = _nothing
    """Ask the tenant, in bulk, what cancels objects, be they as asked for or still to be written.

    It is given the ids of the objects that are going to be deleted too, and the objects of `judged_with` that the
    playbooks ask for.
    """

    judged_with: tuple[str, ...] = ()  # kinds of the same provider whose objects decide what one of this kind does

    names_there: Callable[[C], Iterable[str]] = _nothing
    """Find the names at which a tenant has something set, of a kind that is not read whole and is not a person's."""

    others: OtherObjects[C] | None = None  # the objects that an import names since they set what other kinds set

    meanings: Callable[[C, Sequence[Observed]], Iterable[IdMeaning]] = _nothing
    """Return the meaning of each id in the settings of objects, for the comments of an import."""

    stops: ObjectEffects = ObjectEffects()
    """The effects of whole objects. `Spec.effects` declares the effects of settings."""

    members: MemberList | None = None
    jobs: Jobs = Jobs()
    names: NameRules = NameRules()
    lifecycle: Lifecycle = Lifecycle()
    mail: MailSemantics[C] = field(default_factory=MailSemantics)
    evidence: EvidenceSemantics[C] = EvidenceSemantics()

    def reaches(self, name: str, settings: Settings) -> Targets:
        """Return whom an object touches, by its name and all its settings."""
        return (self.targets or TARGETS.get(self.reach, whole_tenant))(name, settings)

    def called(self, number: int) -> str:
        """Return what so many objects are called: mail rule, mail rules; of kinds with one object only their title."""
        return self.title if number == 1 or self.names.only is not None else self.plural

    @property
    def keeps_evidence(self) -> bool:
        """Say whether its objects keep or delete evidence, all of them."""
        return self.evidence != EvidenceSemantics() and self.evidence.everywhere

    @property
    def renaming(self) -> Renaming:
        """Return what becomes of another name."""
        if self.names.mark:
            return Renaming.MARK
        fixed = self.fixed or self.read_only or self.per_person or self.names.identifies or self.names.only is not None
        return Renaming.NEVER if fixed else Renaming.SERVICE
