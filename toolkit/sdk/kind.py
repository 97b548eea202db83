"""A kind of object: its settings, its endpoint, and the effects of changes."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from toolkit.records import dataclass
from toolkit.sdk.audit_log import AuditLogSource
from toolkit.sdk.directory import GroupNesting
from toolkit.sdk.effect import ObjectEffects
from toolkit.sdk.endpoint import Endpoint
from toolkit.sdk.mail_semantics import MailSemantics
from toolkit.sdk.permission import Permission, Permissions
from toolkit.sdk.presupposition import Presupposition
from toolkit.sdk.resource import Desired, Observed, Remote
from toolkit.sdk.shared_size import SharedSize
from toolkit.sdk.spec import Spec
from toolkit.sdk.targets import TARGETS, Extent, Scale, Targets, TargetsOf, whole_tenant
from toolkit.sdk.temporary_setting import TemporarySetting
from toolkit.sdk.verdict import Count
from toolkit.values import Body, Json, Settings

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason in the tenant why an object should not be written, or should not be reported as working."""

    name: str
    setting: str
    reason: str
    by: str = ""  # the unmanaged object that is the reason
    only_beside_other: bool = False  # whether it concerns only a new object next to another
    is_uncertain: bool = False  # whether it is uncertain, so the object is written with a warning
    whole: bool = True  # for `maybe`: False if the reason is known not to apply to some people or objects
    count: Count | None = None  # the number of people or objects for which it is known
    is_unread: bool = False  # whether it is uncertain because part of the tenant could not be read
    is_remark: bool = False  # whether it is only a remark in the plan and does not stop a write
    unless_there: bool = False  # whether it stops a write only if the tenant does not have the object yet
    rival: Observed | None = None  # the look-alike that needs `adopt`, `beside` or `leave` first


def _return_none(*_: object) -> None:
    return None


def _return_empty(*_: object) -> tuple[()]:
    return ()


def _no_uses_closed(_before: Settings, _after: Settings) -> Mapping[str, str]:
    return {}


def _always_true(*_: object) -> bool:
    return True


def _no_inherited_settings(_body: Body) -> Settings:
    return {}


def _keep_earlier_settings(_name: str, _before: Settings, back: Settings) -> Settings:
    return back


class Renaming(StrEnum):
    """The way in which an object is renamed if its name in the playbook changes."""

    SERVICE = "service"  # the service renames it
    MARK = "mark"  # the service cannot rename, so toolkit's mark in the object contains the playbook's name
    NEVER = "never"  # the name identifies the object


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRules:
    """The rules for the names that a kind's objects may have."""

    only: str | None = None  # the name of the only object, if a tenant has only one
    identifies: bool = False  # the name identifies the object, such as a host
    mark: str = ""  # the setting that contains the playbook's name, if the service cannot rename

    check: Callable[[str], str | None] = _return_none
    """Returns why the service would refuse a name, or None."""

    check_setting: Callable[[str, str], str | None] = _return_none
    """Returns why an object with this name cannot have a setting (name, setting), or None."""

    same_object: Callable[[str], str] = str
    """Returns a canonical name, which is the same for all names of an object."""

    not_looked_for: str = ""  # the objects that the kind does not read, as text for an import


@dataclass(frozen=True, slots=True)
class OtherObject:
    """An object of another kind that has the same settings as objects of this kind."""

    name: str
    sets: tuple[str, ...] = ()  # its settings, such as windows_configuration.password_required


class IdMeaning(NamedTuple):
    """The meaning of an id in a setting: the object or person to which the id refers, in words."""

    name: str  # the object's
    setting: str
    identifier: str
    meaning: str  # the name of the object with the id, or a note that it was deleted


@dataclass(frozen=True, slots=True)
class OtherObjects(Generic[C]):
    """Reads the objects of other kinds that have the same settings as a kind. An import lists these objects."""

    title: str  # the heading of their list in an import
    read: Callable[[C], Iterable[OtherObject]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """The jobs that a kind's objects do. Objects that do the same job are duplicates, even if their kinds differ."""

    names: frozenset[str] = frozenset()  # every job that an object of the kind can have, such as append_disclaimer

    of: Callable[[Settings], Iterable[str]] = _return_empty
    """Returns the jobs of an object, even if it is disabled, each with its subject: `append_disclaimer: outgoing`."""

    same: Callable[[Settings, Settings], bool] = _always_true
    """Returns whether an observed object does the job of a desired object, if comparing the jobs is not enough."""

    works: Callable[[Settings], bool] = _always_true
    """Returns whether an object is enabled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """How objects of a kind are created, changed and withdrawn."""

    most: int | None = None  # the maximum number in a tenant
    shared_size: SharedSize | None = None  # the maximum size of all objects together
    refers_to: tuple[str, ...] = ()  # kinds of the same provider that are written before this kind and deleted after it
    presupposes: tuple[Presupposition, ...] = ()
    only_where_there: bool = False  # for a fixed kind: whether an object that does not exist is left as it is

    cautious: Callable[[Settings], Settings] = dict
    """Returns the settings with which a new object starts on a live tenant."""

    promotion: Callable[[Observed, Settings], str | None] = _return_none
    """Returns the name of a change that ends the test mode of a setting, or None."""

    stays: str = ""  # why settings are kept after a withdrawal, or when no playbook asks for them

    residue: str = ""  # a harmless part of a change that a rollback does not remove

    withdrawn: Callable[[Mapping[str, Json]], Mapping[str, Json] | None] = _return_none
    """Returns the settings that undo a resource of a fixed kind, or None if they are unknown."""

    closes: Callable[[Settings, Settings], Mapping[str, str]] = _no_uses_closed
    """Returns the settings by which a change stops a use that no API counts, each with the refusal (all settings before
    and after). Such a change is written only if the control's resource shows that people reviewed the use
    (`Resource.reviewed`).
    """

    restores: Callable[[str, Settings, Settings], Settings] = _keep_earlier_settings
    """Returns the settings to write to restore an object (name, all its earlier settings, settings to restore).

    Additional settings are written only if no one else has changed the object since. The result is empty if toolkit
    cannot restore the object.
    """

    lists_above: Callable[[Body], Settings] = _no_inherited_settings
    """Returns, from an object's body, the inherited lists that would apply without the object.

    An object takes over the inherited lists when it is first set. These entries are kept in its lists as long as other
    people's entries are there too.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSemantics(Generic[C]):
    """How changes affect evidence, for a kind whose objects keep or delete evidence."""

    weaker: Callable[[Settings | None, Settings | None], str | None] = _return_none
    """Returns how a change keeps less evidence or deletes data sooner, or None.

    It gets all settings before and after. The settings before are None for a new object, and the settings after for a
    deletion.
    """

    everywhere: bool = True  # whether every object of the kind keeps evidence, so that a withdrawal changes none

    weakened_by: str = (
        "a separate command"  # the action that may weaken it, for a refusal, with REF in place of the object
    )

    extent: Callable[[C, Settings | None, Settings | None], Extent] | None = None
    """Counts the reach of such a change in the tenant (connection, before, after).

    None if no command makes such a change. Raises the errors of toolkit.errors if any part of the reach is unknown.
    """

    extent_needs: Callable[[Settings], tuple[Permission, ...]] = _return_empty
    """Returns the permissions for the count, from the settings in the playbooks."""


@dataclass(frozen=True, slots=True)
class MemberList:
    """A setting that lists people. No run removes a protected account, or more than a few of the other people."""

    setting: str
    most_removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[C]):
    """A kind of object in a tenant. Defined as `KIND` in a module of connectors/<provider>/kinds."""

    name: str
    title: str  # a singular noun for governors
    spec: type[Spec]
    endpoint: Endpoint[C]
    reference: str  # the address of the vendor's page
    permissions: Permissions
    logged: AuditLogSource | None = None  # the tenant's log that shows who changed an object
    sample: str = ""  # an example entry of a playbook
    plural: str = "objects"  # the noun for several objects, such as mail rules

    settles: float = 0.0  # seconds for which a read may still show the state before toolkit's write
    whole: bool = True  # False if the service cannot list objects, so only objects in the playbooks are read
    read_only: bool = False  # whether no API sets the objects, so differences are reported but never written
    fixed: bool = False  # whether the tenant always has the same objects, which are only changed
    per_person: bool = False  # whether each person has one object, named by the person's immutable id
    temporary: TemporarySetting | None = None  # for objects that are set until a date and then restored

    reach: Scale  # the smallest audience that an object can have
    targets: TargetsOf | None = None
    """Returns the people whom an object affects (name, all its settings). None if `reach` is enough."""

    nesting: GroupNesting | None = None  # how groups in its objects are nested, or None if objects do not name groups

    leaves_out: Mapping[str, str] = field(default_factory=dict)  # by the setting that names groups: who is left out
    locks_out: bool = False  # whether an object can stop people from signing in

    is_ours: Callable[[Remote], bool] | None = None
    """Returns whether toolkit created an object, from the mark in it. None if the kind's objects have no mark."""

    doubts: Callable[[C, Sequence[Desired]], Iterable[Doubt]] = _return_empty
    """Reads from the tenant, in one request if possible, the objects to which desired objects refer."""

    conflicts: Callable[[C, Sequence[Desired], Collection[str]], Iterable[Doubt]] = _return_empty
    """Reads from the tenant, in one request if possible, other settings that cancel desired objects.

    It also gets the ids of objects that will be deleted, and the desired objects of the kinds in `judged_with`.
    """

    judged_with: tuple[str, ...] = ()  # kinds of the same provider that change the effect of this kind's objects

    names_there: Callable[[C], Iterable[str]] = _return_empty
    """Returns the names of objects that are set in a tenant, for a non-personal kind that the service cannot list."""

    other_objects: OtherObjects[C] | None = None  # reads other kinds that share settings, for an import

    meanings: Callable[[C, Sequence[Observed]], Iterable[IdMeaning]] = _return_empty
    """Returns the meaning of each id in the settings of objects, for the comments of an import."""

    stops: ObjectEffects = ObjectEffects()  # effects of whole objects; `Spec.effects` has the effects of settings

    members: MemberList | None = None
    jobs: Jobs = Jobs()
    names: NameRules = NameRules()
    lifecycle: Lifecycle = Lifecycle()
    mail: MailSemantics[C] = field(default_factory=MailSemantics)
    evidence: EvidenceSemantics[C] = EvidenceSemantics()

    def reaches(self, name: str, settings: Settings) -> Targets:
        """Return the people whom an object with this name and these settings affects."""
        return (self.targets or TARGETS.get(self.reach, whole_tenant))(name, settings)

    def noun_for(self, number: int) -> str:
        """Return the noun for a number of objects, for example mail rule or mail rules.

        For a kind with only one object, return its title.
        """
        return self.title if number == 1 or self.names.only is not None else self.plural

    @property
    def keeps_evidence(self) -> bool:
        """Return whether every object of the kind keeps or deletes evidence."""
        return self.evidence != EvidenceSemantics() and self.evidence.everywhere

    @property
    def renaming(self) -> Renaming:
        """Return the way in which an object is renamed if its name in the playbook changes."""
        if self.names.mark:
            return Renaming.MARK
        fixed = self.fixed or self.read_only or self.per_person or self.names.identifies or self.names.only is not None
        return Renaming.NEVER if fixed else Renaming.SERVICE
