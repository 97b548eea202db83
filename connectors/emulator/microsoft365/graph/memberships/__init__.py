"""getMemberGroups: the groups that a person is in, and the groups that these are in."""

from collections.abc import Mapping, Sequence

from connectors.emulator.microsoft365.applications import texts
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.directory import GROUPS, USERS
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body


def actions() -> Sequence[Action]:
    """List the one action: the directory's lists of members are routes."""
    return (Action("POST", "/users/{id}/getMemberGroups", GROUPS, _member_groups, asks=True),)


def _member_groups(asking: ActionRequest) -> Answer:
    """Answer who may read people and groups (learn.microsoft.com/graph/api/directoryobject-getmembergroups)."""
    if not USERS & asking.principal.roles:
        raise errors.fault(403)
    security = asking.body().get("securityEnabledOnly")
    if not isinstance(security, bool):
        raise errors.bad_request("Required parameter 'securityEnabledOnly' is missing in the request body.")
    person = asking.store.get(asking.tenant_id, "users", asking.key)
    if person is None:
        raise errors.not_found(asking.keys[-1])
    groups = {str(one["id"]): one for one in asking.store.all(asking.tenant_id, "groups")}
    around = _around(str(person["id"]), asking.store.keyed(asking.tenant_id, "members"))
    found = [key for key in groups if key in around and (groups[key]["securityEnabled"] or not security)]
    return Answer(body={**asking.context("Collection(Edm.String)"), "value": found})


def _around(key: str, lists: Mapping[str, Body]) -> set[str]:
    """Name what something is in, directly or by what is around it."""
    found: set[str] = set()
    waiting = {key}
    while waiting:
        inside = {one for one, kept in lists.items() if waiting & set(texts(kept["members"]))}
        waiting = inside - found
        found |= inside
    return found
