"""Finds the groups and units that playbooks call by a name that they had before; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from toolkit.planning.names import called
from toolkit.playbook.references import Mention, Naming
from toolkit.sdk.directory import Directory
from toolkit.sdk.resource import Origin


@dataclass(frozen=True, slots=True)
class Renamed:
    """A group or unit that goes by another name than in the file, found by its id or by an older address of its."""

    provider: str
    naming: Naming
    name: str  # as it stands in the file
    now: str
    origin: Origin

    @property
    def what(self) -> str:
        """Name it as people do."""
        return f"the {self.naming} {self.name}"


def new_names(directory: Directory) -> Mapping[str, str]:
    """Give the names by which groups and units do not go any more, with those by which they go now."""
    now = {name: called(name, group) for name, group in directory.groups.items()}
    return {name: new for name, new in now.items() if new.casefold() != name.casefold()}


def renamed(directories: Mapping[str, Directory], mentions: Sequence[Mention]) -> Iterator[Renamed]:
    """Say where the old name stands of every group or unit that has another one now: in roles and in single objects."""
    for provider, directory in directories.items():
        names = new_names(directory)
        for one in mentions:
            if one.provider == provider and (one.role or one.naming is Naming.ADDRESS) and one.name in names:
                naming = Naming.GROUP if one.naming is Naming.ADDRESS else one.naming
                yield Renamed(provider, naming, one.name, names[one.name], one.origin)
