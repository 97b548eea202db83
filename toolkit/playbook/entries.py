"""What a school wants, as its playbooks say it: checked, typed, each word with its line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from toolkit.catalogue.catalogue import Catalogue, builtin
from toolkit.controls.control import ControlSettings
from toolkit.playbook.node import Source
from toolkit.tenant.address import Address
from toolkit.tenant.resource import Handling, Mode, Origin
from toolkit.tenant.school import School
from toolkit.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlEntry:
    """A control that a playbook asks for."""

    name: str
    settings: ControlSettings  # of the control's own class
    origin: Origin
    lines: Mapping[str, int]  # of each setting, by the word in the file (`for`, not audience)
    mode: Mode  # its own, else the file's, else the school's
    playbook: str  # the slug


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """Somebody's word that a manual part of a control is as it should be, and for how long it counts."""

    control: str
    provider: str
    part: str
    by: str  # a role
    on: date
    until: date  # the last day on which it counts
    note: str | None
    operator: bool  # it is the word of whoever runs the tool
    origin: Origin
    lines: Mapping[str, int]  # of each key


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbooks:
    """All that was loaded; `digest` is over the bytes of every file, texts included."""

    school: School
    playbooks: tuple[Playbook, ...]  # in the order of their paths
    attestations: tuple[Attestation, ...]  # in the order of their paths and lines
    digest: str
    root: Path
    others: Mapping[str, Sequence[Source]]  # decisions, exceptions ...: by their first key
    apps: Catalogue = field(default_factory=builtin)  # with what the school adds
