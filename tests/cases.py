"""The cases of every kind: the settings that each asks for, and the edits by hand that follow, in wire names."""

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
"""Every kind of the installed connectors, such as `microsoft365.transport_rule`."""


Place = tuple[str, str]
"""The place of a stored object: the emulator's collection and the key in it."""

Stored = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Collections of stored objects by their keys."""


class Holder(Protocol):
    """A tenant, or a copy of its collections."""

    def objects(self, collection: str, /) -> Mapping[str, Mapping[str, Any]]:
        """Return a stored collection by its keys."""


@dataclass(frozen=True)
class Edit:
    """An edit of a stored object by hand, and its repair; `wire` is merged into the stored object."""

    setting: str
    wire: Mapping[str, Any]
    stored: str = ""  # the collection, if not the case's
    key: str = ""
    also: tuple[str, ...] = ()  # settings that the service changes together with the edited setting
    repaired: Mapping[str, Any] = field(default_factory=dict)  # the stored values after the repair, if different
    calls: int = 1  # the number of writes of the repair

    @property
    def shows(self) -> list[str]:
        return sorted({self.setting, *self.also})


@dataclass(frozen=True)
class Case:
    """One object in a playbook; `stored` is the emulator's collection for it."""

    kind: str
    stem: str
    name: str
    stored: str
    settings: Mapping[str, Any]
    find: Mapping[str, Any] = field(default_factory=dict)  # values of the stored object, by dotted paths
    owner: Mapping[str, str] = field(default_factory=dict)  # the object with its key: {in: COLLECTION, NAME: VALUE}
    before: Sequence[Mapping[str, Any]] = ()  # the objects that are stored before anything is applied
    edits: Sequence[Edit] = ()
    foreign: Sequence[Edit] = field(default=())
    troubled: bool = False  # its requests are tested with every fault
    alone: bool = False  # the kind refuses it next to another case when an edit is made

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
        """Return every collection that the case or one of its edits uses."""
        others = [edit.stored for edit in self.all_edits if edit.stored]
        return list(dict.fromkeys([self.stored, *others, *(stored["stored"] for stored in self.before)]))

    def prepare(self, tenant: Tenant) -> None:
        """Store the objects that the case needs in advance."""
        for stored in self.before:
            objects = tenant.objects(stored["stored"])
            written = self._fill_in_owner(stored["key"], tenant)
            key = next((key for key, body in objects.items() if body.get("Name") == written), written)
            tenant.put(stored["stored"], key, laid_over(objects.get(key, {}), stored["wire"]))

    def key(self, tenant: Holder) -> str:
        """Return the key of the stored object, found by `owner`, by `find` or by its name, or the only key."""
        if self.owner:
            return self._owner(tenant)
        objects = tenant.objects(self.stored)
        properties = self.find or ({"Name": self.name} if any("Name" in body for body in objects.values()) else {})
        keys = [key for key, body in objects.items() if all(_at(body, path) == v for path, v in properties.items())]
        (key,) = keys if len(keys) == 1 else [key for key in keys if objects[key].get("displayName") == self.name]
        return key

    def apply_edits(self, tenant: Holder, objects: Stored, *edits: Edit) -> Stored:
        """Return the stored objects after some edits."""
        changed = {name: dict(of) for name, of in objects.items()}
        for edit in edits:
            collection, key = self.place(tenant, edit)
            changed[collection][key] = laid_over(changed[collection].get(key, {}), edit.wire)
        return changed

    def place(self, tenant: Holder, edit: Edit) -> Place:
        """Return the place of an edit."""
        return edit.stored or self.stored, self._fill_in_owner(edit.key, tenant) if edit.key else self.key(tenant)

    def _fill_in_owner(self, key: str, tenant: Holder) -> str:
        return key.format(owner=self._owner(tenant)) if "{" in key else key

    def _owner(self, tenant: Holder) -> str:
        name, value = next((name, value) for name, value in self.owner.items() if name != "in")
        (key,) = [key for key, body in tenant.objects(self.owner["in"]).items() if body.get(name) == value]
        return key


def snapshot(tenant: Tenant, collections: Sequence[str]) -> Stored:
    """Return whole collections of a tenant."""
    return {name: tenant.objects(name) for name in collections}


def put(tenant: Tenant, objects: Stored) -> None:
    """Replace whole collections of a tenant."""
    for name, of in objects.items():
        tenant.control("PUT", f"/objects/{name}", of)


def laid_over(body: Mapping[str, Any], wire: Mapping[str, Any]) -> dict[str, Any]:
    """Merge settings into an object and its nested objects. The number of a policy's settings is counted again."""
    inner = {
        name: laid_over(body[name], value)
        for name, value in wire.items()
        if isinstance(value, Mapping) and isinstance(body.get(name), Mapping)
    }
    counted = {"settingCount": len(wire["settings"])} if "settings" in wire and "settingCount" in body else {}
    return {**body, **counted, **wire, **inner}


def part_of(body: Mapping[str, Any] | None, wire: Mapping[str, Any]) -> Any:
    """Return the values of an object under the names in `wire`; None if there is no object.

    Ids inside lists are left out because services assign new ids whenever they store the list. The settings of a
    policy of the settings catalogue are sorted by their definitions because their order has no meaning.
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
    value: Any = body
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


@dataclass(frozen=True)
class Refused:
    """Settings that toolkit refuses in a playbook, and part of the message."""

    kind: str
    settings: Mapping[str, Any]
    message: str

    def __str__(self) -> str:
        return f"{self.kind.partition('.')[2]}: {self.message}"


def _files(kind: str) -> Mapping[Path, Any]:
    return {path: _read(path) for path in sorted((FOLDER / kind.replace(".", "/")).glob("*.yaml"))}


def _read(path: Path) -> Any:
    """Read a file with the quick reader of playbooks, or with ruamel.yaml if it breaks the rules for playbooks."""
    try:
        return plain(read_source(path, relative=path.name).root)
    except PlaybookError:
        return YAML(typ="safe", pure=True).load(path)


def _case(kind: str, path: Path, content: Mapping[str, Any]) -> Case:
    edits, foreign = (tuple(_edit(edit) for edit in content.get(part, ())) for part in ("edits", "foreign"))
    return Case(kind, path.stem, **{**content, "edits": edits, "foreign": foreign})


def _edit(content: Mapping[str, Any]) -> Edit:
    return Edit(**{**content, "also": tuple(content.get("also", ()))})


FILES = {kind: _files(kind) for kind in KINDS}
CASES = [
    _case(kind, path, content) for kind in KINDS for path, content in FILES[kind].items() if "refused" not in content
]
REFUSED = [
    Refused(kind, refusal["settings"], refusal["message"])
    for kind in KINDS
    for content in FILES[kind].values()
    for refusal in content.get("refused", ())
]


def resource(kind: str, name: str, settings: Mapping[str, Any]) -> str:
    """Return one object as an entry of a playbook. Values are JSON, which is also YAML."""
    lines = [f"  - {kind}: {json.dumps(name)}", *(f"    {key}: {json.dumps(v)}" for key, v in settings.items())]
    return "\n".join(lines) + "\n"


def playbook(*resources: str, slug: str = "cases", mode: str = "enforce") -> str:
    """Return a playbook with resources. The first resource is at line 6."""
    return f"playbook: {slug}\ntitle: Cases\nowner: Head Teacher\nmode: {mode}\nresources:\n{''.join(resources)}"


def ask_for(door: Door, *cases: Case, name: str = "10-cases.yaml") -> Path:
    """Write cases as a playbook of a school."""
    return door.write(name, playbook(*(resource(case.kind, case.name, case.settings) for case in cases)))


def writes(door: Door, after: int) -> list[str]:
    """Return the writing operations that the tenant received after request number `after`."""
    requests = door.tenant.requests(after)
    return [operation["name"] for request in requests for operation in request["operations"] if operation["write"]]


def newest(door: Door) -> int:
    """Return the number of the tenant's latest request."""
    return door.tenant.last_request()


def protect_nobody(door: Door) -> None:
    """Remove the protected mailboxes from the school file, because cases may change anyone's mail."""
    path = door.playbooks / "00-school.yaml"
    path.write_text(path.read_text().partition("\nprotected:")[0])
