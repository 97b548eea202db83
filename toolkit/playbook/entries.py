"""What a school wants, as its playbooks say it: checked, typed, each word with its line."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime, time, tzinfo
from pathlib import Path
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from toolkit.catalogue.naming import Catalogue, builtin
from toolkit.controls.control import ControlSettings
from toolkit.errors import Problem
from toolkit.playbook.attestations import Attestation, Trial
from toolkit.playbook.checklists import Checklist
from toolkit.playbook.choices import CHOICES
from toolkit.playbook.decisions import Decisions
from toolkit.playbook.policy_entries import Policy
from toolkit.playbook.registers import Registers
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.resource import Address, Handling, Mode, Origin
from toolkit.values import Json
from toolkit.yaml.node import Source

S = TypeVar("S", bound=ControlSettings)


class ControlIdentity(NamedTuple):
    """A control for an audience: no two entries of a school have the same, wherever they are written."""

    control: str
    audience: str | None  # the role; None if the control is not for people


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlEntry:
    """A control that a playbook asks for."""

    name: str
    settings: ControlSettings  # of the control's own class
    origin: Origin
    lines: Mapping[str, int]  # of each setting, by the word in the file (`for`, not audience)
    mode: Mode  # its own, else the file's, else the school's
    playbook: str  # the slug
    written: Mapping[str, Json] = field(default_factory=dict)  # the settings, as the file says them
    read: Callable[[Mapping[str, Json]], ControlSettings] = field(repr=False)  # reads settings as its file's were

    @property
    def identity(self) -> ControlIdentity:
        return ControlIdentity(self.name, self.settings.audience)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingControl:
    """A control that a playbook asks for and nothing is done about, until what it rests on is decided."""

    name: str
    decisions: tuple[str, ...]  # the names of the choices that are open
    clauses: tuple[str, ...]  # of its playbook
    origin: Origin
    entry: ControlEntry | None = None  # as it stands, where it can be read without the decision


@dataclass(frozen=True, slots=True)
class OpenChoice:
    """A choice of the policy that no one has made, and the controls that wait for it."""

    name: str
    question: str
    clauses: tuple[str, ...]
    waiting: tuple[WaitingControl, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceEntry:
    """A single object that a playbook asks for."""

    provider: str
    kind: str
    name: str
    written: Mapping[str, Json]  # settings, for the `desired` of the kind's spec
    lines: Mapping[str, int]  # of each setting
    origin: Origin
    mode: Mode  # its own, else the file's, else the school's
    handling: Handling
    renamed_from: str | None
    playbook: str  # the slug
    unmanaged_properties: Mapping[str, str] = field(default_factory=dict)  # path: fingerprint of the value

    @property
    def origins(self) -> Mapping[str, Origin]:
        """Give the place of each setting."""
        return {setting: Origin(self.origin.path, line) for setting, line in self.lines.items()}

    @property
    def address(self) -> Address:
        return Address(self.provider, self.kind, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """One playbook file."""

    slug: str
    title: str
    owner: str | None
    clauses: tuple[str, ...]
    mode: Mode
    path: str
    controls: tuple[ControlEntry, ...]
    resources: tuple[ResourceEntry, ...]
    waiting: tuple[WaitingControl, ...] = ()
    open_choices: tuple[str, ...] = ()  # what its controls rest on and nobody has decided, where they go on without

    @property
    def control_names(self) -> frozenset[str]:
        """Name the controls that it asks for, those that wait for a decision too."""
        return frozenset([*(entry.name for entry in self.controls), *(entry.name for entry in self.waiting)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """An exception: for some time a control is different for a role, or asks nothing of it; a person approved that."""

    name: str
    entry: ControlEntry  # what it departs from
    audience: str  # the role
    settings: ControlSettings | None  # the control's own for them; None where it asks nothing of them
    reason: str
    begins: datetime
    ends: datetime  # from then on the control holds for them again
    by: str  # a role that may approve exceptions
    on: date
    clauses: tuple[str, ...]
    dpia: str | None
    origin: Origin
    lines: Mapping[str, int]  # of each key

    def live(self, now: datetime) -> bool:
        """Say whether it holds at an instant."""
        return self.begins <= now < self.ends

    def last_day(self, zone: tzinfo | None) -> date:
        """Return the last day on which it holds; an exception that ends at midnight ends with the day before."""
        return (self.ends - datetime.resolution).astimezone(zone).date()

    def overlaps(self, other: "Departure") -> bool:
        """Say whether two are for the same people, control and time."""
        same = self.entry is other.entry and self.audience == other.audience
        return same and self.begins < other.ends and other.begins < self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """A role has a control first; from a day on everybody has it."""

    entry: ControlEntry
    audience: str  # the role
    until: date
    ends: datetime  # when that day begins by the school's clock
    origin: Origin

    @property
    def name(self) -> str:
        """Call it by its control."""
        return f"pilot of {self.entry.name} for {self.entry.settings.audience or 'everyone'}"

    def live(self, now: datetime) -> bool:
        """Say whether only the pilot has the control at an instant."""
        return now < self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Something that differs and that a person accepted as it is, until an instant."""

    address: Address
    setting: str | None  # None: that the object is missing, or there
    reason: str
    ends: datetime
    by: str  # a role
    on: date
    origin: Origin
    value: str = ""  # the fingerprint of the value that it is about; "" for any

    def live(self, now: datetime) -> bool:
        """Say whether it holds at an instant."""
        return self.on <= now.astimezone(self.ends.tzinfo).date() and now < self.ends


def pilot_of(entry: ControlEntry, school: School) -> Pilot | None:
    """Give the pilot with which a control begins; None where it begins with everybody."""
    written = entry.settings.pilot
    if written is None:
        return None
    line = entry.lines.get("pilot", entry.origin.line)
    return Pilot(
        entry=entry,
        audience=written.audience,
        until=written.until,
        ends=datetime.combine(written.until, time(), ZoneInfo(school.time_zone)),
        origin=Origin(entry.origin.path, line),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbooks:
    """All that was loaded; `digest` is over the bytes of every file, texts included."""

    school: School
    playbooks: tuple[Playbook, ...]  # in the order of their paths
    attestations: tuple[Attestation, ...]  # in the order of their paths and lines
    trials: tuple[Trial, ...] = ()  # likewise
    departures: tuple[Departure, ...] = ()  # likewise
    acceptances: tuple[Acceptance, ...] = ()  # likewise
    digest: str
    root: Path
    file: Path | None = None  # the one file that was loaded, where it was not all of them
    others: Mapping[str, Sequence[Source]]  # decisions, reporting: by their first key
    apps: Catalogue = field(default_factory=builtin)  # with what the school adds
    policy: Policy = field(default_factory=Policy)
    registers: Registers = field(default_factory=Registers)
    checklists: Mapping[str, Checklist] = field(default_factory=dict)  # the school's own
    decisions: Decisions = field(default_factory=Decisions)
    earlier_keys: tuple[Problem, ...] = ()  # keys that are read although they have a new name, with the new line
    remarks: tuple[Problem, ...] = ()  # what is unusual or counts for nothing, and may be right

    @property
    def control_names(self) -> frozenset[str]:
        """Name the controls that any playbook asks for."""
        return frozenset(name for playbook in self.playbooks for name in playbook.control_names)

    def enabled_settings(self, settings: type[S]) -> Iterator[tuple[Playbook, S]]:
        """Yield the settings of a type for each control that is not off, with the playbook that has it."""
        for playbook in self.playbooks:
            for entry in playbook.controls:
                if isinstance(entry.settings, settings) and entry.mode is not Mode.OFF:
                    yield playbook, entry.settings

    @property
    def may_write(self) -> bool:
        """Return whether anything is enforced or taken back, so that a run may write."""
        controls = [entry for playbook in self.playbooks for entry in playbook.controls]
        modes = {entry.mode for entry in controls} | {
            entry.mode for playbook in self.playbooks for entry in playbook.resources
        }
        return Mode.ENFORCE in modes or any(entry.settings.withdraw for entry in controls)

    @property
    def pilots(self) -> tuple[Pilot, ...]:
        """List the pilots of the controls that are not off, or are taken back."""
        entries = [entry for playbook in self.playbooks for entry in playbook.controls]
        active = (entry for entry in entries if entry.mode is not Mode.OFF or entry.settings.withdraw)
        pilots = [pilot_of(entry, self.school) for entry in active]
        return tuple(pilot for pilot in pilots if pilot)

    @property
    def waiting(self) -> tuple[WaitingControl, ...]:
        """List the controls that wait for a decision."""
        return tuple(control for playbook in self.playbooks for control in playbook.waiting)

    @property
    def open_choices(self) -> tuple[OpenChoice, ...]:
        """List the choices that are open: all of them where decisions are kept, else those that a control rests on."""
        names = {name for control in self.waiting for name in control.decisions}
        names |= {name for playbook in self.playbooks for name in playbook.open_choices}
        return tuple(
            OpenChoice(name, choice.question, choice.clauses, tuple(w for w in self.waiting if name in w.decisions))
            for name, choice in CHOICES.items()
            if name in names or (self.decisions.listed and self.decisions.is_open(name))
        )
