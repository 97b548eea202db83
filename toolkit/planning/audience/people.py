"""Names what belongs to a person by the person's id, wherever a playbook names it by an address."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from toolkit.playbook.entries import Playbooks
from toolkit.sdk.address import Address
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory, Person
from toolkit.sdk.kind import Kind


class DirectoryPeople:
    """The people of every directory that was read, by their addresses."""

    def __init__(self, directories: Mapping[str, Directory] | None) -> None:
        self._unknown = {name: read.unknown.get("people", "") for name, read in (directories or {}).items()}
        self._known = {
            name: {person.address.casefold(): person for person in read.people.values()}
            for name, read in (directories or {}).items()
        }

    def named(self, address: Address) -> tuple[Address, str]:
        """Give the address by id, the person's own address as its label; and why it is not known where it is not.

        Somebody whom the directory does not have keeps the name that the playbook says.
        """
        if reason := self._unknown.get(address.provider):
            return address, f"people: {reason}"
        person = self._known.get(address.provider, {}).get(address.name.casefold())
        return (_of(address, person) if person else address), ""


def _of(address: Address, person: Person) -> Address:
    return replace(address, name=person.id, label=person.address)


def name_people(playbooks: Playbooks, kinds: Mapping[str, Mapping[str, Kind[Connection]]]) -> bool:
    """Say whether an entry is about a person, so that the directory is needed to know whose it is."""
    return any(
        kinds[entry.provider][entry.kind].per_person
        for playbook in playbooks.playbooks
        for entry in playbook.resources
        if entry.provider in kinds  # a tenant that could not be reached has none
    )


def is_protected(address: Address, protected: Iterable[str]) -> bool:
    """Say whether a person's object is that of somebody whom nothing may touch."""
    return address.shown.casefold() in {one.casefold() for one in protected}
