"""The kind for the members of a directory group, with the parts that are the same on all clouds."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator

from toolkit.records import dataclass
from toolkit.sdk.audit_log import AuditLogSource, LoggedChange
from toolkit.sdk.dates import day
from toolkit.sdk.effect import Effect, declare_effects, removes_entries
from toolkit.sdk.endpoint import FixedObjects
from toolkit.sdk.form import ADDRESSES
from toolkit.sdk.kind import Doubt, Lifecycle, MemberList
from toolkit.sdk.resource import Desired
from toolkit.sdk.spec import Listed, Setting, Spec, declare, written_entries
from toolkit.sdk.targets import Targets
from toolkit.values import AtLeast, Settings, entries

MEMBERS = "members"
LISTED = MemberList(MEMBERS, most_removed=2)
_LOOKED_BACK = timedelta(days=30)  # the period for which both clouds keep the log
_TICK = timedelta(seconds=1)  # services report their time in whole seconds


def _refuse_empty_group(written: Listed) -> Listed:
    if not written_entries(written):
        raise ValueError("an empty group would end everyone's access. List its members")
    return written


class GroupMembers(Spec):
    """The people in a group, including the members of nested groups."""

    effects = declare_effects(
        {
            MEMBERS: Effect(
                "people who leave the [group|groups] {name} lose [its|their] access and mail",
                removes_entries,
            )
        }
    )

    members: Annotated[Listed, AfterValidator(_refuse_empty_group), Setting(ADDRESSES, wire=MEMBERS)] = declare(
        "Everyone who must be in the group. A plain list removes other members. `{contains: [...]}` only adds members.",
        {"contains": ["head@example-primary.example"]},
    )


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A member of a group, with all addresses of the account. Messages show the first address."""

    key: str
    addresses: tuple[str, ...]
    direct: bool = True  # False if only a member of a nested group


class WrittenGroups(FixedObjects):
    """A base class for endpoints of groups. Only people create and delete these groups."""

    none_created = "the group {name} does not exist, and toolkit does not create groups"
    none_deleted = "the group {name} is kept, because toolkit does not delete groups"


LIFECYCLE = Lifecycle(
    stays="members that toolkit added stay in the group, and members that it removed are not added again"
)


def members_as_targets(_name: str, settings: Settings) -> Targets:
    """Return the members of the group as the people whom it affects, because a new member gets the group's access."""
    return Targets(people=frozenset(entries(settings.get(MEMBERS))))


def change_search_period(clock: datetime | None) -> tuple[datetime, datetime]:
    """Return the start and end of the period in which to look for an app's last change of a group."""
    now = clock or datetime.now(UTC)
    return now - _LOOKED_BACK, now + _TICK


def last_change_by_app(changes: Sequence[LoggedChange], logged: AuditLogSource, names: Sequence[str]) -> str:
    """Return the reason why toolkit does not change a group that an app changed last, or "" if the last change was by a
    person or there was none.
    """
    sought = {name.casefold() for name in names}
    about = [change for change in changes if change.place.log == logged.log and change.objects & sought]
    last = max(about, key=lambda change: change.at, default=None)
    if last is None or last.actor.person:
        return ""
    return (
        f"{last.actor} last changed the group, on {day(last.at)}. toolkit only reads such a group. Change it in the "
        "app, and write `managed_by: mis`"
    )


def refuse_member_changes(
    desired: Desired, group_members: Sequence[GroupMember], main_addresses: Mapping[str, str], read_only: str = ""
) -> Iterator[Doubt]:
    """Yield the reasons to refuse a change of a group's members, for example because another system manages the group.

    An account to add may be unknown, or an account to remove may be protected. `main_addresses` contains the main
    address of each account by the address in the playbook.
    """
    if read_only:
        yield Doubt(desired.address.name, MEMBERS, read_only)
        return
    shown = {member.addresses[0] for member in group_members}
    for address in sorted(set(entries(desired.settings.get(MEMBERS))) - shown):
        if (main := main_addresses.get(address)) != address:
            why = f"is another address of {main}. Write {main}" if main else "is not an account here"
            yield Doubt(desired.address.name, MEMBERS, f"{address} {why}")
    protected = desired.spared.get(MEMBERS, frozenset())
    for member in find_removed_members(desired, group_members):
        if protected.intersection(member.addresses):
            why = "is protected by the school file and is never removed. Declare it as a member"
            yield Doubt(desired.address.name, MEMBERS, f"{member.addresses[0]} {why}")
        elif not member.direct:
            why = "is a member of a nested group. Remove it there by hand"
            yield Doubt(desired.address.name, MEMBERS, f"{member.addresses[0]} {why}")


def find_removed_members(desired: Desired, group_members: Sequence[GroupMember]) -> Sequence[GroupMember]:
    """Return the members whom the change would remove."""
    members = desired.settings.get(MEMBERS)
    if isinstance(members, AtLeast):
        return [member for member in group_members if member.addresses[0] in members.lacking]
    return [member for member in group_members if member.addresses[0] not in entries(members)]
