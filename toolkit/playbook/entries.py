"""The loaded and validated playbooks of a school, with the line of each key."""

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
from toolkit.playbook.canaries import Canary
from toolkit.playbook.checklists import Checklist
from toolkit.playbook.choices import CHOICES
from toolkit.playbook.decisions import Decisions
from toolkit.playbook.policy_entries import Policy
from toolkit.playbook.registers import Registers
from toolkit.playbook.slices import Slices
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.resource import Address, Handling, Mode, Origin
from toolkit.values import Json
from toolkit.yaml.node import Source

S = TypeVar("S", bound=ControlSettings)


class ControlIdentity(NamedTuple):
    """The identity of a control entry: no two entries of a school have the same control and audience."""

    control: str
    audience: str | None  # the role; None if the control is not for people


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlEntry:
    """A control as an entry of a playbook."""

    name: str
    settings: ControlSettings  # an instance of the control's own settings class
    origin: Origin
    lines: Mapping[str, int]  # the line of each setting, by its key in the file (`for`, not audience)
    mode: Mode  # from the entry, otherwise the file, otherwise the school
    playbook: str  # the slug of its playbook
    written: Mapping[str, Json] = field(default_factory=dict)  # the settings as written in the file
    read: Callable[[Mapping[str, Json]], ControlSettings] = field(
        repr=False
    )  # validates settings in the context of the entry's file
    school: str = ""  # the school of a trust for which it is, or "" for the whole tenant. See Slices

    @property
    def identity(self) -> ControlIdentity:
        return ControlIdentity(self.name, self.settings.audience)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingControl:
    """A control that waits for open decisions."""

    name: str
    decisions: tuple[str, ...]  # the names of the open choices
    clauses: tuple[str, ...]  # the clauses of its playbook
    origin: Origin
    entry: ControlEntry | None = None  # the control, if it can be read without the decision


@dataclass(frozen=True, slots=True)
class OpenChoice:
    """An open choice of the policy, and the controls that wait for it."""

    name: str
    question: str
    clauses: tuple[str, ...]
    waiting: tuple[WaitingControl, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceEntry:
    """A resource as an entry of a playbook."""

    provider: str
    kind: str
    name: str
    written: Mapping[str, Json]  # the settings, for `Spec.desired` of the kind
    lines: Mapping[str, int]  # the line of each setting
    origin: Origin
    mode: Mode  # from the entry, otherwise the file, otherwise the school
    handling: Handling
    renamed_from: str | None
    playbook: str  # the slug of its playbook
    unmanaged_properties: Mapping[str, str] = field(default_factory=dict)  # fingerprint of the value by path

    @property
    def origins(self) -> Mapping[str, Origin]:
        """Return the file and line of each setting."""
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
    open_choices: tuple[str, ...] = ()  # undecided choices that do not stop the controls

    @property
    def control_names(self) -> frozenset[str]:
        """Return the names of the playbook's controls, including controls that wait for a decision."""
        return frozenset([*(entry.name for entry in self.controls), *(entry.name for entry in self.waiting)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """An approved exception for a limited time: other settings of a control for a role, or no control for the role."""

    name: str
    entry: ControlEntry  # the control's usual entry
    audience: str  # the role
    settings: ControlSettings | None  # the role's settings; None if the control does not apply to them
    reason: str
    begins: datetime
    ends: datetime  # from this time the control applies to them again
    by: str  # a role that may approve exceptions
    on: date
    clauses: tuple[str, ...]
    dpia: str | None
    origin: Origin
    lines: Mapping[str, int]  # the line of each key

    def live(self, now: datetime) -> bool:
        """Return whether it applies at a time."""
        return self.begins <= now < self.ends

    def last_day(self, zone: tzinfo | None) -> date:
        """Return the last day of the exception. If the exception ends at midnight, return the day before."""
        return (self.ends - datetime.resolution).astimezone(zone).date()

    def overlaps(self, other: "Departure") -> bool:
        """Return whether two exceptions are for the same role and control, and overlap in time."""
        same = self.entry is other.entry and self.audience == other.audience
        return same and self.begins < other.ends and other.begins < self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """A pilot: a control applies to one role first, and to everyone from a given date."""

    entry: ControlEntry
    audience: str  # the role
    until: date
    ends: datetime  # the start of that day by the school's clock
    origin: Origin

    @property
    def name(self) -> str:
        """Return a name for the pilot, made from the control's name and audience."""
        return f"pilot of {self.entry.name} for {self.entry.settings.audience or 'everyone'}"

    def live(self, now: datetime) -> bool:
        """Return whether the pilot is running at a given time, so that only its role has the control."""
        return now < self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A difference from the playbooks that a person accepted until a given time."""

    address: Address
    setting: str | None  # None if the object is missing or should not exist
    reason: str
    ends: datetime
    by: str  # a role
    on: date
    origin: Origin
    value: str = ""  # the fingerprint of the accepted value; "" for any value

    def live(self, now: datetime) -> bool:
        """Return whether it applies at a time."""
        return self.on <= now.astimezone(self.ends.tzinfo).date() and now < self.ends


def pilot_of(entry: ControlEntry, school: School) -> Pilot | None:
    """Return the pilot of a control, or None if the control starts for everyone at once."""
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
    """The loaded files of a school. `digest` covers the bytes of every file, including texts."""

    school: School
    playbooks: tuple[Playbook, ...]  # in order of paths
    attestations: tuple[Attestation, ...]  # in order of paths and lines
    trials: tuple[Trial, ...] = ()  # likewise
    departures: tuple[Departure, ...] = ()  # likewise
    acceptances: tuple[Acceptance, ...] = ()  # likewise
    digest: str
    root: Path
    file: Path | None = None  # the file, if only one was loaded
    others: Mapping[str, Sequence[Source]]  # other files, such as decisions, by their first key
    apps: Catalogue = field(default_factory=builtin)  # the catalogue with the school's additions
    policy: Policy = field(default_factory=Policy)
    registers: Registers = field(default_factory=Registers)
    checklists: Mapping[str, Checklist] = field(default_factory=dict)  # the school's own checklists
    canaries: tuple[Canary, ...] = ()  # messages that must get through the mail rules or must be stopped
    decisions: Decisions = field(default_factory=Decisions)
    earlier_keys: tuple[Problem, ...] = ()  # keys written under an earlier name
    remarks: tuple[Problem, ...] = ()  # entries that are unusual or have no effect but may be intended
    slices: Slices = field(default_factory=Slices)
    base: tuple[Playbook, ...] = ()  # a trust's own values, with BASE or WHOLE_TENANT in place of a school

    def school_of(self, entry: ControlEntry) -> School:
        """Return the school for which a control is."""
        return self.slices.schools.get(entry.school, self.school)

    def role_of(self, entry: ControlEntry, role: str) -> str:
        """Return the name in the whole tenant of a role that a control names. A lone school has only one name."""
        name = f"{entry.school} {role}"
        return name if name in self.slices.roles else role

    @property
    def control_names(self) -> frozenset[str]:
        """Return the names of the controls in all playbooks."""
        return frozenset(name for playbook in self.playbooks for name in playbook.control_names)

    def enabled_settings(self, settings: type[S]) -> Iterator[tuple[Playbook, S]]:
        """Yield the playbook and the settings of each control that is not off.

        Only controls with settings of the given type are included.
        """
        for playbook in self.playbooks:
            for entry in playbook.controls:
                if isinstance(entry.settings, settings) and entry.mode is not Mode.OFF:
                    yield playbook, entry.settings

    @property
    def may_write(self) -> bool:
        """Return whether a run may write, because an entry is enforced or withdrawn."""
        controls = [entry for playbook in self.playbooks for entry in playbook.controls]
        modes = {entry.mode for entry in controls} | {
            entry.mode for playbook in self.playbooks for entry in playbook.resources
        }
        return Mode.ENFORCE in modes or any(entry.settings.withdraw for entry in controls)

    @property
    def pilots(self) -> tuple[Pilot, ...]:
        """Return the pilots of controls that are enabled or being withdrawn."""
        entries = [entry for playbook in self.playbooks for entry in playbook.controls]
        active = (entry for entry in entries if entry.mode is not Mode.OFF or entry.settings.withdraw)
        pilots = [pilot_of(entry, self.school) for entry in active]
        return tuple(pilot for pilot in pilots if pilot)

    @property
    def waiting(self) -> tuple[WaitingControl, ...]:
        """Return the controls that wait for a decision."""
        return tuple(control for playbook in self.playbooks for control in playbook.waiting)

    @property
    def open_choices(self) -> tuple[OpenChoice, ...]:
        """Return the choices that the school has not made.

        If the school has no file of decisions, return only choices on which its controls depend. Clauses that the
        school's own policy does not have are left out.
        """
        clauses = {clause.name for clause in self.policy.clauses}
        names = {name for control in self.waiting for name in control.decisions}
        names |= {name for playbook in self.playbooks for name in playbook.open_choices}
        return tuple(
            OpenChoice(
                name,
                choice.question,
                tuple(clause for clause in choice.clauses if not clauses or clause in clauses),
                tuple(w for w in self.waiting if name in w.decisions),
            )
            for name, choice in CHOICES.items()
            if name in names or (self.decisions.listed and self.decisions.is_open(name))
        )
