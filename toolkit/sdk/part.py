"""The parts of a control on one provider, each with its scope, its level and its limits."""

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
    """How far one way to an app is closed."""

    CLOSED = "closed"
    WRITTEN = "written, not proven"  # a required setting was not read as enabled
    ATTESTED = "attested"  # somebody confirmed it, until a date
    NOT_YET = "not yet"  # the object that closes it differs: a plan would put it right
    NOT_LOOKED_AT = "not looked at"  # this command does not read the object
    NOT_SEEN = "not seen"  # nothing that toolkit reads shows it
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Closure:
    """How a part closes some apps on one surface."""

    surface: str  # a key of SURFACES
    apps: tuple[str, ...]  # by their titles
    closing: Closing
    given: str = ""  # the condition for it, or the reason that it is open


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
"""Every surface: its description, and its state if no part closes it."""


SCHOOL = "school"
"""The provider of parts that no cloud has and that people of the school confirm."""


class Level(StrEnum):
    """How toolkit handles a part: set it, read it, leave it to people, or nothing because the licence lacks it."""

    ENFORCED = "enforced"
    CHECKED = "checked"
    MANUAL = "manual"
    UNAVAILABLE = "unavailable"


_STRENGTH = {Level.UNAVAILABLE: 0, Level.MANUAL: 1, Level.CHECKED: 2, Level.ENFORCED: 3}


@dataclass(frozen=True, slots=True)
class Resource:
    """An object that a control asks for."""

    kind: str
    name: str
    spec: Spec  # of the kind, with the settings that the control names
    label: str = ""  # the label for people, if the name is a person's id
    reach: Reach | None = None  # the people whom this object touches, if it is not the whole audience
    back: Spec | None = None  # the settings that withdraw it, if the kind cannot tell them
    reviewed: Mapping[str, str] = field(default_factory=dict)
    """Settings that a kind `closes`: "" if people looked at the uses that they stop, else the reason to wait."""

    @property
    def settings(self) -> Mapping[str, Json]:
        """Return the settings that the control names, written as a playbook would write them."""
        return self.spec.written

    @property
    def given_back(self) -> Mapping[str, Json] | None:
        """Return the settings that withdraw the object, as in a playbook, or None if only the kind knows them."""
        return self.back.written if self.back else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One piece of a control on one provider. Its level is ENFORCED unless it names another."""

    name: str
    covers: str
    level: Level = Level.ENFORCED
    limits: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    needed: bool = True  # the clause is not met without it
    reason: str = ""  # why the level is not better, or the action of a person
    for_governors: str = ""  # the same for governors, of a part that is unavailable or always so
    cannot: tuple[str, ...] = ()  # exceptions that this part cannot make, so that it still applies to them
    pilots: bool = False  # it can begin with one group, and then applies only to `scope.current_audience`
    waits: str = ""  # why nothing of it is set for anybody until the day of a pilot
    closures: tuple[Closure, ...] = ()  # ways to apps that it closes, or whose opening it explains
    tested: bool = False  # people try it out, device by device and network by network, instead of confirming it
    always: bool = False  # the service does it by itself, whatever anybody sets
    closes: str = ""  # a surface that is closed for every app while people confirm this part


def checked(
    name: str, covers: str, reason: str, *limits: str, resources: tuple[Resource, ...] = (), needed: bool = True
) -> Part:
    """Return a part that `toolkit check` reads."""
    level = Level.CHECKED
    return Part(name=name, level=level, covers=covers, reason=reason, limits=limits, resources=resources, needed=needed)


def manual(name: str, covers: str, reason: str, *limits: str, needed: bool = True) -> Part:
    """Return a part that a person does. The reason names the place."""
    return Part(name=name, level=Level.MANUAL, covers=covers, reason=reason, limits=limits, needed=needed)


@dataclass(frozen=True, slots=True)
class Realisation:
    """A control on one provider."""

    parts: tuple[Part, ...]

    @property
    def level(self) -> Level:
        """Return the level of the weakest part that the clause needs."""
        needed = [part.level for part in self.parts if part.needed] or [part.level for part in self.parts]
        return min(needed, key=_STRENGTH.__getitem__)


@dataclass(frozen=True, slots=True)
class ControlContext:
    """The inputs of a control while it is realised."""

    school: School
    scope: Scope
    protected: Sequence[str] = ()  # mailboxes whose mail nothing may hold up
    signals: Signals = field(default_factory=Signals)
    now: datetime | None = None  # None if no time is known, for example in `validate`

    @property
    def audience(self) -> Audience:
        return self.scope.audience

    @property
    def correspondents(self) -> tuple[Person, ...]:
        """Return people of the audience with a mailbox that toolkit may change, without excepted people."""
        spared = {address.casefold() for address in (*self.school.protected.accounts, *self.protected)}
        excepted = {person.id for group in self.scope.excepted_audiences for person in group.people}
        return tuple(
            person
            for person in self.scope.people
            if person.mailbox and person.id not in excepted and person.address.casefold() not in spared
        )


S_contra = TypeVar("S_contra", contravariant=True)


class Realise(Protocol[S_contra]):
    """Turns a control's settings into parts. S is the control's own type of settings."""

    def __call__(self, settings: S_contra, context: ControlContext, /) -> Iterable[Part]: ...


@dataclass(frozen=True, slots=True)
class CloudControl:
    """A control as one cloud realises it. Stored in `CONTROLS` of the modules of connectors/<provider>/controls.

    A control with `excepts` supports exceptions. It does not apply to `scope.excepted_audiences`, names in `cannot` the
    exceptions that are impossible, and is realised again for each excepted group, with the original audience in the
    scope. Without `excepts` the control applies to excepted people too.

    A control with `pilots` has parts with `pilots`. During a pilot these parts apply only to `scope.current_audience`,
    and afterwards to the audience. Its other parts are not set before the pilot's end date.
    """

    name: str
    parts: Realise[Any]
    excepts: bool = False
    pilots: bool = False

    def realise(self, settings: object, context: ControlContext) -> Realisation:
        """Return the parts for these settings. Raise ValueError if the audience makes the control impossible."""
        return Realisation(tuple(self.parts(settings, context)))
