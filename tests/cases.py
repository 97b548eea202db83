"""The cases of every kind that is found: what each asks for, and what somebody then changes by hand, in wire names."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.door import Door
from tests.emulated import Tenant
from toolkit.tenant.providers import kinds, providers

FOLDER = Path(__file__).parent / "kinds"
KINDS = sorted(f"{provider}.{kind}" for provider in providers() for kind in kinds(provider))
"""Every kind that the installed connectors bring, as `microsoft365.transport_rule`."""


@dataclass(frozen=True)
class Edit:
    """A change by hand of a stored object, and what becomes of it."""

    setting: str
    wire: Mapping[str, Any]
    also: tuple[str, ...] = ()  # settings that the service couples to the one edited
    repaired: Mapping[str, Any] = field(default_factory=dict)  # what is stored then, where it is not what was before
    calls: int = 1  # writes that put it right

    @property
    def shows(self) -> list[str]:
        return sorted({self.setting, *self.also})


@dataclass(frozen=True)
class Case:
    """One object as a playbook asks for it; `stored` is the emulator's collection that holds it."""

    kind: str
    stem: str
    name: str
    stored: str
    settings: Mapping[str, Any]
    edits: Sequence[Edit] = ()
    foreign: Sequence[Edit] = field(default=())
    troubled: bool = False  # its requests meet every fault

    def __str__(self) -> str:
        return f"{self.kind.partition('.')[2]}/{self.stem}"

    @property
    def address(self) -> str:
        return f"{self.kind}[{self.name}]"

    @property
    def all_edits(self) -> Sequence[Edit]:
        return (*self.edits, *self.foreign)

    def key(self, tenant: Tenant) -> str:
        """Find the key of the stored object: the one of this name, or the only one there is."""
        objects = tenant.objects(self.stored)
        named = [key for key, body in objects.items() if self.name in (body.get("Name"), body.get("displayName"))]
        (key,) = named or list(objects)
        return key

    def body(self, tenant: Tenant) -> dict[str, Any]:
        """Read the stored object."""
        return tenant.stored(self.stored, self.key(tenant))


@dataclass(frozen=True)
class Refused:
    """Settings that a playbook may not ask for, and words of the reason."""

    kind: str
    settings: Mapping[str, Any]
    message: str

    def __str__(self) -> str:
        return f"{self.kind.partition('.')[2]}: {self.message}"


def _files(kind: str) -> Mapping[Path, Any]:
    return {path: YAML(typ="safe").load(path) for path in sorted((FOLDER / kind.replace(".", "/")).glob("*.yaml"))}


def _case(kind: str, path: Path, told: Mapping[str, Any]) -> Case:
    edits, foreign = (tuple(_edit(one) for one in told.get(part, ())) for part in ("edits", "foreign"))
    return Case(kind, path.stem, **{**told, "edits": edits, "foreign": foreign})


def _edit(told: Mapping[str, Any]) -> Edit:
    return Edit(
        told["setting"], told["wire"], tuple(told.get("also", ())), told.get("repaired", {}), told.get("calls", 1)
    )


FILES = {kind: _files(kind) for kind in KINDS}
CASES = [_case(kind, path, told) for kind in KINDS for path, told in FILES[kind].items() if "refused" not in told]
REFUSED = [
    Refused(kind, one["settings"], one["message"])
    for kind in KINDS
    for told in FILES[kind].values()
    for one in told.get("refused", ())
]


def resource(kind: str, name: str, settings: Mapping[str, Any]) -> str:
    """Write one object as an entry of a playbook; JSON is YAML."""
    lines = [f"  - {kind}: {json.dumps(name)}", *(f"    {key}: {json.dumps(v)}" for key, v in settings.items())]
    return "\n".join(lines) + "\n"


def playbook(*resources: str, slug: str = "cases", mode: str = "enforce") -> str:
    """Write a playbook that asks for objects; the first stands at line 6."""
    return f"playbook: {slug}\ntitle: Cases\nowner: Head Teacher\nmode: {mode}\nresources:\n{''.join(resources)}"


def ask_for(door: Door, case: Case, name: str = "10-cases.yaml") -> Path:
    """Write a case as a playbook of a school."""
    return door.write(name, playbook(resource(case.kind, case.name, case.settings)))


def writes(door: Door, after: int) -> list[str]:
    """List the writing operations that the tenant was sent since its request number `after`."""
    asked = door.tenant.requests(after)
    return [one["name"] for request in asked for one in request["operations"] if one["write"]]


def newest(door: Door) -> int:
    """Give the number of the tenant's latest request."""
    return int(max((request["n"] for request in door.tenant.requests()), default=0))


def protect_nobody(door: Door) -> None:
    """Take the protected mailboxes out of the school file: what a case asks for may touch anybody's mail."""
    path = door.playbooks / "00-school.yaml"
    path.write_text(path.read_text().partition("\n# Never touched")[0])
