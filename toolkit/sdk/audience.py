"""For whom a control is: everyone, or the people of a role, resolved against the directory."""

from dataclasses import dataclass, field

from toolkit.sdk.directory import Group, Person
from toolkit.sdk.resource import Reach

EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class UseCount:
    """How many of those whom a control is for use one cloud, by the directory that was read."""

    people: int = 0  # with a live account
    mailboxes: int = 0
    devices: int | None = None  # theirs and those that are shared; None where nothing was read to count them by
    unknown: str = ""  # why they could not be counted
    devices_unknown: str = ""  # why their devices could not be counted, where a control is about devices


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a control reaches on one provider; `group` is None for everyone."""

    name: str
    group: Group | None = None
    people: tuple[Person, ...] = ()  # those with a live account; nobody while no directory was read
    reach: Reach = field(default_factory=Reach)

    @property
    def everyone(self) -> bool:
        return self.name == EVERYONE

    @property
    def lost(self) -> bool:
        """Return whether its group is empty, gone or was not read."""
        return self.group is not None and not (self.group.id and (self.group.members or self.group.devices))

    @property
    def counted(self) -> UseCount | None:
        """Count who uses the cloud; None where no directory was read, or where devices are in the group as well."""
        if self.reach.people is None or self.reach.devices:
            return None
        return UseCount(len(self.people), sum(person.mailbox for person in self.people))


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a control is at one moment: an audience, less who is excepted, less who is not in the pilot yet."""

    audience: Audience
    excepted: tuple[Audience, ...] = ()  # groups with an approved exception that is live now
    freed: tuple[Audience, ...] = ()  # of them, those of whom nothing is asked at all
    departs_from: Audience | None = None  # the audience is such a group, and this is the one it is taken from
    pilot: Audience | None = None  # only these, until the pilot's date

    @property
    def reached(self) -> Audience:
        """Give whom it reaches now: while there is a pilot, those who are in it."""
        return self.pilot or self.audience

    @property
    def people(self) -> tuple[Person, ...]:
        """List the people of the audience whom it reaches now."""
        first = self.pilot.group if self.pilot else None
        return tuple(one for one in self.audience.people if first is None or one.id in first.members)
