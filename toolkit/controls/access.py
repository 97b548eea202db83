"""The control `access.groups_and_roles`: administrators, and members of restricted groups."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from toolkit.controls.control import Control, TenantWideSettings
from toolkit.controls.mail_lists import Address, Addresses
from toolkit.sdk import Contains, Exactly, GroupMembers, Listed, Part, Resource, checked, declare

ALL_RIGHTS, SOME_RIGHTS = "administrators with all rights", "administrators with some rights"
OUTSIDE, MEMBERS = "administrators of other organisations", "members of restricted groups"
CHANGES, OWNERS = "changes of restricted groups", "guests who own groups"
Cloud = Literal["microsoft365", "google_workspace"]
Most = Annotated[int, Field(ge=1, le=20)]


class RestrictedGroup(BaseModel):
    """A group that gives access to a restricted area, and its members."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    group: Annotated[str, Field(min_length=1)]  # its address, or at Microsoft its name
    members: Addresses  # at least one, because an empty group closes the area to everyone
    cloud: Cloud | None = None
    remove: bool | Literal["yes"] = False  # whether members who are not declared are removed
    managed_by: Literal["mis", "exchange"] | None = None  # the system that manages the group instead of toolkit
    members_only: list[Literal["school", "people"]] | None = Field(None, min_length=1)  # Google only: who can be added

    @model_validator(mode="after")
    def _has_address(self) -> Self:
        if "@" not in self.group and self.cloud != "microsoft365":
            raise ValueError(f"{self.group!r} is not an e-mail address. Write an address, or add `cloud: microsoft365`")
        if self.members_only and (self.managed_by or self.cloud == "microsoft365"):
            raise ValueError("`members_only` is only for a Google group that toolkit manages. Delete it")
        return self


class GroupsAndRoles(TenantWideSettings):
    """Who may administer the tenants, and who is a member of restricted groups.

    No run grants or removes an administrator's role. `enforce` adds the declared members to each group. With `remove:
    yes` it also removes other members, at most two in a run. Groups that the MIS manages (`managed_by: mis`), synced
    and dynamic groups, and groups last changed by an app are only checked. The only administrator with all rights may
    belong to the local authority, so ask before anyone removes a role.
    """

    all_rights: Addresses = Field(
        description="Every Global Administrator (Microsoft 365) and super administrator (Google). Protected "
        "accounts need not be listed.",
        examples=[["head@example-primary.example"]],
    )
    some_rights: list[Address] = declare(
        "Everyone with a limited administrator role, on either cloud.", ["it@example-primary.example"], default=[]
    )
    fewest: Most = declare(
        "The minimum number of administrators with all rights, including protected accounts.", default=2
    )
    most: Most = declare(
        "The maximum number of administrators with all rights, including protected accounts.", default=4
    )
    partners: dict[str, Annotated[str, Field(min_length=1)]] = declare(
        "Other organisations that may administer the Microsoft tenant (GDAP). Write each organisation's tenant id, "
        "then its name.",
        {"6a1ac4a2-1d2f-4c1e-9c3c-0d5a1fd0f001": "the local authority"},
        default={},
    )
    groups: list[RestrictedGroup] = declare(
        "Each restricted group with all of its members. Add `cloud` if only one cloud has the group, `remove: yes` "
        "to remove other members, and `managed_by` (mis, exchange) if another system manages it. `members_only` "
        "(school, people, or both) limits who can be added to a Google group.",
        [{"group": "dsl@example-primary.example", "members": ["dsl@example-primary.example"], "remove": True}],
        default=[],
    )
    guest_owners: list[Address] = declare("Guests who may own groups.", ["teacher@partner.example"], default=[])
    names: Literal["none", "listed"] = declare(
        "listed: `toolkit check` names the accounts to the admin who runs it. Reports for other people never name "
        "them.",
        default="none",
    )

    @model_validator(mode="after")
    def _check_number_range(self) -> Self:
        if self.fewest > self.most:
            raise ValueError("`fewest` is larger than `most`. Correct one of them")
        return self

    def groups_on(self, cloud: Cloud) -> Sequence[RestrictedGroup]:
        return [group for group in self.groups if group.cloud in {None, cloud}]


def role_parts(*unseen: str) -> tuple[Part, Part]:
    """Return the checks of administrators with all rights and with limited rights.

    `unseen` lists facts that the cloud does not show.
    """
    reason = "`toolkit check` compares them with the declared administrators, and no run grants or removes a role"
    return (
        checked(ALL_RIGHTS, "accounts with all rights, and their number", reason, *unseen),
        checked(SOME_RIGHTS, "accounts with a limited administrator role", reason, *unseen),
    )


def members_parts(settings: GroupsAndRoles, cloud: Cloud, *unseen: str) -> Iterator[Part]:
    """Yield the parts of the control that compare, add and remove members of restricted groups."""
    reason = "`toolkit check` compares the members with the declared members"
    yield checked(MEMBERS, "the members of each restricted group, including members of nested groups", reason, *unseen)
    own = [group for group in settings.groups_on(cloud) if group.managed_by is None]
    if not own:
        return
    yield Part(
        name=CHANGES,
        covers="declared members who are missing and, with `remove: yes`, members who are not declared",
        limits=(
            "a run removes at most two people, counted over both clouds, and never a protected account",
            "toolkit only checks synced, dynamic and role-assignable groups, and groups last changed by an app",
            "an administrator must change nested groups and their members by hand",
        ),
        resources=tuple(map(_resource, own)),
    )


def _resource(group: RestrictedGroup) -> Resource:
    members = [address.lower() for address in group.members]
    listed: Listed = Exactly(exactly=members) if group.remove else Contains(contains=members)
    return Resource("group_members", group.group, GroupMembers(members=listed))


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
