"""Compares administrators and members of restricted groups with the people declared in the playbooks."""

from collections.abc import Collection, Mapping, Sequence

from toolkit.controls.access import ALL_RIGHTS, MEMBERS, OUTSIDE, OWNERS, SOME_RIGHTS, Cloud, GroupsAndRoles
from toolkit.controls.shared_accounts import LISTED
from toolkit.errors import RequestFailed
from toolkit.records import dataclass
from toolkit.sdk import (
    CheckOccasion,
    Finding,
    Measurement,
    Reason,
    ReasonCode,
    Share,
    Status,
    Things,
    reason_of,
    same_words,
)


@dataclass(frozen=True, slots=True)
class AccessHolder:
    """A person who has a role or is in a group, with all of the person's addresses."""

    addresses: tuple[str, ...]
    closed: bool = False  # the account is disabled and cannot sign in

    def is_among(self, declared: Collection[str]) -> bool:
        """Return whether one of the person's addresses is declared."""
        return any(address.casefold() in declared for address in self.addresses)

    def __str__(self) -> str:
        return self.addresses[0]


_NONE = same_words("no_such_administrator", "no account has an administrator's role of this type")
_DECLARED = same_words("access_as_declared", "{count}, each of them declared or protected")
_UNDECLARED = ReasonCode(
    "access_undeclared",
    admin="{undeclared} are not declared. Declare them, or ask an administrator to remove them",
    governor="{undeclared} have not been agreed by the school",
)
_CLOSED = ReasonCode(
    "administrators_closed",
    admin="undeclared disabled accounts that still have an administrator's role: {closed}. Ask an administrator to "
    "remove the role, because it works again when the account is enabled",
    governor="disabled accounts that still have an administrator's rights: {closed}",
)
_NUMBER = ReasonCode(
    "administrators_out_of_range",
    admin="{count} accounts have all rights. The playbook asks for {fewest} to {most}",
    governor="the number of administrators with all rights is not between {fewest} and {most}",
)
_AND = same_words("access_and", "; {also}")
_GROUPS = same_words(
    "restricted_groups_as_declared", "each of {count} restricted groups has exactly the declared members"
)
_NO_GROUPS = same_words("no_restricted_group_declared", "no restricted group of this cloud is declared")
_MISSING = same_words("declared_members_missing", "{missing} declared members are missing from their group")
_EMPTY = same_words("restricted_groups_empty", "{count} restricted groups are empty")
_UNREAD = ReasonCode(
    "restricted_groups_unread",
    admin="{count} groups could not be read: {why}",
    governor="{count} groups could not be read",
)
_NO_GUESTS = same_words("no_guest_owner", "no group or team is owned by an undeclared guest")
_GUESTS = ReasonCode(
    "guest_owners",
    admin="{count} groups and teams are owned by an undeclared guest. Make a member of staff the owner",
    governor="{count} groups and teams are owned by someone from outside the school without the school's agreement",
)
_NO_PARTNERS = same_words("no_partner", "no other organisation may administer the school's accounts")
_AGREED_PARTNERS = same_words(
    "partners_declared", "{count} other organisations may administer the school's accounts, all of them declared"
)
_PARTNERS = ReasonCode(
    "undeclared_partners",
    admin="{undeclared} other organisations that may administer the tenant are not declared ({who}). Check their "
    "rights in the Microsoft 365 admin centre, Settings > Partner relationships",
    governor="the school has not agreed to {undeclared} other organisations that may administer its accounts",
)


class PartnerCounts(Measurement):
    """Counts of other organisations that may administer the tenant, in total and undeclared."""

    partners: int
    undeclared: int


class MemberCounts(Measurement):
    """Counts of restricted groups, and of undeclared and missing members."""

    groups: int
    undeclared: int
    missing: int
    unread: int


class OwnerCounts(Measurement):
    """Counts of groups that an undeclared guest owns."""

    guests: int
    groups: int
    owned: int
    unread: int


class AdministratorCounts(Measurement):
    """Counts of administrators, in total and undeclared.

    `closed` counts undeclared administrators whose account is disabled.
    """

    administrators: int
    undeclared: int
    closed: int


def compare_full_administrators(
    settings: GroupsAndRoles, context: CheckOccasion, holders: Sequence[AccessHolder]
) -> Finding:
    """Return the finding that compares administrators with all rights with the declared accounts and their number.

    Disabled accounts do not count, because they cannot sign in.
    """
    live = sum(not holder.closed for holder in holders)
    number = _NUMBER(count=Share(live, live, alone=True), fewest=Things(settings.fewest), most=Things(settings.most))
    more = [] if settings.fewest <= live <= settings.most else [number]
    return _holders_finding(ALL_RIGHTS, settings, holders, _allowed_accounts(context, settings.all_rights), more)


def compare_limited_administrators(
    settings: GroupsAndRoles, context: CheckOccasion, holders: Sequence[AccessHolder]
) -> Finding:
    """Return the finding that compares administrators with limited rights with the declared accounts."""
    return _holders_finding(
        SOME_RIGHTS, settings, holders, _allowed_accounts(context, [*settings.all_rights, *settings.some_rights]), []
    )


def compare_partners(settings: GroupsAndRoles, partners: Collection[str]) -> Finding:
    """Return the finding that compares the organisations that may administer the tenant with the declared
    organisations.
    """
    declared = {key.casefold() for key in settings.partners}
    amiss = sorted(key for key in partners if key.casefold() not in declared)
    measurement = PartnerCounts(partners=len(partners), undeclared=len(amiss))
    if not amiss:
        agreed = _AGREED_PARTNERS(count=Things(len(partners))) if partners else _NO_PARTNERS()
        return Finding(OUTSIDE, Status.PASS, agreed, measurement=measurement)
    reason = _PARTNERS(undeclared=Things(len(amiss), len(partners)), who=", ".join(amiss))
    return Finding(OUTSIDE, Status.FAIL, reason, measurement=measurement)


Rows = Sequence[AccessHolder] | RequestFailed
Read = Mapping[str, Rows]


def compare_members(settings: GroupsAndRoles, context: CheckOccasion, cloud: Cloud, read: Read) -> Finding:
    """Return the finding that compares the members of each restricted group on a cloud with the declared members.

    The finding does not pass if a group could not be read.
    """
    groups = settings.groups_on(cloud)
    if not groups:
        return Finding(MEMBERS, Status.PASS, _NO_GROUPS())
    undeclared, missing, unread, empty, total = list[str](), list[str](), list[RequestFailed](), 0, 0
    for group in groups:
        members = read[group.group]
        if isinstance(members, RequestFailed):
            unread.append(members)
            continue
        allowed, total, empty = _allowed_accounts(context, group.members), total + len(members), empty + (not members)
        undeclared += [f"{holder} in {group.group}" for holder in members if not holder.is_among(allowed)]
        lacking = [name for name in group.members if not any(holder.is_among({name.casefold()}) for holder in members)]
        missing += [f"{name} not in {group.group}" for name in lacking]
    declared = sum(len(group.members) for group in groups)
    gaps = [
        *([_EMPTY(count=Things(empty, len(groups)))] if empty else []),
        *([_UNDECLARED(undeclared=Share(len(undeclared), total, amiss=True))] if undeclared else []),
        *([_MISSING(missing=Share(len(missing), declared, amiss=True))] if missing else []),
    ]
    doubts = [_UNREAD(count=Things(len(unread), len(groups)), why=reason_of(unread[0]))] if unread else []
    measurement = MemberCounts(groups=len(groups), undeclared=len(undeclared), missing=len(missing), unread=len(unread))
    if not gaps and not doubts:
        return Finding(MEMBERS, Status.PASS, _GROUPS(count=Things(len(groups))), measurement=measurement)
    reason = _join_reasons([*gaps, *doubts], [*sorted(undeclared), *missing], settings)
    return Finding(MEMBERS, Status.FAIL if gaps else Status.UNKNOWN, reason, measurement=measurement)


def compare_owners(settings: GroupsAndRoles, read: Sequence[tuple[str, Rows]], guests: int) -> Finding:
    """Return the finding about groups that guests own.

    `guests` is the number of enabled guest accounts in the tenant.
    """
    unread = [rows for _, rows in read if isinstance(rows, RequestFailed)]
    owned = [
        [f"{guest} of {name}" for guest in rows if not guest.is_among(settings.guest_owners)]
        for name, rows in read
        if not isinstance(rows, RequestFailed)
    ]
    count = sum(map(bool, owned))
    gaps = [_GUESTS(count=Things(count, len(read)))] if count else []
    doubts = [_UNREAD(count=Things(len(unread), len(read)), why=reason_of(unread[0]))] if unread else []
    measurement = OwnerCounts(guests=guests, groups=len(read), owned=count, unread=len(unread))
    if not gaps and not doubts:
        return Finding(OWNERS, Status.PASS, _NO_GUESTS(), measurement=measurement)
    reason = _join_reasons([*gaps, *doubts], sorted(guest for of_group in owned for guest in of_group), settings)
    return Finding(OWNERS, Status.FAIL if gaps else Status.UNKNOWN, reason, measurement=measurement)


def _allowed_accounts(context: CheckOccasion, declared: Collection[str]) -> frozenset[str]:
    """Return the accounts that may have a role: the declared accounts and the school's protected accounts."""
    return frozenset(address.casefold() for address in (*declared, *context.school.protected.accounts))


def _holders_finding(
    subject: str,
    settings: GroupsAndRoles,
    holders: Sequence[AccessHolder],
    allowed: Collection[str],
    more: Sequence[Reason],
) -> Finding:
    live = [holder for holder in holders if not holder.closed]
    strange = [holder for holder in holders if not holder.is_among(allowed)]
    amiss = sorted(str(holder) for holder in strange if not holder.closed)
    closed = sorted(f"{holder} (closed)" for holder in strange if holder.closed)
    measurement = AdministratorCounts(administrators=len(live), undeclared=len(amiss), closed=len(closed))
    undeclared = [_UNDECLARED(undeclared=Share(len(amiss), len(live), amiss=True))] if amiss else []
    kept = [_CLOSED(closed=Share(len(closed), len(holders), alone=True, amiss=True))] if closed else []
    if not (reasons := [*undeclared, *more, *kept]):
        agreed = _DECLARED(count=Share(len(live), len(live), alone=True)) if live else _NONE()
        return Finding(subject, Status.PASS, agreed, measurement=measurement)
    return Finding(subject, Status.FAIL, _join_reasons(reasons, [*amiss, *closed], settings), measurement=measurement)


def _join_reasons(reasons: Sequence[Reason], who: Sequence[str], settings: GroupsAndRoles) -> Reason:
    first, *others = reasons
    listed = LISTED(who=", ".join(who)) if who and settings.names == "listed" else None
    return first.then(*(_AND(also=other) for other in others), listed)
