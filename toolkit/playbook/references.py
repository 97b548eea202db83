"""Find every mention of a group, unit or address in a school's files, with its line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from toolkit.playbook.file_format import RENAMED, rename_earlier_keys
from toolkit.playbook.files import find_files
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.resource import Origin
from toolkit.yaml.node import Items, MappingNode, Node, Scalar, Source, Step
from toolkit.yaml.source import read_source

_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+'-]{0,63}@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++")
_UNIT = re.compile(r"(?:^|\s@\s)(/\S.*)$")  # such as gmail.service_status @ /Pupils
_KIND = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")


class Naming(StrEnum):
    """The type of object that a name refers to."""

    GROUP = "group"
    UNIT = "organisational unit"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A mention of a group, unit or address in a file."""

    name: str
    naming: Naming
    origin: Origin
    provider: str = ""  # "" for an address that may be on any of the school's clouds
    role: str = ""
    of_a_person: bool = False  # whether it must be a member of staff and not a shared mailbox


def sources(root: Path) -> list[Source]:
    """Read the files of a loaded directory again. Raise PlaybookError if a file has become invalid."""
    written = (read_source(file, relative=file.relative_to(root).as_posix()) for file in find_files(root).chosen)
    return [rename_earlier_keys(source, RENAMED, []) for source in written]


def mentions(files: Sequence[Source], school: School) -> list[Mention]:
    """Return every mention in the files, in the order of files and lines."""
    return [mention for source in files for mention in _mentions_in_file(source, school)]


def _mentions_in_file(source: Source, school: School) -> Iterator[Mention]:
    of_school = source.first == "school"
    clouds = _clouds_of_resources(source.root, school)
    for path, scalar in _scalars_with_paths(source.root, ()):
        if not isinstance(scalar.value, str):
            continue
        origin = source.origin(scalar.line)
        if of_school and path[0] == "roles":
            yield from _mentions_of_role(path, scalar.value, origin, school)
            continue
        yield from _mentions_of_unit(path, scalar.value, origin, school)
        provider = clouds.get(path[:2], "")
        for address in dict.fromkeys(_ADDRESS.findall(scalar.value)):
            if address.rpartition("@")[2].casefold() in school.domains:
                yield Mention(
                    name=address,
                    naming=Naming.ADDRESS,
                    origin=origin,
                    provider=provider,
                    of_a_person=of_school and (path[0] == "calendar" or path[:2] == ("protected", "accounts")),
                )


def _mentions_of_role(path: Sequence[Step], name: str, origin: Origin, school: School) -> Iterator[Mention]:
    role, provider = (str(step) for step in path[1:3])
    if provider in school.tenants:
        naming = Naming.UNIT if name.startswith("/") else Naming.GROUP
        yield Mention(name=name, naming=naming, origin=origin, provider=provider, role=role)


def _mentions_of_unit(path: Sequence[Step], name: str, origin: Origin, school: School) -> Iterator[Mention]:
    """Yield the unit in the name of a resource, such as `gmail.service_status @ /Pupils`."""
    kind = str(path[-1])
    if path[0] != "resources" or not _KIND.fullmatch(kind) or kind.partition(".")[0] not in school.tenants:
        return
    if match := _UNIT.search(name):
        yield Mention(name=match[1], naming=Naming.UNIT, origin=origin, provider=kind.partition(".")[0])


def _clouds_of_resources(root: MappingNode, school: School) -> Mapping[tuple[Step, ...], str]:
    """Return the cloud of each resource in a file, by the path of its entry."""
    listed = root.entries.get("resources")
    tables = listed.node.nodes if listed and isinstance(listed.node, Items) else ()
    kinds = {
        place: str(next(iter(table.entries), ""))
        for place, table in enumerate(tables)
        if isinstance(table, MappingNode)
    }
    clouds = {("resources", place): kind.partition(".")[0] for place, kind in kinds.items()}
    return {place: provider for place, provider in clouds.items() if provider in school.tenants}


def _scalars_with_paths(node: Node, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], Scalar]]:
    match node:
        case Scalar():
            yield path, node
        case Items(nodes=nodes):
            for place, below in enumerate(nodes):
                yield from _scalars_with_paths(below, (*path, place))
        case MappingNode(entries=entries):
            for key, entry in entries.items():
                yield from _scalars_with_paths(entry.node, (*path, key))
