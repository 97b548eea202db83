"""Who administers the tenants and who is in restricted groups: what a school declares, and how it is compared."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from toolkit.controls.control import Control
from toolkit.controls.mail_lists import Address, Addresses
from toolkit.controls.outgoing_mail import TenantWideSettings
from toolkit.controls.shared_accounts import LISTED
from toolkit.errors import ServiceError
from toolkit.sdk.check import CheckOccasion, Finding, Status
from toolkit.sdk.group_members import GroupMembers
from toolkit.sdk.part import Level, Part, Resource, checked
from toolkit.sdk.reason import Reason, ReasonCode, Share, Things, reason_of, same_words
from toolkit.sdk.spec import Contains, Exactly, Listed, declare
from toolkit.values import Json

ALL_RIGHTS, SOME_RIGHTS = "administrators with all rights", "administrators with some rights"
OUTSIDE, MEMBERS = "administrators of other organisations", "members of restricted groups"
CHANGES, OWNERS = "changes of restricted groups", "guests who own groups"
Cloud = Literal["microsoft365", "google_workspace"]
Most = Annotated[int, Field(ge=1, le=20)]


class RestrictedGroup(BaseModel):
    """A group that opens a restricted area, and everyone who must be in it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    group: Annotated[str, Field(min_length=1)]  # its address, or at Microsoft its name
    members: Addresses  # an empty group would close the area to everyone
    cloud: Cloud | None = None
    remove: bool | Literal["yes"] = False  # those who are not declared
    managed_by: Literal["mis", "exchange"] | None = None  # what changes the group instead of toolkit
    members_only: list[Literal["school", "people"]] | None = Field(None, min_length=1)  # at Google: who can be added

    @model_validator(mode="after")
    def _has_address(self) -> Self:
        if "@" not in self.group and self.cloud != "microsoft365":
            raise ValueError(f"{self.group!r} is not an address: write one, or add `cloud: microsoft365`")
        if self.members_only and (self.managed_by or self.cloud == "microsoft365"):
            raise ValueError("`members_only` is a rule of a Google group that toolkit writes: take it out")
        return self


class GroupsAndRoles(TenantWideSettings):
    """Who may administer the tenants and who is in restricted groups. No run gives or takes a role.

    `enforce` adds the members declared to each group; with `remove: yes` it removes others, at most two a run. Groups
    of the MIS (`managed_by: mis`), synced and dynamic ones, and those that an app changed last are read only. The only
    administrator with all rights may be the local authority's: ask before anyone takes a right away.
    """

    all_rights: Addresses = Field(
        description="Every Global Administrator and super administrator; protected accounts need not be named.",
        examples=[["head@example-primary.example"]],
    )
    some_rights: list[Address] = declare(
        "Everyone with another administrator's role, on either cloud.", ["it@example-primary.example"], default=[]
    )
    fewest: Most = declare("The fewest administrators with all rights, protected accounts counted.", default=2)
    most: Most = declare("The most administrators with all rights, protected accounts counted.", default=4)
    partners: dict[str, Annotated[str, Field(min_length=1)]] = declare(
        "Other organisations that administer the Microsoft tenant (GDAP), by their tenant ids, each with its name.",
        {"6a1ac4a2-1d2f-4c1e-9c3c-0d5a1fd0f001": "the local authority"},
        default={},
    )
    groups: list[RestrictedGroup] = declare(
        "Each restricted group with all of its members; `cloud` where only one cloud has it, `remove: yes` where "
        "others are taken out, `managed_by` (mis, exchange) where toolkit changes nothing, `members_only` (school, "
        "people; both may be named) for a Google group to which no one else can be added by anyone.",
        [{"group": "dsl@example-primary.example", "members": ["dsl@example-primary.example"], "remove": True}],
        default=[],
    )
    guest_owners: list[Address] = declare("Guests who may own groups.", ["teacher@partner.example"], default=[])
    names: Literal["none", "listed"] = declare(
        "listed: `toolkit check` names the accounts to the admin who runs it; reports for others never do.",
        default="none",
    )

    @model_validator(mode="after")
    def _from_fewest_to_most(self) -> Self:
        if self.fewest > self.most:
            raise ValueError("`fewest` is more than `most`: correct one of them")
        return self

    def on(self, cloud: Cloud) -> Sequence[RestrictedGroup]:
        return [group for group in self.groups if group.cloud in {None, cloud}]


@dataclass(frozen=True, slots=True)
class AccessHolder:
    """Someone who has a role or is in a group, by every address that they have."""

    addresses: tuple[str, ...]
    closed: bool = False  # the account cannot sign in until someone opens it again

    def is_among(self, declared: Collection[str]) -> bool:
        """Return whether one of the addresses is declared."""
        return any(address.casefold() in declared for address in self.addresses)

    def __str__(self) -> str:
        return self.addresses[0]


_NONE = same_words("no_such_administrator", "no account has such a role")
_DECLARED = same_words("access_as_declared", "{count}, each of them declared or protected")
_UNDECLARED = ReasonCode(
    "access_undeclared",
    admin="{undeclared} are not declared: declare them, or have an administrator remove them",
    governor="{undeclared} have not been agreed by the school",
)
_CLOSED = ReasonCode(
    "administrators_closed",
    admin="closed accounts that keep such a role and are not declared: {closed}; have an administrator take the role "
    "away, which counts again once someone opens the account",
    governor="closed accounts that keep an administrator's rights: {closed}",
)
_NUMBER = ReasonCode(
    "administrators_out_of_range",
    admin="{count} accounts have all rights, where {fewest} to {most} should",
    governor="the number of administrators with all rights is not between {fewest} and {most}",
)
_AND = same_words("access_and", "; {also}")
_GROUPS = same_words("restricted_groups_as_declared", "each of {count} restricted groups has the members declared")
_NO_GROUPS = same_words("no_restricted_group_declared", "no restricted group of this cloud is declared")
_MISSING = same_words("declared_members_missing", "{missing} declared members are not in their group")
_EMPTY = same_words("restricted_groups_empty", "{count} restricted groups are empty")
_UNREAD = ReasonCode(
    "restricted_groups_unread",
    admin="{count} groups could not be read: {why}",
    governor="{count} groups could not be read",
)
_NO_GUESTS = same_words("no_guest_owner", "no group or team has a guest as owner who is not declared")
_GUESTS = ReasonCode(
    "guest_owners",
    admin="{count} groups and teams have a guest as owner who is not declared: let staff own them instead",
    governor="{count} groups and teams are owned by someone from outside the school, which has not been agreed",
)
_NO_PARTNERS = same_words("no_partner", "no other organisation may administer the school's accounts")
_AGREED_PARTNERS = same_words(
    "partners_declared", "{count} other organisations may administer the school's accounts, each declared"
)
_PARTNERS = ReasonCode(
    "undeclared_partners",
    admin="{undeclared} other organisations that may administer the tenant are not declared ({who}): in the Microsoft "
    "365 admin centre, Settings > Partner relationships, see what each may do",
    governor="{undeclared} other organisations that may administer the school's accounts have not been agreed",
)


def role_parts(*unseen: str) -> tuple[Part, Part]:
    """Return the parts about administrators, with what of them this cloud does not show."""
    reason = "`toolkit check` compares them with those declared; no run gives or takes a role"
    return (
        checked(ALL_RIGHTS, "accounts that may change everything, and how many there are", reason, *unseen),
        checked(SOME_RIGHTS, "accounts with another administrator's role", reason, *unseen),
    )


def members_parts(wanted: GroupsAndRoles, cloud: Cloud, *unseen: str) -> Iterator[Part]:
    """Return the parts about restricted groups: who is in them, and who is added and removed."""
    reason = "`toolkit check` compares the members with those declared"
    yield checked(MEMBERS, "who is in each restricted group, members of groups inside it included", reason, *unseen)
    own = [group for group in wanted.on(cloud) if group.managed_by is None]
    if not own:
        return
    yield Part(
        name=CHANGES,
        level=Level.ENFORCED,
        covers="declared members who are missing, and with `remove: yes` members who are not declared",
        limits=(
            "at most two people are removed in a run, on both clouds together, and no protected account ever",
            "groups that are synced, worked out by a rule, able to have roles or changed last by an app are read only",
            "members of a group inside, and groups themselves, are changed by a person",
        ),
        resources=tuple(map(_resource, own)),
    )


def _resource(group: RestrictedGroup) -> Resource:
    members = [address.lower() for address in group.members]
    asked: Listed = Exactly(exactly=members) if group.remove else Contains(contains=members)
    return Resource("group_members", group.group, GroupMembers(members=asked))


def compare_all_rights(wanted: GroupsAndRoles, context: CheckOccasion, there: Sequence[AccessHolder]) -> Finding:
    """Compare who may change everything with the declared accounts and with how many there should be.

    A closed account changes nothing, so it is not one of them.
    """
    live = sum(not holder.closed for holder in there)
    number = _NUMBER(count=Share(live, live, alone=True), fewest=Things(wanted.fewest), most=Things(wanted.most))
    more = [] if wanted.fewest <= live <= wanted.most else [number]
    return _compared(ALL_RIGHTS, wanted, there, _allowed(context, wanted.all_rights), more)


def compare_some_rights(wanted: GroupsAndRoles, context: CheckOccasion, there: Sequence[AccessHolder]) -> Finding:
    """Compare who has another role with the declared accounts."""
    return _compared(SOME_RIGHTS, wanted, there, _allowed(context, [*wanted.all_rights, *wanted.some_rights]), [])


def compare_partners(wanted: GroupsAndRoles, there: Collection[str]) -> Finding:
    """Compare the organisations that may administer the tenant with the declared ones."""
    declared = {key.casefold() for key in wanted.partners}
    amiss = sorted(key for key in there if key.casefold() not in declared)
    evidence: dict[str, Json] = {"partners": len(there), "undeclared": len(amiss)}
    if not amiss:
        agreed = _AGREED_PARTNERS(count=Things(len(there))) if there else _NO_PARTNERS()
        return Finding(OUTSIDE, Status.PASS, agreed, evidence)
    reason = _PARTNERS(undeclared=Things(len(amiss), len(there)), who=", ".join(amiss))
    return Finding(OUTSIDE, Status.FAIL, reason, evidence)


Rows = Sequence[AccessHolder] | ServiceError
Read = Mapping[str, Rows]


def compare_members(wanted: GroupsAndRoles, context: CheckOccasion, cloud: Cloud, read: Read) -> Finding:
    """Compare the members of each group of one cloud; a group that could not be read never passes."""
    groups = wanted.on(cloud)
    if not groups:
        return Finding(MEMBERS, Status.PASS, _NO_GROUPS())
    undeclared, missing, unread, empty, total = list[str](), list[str](), list[ServiceError](), 0, 0
    for group in groups:
        there = read[group.group]
        if isinstance(there, ServiceError):
            unread.append(there)
            continue
        allowed, total, empty = _allowed(context, group.members), total + len(there), empty + (not there)
        undeclared += [f"{holder} in {group.group}" for holder in there if not holder.is_among(allowed)]
        lacking = [name for name in group.members if not any(holder.is_among({name.casefold()}) for holder in there)]
        missing += [f"{name} not in {group.group}" for name in lacking]
    declared = sum(len(group.members) for group in groups)
    known = [
        *([_EMPTY(count=Things(empty, len(groups)))] if empty else []),
        *([_UNDECLARED(undeclared=Share(len(undeclared), total, amiss=True))] if undeclared else []),
        *([_MISSING(missing=Share(len(missing), declared, amiss=True))] if missing else []),
    ]
    doubts = [_UNREAD(count=Things(len(unread), len(groups)), why=reason_of(unread[0]))] if unread else []
    evidence: dict[str, Json] = {
        "groups": len(groups), "undeclared": len(undeclared), "missing": len(missing), "unread": len(unread)
    }  # fmt: skip
    if not known and not doubts:
        return Finding(MEMBERS, Status.PASS, _GROUPS(count=Things(len(groups))), evidence)
    reason = _joined([*known, *doubts], [*sorted(undeclared), *missing], wanted)
    return Finding(MEMBERS, Status.FAIL if known else Status.UNKNOWN, reason, evidence)


def compare_owners(wanted: GroupsAndRoles, read: Sequence[tuple[str, Rows]]) -> Finding:
    """Compare the guests who own each group with the declared ones."""
    unread = [rows for _, rows in read if isinstance(rows, ServiceError)]
    owned = [
        [f"{guest} of {name}" for guest in rows if not guest.is_among(wanted.guest_owners)]
        for name, rows in read
        if not isinstance(rows, ServiceError)
    ]
    count = sum(map(bool, owned))
    known = [_GUESTS(count=Things(count, len(read)))] if count else []
    doubts = [_UNREAD(count=Things(len(unread), len(read)), why=reason_of(unread[0]))] if unread else []
    evidence: dict[str, Json] = {"groups": len(read), "owned": count, "unread": len(unread)}
    if not known and not doubts:
        return Finding(OWNERS, Status.PASS, _NO_GUESTS(), evidence)
    reason = _joined([*known, *doubts], sorted(one for guests in owned for one in guests), wanted)
    return Finding(OWNERS, Status.FAIL if known else Status.UNKNOWN, reason, evidence)


def _allowed(context: CheckOccasion, declared: Collection[str]) -> frozenset[str]:
    """Return the declared accounts with the protected ones, which are never to be removed."""
    return frozenset(address.casefold() for address in (*declared, *context.school.protected.accounts))


def _compared(
    subject: str,
    wanted: GroupsAndRoles,
    there: Sequence[AccessHolder],
    allowed: Collection[str],
    more: Sequence[Reason],
) -> Finding:
    live = [holder for holder in there if not holder.closed]
    strange = [holder for holder in there if not holder.is_among(allowed)]
    amiss = sorted(str(holder) for holder in strange if not holder.closed)
    closed = sorted(f"{holder} (closed)" for holder in strange if holder.closed)
    evidence: dict[str, Json] = {"administrators": len(live), "undeclared": len(amiss), "closed": len(closed)}
    undeclared = [_UNDECLARED(undeclared=Share(len(amiss), len(live), amiss=True))] if amiss else []
    kept = [_CLOSED(closed=Share(len(closed), len(there), alone=True, amiss=True))] if closed else []
    if not (reasons := [*undeclared, *more, *kept]):
        agreed = _DECLARED(count=Share(len(live), len(live), alone=True)) if live else _NONE()
        return Finding(subject, Status.PASS, agreed, evidence)
    return Finding(subject, Status.FAIL, _joined(reasons, [*amiss, *closed], wanted), evidence)


def _joined(reasons: Sequence[Reason], who: Sequence[str], wanted: GroupsAndRoles) -> Reason:
    first, *others = reasons
    listed = LISTED(who=", ".join(who)) if who and wanted.names == "listed" else None
    return first.then(*(_AND(also=other) for other in others), listed)


CONTROLS = (
    Control(
        name="access.groups_and_roles",
        title="Administrators and restricted groups",
        clauses=("GOV-04", "SYS-21"),
        settings=GroupsAndRoles,
        reaches_people=False,
        asks=("administrators", "restricted_groups"),
    ),
)
