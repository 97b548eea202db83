"""The cases of every kind that is found: what each asks for, and what somebody then changes by hand, in wire names."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ruamel.yaml import YAML

from tests.door import Door
from tests.emulated import Tenant
from toolkit.errors import PlaybookError
from toolkit.sdk.providers import kinds, providers
from toolkit.yaml.node import plain
from toolkit.yaml.source import read_source

FOLDER = Path(__file__).parent / "kinds"
KINDS = sorted(f"{provider}.{kind}" for provider in providers() for kind in kinds(provider))
"""Every kind that the installed connectors bring, as `microsoft365.transport_rule`."""


Place = tuple[str, str]
"""Where an object is stored: the emulator's collection, and its key there."""

Stored = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Collections of stored objects by their keys."""


class Holder(Protocol):
    """A tenant, or what was read of it before."""

    def objects(self, collection: str, /) -> Mapping[str, Mapping[str, Any]]:
        """Return a stored collection by its keys."""


@dataclass(frozen=True)
class Edit:
    """A change by hand of a stored object, and what becomes of it; `wire` is laid over what is stored."""

    setting: str
    wire: Mapping[str, Any]
    stored: str = ""  # another collection than the case's, and the key there: the object is made if it is not there
    key: str = ""
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
    find: Mapping[str, Any] = field(default_factory=dict)  # what the stored object holds, by dotted paths
    owner: Mapping[str, str] = field(default_factory=dict)  # whose key it has: {in: COLLECTION, NAME: VALUE}
    before: Sequence[Mapping[str, Any]] = ()  # what is stored before anything is applied
    edits: Sequence[Edit] = ()
    foreign: Sequence[Edit] = field(default=())
    troubled: bool = False  # its requests meet every fault
    alone: bool = False  # the kind refuses it beside another case as somebody edits that

    def __str__(self) -> str:
        return f"{self.kind.partition('.')[2]}/{self.stem}"

    @property
    def address(self) -> str:
        return f"{self.kind}[{self.name}]"

    @property
    def all_edits(self) -> Sequence[Edit]:
        return (*self.edits, *self.foreign)

    @property
    def provider(self) -> str:
        return self.kind.partition(".")[0]

    @property
    def read_only(self) -> bool:
        return kinds(self.provider)[self.kind.partition(".")[2]].read_only

    @property
    def collections(self) -> Sequence[str]:
        """Name every collection that the case or one of its edits is about."""
        others = [edit.stored for edit in self.all_edits if edit.stored]
        return list(dict.fromkeys([self.stored, *others, *(one["stored"] for one in self.before)]))

    def prepare(self, tenant: Tenant) -> None:
        """Store what the case starts from."""
        for one in self.before:
            objects = tenant.objects(one["stored"])
            written = self._filled(one["key"], tenant)
            key = next((key for key, body in objects.items() if body.get("Name") == written), written)
            tenant.put(one["stored"], key, laid_over(objects.get(key, {}), one["wire"]))

    def key(self, tenant: Holder) -> str:
        """Find the key of the stored object: as the case says, else the one of this name or the only one there is."""
        if self.owner:
            return self._owner(tenant)
        objects = tenant.objects(self.stored)
        wanted = self.find or ({"Name": self.name} if any("Name" in body for body in objects.values()) else {})
        keys = [key for key, body in objects.items() if all(_at(body, path) == v for path, v in wanted.items())]
        (key,) = keys if len(keys) == 1 else [one for one in keys if objects[one].get("displayName") == self.name]
        return key

    def edited(self, tenant: Holder, objects: Stored, *edits: Edit) -> Stored:
        """Give the stored objects as some edits leave them."""
        changed = {name: dict(of) for name, of in objects.items()}
        for edit in edits:
            collection, key = self.place(tenant, edit)
            changed[collection][key] = laid_over(changed[collection].get(key, {}), edit.wire)
        return changed

    def place(self, tenant: Holder, edit: Edit) -> Place:
        """Say where an edit happens."""
        return edit.stored or self.stored, self._filled(edit.key, tenant) if edit.key else self.key(tenant)

    def _filled(self, key: str, tenant: Holder) -> str:
        return key.format(owner=self._owner(tenant)) if "{" in key else key

    def _owner(self, tenant: Holder) -> str:
        name, value = next((name, value) for name, value in self.owner.items() if name != "in")
        (key,) = [key for key, body in tenant.objects(self.owner["in"]).items() if body.get(name) == value]
        return key


def snapshot(tenant: Tenant, collections: Sequence[str]) -> Stored:
    """Read whole collections."""
    return {name: tenant.objects(name) for name in collections}


def put(tenant: Tenant, objects: Stored) -> None:
    """Store whole collections in place of what is there."""
    for name, of in objects.items():
        tenant.control("PUT", f"/objects/{name}", of)


def laid_over(body: Mapping[str, Any], wire: Mapping[str, Any]) -> dict[str, Any]:
    """Lay some settings over an object, into its nested tables too. A service counts a policy's settings itself."""
    inner = {
        name: laid_over(body[name], value)
        for name, value in wire.items()
        if isinstance(value, Mapping) and isinstance(body.get(name), Mapping)
    }
    counted = {"settingCount": len(wire["settings"])} if "settings" in wire and "settingCount" in body else {}
    return {**body, **counted, **wire, **inner}


def part_of(body: Mapping[str, Any] | None, wire: Mapping[str, Any]) -> Any:
    """Give what an object holds of the names that some settings speak of; None where there is no object.

    Ids inside lists are left out: services give new ones whenever they store the list. The settings of a policy of the
    catalogue are sorted by their definitions, since their order means nothing.
    """
    if body is None:
        return None
    return {
        name: part_of(body[name], value)
        if isinstance(value, Mapping) and isinstance(body.get(name), Mapping)
        else _without_ids(body.get(name))
        for name, value in wire.items()
    }


def _definition(setting: Mapping[str, Any]) -> str:
    return str(setting["settingInstance"].get("settingDefinitionId"))


def _without_ids(value: Any) -> Any:
    match value:
        case Mapping():
            return {name: _without_ids(inner) for name, inner in value.items() if name != "id"}
        case list():
            kept = [_without_ids(entry) for entry in value]
            of_catalogue = bool(kept) and all(isinstance(entry, dict) and "settingInstance" in entry for entry in kept)
            return sorted(kept, key=_definition) if of_catalogue else kept
        case _:
            return value


def _at(body: Mapping[str, Any], path: str) -> Any:
    found: Any = body
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


@dataclass(frozen=True)
class Refused:
    """Settings that a playbook may not ask for, and words of the reason."""

    kind: str
    settings: Mapping[str, Any]
    message: str

    def __str__(self) -> str:
        return f"{self.kind.partition('.')[2]}: {self.message}"


def _files(kind: str) -> Mapping[Path, Any]:
    return {path: _read(path) for path in sorted((FOLDER / kind.replace(".", "/")).glob("*.yaml"))}


def _read(path: Path) -> Any:
    """Read a file as playbooks are read, which is quick, unless it does what these may not, such as repeat a place."""
    try:
        return plain(read_source(path, relative=path.name).root)
    except PlaybookError:
        return YAML(typ="safe", pure=True).load(path)


def _case(kind: str, path: Path, told: Mapping[str, Any]) -> Case:
    edits, foreign = (tuple(_edit(one) for one in told.get(part, ())) for part in ("edits", "foreign"))
    return Case(kind, path.stem, **{**told, "edits": edits, "foreign": foreign})


def _edit(told: Mapping[str, Any]) -> Edit:
    return Edit(**{**told, "also": tuple(told.get("also", ()))})


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


def ask_for(door: Door, *cases: Case, name: str = "10-cases.yaml") -> Path:
    """Write cases as a playbook of a school."""
    return door.write(name, playbook(*(resource(case.kind, case.name, case.settings) for case in cases)))


def writes(door: Door, after: int) -> list[str]:
    """List the writing operations that the tenant was sent since its request number `after`."""
    asked = door.tenant.requests(after)
    return [one["name"] for request in asked for one in request["operations"] if one["write"]]


def newest(door: Door) -> int:
    """Give the number of the tenant's latest request."""
    return door.tenant.last_request()


def protect_nobody(door: Door) -> None:
    """Take the protected mailboxes out of the school file: what a case asks for may touch anybody's mail."""
    path = door.playbooks / "00-school.yaml"
    path.write_text(path.read_text().partition("\nprotected:")[0])
