"""The control of administrators and restricted groups: its settings and its parts."""

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
    """A group that opens a restricted area, and everyone who must be in it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)

    group: Annotated[str, Field(min_length=1)]  # its address, or at Microsoft its name
    members: Addresses  # at least one, because an empty group closes the area to everyone
    cloud: Cloud | None = None
    remove: bool | Literal["yes"] = False  # whether members who are not declared are removed
    managed_by: Literal["mis", "exchange"] | None = None  # the system that changes the group instead of toolkit
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

    `enforce` adds the declared members to each group. With `remove: yes` it removes others, at most two a run. Groups
    of the MIS (`managed_by: mis`), synced and dynamic groups, and groups that an app changed last are read only. The
    only administrator with all rights may be the local authority's: ask before anyone takes a right away.
    """

    all_rights: Addresses = Field(
        description="Every Global Administrator and super administrator. Protected accounts need not be named.",
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
        "Each restricted group with all of its members. `cloud` if only one cloud has it, `remove: yes` if "
        "others are removed, `managed_by` (mis, exchange) if toolkit changes nothing, `members_only` (school, "
        "people, or both) for a Google group to which no one else can be added by anyone.",
        [{"group": "dsl@example-primary.example", "members": ["dsl@example-primary.example"], "remove": True}],
        default=[],
    )
    guest_owners: list[Address] = declare("Guests who may own groups.", ["teacher@partner.example"], default=[])
    names: Literal["none", "listed"] = declare(
        "listed: `toolkit check` names the accounts to the admin who runs it. Reports for others never do.",
        default="none",
    )

    @model_validator(mode="after")
    def _from_fewest_to_most(self) -> Self:
        if self.fewest > self.most:
            raise ValueError("`fewest` is more than `most`: correct one of them")
        return self

    def groups_on(self, cloud: Cloud) -> Sequence[RestrictedGroup]:
        return [group for group in self.groups if group.cloud in {None, cloud}]


def role_parts(*unseen: str) -> tuple[Part, Part]:
    """Return the parts about administrators, with the facts that this cloud does not show."""
    reason = "`toolkit check` compares them with those declared; no run gives or takes a role"
    return (
        checked(ALL_RIGHTS, "accounts that may change everything, and how many there are", reason, *unseen),
        checked(SOME_RIGHTS, "accounts with another administrator's role", reason, *unseen),
    )


def members_parts(settings: GroupsAndRoles, cloud: Cloud, *unseen: str) -> Iterator[Part]:
    """Return the parts about restricted groups: their members, and the members that are added and removed."""
    reason = "`toolkit check` compares the members with those declared"
    yield checked(MEMBERS, "who is in each restricted group, members of groups inside it included", reason, *unseen)
    own = [group for group in settings.groups_on(cloud) if group.managed_by is None]
    if not own:
        return
    yield Part(
        name=CHANGES,
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
