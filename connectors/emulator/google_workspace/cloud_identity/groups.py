"""Groups in the Cloud Identity API: get, and the rule of who can be a member.

What a test may read and change at the control plane:

    google.groupSecurity    by group id: {"memberRestriction": {"query": ...}}

A group of google.groups with `dynamicGroupMetadata` is a dynamic one. Follows
https://cloud.google.com/identity/docs/reference/rest/v1/groups
"""

import re
from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.cloud_identity.policies import done
from connectors.emulator.google_workspace.people import GROUPS, own_domains
from connectors.emulator.google_workspace.values import customer_id, mapping, text
from connectors.emulator.store import Body, Json

_SECURITY, _MEMBERS = "google.groupSecurity", "google.members"
_TYPE = "type.googleapis.com/google.apps.cloudidentity.groups.v1.SecuritySettings"
_LABEL = "cloudidentity.googleapis.com/groups."
_TERM = re.compile(r"member\.(?:customer_id ?== ?groupCustomerId\(\)|type ?== ?([123]))")
_TYPES: Mapping[str, str] = {"1": "USER", "2": "SERVICE_ACCOUNT", "3": "GROUP"}


def _known(asked: MethodCall) -> Body:
    caller = mapping(asked.caller)
    group = asked.collection(GROUPS).get(asked.text("name").split("/")[1])
    if group is None or not caller.get("isAdmin") or caller.get("suspended"):
        raise errors.forbidden("Error(2028): Permission denied for resource (or it may not exist).")
    return group


def _get(asked: MethodCall) -> Body:
    group = _known(asked)
    dynamic: dict[str, Json] = {
        name: group[name] for name in ("dynamicGroupMetadata",) if group.get("dynamicGroupMetadata")
    }
    labels = ["discussion_forum", *(["dynamic"] if dynamic else [])]
    return {
        "name": f"groups/{group['id']}",
        "groupKey": {"id": group["email"]},
        "parent": f"customers/{customer_id(asked.tenant_id)}",
        "displayName": group["name"],
        "labels": {_LABEL + one: "" for one in labels},
        **dynamic,
    }


def _settings(asked: MethodCall) -> Body:
    key = str(_known(asked)["id"])
    kept = mapping((asked.collection(_SECURITY).get(key) or {}).get("memberRestriction"))
    query = text(kept.get("query"))
    rule: Body = {"memberRestriction": {"query": query, "evaluation": {"state": _state(asked, key, query)}}}
    return {"name": asked.text("name"), **(rule if query else {})}


def _state(asked: MethodCall, key: str, query: str) -> str:
    members = [*asked.collection(_MEMBERS).below(key).values()]
    if all(_fits(asked, member, query) for member in members):
        return "COMPLIANT"
    return "NON_COMPLIANT" if any(member.get("type") == "GROUP" for member in members) else "FORWARD_COMPLIANT"


def _fits(asked: MethodCall, member: Body, query: str) -> bool:
    """Say whether a member is what a rule asks for; && binds more than ||."""
    own = text(member.get("email")).rpartition("@")[2].lower() in own_domains(asked.store, asked.tenant_id)

    def holds(term: str) -> bool:
        found = _TERM.fullmatch(term.strip())
        return bool(found) and (member.get("type") == _TYPES[found[1]] if found and found[1] else own)

    return any(all(map(holds, part.split("&&"))) for part in query.split("||"))


def _update(asked: MethodCall) -> Body:
    key = str(_known(asked)["id"])
    query = text(mapping(asked.body.get("memberRestriction")).get("query"))
    terms = re.split(r"&&|\|\|", query) if query else []
    if asked.text("updateMask") != "member_restriction.query" or not all(_TERM.fullmatch(one.strip()) for one in terms):
        raise errors.invalid_argument()
    if query:
        asked.collection(_SECURITY).put(key, {"memberRestriction": {"query": query}})
    else:
        asked.collection(_SECURITY).delete(key)
    return done({"@type": _TYPE, **_settings(asked)})


HANDLERS: Mapping[str, Handler] = {
    "cloudidentity.groups.get": _get,
    "cloudidentity.groups.getSecuritySettings": _settings,
    "cloudidentity.groups.updateSecuritySettings": _update,
}
