"""Name the objects into which the schools of a trust split an object, and find split objects that no school needs.

A new split object has the name of the first of its schools in brackets. It keeps this name as long as one
of the groups to which it was last applied has it, so that no other school notices if a school joins, leaves or moves to
another line of trust.yaml.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from toolkit.messages import one_of
from toolkit.planning.contribution import Contribution
from toolkit.playbook.slices import Slices
from toolkit.records import dataclass
from toolkit.sdk.resource import Absent, Address


@dataclass(frozen=True, slots=True)
class SplitNames:
    """The names of split objects: the split objects that were applied, each with the groups in its settings."""

    slices: Slices

    def choose(
        self, address: Address, schools: Sequence[str], others: Collection[str], used: Collection[Address]
    ) -> Address:
        """Return the address of a split object for some schools. `others` are schools with other split objects.

        An applied object with the name of a school in `schools` keeps it. Without such an object, an object that was
        applied to a group of these schools is used, unless it has the name of a school in `others` or is in `used`.
        """
        own = [_name_for_school(address, school) for school in schools]
        if kept := [candidate for candidate in own if candidate in self.slices.split_objects]:
            return kept[0]
        groups = self._groups_of(schools, address.provider)
        taken = {*used, *(_name_for_school(address, school) for school in others)}
        inherited = (
            candidate
            for candidate in self._list_applied(address)
            if candidate not in taken and groups & self.slices.split_objects[candidate]
        )
        return next(inherited, own[0])

    def find_unneeded(self, contribution: Contribution, used: Collection[Address]) -> Iterator[Absent]:
        """Yield the applied split objects whose schools all have another object now, so that they are deleted.

        An object for a group of a school that left the trust is only deleted with `--prune`.
        """
        address, made_by = contribution.address, (contribution.made_by,) if contribution.made_by else ()
        for candidate in self._list_applied(address):
            applied = self.slices.split_objects[candidate]
            schools = [name for name in self.slices.schools if applied & self._groups_of([name], address.provider)]
            if candidate not in used and applied and applied <= self._groups_of(schools, address.provider):
                reason = f"{one_of(schools, 'and')} no longer has a value of its own"
                yield Absent(candidate, reason, contribution.origin, made_by, tuple(schools))

    def _list_applied(self, address: Address) -> Iterator[Address]:
        """Yield the applied objects of a kind whose name is another name with brackets after it."""
        for candidate in self.slices.split_objects:
            is_split = candidate.name.startswith(f"{address.name} (") and candidate.name.endswith(")")
            if is_split and candidate.kind_path == address.kind_path:
                yield candidate

    def _groups_of(self, schools: Collection[str], provider: str) -> frozenset[str]:
        roles = (role for school in schools for role in self.slices.schools[school].roles.values())
        return frozenset(group.casefold() for role in roles if (group := role.on(provider)))


def _name_for_school(address: Address, school: str) -> Address:
    return replace(address, name=f"{address.name} ({school})", label="")
