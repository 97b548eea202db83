"""Who can be a member of a group, and which groups a query fills.

Follows https://cloud.google.com/identity/docs/reference/rest/v1/groups
"""

from collections.abc import Mapping, Sequence

from connectors.google_workspace.api.calls import Api, Call
from connectors.google_workspace.policies import ended
from toolkit.errors import NotFound, ServiceError, answered
from toolkit.sdk.endpoint import mapping
from toolkit.values import Body

_DYNAMIC = "cloudidentity.googleapis.com/groups.dynamic"


class MemberRules:
    """Who can be in a group, and which groups a query fills: Cloud Identity has them by the ids of the directory."""

    def __init__(self, admin: Api, identity: Api) -> None:
        self._admin = admin
        self._identity = identity

    def of(self, addresses: Sequence[str]) -> Mapping[str, tuple[str, Body | ServiceError]]:
        """Read the id and the rule of each group, fifty in a request; nothing of a group that is not there."""
        ids = self._ids(addresses)
        calls = [Call("cloudidentity.groups.getSecuritySettings", {"name": _secured(one)}) for one in ids.values()]
        read = [
            rules if isinstance(rules, ServiceError) else mapping(rules.get("memberRestriction"))
            for rules in self._identity.batch(calls)
        ]
        return {name: (key, rule) for (name, key), rule in zip(ids.items(), read, strict=True)}

    def put(self, group: str, query: str) -> None:
        """Set the rule of a group, by its id; "" takes it away."""
        parameters: Body = {"name": _secured(group), "updateMask": "member_restriction.query"}
        body: Body = {"memberRestriction": {"query": query}}
        self._identity.change(Call("cloudidentity.groups.updateSecuritySettings", parameters, body), outcome=ended)

    def by_query(self, addresses: Sequence[str]) -> Mapping[str, str]:
        """Return why a group is read only, for those whose members a query chooses."""
        ids = self._ids(addresses)
        calls = [Call("cloudidentity.groups.get", {"name": f"groups/{one}"}) for one in ids.values()]
        why = "a query says who is in the group (a dynamic group): change it in the admin console, under Groups"
        groups = map(answered, self._identity.batch(calls))
        return {name: why for name, group in zip(ids, groups, strict=True) if _has_query(group)}

    def _ids(self, addresses: Sequence[str]) -> Mapping[str, str]:
        calls = [Call("directory.groups.get", {"groupKey": one, "fields": "id"}) for one in addresses]
        found = zip(addresses, self._admin.batch(calls), strict=True)
        return {name: str(answered(row)["id"]) for name, row in found if not isinstance(row, NotFound)}


def _secured(group: str) -> str:
    return f"groups/{group}/securitySettings"


def _has_query(group: Body) -> bool:
    return "dynamicGroupMetadata" in group or _DYNAMIC in mapping(group.get("labels"))
