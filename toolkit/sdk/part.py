"""The implementation of a control on a provider: its parts, their levels and limits, and the objects that the parts
need.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.school.signals import Signals
from toolkit.sdk.directory import Audience, Person, Scope
from toolkit.sdk.resource import Reach
from toolkit.sdk.spec import Spec
from toolkit.values import Json


class Closing(StrEnum):
    """Whether a way to use an app is blocked, and the evidence for this."""

    CLOSED = "closed"
    WRITTEN = "written, not proven"  # a required setting is not known to be enabled
    ATTESTED = "attested"  # a person confirmed it until a date
    NOT_YET = "not yet"  # the blocking object differs from the playbook, so an apply would correct it
    NOT_LOOKED_AT = "not looked at"  # this command does not read the object
    NOT_SEEN = "not seen"  # toolkit cannot read it
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Closure:
    """The way in which a part of a control blocks apps in one place, such as on school computers."""

    surface: str  # a key of SURFACES
    apps: tuple[str, ...]  # titles of the apps
    closing: Closing
    given: str = ""  # the condition for it, or why the surface is open


SURFACES: dict[str, tuple[str, Closing]] = {
    "managed_browser": ("Chrome or Edge, signed in with a school account", Closing.OPEN),
    "other_browser": ("other browsers on the school's computers", Closing.OPEN),
    "windows_app": ("the app on the school's Windows computers", Closing.OPEN),
    "chromeos_app": ("the Android app on Chromebooks", Closing.OPEN),
    "supervised_ipad": ("supervised iPads in this Intune", Closing.OPEN),
    "other_ipad": ("iPads that another system manages", Closing.NOT_SEEN),
    "android_work": ("the work profile of Android phones", Closing.OPEN),
    "android_personal": ("the personal side of Android phones", Closing.OPEN),
    "network": ("the school's network (filter, firewall)", Closing.NOT_SEEN),
    "guest_network": ("the guest Wi-Fi", Closing.NOT_SEEN),
    "mobile_data": ("personal phones on mobile data", Closing.OPEN),
}
"""All surfaces by key: the description, and the state if no part blocks it."""


SCHOOL = "school"
"""The provider name for parts that no cloud has and that people at the school confirm."""


class Level(StrEnum):
    """The way in which toolkit handles a part of a control: enforced, only checked, manual, or unavailable because the
    licence lacks it.
    """

    ENFORCED = "enforced"
    CHECKED = "checked"
    MANUAL = "manual"
    UNAVAILABLE = "unavailable"


_STRENGTH = {Level.UNAVAILABLE: 0, Level.MANUAL: 1, Level.CHECKED: 2, Level.ENFORCED: 3}


@dataclass(frozen=True, slots=True)
class Resource:
    """An object that a part of a control requires."""

    kind: str
    name: str
    spec: Spec  # with the settings that the control sets
    label: str = ""  # a label for people if the name is a person's id
    reach: Reach | None = None  # the number of people affected, if it is not the whole audience
    back: Spec | None = None  # the settings that withdraw the object, if the kind does not know them
    reviewed: Mapping[str, str] = field(default_factory=dict)
    """For settings in the kind's `closes`: "" if people reviewed the uses that would stop, otherwise the reason to
    wait.
    """

    @property
    def settings(self) -> Mapping[str, Json]:
        """Return the settings of the object that the control requires, in the form of a playbook."""
        return self.spec.written

    @property
    def withdrawn_settings(self) -> Mapping[str, Json] | None:
        """Return the settings that undo the control in the object, in the form of a playbook.

        Return None if the kind defines them.
        """
        return self.back.written if self.back else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a control on a provider. toolkit enforces the part, unless it has another level."""

    name: str
    covers: str
    level: Level = Level.ENFORCED
    limits: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    needed: bool = True  # whether the clause needs it
    reason: str = ""  # why the level is not better, or the action that a person must take
    for_governors: str = ""  # the reason for governors, if the part is unavailable or always met
    cannot: tuple[str, ...] = ()  # exceptions that this part cannot support, so it still applies to them
    pilots: bool = False  # whether it can be limited to a pilot group (`scope.current_audience`)
    waits: str = ""  # why it is not set for anyone until the pilot's date
    closures: tuple[Closure, ...] = ()  # the ways to use apps that it blocks, or explains why they are open
    tested: bool = False  # whether people test it on each device and network instead of confirming it
    always: bool = False  # whether the service always does it, whatever the settings
    closes: str = ""  # a surface that is blocked for every app while this part is confirmed


def checked(
    name: str, covers: str, reason: str, *limits: str, resources: tuple[Resource, ...] = (), needed: bool = True
) -> Part:
    """Return a part of a control that `toolkit check` checks and that no run writes."""
    level = Level.CHECKED
    return Part(name=name, level=level, covers=covers, reason=reason, limits=limits, resources=resources, needed=needed)


def manual(name: str, covers: str, reason: str, *limits: str, needed: bool = True) -> Part:
    """Return a part of a control that a person must do by hand. Its reason says where to do it."""
    return Part(name=name, level=Level.MANUAL, covers=covers, reason=reason, limits=limits, needed=needed)


@dataclass(frozen=True, slots=True)
class Realisation:
    """The parts of a control on a provider."""

    parts: tuple[Part, ...]

    @property
    def level(self) -> Level:
        """Return the weakest level among the parts that a clause of the policy needs."""
        needed = [part.level for part in self.parts if part.needed] or [part.level for part in self.parts]
        return min(needed, key=_STRENGTH.__getitem__)


@dataclass(frozen=True, slots=True)
class ControlContext:
    """The inputs for a control's parts on a provider: the school, the audience, and signals about people."""

    school: School
    scope: Scope
    protected: Sequence[str] = ()  # mailboxes whose mail must never be delayed
    signals: Signals = field(default_factory=Signals)
    now: datetime | None = None  # None without a time, for example in `validate`

    @property
    def audience(self) -> Audience:
        return self.scope.audience

    @property
    def correspondents(self) -> tuple[Person, ...]:
        """Return the people whose mailboxes toolkit may change. People who have an exception are left out."""
        spared = {address.casefold() for address in (*self.school.protected.accounts, *self.protected)}
        excepted = {person.id for group in self.scope.excepted_audiences for person in group.people}
        return tuple(
            person
            for person in self.scope.people
            if person.mailbox and person.id not in excepted and person.address.casefold() not in spared
        )


S_contra = TypeVar("S_contra", contravariant=True)


class Realise(Protocol[S_contra]):
    """Converts a control's settings to the parts of the control on a provider. S is the type of the settings."""

    def __call__(self, settings: S_contra, context: ControlContext, /) -> Iterable[Part]: ...


@dataclass(frozen=True, slots=True)
class CloudControl:
    """The implementation of a control on a cloud. Defined in `CONTROLS` of the modules of
    connectors/<provider>/controls.

    Exceptions: with `excepts`, `realise` leaves out the groups in `scope.excepted_audiences`, and lists in `cannot` the
    exceptions that are impossible. `realise` is called again for each excepted group, with the original audience in the
    scope. Without `excepts`, the control also applies to people with an exception.

    Pilots: with `pilots`, a control has parts that can be limited to a group. During a pilot these parts apply only to
    `scope.current_audience`, and afterwards to the whole audience. Parts that cannot be limited are not set before the
    pilot's end date.
    """

    name: str
    parts: Realise[Any]
    excepts: bool = False
    pilots: bool = False

    def realise(self, settings: object, context: ControlContext) -> Realisation:
        """Return the parts of the control for these settings.

        Raise ValueError if the control is impossible for the audience.
        """
        return Realisation(tuple(self.parts(settings, context)))
