"""Finds emergency and service accounts, by their roles, or because Conditional Access policies exclude them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from connectors.microsoft365.directory import USER, complete_members, member_ids, members_path
from connectors.microsoft365.graph.service import path_with
from connectors.microsoft365.graph.via import Graph
from toolkit.errors import NotFound, RequestFailed, answered
from toolkit.sdk import Person, SpecialAccounts, mapping, segment, texts
from toolkit.values import Body

SYNC = "d29b2b05-8046-44ba-8758-1e26182fcf32"  # the role of the account that synchronises the directory
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
_ROLES = "/directoryRoles"
POLICIES = "/identity/conditionalAccess/policies"
Rows = Sequence[Body] | RequestFailed


def read_special_accounts(graph: Graph, people: Mapping[str, Person]) -> SpecialAccounts:
    """Return the people whose accounts are special, with the reason.

    `unknown` lists the parts of the tenant that could not be read.
    """
    roles, policies = graph.lists([path_with(_ROLES, {"select": "id,roleTemplateId"}), POLICIES])
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    unknown: list[str] = []
    try:
        for key, reason in _find_accounts_by_role(graph, roles, people):
            reasons[key].append(reason)
    except RequestFailed as error:
        unknown.append(f"Global Administrators: {error}")
    try:
        for key, reason in _find_excluded_accounts(graph, policies):
            reasons[key].append(reason)
    except RequestFailed as error:
        unknown.append(f"exclusions from Conditional Access are unknown: {error}")
    return SpecialAccounts(reasons, unknown)


def _find_accounts_by_role(graph: Graph, roles: Rows, people: Mapping[str, Person]) -> Iterator[tuple[str, str]]:
    keys = {str(row.get("roleTemplateId")): str(row["id"]) for row in answered(roles)}
    templates = [template for template in (GLOBAL_ADMINISTRATOR, SYNC) if template in keys]
    paths = [path_with(f"{_ROLES}/{segment(keys[template])}/members", {"select": "id"}) for template in templates]
    for template, rows in zip(templates, graph.lists(paths), strict=True):
        for key in (str(row["id"]) for row in answered(rows)):
            if template == SYNC:
                yield key, "has the role that synchronises Microsoft's directory"
            elif key in people and not people[key].mailbox:
                yield key, "is a Global Administrator without a mailbox licence"


def _find_excluded_accounts(graph: Graph, policies: Rows) -> Iterator[tuple[str, str]]:
    """Yield each account that every enabled policy excludes, directly or through a group, with the reason."""
    users = [
        mapping(mapping(row.get("conditions")).get("users"))
        for row in answered(policies)
        if row.get("state") != "disabled"
    ]
    groups = list(
        dict.fromkeys(group for users_condition in users for group in texts(users_condition.get("excludeGroups")))
    )
    responses = graph.lists([members_path(group) for group in groups])
    members = {group: _list_member_ids(group, rows) for group, rows in zip(groups, responses, strict=True)}
    excluded = [
        frozenset(texts(users_condition.get("excludeUsers"))).union(
            *map(members.__getitem__, texts(users_condition.get("excludeGroups")))
        )
        for users_condition in users
    ]
    for key in sorted(frozenset.intersection(*excluded)) if excluded else ():
        yield key, f"is excluded from each of the {len(excluded)} Conditional Access policies"


def _list_member_ids(group: str, rows: Rows) -> frozenset[str]:
    """Return the ids of the people in a group. A deleted group has no members."""
    return frozenset() if isinstance(rows, NotFound) else member_ids(complete_members(f"the group {group}", rows), USER)
