"""The Policy API: list, get, create, patch and delete, with operations; only DLP rules and detectors are writable."""

import re
from collections.abc import Mapping
from uuid import uuid4

from connectors.emulator import clock
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.cloud_identity.filters import read_filter
from connectors.emulator.google_workspace.cloud_identity.rules import accepted, references
from connectors.emulator.google_workspace.people import GROUPS, ORG_UNITS, POLICIES
from connectors.emulator.google_workspace.values import customer_id, mapping, new_policy_id, text
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

_DEFAULT_PAGE, _LONGEST_PAGE = 50, 100
_TARGETS = ("orgUnit", "group", "query")
_STAMPS = ("createTime", "updateTime", "deleteTime")  # inside the value of a rule, set by Google
_IN_QUERY = re.compile(r"^entity\.(?:org_units|groups)\.exists\(\w+, \w+\.(?:org_unit|group)_id == ")
_FORBIDDEN = "The caller does not have permission"


def unit_query(unit: str) -> str:
    """Write which unit a policy is for, as Google does beside the unit itself."""
    return f"entity.org_units.exists(org_unit, org_unit.org_unit_id == orgUnitId('{unit.removeprefix('orgUnits/')}'))"


def _group_query(group: str) -> str:
    return f"entity.groups.exists(group, group.group_id == groupId('{group.removeprefix('groups/')}'))"


def _check_caller(asked: MethodCall) -> None:
    caller = mapping(asked.caller)
    if not caller.get("isAdmin") or caller.get("suspended"):
        raise errors.ApiError(403, "forbidden", _FORBIDDEN)


def _list(asked: MethodCall) -> Body:
    """Show one page: the filter is laid over each page by itself, so that one may be empty and lead on all the same."""
    _check_caller(asked)
    size = asked.number("pageSize", _DEFAULT_PAGE)
    if size < 0:
        raise errors.invalid_argument()
    rows, page = asked.collection(POLICIES).all(), read_page(asked.parameters, min(size, _LONGEST_PAGE))
    customers = ("customers/my_customer", f"customers/{customer_id(asked.tenant_id)}")
    test = read_filter(asked.text("filter"), customers) if asked.text("filter") else lambda _policy: True
    found = [row for row in page_of(rows, page) if test(row)]
    items: dict[str, Json] = {"policies": found} if found else {}
    return {**items, **page.next_token(len(rows))}


def _known(asked: MethodCall) -> Body:
    _check_caller(asked)
    body = asked.collection(POLICIES).get(asked.text("name").removeprefix("policies/"))
    if body is None:
        raise errors.not_found()
    return body


def _get(asked: MethodCall) -> Body:
    return _known(asked)


def _create(asked: MethodCall) -> Body:
    _check_caller(asked)
    setting = _setting(asked)
    if text(asked.body.get("customer")) != f"customers/{customer_id(asked.tenant_id)}":
        raise errors.invalid_argument()
    kind, key, now = text(setting["type"]), new_policy_id(), clock.text(asked.now)
    value = {**mapping(setting["value"]), "createTime": now, "updateTime": now}
    policy: Body = {
        "name": f"policies/{key}",
        "customer": asked.body["customer"],
        "policyQuery": {**_target(asked), "sortOrder": _last_order(asked, kind) + 1},
        "setting": {"type": kind, "value": value},
        "type": "ADMIN",
    }
    asked.collection(POLICIES).put(key, policy)
    return done(policy)


def _setting(asked: MethodCall) -> Body:
    """Read the setting of a body: one that may be written, complete, and naming only detectors that are there."""
    setting = mapping(asked.body.get("setting"))
    value = {name: one for name, one in mapping(setting.get("value")).items() if name not in _STAMPS}
    kind = text(setting.get("type"))
    if not accepted(kind, value):
        raise errors.invalid_argument()
    detectors = asked.collection(POLICIES)
    if any(detectors.get(one.removeprefix("policies/")) is None for one in references(value)):
        raise errors.invalid_argument()
    return {"type": kind, "value": value}


def _target(asked: MethodCall) -> dict[str, Json]:
    """Read whom a policy is for: a unit, a group or a query, one alone."""
    query = mapping(asked.body.get("policyQuery"))
    given = [name for name in _TARGETS if text(query.get(name))]
    if len(given) != 1:
        raise errors.invalid_argument()
    value = text(query[given[0]])
    match given[0]:
        case "orgUnit":
            known = asked.collection(ORG_UNITS).get(value.removeprefix("orgUnits/"))
            return {"query": unit_query(value), "orgUnit": value} if known else _refuse()
        case "group":
            known = asked.collection(GROUPS).get(value.removeprefix("groups/"))
            return {"query": _group_query(value), "group": value} if known else _refuse()
    return {"query": value} if _IN_QUERY.match(value) and "licenses" not in value else _refuse()


def _refuse() -> dict[str, Json]:
    raise errors.invalid_argument()


def _last_order(asked: MethodCall, kind: str) -> float:
    same = (one for one in asked.collection(POLICIES).all() if mapping(one["setting"]).get("type") == kind)
    orders = (mapping(one["policyQuery"]).get("sortOrder") for one in same)
    return max((one for one in orders if isinstance(one, int | float)), default=0)


def _patch(asked: MethodCall) -> Body:
    """Set a policy anew: whom it is for and of what type stays, and the value is taken whole."""
    before = _own(asked)
    setting, old = _setting(asked), mapping(before["setting"])
    target, stored = mapping(asked.body.get("policyQuery")), mapping(before["policyQuery"])
    moved = any(text(target.get(name)) not in ("", text(stored.get(name))) for name in _TARGETS)
    unnamed = not any(text(target.get(name)) for name in _TARGETS)
    customer = text(asked.body.get("customer")) or before["customer"]
    if moved or unnamed or setting["type"] != old["type"] or customer != before["customer"]:
        raise errors.invalid_argument()
    created = mapping(old["value"]).get("createTime")
    stamps: dict[str, Json] = {"createTime": created, "updateTime": clock.text(asked.now)}
    value = {**mapping(setting["value"]), **{name: one for name, one in stamps.items() if one}}
    policy = {**before, "setting": {"type": setting["type"], "value": value}}
    asked.collection(POLICIES).put(text(before["name"]).removeprefix("policies/"), policy)
    return done(policy)


def _own(asked: MethodCall) -> Body:
    """Find a policy that may be written: an administrator's, of a type that can be."""
    policy = _known(asked)
    setting = mapping(policy["setting"])
    if policy.get("type") != "ADMIN" or not accepted(text(setting["type"]), mapping(setting["value"])):
        raise errors.invalid_argument()
    return policy


def _delete(asked: MethodCall) -> Body:
    policy, kept = _own(asked), asked.collection(POLICIES)
    values = (mapping(mapping(one["setting"]).get("value")) for one in kept.all())
    if any(policy["name"] in references(value) for value in values):
        raise errors.failed_precondition()
    kept.delete(text(policy["name"]).removeprefix("policies/"))
    return done({"@type": "type.googleapis.com/google.protobuf.Empty"})


HANDLERS: Mapping[str, Handler] = {
    "cloudidentity.policies.list": _list,
    "cloudidentity.policies.get": _get,
    "cloudidentity.policies.create": _create,
    "cloudidentity.policies.patch": _patch,
    "cloudidentity.policies.delete": _delete,
}


_POLICY = "type.googleapis.com/google.apps.cloudidentity.policies.v1.Policy"
_ABORTED = 10  # google.rpc.Code


def done(response: Body) -> Body:
    """Tell that a write has taken effect, with what came of it."""
    return {"done": True, "response": {"@type": _POLICY, **response}}


def undone() -> Answer:
    """Tell that a write is still under way."""
    return Answer(body={"name": f"operations/{uuid4().hex}", "done": False})


def failed() -> Answer:
    """Tell inside a good answer that a write came to nothing."""
    error: Body = {"code": _ABORTED, "message": "The operation was aborted."}
    return Answer(body={"done": True, "error": error})
