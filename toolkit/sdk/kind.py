"""A kind of object: its settings, its calls, and the expert knowledge about its changes."""

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
    """A reason not to write one object as desired, or not to report it as working, from reading the tenant."""

    name: str
    setting: str
    reason: str
    by: str = ""  # the object of others that is the reason
    beside: bool = False  # the reason is not another object, so an object that exists already is not refused
    maybe: bool = False  # the tenant does not show whether the reason applies, so the object is written with a warning
    whole: bool = True  # of `maybe`: False if the reason is known not to apply to some
    count: Count | None = None  # for how many it is known
    unread: bool = False  # it may apply, because part of the tenant could not be read
    is_remark: bool = False  # only a remark in the plan, and not a reason against the object
    unless_there: bool = False  # a reason not to write the object, and only a remark if the tenant has it already
    rival: Observed | None = None  # the object of others for which a playbook says `adopt`, `beside` or `leave` first


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
    """The effect of a new name in the playbook for an object that has another name."""

    SERVICE = "service"  # the service renames it
    MARK = "mark"  # the service cannot rename, so toolkit's mark in the object has the playbook's name
    NEVER = "never"  # the name identifies the object


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRules:
    """The rules for the names of a kind's objects."""

    only: str | None = None  # the name of the only object, if a tenant has just one
    identifies: bool = False  # the name identifies the object, such as a host
    mark: str = ""  # the setting with the playbook's name, if the service cannot rename

    check: Callable[[str], str | None] = _never
    """Return why the service would not accept a name."""

    check_setting: Callable[[str, str], str | None] = _never
    """Return why an object with this name does not have such a setting (name, setting)."""

    same_object: Callable[[str], str] = str
    """Return the same word for every name of an object of a tenant."""

    not_looked_for: str = ""  # objects that the kind does not read, in the words of an import


@dataclass(frozen=True, slots=True)
class OtherObject:
    """An object of a kind that shares settings with other kinds."""

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
    """The objects of a kind that shares settings with other kinds."""

    title: str  # the heading of an import's list of them
    read: Callable[[C], Iterable[OtherObject]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """The jobs of objects, to find two objects that do the same job, also of different kinds."""

    names: frozenset[str] = frozenset()  # every job that an object of the kind can have, such as append_disclaimer

    of: Callable[[Settings], Iterable[str]] = _nothing
    """Return the jobs of an object, even if it is disabled, each with its subject: `append_disclaimer: outgoing`."""

    same: Callable[[Settings, Settings], bool] = _always
    """Return whether an observed object does the job of a desired one, if one job does not decide it."""

    works: Callable[[Settings], bool] = _always
    """Return whether an object is enabled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """The creation, change and end of objects of a kind."""

    most: int | None = None  # how many a tenant can have
    refers_to: tuple[str, ...] = ()  # kinds of the same provider that are written before it and deleted after it
    presupposes: tuple[Presupposition, ...] = ()
    only_where_there: bool = False  # of a fixed kind: an object that does not exist does not need a change

    cautious: Callable[[Settings], Settings] = dict
    """Return the settings in which a new object starts on a live tenant."""

    promotion: Callable[[Observed, Settings], str | None] = _never
    """Return the name of a change that enforces a setting in test mode, or that the service does not support."""

    stays: str = ""  # the reason that settings remain after a withdrawal, or when no playbook asks for them

    residue: str = ""  # a part of a change that no rollback removes and that has no effect

    withdrawn: Callable[[Mapping[str, Json]], Mapping[str, Json] | None] = _never
    """Return the settings that undo a resource of a fixed kind, or None if they are unknown."""

    closes: Callable[[Settings, Settings], Mapping[str, str]] = _closes_nothing
    """Return the settings by which a change stops a use that no API counts, each with the refusal.

    It is given all settings before and after. Such a change is written only for a control whose resource shows that
    people looked at the use (`Resource.reviewed`).
    """

    restores: Callable[[str, Settings, Settings], Settings] = _as_it_was
    """Return the settings to write to restore an object (name, all its earlier settings, settings to restore).

    More or other settings than the last are written only if no one else has changed the object since. The result is
    empty if toolkit cannot restore the object.
    """

    lists_above: Callable[[Body], Settings] = _nothing_above
    """Return the lists that would apply instead of an object without it, from the object's body.

    An object that inherits takes over the lists above it when it is first set. These entries stay in its lists while
    others have entries there too.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSemantics(Generic[C]):
    """The effect of a change on evidence, for kinds whose objects keep or delete it."""

    weaker: Callable[[Settings | None, Settings | None], str | None] = _never
    """Return how a change keeps less evidence than before, or deletes something sooner or for the first time.

    It is given all settings before and after. The first is None for a new object, the second for a deletion.
    """

    everywhere: bool = True  # every object of the kind keeps evidence, so that a withdrawal changes none

    weakened_by: str = "a command of its own"  # the action that may weaken it, for a refusal. REF stands for the object

    extent: Callable[[C, Settings | None, Settings | None], Extent] | None = None
    """Count the reach of such a change in the tenant (via, before, after). None if no command makes such a change.

    It raises the errors of toolkit.errors if any part of the reach is unknown.
    """

    extent_needs: Callable[[Settings], tuple[Permission, ...]] = _nothing
    """Return the permissions for the count, by the settings in the playbooks."""


@dataclass(frozen=True, slots=True)
class MemberList:
    """A list of people. On every cloud, no protected account is removed from it, and a run removes few others."""

    setting: str
    most_removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[C]):
    """One kind of object. Stored in connectors/<provider>/kinds as `KIND`."""

    name: str
    title: str  # in a governor's words, singular
    spec: type[Spec]
    endpoint: Endpoint[C]
    reference: str  # the vendor's page
    permissions: Permissions
    logged: LogPlace | None = None  # the tenant's log that shows who changed an object
    sample: str = ""  # an entry of a playbook, as an admin would write it
    plural: str = "objects"  # the noun for several objects, such as mail rules, or mailboxes if each has one

    settles: float = 0.0  # seconds in which a read may still show the state before our own write
    whole: bool = True  # False: the service cannot list them, so only objects in the playbooks are read
    read_only: bool = False  # no API sets it, so differences are reported and never written
    fixed: bool = False  # the tenant always has the same objects, which are changed, never created or deleted
    per_person: bool = False  # one object a person, named by the person's immutable id
    temporary: TemporarySetting | None = None  # its objects are set until a date, and then put back

    reach: Scale  # the fewest people whom one object can be for, and a tenant's setting is for everyone
    targets: TargetsOf | None = None
    """Return the people whom an object touches, by its name and all its settings. None if `reach` is enough."""

    nesting: GroupNesting | None = None  # of the groups in its objects, or None if they name none

    locks_out: bool = False  # an object can keep the people whom it touches from signing in

    is_ours: Callable[[Remote], bool] | None = None
    """Return whether toolkit created an object, by a mark in it. None if the kind's objects have no mark."""

    doubts: Callable[[C, Sequence[Desired]], Iterable[Doubt]] = _nothing
    """Ask the tenant, in one request if possible, about the objects to which desired objects refer."""

    conflicts: Callable[[C, Sequence[Desired], Collection[str]], Iterable[Doubt]] = _nothing
    """Ask the tenant, in one request if possible, about other settings that cancel desired objects.

    It is also given the ids of the objects that will be deleted, and the desired objects of the kinds in `judged_with`.
    """

    judged_with: tuple[str, ...] = ()  # kinds of the same provider that change the effect of this kind's objects

    names_there: Callable[[C], Iterable[str]] = _nothing
    """Return the names of objects that are set in a tenant, for a kind without a list that is not personal."""

    other_objects: OtherObjects[C] | None = None  # other types that share settings, for an import

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
        """Return the people whom an object touches, by its name and all its settings."""
        return (self.targets or TARGETS.get(self.reach, whole_tenant))(name, settings)

    def noun_for(self, number: int) -> str:
        """Return the noun for a number of objects: mail rule, mail rules. A kind with one object only has its title."""
        return self.title if number == 1 or self.names.only is not None else self.plural

    @property
    def keeps_evidence(self) -> bool:
        """Return whether all objects of the kind keep or delete evidence."""
        return self.evidence != EvidenceSemantics() and self.evidence.everywhere

    @property
    def renaming(self) -> Renaming:
        """Return the effect of a new name in the playbook."""
        if self.names.mark:
            return Renaming.MARK
        fixed = self.fixed or self.read_only or self.per_person or self.names.identifies or self.names.only is not None
        return Renaming.NEVER if fixed else Renaming.SERVICE
