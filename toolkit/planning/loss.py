"""Count, for each control, the people and devices that a plan takes out of the control's cover."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from types import MappingProxyType

from toolkit.messages import one_of
from toolkit.records import dataclass
from toolkit.sdk.directory import EVERYONE
from toolkit.sdk.providers import providers
from toolkit.sdk.resource import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLoss:
    """The ids of the people and devices that an object stops covering because of a change."""

    address: Address
    subject: str
    people: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    taken_over: Mapping[Address, frozenset[str]] = field(default_factory=dict)  # by other changes: people and devices
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by name, the people who must all lose it

    def without_people_still_covered(self, covers: Collection[Address]) -> "ObjectLoss":
        """Return the loss without people and devices that other objects still cover after the plan."""
        kept = frozenset[str]().union(*(ids for address, ids in self.taken_over.items() if address in covers))
        rest = {address: ids for address, ids in self.taken_over.items() if address not in covers}
        return replace(self, people=self.people - kept, devices=self.devices - kept, taken_over=rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverLoss:
    """The number of people and devices on one cloud that a control, or an object, stops covering."""

    provider: str
    subject: str
    people: int
    devices: int = 0
    roles: tuple[str, ...] = ()  # of which no one is left
    addresses: tuple[Address, ...] = ()
    school: str = ""  # of a trust: the school of these people

    @property
    def cloud(self) -> str:
        """Return the name of the cloud for people to read."""
        return providers()[self.provider].title if self.provider in providers() else self.provider

    @property
    def number(self) -> int:
        """Return the number of people or, if there are none, of devices, to compare with a limit."""
        return max(self.people, self.devices)

    @property
    def count_text(self) -> str:
        """Return the number of people and devices as text.

        Roles that lose cover completely are named, for example `46 people (all of staff)`.
        """
        counts = ((self.people, "person", "people"), (self.devices, "device", "devices"))
        words = [f"{number} {singular if number == 1 else plural}" for number, singular, plural in counts if number]
        whole = f" (all of {one_of(self.roles, 'and')})" if self.roles else ""
        whole = f" ({EVERYONE})" if EVERYONE in self.roles else whole
        return f"{' and '.join(words)}{whole}"

    @property
    def subject_with_cloud(self) -> str:
        """Return the name of the control or object, with its cloud."""
        return f'"{self.subject}" on {self.cloud}'

    def __str__(self) -> str:
        return f"{self.prefix}{self.count_text} no longer covered by {self.subject_with_cloud}"

    @property
    def prefix(self) -> str:
        """Return the name of the school of a trust as the beginning of a sentence, or ""."""
        return f"{self.school}: " if self.school else ""


def sum_cover_losses(
    losses: Iterable[ObjectLoss],
    written_or_unchanged: Collection[Address],
    ids_prefixs: Mapping[str, Mapping[str, frozenset[str]]] = MappingProxyType({}),
) -> list[CoverLoss]:
    """Return who would lose cover because of a run, by control or object, by cloud and by school of a trust.

    People do not lose cover if another object, which the run writes or leaves unchanged, still covers them. People in
    two schools are counted in both, and people in no school's group have no school.
    """
    together: dict[tuple[str, str], list[ObjectLoss]] = {}
    for loss in losses:
        if loss.address in written_or_unchanged:
            uncovered = loss.without_people_still_covered(written_or_unchanged)
            together.setdefault((loss.address.provider, loss.subject), []).append(uncovered)
    sums = (
        replace(_sum_losses(*key, part), school=school)
        for key, alike in together.items()
        for school, part in _split_by_school(alike, ids_prefixs.get(key[0], {}))
    )
    return [loss for loss in sums if loss.number]


def _split_by_school(
    losses: Sequence[ObjectLoss], schools: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, Sequence[ObjectLoss]]]:
    """Yield each school with its part of the losses, and "" with the losses of others. A lone school has only ""."""
    for school, ids in schools.items():
        yield school, [replace(loss, people=loss.people & ids, devices=loss.devices & ids) for loss in losses]
    others = frozenset[str]().union(*schools.values())
    yield "", [replace(loss, people=loss.people - others, devices=loss.devices - others) for loss in losses]


def _sum_losses(provider: str, subject: str, losses: Sequence[ObjectLoss]) -> CoverLoss:
    people = frozenset[str]().union(*(loss.people for loss in losses))
    devices = frozenset[str]().union(*(loss.devices for loss in losses))
    return CoverLoss(
        provider=provider,
        subject=subject,
        people=len(people),
        devices=len(devices),
        roles=tuple(sorted({name for loss in losses for name, ids in loss.roles.items() if ids and ids <= people})),
        addresses=tuple(loss.address for loss in losses if loss.people or loss.devices),
    )
