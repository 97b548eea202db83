"""Groups in the Cloud Identity API: reads a group, and reads and changes the rule about who may be a member.

A test may read and change these collections at the control plane:

- `google.groupSecurity`, by group id: {"memberRestriction": {"query": ...}}.

A group of google.groups with `dynamicGroupMetadata` is dynamic. Follows
https://cloud.google.com/identity/docs/reference/rest/v1/groups
"""

import re
from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.cloud_identity.policies import completed_operation
from connectors.emulator.google_workspace.people import GROUPS, own_domains
from connectors.emulator.google_workspace.values import customer_id, mapping, text
from connectors.emulator.store import Body, Json

_SECURITY, _MEMBERS = "google.groupSecurity", "google.members"
_TYPE = "type.googleapis.com/google.apps.cloudidentity.groups.v1.SecuritySettings"
_LABEL = "cloudidentity.googleapis.com/groups."
_TERM = re.compile(r"member\.(?:customer_id ?== ?groupCustomerId\(\)|type ?== ?([123]))")
_TYPES: Mapping[str, str] = {"1": "USER", "2": "SERVICE_ACCOUNT", "3": "GROUP"}


def _find_group(call: MethodCall) -> Body:
    caller = mapping(call.caller)
    group = call.collection(GROUPS).get(call.text("name").split("/")[1])
    if group is None or not caller.get("isAdmin") or caller.get("suspended"):
        raise errors.forbidden("Error(2028): Permission denied for resource (or it may not exist).")
    return group


def _get_group(call: MethodCall) -> Body:
    group = _find_group(call)
    dynamic: dict[str, Json] = {
        name: group[name] for name in ("dynamicGroupMetadata",) if group.get("dynamicGroupMetadata")
    }
    labels = ["discussion_forum", *(["dynamic"] if dynamic else [])]
    return {
        "name": f"groups/{group['id']}",
        "groupKey": {"id": group["email"]},
        "parent": f"customers/{customer_id(call.tenant_id)}",
        "displayName": group["name"],
        "labels": {_LABEL + label: "" for label in labels},
        **dynamic,
    }


def _get_security_settings(call: MethodCall) -> Body:
    key = str(_find_group(call)["id"])
    kept = mapping((call.collection(_SECURITY).get(key) or {}).get("memberRestriction"))
    query = text(kept.get("query"))
    rule: Body = {"memberRestriction": {"query": query, "evaluation": {"state": _evaluation_state(call, key, query)}}}
    return {"name": call.text("name"), **(rule if query else {})}


def _evaluation_state(call: MethodCall, key: str, query: str) -> str:
    members = [*call.collection(_MEMBERS).with_prefix(key).values()]
    if all(_meets_query(call, member, query) for member in members):
        return "COMPLIANT"
    return "NON_COMPLIANT" if any(member.get("type") == "GROUP" for member in members) else "FORWARD_COMPLIANT"


def _meets_query(call: MethodCall, member: Body, query: str) -> bool:
    """Return whether a rule accepts a member. && binds more tightly than ||."""
    own = text(member.get("email")).rpartition("@")[2].lower() in own_domains(call.store, call.tenant_id)

    def holds(term: str) -> bool:
        match = _TERM.fullmatch(term.strip())
        return bool(match) and (member.get("type") == _TYPES[match[1]] if match and match[1] else own)

    return any(all(map(holds, part.split("&&"))) for part in query.split("||"))


def _update_security_settings(call: MethodCall) -> Body:
    key = str(_find_group(call)["id"])
    query = text(mapping(call.body.get("memberRestriction")).get("query"))
    terms = re.split(r"&&|\|\|", query) if query else []
    if call.text("updateMask") != "member_restriction.query" or not all(
        _TERM.fullmatch(term.strip()) for term in terms
    ):
        raise errors.invalid_argument()
    if query:
        call.collection(_SECURITY).put(key, {"memberRestriction": {"query": query}})
    else:
        call.collection(_SECURITY).delete(key)
    return completed_operation({"@type": _TYPE, **_get_security_settings(call)})


HANDLERS: Mapping[str, Handler] = {
    "cloudidentity.groups.get": _get_group,
    "cloudidentity.groups.getSecuritySettings": _get_security_settings,
    "cloudidentity.groups.updateSecuritySettings": _update_security_settings,
}
