"""How far a control goes on one provider: parts, each with what it covers, its level and its limits."""

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
    WRITTEN = "written, not proven"  # what has to be on beside it was not read as on
    ATTESTED = "attested"  # somebody confirmed it, until a date
    NOT_YET = "not yet"  # the object that closes it differs: a plan would put it right
    NOT_LOOKED_AT = "not looked at"  # this command does not read whether it is so
    NOT_SEEN = "not seen"  # nothing that toolkit reads shows it
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Closure:
    """What a part does about some apps on one surface."""

    surface: str  # a key of SURFACES
    apps: tuple[str, ...]  # by their titles
    closing: Closing
    given: str = ""  # what has to be so for it to hold, or why it is open


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
"""Every surface: in words, and how it is where no part says anything of it."""


SCHOOL = "school"
"""In the place of a provider: what no cloud holds, and people of the school confirm."""


class Level(StrEnum):
    """What we do about something: set it, read it, leave it to people, or nothing since the licence lacks it."""

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
    label: str = ""  # what people read, where the name is a person's id
    reach: Reach | None = None  # whom this one object touches, where it is not the whole audience
    back: Spec | None = None  # what is written to take it back, where the kind alone cannot tell
    reviewed: Mapping[str, str] = field(default_factory=dict)
    """Settings that a kind `closes`: "" where people looked at what that stops, else why it must wait."""

    @property
    def settings(self) -> Mapping[str, Json]:
        """Return the settings that the control names, written as a playbook would write them."""
        return self.spec.written

    @property
    def given_back(self) -> Mapping[str, Json] | None:
        """Return what takes the object back, written likewise; None where only the kind can tell."""
        return self.back.written if self.back else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One piece of a control on one provider: what toolkit sets, where it names no other level."""

    name: str
    covers: str
    level: Level = Level.ENFORCED
    limits: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()
    needed: bool = True  # the clause is not met without it
    reason: str = ""  # why the level is no better, or what a person does
    for_governors: str = ""  # the same for governors, of a part that is unavailable or always so
    cannot: tuple[str, ...] = ()  # exceptions that this part cannot make: what it does stays as it is for them
    pilots: bool = False  # it can begin with one group: what it asks for is for `scope.reached`
    waits: str = ""  # why nothing of it is set for anybody until the day of a pilot
    closures: tuple[Closure, ...] = ()  # ways to apps that it closes, or says of why they stay open
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
    """Return a part that a person does: the reason says where."""
    return Part(name=name, level=Level.MANUAL, covers=covers, reason=reason, limits=limits, needed=needed)


@dataclass(frozen=True, slots=True)
class Realisation:
    """A control on one provider."""

    parts: tuple[Part, ...]

    @property
    def level(self) -> Level:
        """Give the level of the weakest part that the clause needs."""
        needed = [part.level for part in self.parts if part.needed] or [part.level for part in self.parts]
        return min(needed, key=_STRENGTH.__getitem__)


@dataclass(frozen=True, slots=True)
class ControlContext:
    """What a control may rest on while it is realised."""

    school: School
    scope: Scope
    protected: Sequence[str] = ()  # mailboxes whose mail nothing may hold up
    signals: Signals = field(default_factory=Signals)
    now: datetime | None = None  # None where no time is known, as in `validate`

    @property
    def audience(self) -> Audience:
        return self.scope.audience

    @property
    def correspondents(self) -> tuple[Person, ...]:
        """List those of the audience who have a mailbox that may be touched, and who are not excepted."""
        spared = {address.casefold() for address in (*self.school.protected.accounts, *self.protected)}
        excepted = {person.id for group in self.scope.excepted for person in group.people}
        return tuple(
            person
            for person in self.scope.people
            if person.mailbox and person.id not in excepted and person.address.casefold() not in spared
        )


S_contra = TypeVar("S_contra", contravariant=True)


class Realise(Protocol[S_contra]):
    """Turns a control's settings into parts; S is the control's own type of settings."""

    def __call__(self, settings: S_contra, context: ControlContext, /) -> Iterable[Part]: ...


@dataclass(frozen=True, slots=True)
class CloudControl:
    """A control as one cloud realises it; found in `CONTROLS` of the modules of connectors/<provider>/controls.

    One that `excepts` honours exceptions: it keeps what it asks of the audience away from `scope.excepted`, names in
    `cannot` where that is impossible, and is asked once more for each such group, whose scope then says from which
    audience it departs. Elsewhere nothing is different for the people excepted.

    One that `pilots` has parts that say so: while there is a pilot they ask for `scope.reached` alone what they ask for
    the audience afterwards. What any other part asks for is not set before the pilot's day.
    """

    name: str
    parts: Realise[Any]
    excepts: bool = False
    pilots: bool = False

    def realise(self, settings: object, context: ControlContext) -> Realisation:
        """Return the parts for these settings; ValueError where the audience makes it impossible."""
        return Realisation(tuple(self.parts(settings, context)))
