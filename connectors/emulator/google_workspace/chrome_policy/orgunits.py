"""Methods for policies of organisational units and groups: resolve, change, inherit, delete, and order the groups."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.chrome_policy.checking import (
    Problem,
    check_caller,
    key_problems,
    page_size,
    refusal,
    stored_value,
    value_problems,
)
from connectors.emulator.google_workspace.chrome_policy.stored import (
    APP_ID,
    GROUP,
    INSTALL_TYPE,
    POLICIES,
    SCHEMAS,
    UNITS,
    PolicySchema,
    Target,
    applicable_resources,
    find_schemas,
    policy_body,
    read_keys,
    read_policies,
    read_target,
    resolve_policy,
)
from connectors.emulator.google_workspace.values import mapping, sequence, text, texts
from connectors.emulator.store import Body, Json

ORDERINGS = "google.chromeGroupOrderings"  # by schema, or namespace/app


def _modify_group(call: MethodCall) -> Body:
    check_caller(call, call.text("customer"))
    for change in read_changes(call, GROUP):
        before = read_policies(call, change.target.resource).value(change.schema, change.target.keys) or {}
        value = {**before, **stored_value(change.schema, change.value, change.mask)}
        key = change.target.store_key(change.schema.name)
        call.collection(POLICIES).put(key, policy_body(change.target, change.schema.name, value))
    return {}


def _delete_group_policies(call: MethodCall) -> Body:
    check_caller(call, call.text("customer"))
    for removal in read_removals(call, GROUP):
        namespace, _, leaf = removal.schema.rpartition(".")
        names = [schema.name for schema in SCHEMAS.values() if schema.namespace == namespace]
        for name in names if leaf == "*" else [removal.schema]:
            call.collection(POLICIES).delete(removal.target.store_key(name))
    return {}


def _list_ordering(call: MethodCall) -> Body:
    check_caller(call, call.text("customer"))
    key = _ordering_key(call)
    policy_names: dict[str, Json] = {
        name: call.body[name] for name in ("policyNamespace", "policySchema") if name in call.body
    }
    return {"policyTargetKey": call.body.get("policyTargetKey"), **policy_names, "groupIds": _read_ordering(call, key)}


def _ordering_key(call: MethodCall) -> str:
    """Return the key under which the order of groups is stored for a schema, or for an app with all its policies."""
    name, keys = text(call.body.get("policySchema")), read_keys(call.body.get("policyTargetKey"))
    namespace = text(call.body.get("policyNamespace")) or name.rpartition(".")[0]
    if keys and namespace:
        return f"{namespace}/{keys[0][1]}"
    if keys or name not in SCHEMAS or SCHEMAS[name].keys:
        raise errors.invalid_argument()
    return name


def _read_ordering(call: MethodCall, key: str) -> list[str]:
    """Return the ids of the groups that have a policy, in their order. Groups without a position come last."""
    ordered = texts((call.collection(ORDERINGS).get(key) or {}).get("groupIds"))
    stored = call.collection(POLICIES).with_prefix(GROUP.rstrip("/"))
    holding = [group for group in (_group_in_ordering(key_of_policy, key) for key_of_policy in stored) if group]
    rest = [group_id for group_id in dict.fromkeys(holding) if group_id not in ordered]
    return [*(group_id for group_id in ordered if group_id in holding), *rest]


def _group_in_ordering(stored: str, key: str) -> str:
    """Return the group of a stored policy if an order of groups applies to the policy, otherwise ""."""
    group, schema, *app = stored.removeprefix(GROUP).split("/", 2)
    own = f"{schema.rpartition('.')[0]}/{app[0]}" if app else schema
    return group if own == key else ""


class Change(NamedTuple):
    """One part of a batch that sets a Chrome policy."""

    target: Target
    schema: PolicySchema
    value: Body
    mask: list[str]


class Removal(NamedTuple):
    """One part of a batch that removes a Chrome policy, or all policies of a namespace for a schema such as a.b.*."""

    target: Target
    schema: str


def read_changes(call: MethodCall, kind: str) -> list[Change]:
    """Return the checked changes of a batch. Raise ApiError for the first change that Google would refuse."""
    changes = [_read_change(call, mapping(request), kind) for request in sequence(call.body.get("requests"))]
    _check_together([Removal(change.target, change.schema.name) for change in changes])
    return changes


def read_removals(call: MethodCall, kind: str) -> list[Removal]:
    """Return the checked removals of a batch. Raise ApiError for the first removal that Google would refuse."""
    removals = [_read_removal(call, mapping(request), kind) for request in sequence(call.body.get("requests"))]
    _check_together(removals)
    return removals


def _read_change(call: MethodCall, raw: Body, kind: str) -> Change:
    value = mapping(raw.get("policyValue"))
    target, name = read_target(call, raw.get("policyTargetKey"), (kind,)), text(value.get("policySchema"))
    schema = _find_schema(target, name)
    mask = [path.strip() for path in text(raw.get("updateMask")).split(",") if path.strip()]
    inside = mapping(value.get("value"))
    if problems := [*key_problems(schema, target), *value_problems(schema, target, inside, mask)]:
        raise refusal(target, name, problems)
    return Change(target, schema, inside, mask)


def _read_removal(call: MethodCall, raw: Body, kind: str) -> Removal:
    target, name = read_target(call, raw.get("policyTargetKey"), (kind,)), text(raw.get("policySchema"))
    if not name.endswith(".*"):
        if problems := list(key_problems(_find_schema(target, name), target)):
            raise refusal(target, name, problems)
    elif not target.keys or not any(
        schema_of_app.namespace == name[:-2] and schema_of_app.keys for schema_of_app in SCHEMAS.values()
    ):
        raise refusal(target, name, [Problem("", f"Invalid policy schema: {name}")])
    return Removal(target, name)


def _find_schema(target: Target, name: str) -> PolicySchema:
    schema = SCHEMAS.get(name)
    if schema is None:
        raise refusal(target, name, [Problem("", f"Invalid policy schema: {name}")])
    if target.resource.startswith(GROUP) and not schema.groups:
        raise refusal(target, name, [Problem("", f"{name} cannot be applied to a group.")])
    return schema


def _check_together(batch: Sequence[Removal]) -> None:
    if not batch:
        raise errors.invalid_argument("requests must not be empty.")
    if len({removal.schema.rpartition(".")[0] for removal in batch}) > 1:
        raise errors.invalid_argument("All policy schemas in a batch must have the same root namespace.")
    if len({tuple(name for name, _ in removal.target.keys) for removal in batch}) > 1:
        raise errors.invalid_argument(
            "All policy target keys in a batch must have the same additional target key names."
        )
    if len(set(batch)) < len(batch):
        raise errors.invalid_argument("A batch must not reference the same policy schema and policy target key twice.")


# A namespace of two parts at least: chrome.* is none.
_FILTER = re.compile(r"chrome(?:\.\w+)+\.(?:\w+|\*)")


def _resolve_policies(call: MethodCall) -> Body:
    check_caller(call, call.text("customer"))
    pattern, target = text(call.body.get("policySchemaFilter")), read_target(call, call.body.get("policyTargetKey"))
    schemas = find_schemas(pattern) if _FILTER.fullmatch(pattern) else None
    if schemas is None:
        raise errors.invalid_argument(f"Invalid policy schema filter: {pattern}")
    policies, page = read_policies(call, target.resource), read_page(call.body, page_size(call.body.get("pageSize")))
    rows = [policy for schema in schemas for policy in resolve_policy(policies, schema, target)]
    body: dict[str, Json] = {"resolvedPolicies": list(page_of(rows, page))} if rows else {}
    return {**body, **page.next_token(len(rows))}


def _modify_unit(call: MethodCall) -> Body:
    """Set policies. Fields that the mask does not select keep their value, even if the value is inherited."""
    check_caller(call, call.text("customer"))
    changes = read_changes(call, UNITS)
    added = {(change.target.resource, change.target.keys) for change in changes if change.schema.name == INSTALL_TYPE}
    for change in changes:
        _check_managed(call, change, changed_together=(change.target.resource, change.target.keys) in added)
    for change in changes:
        before = read_policies(call, change.target.resource).value(change.schema, change.target.keys) or {}
        value = {**before, **stored_value(change.schema, change.value, change.mask)}
        key = change.target.store_key(change.schema.name)
        call.collection(POLICIES).put(key, policy_body(change.target, change.schema.name, value))
    return {}


def _check_managed(call: MethodCall, change: Change, *, changed_together: bool) -> None:
    """Refuse a setting of an app that the unit does not manage, either before or after the change."""
    namespace, name = change.schema.namespace, change.schema.name
    if not change.schema.keys or changed_together or name.endswith(".InstallType"):
        return
    app = dict(change.target.keys)[APP_ID]
    if not read_policies(call, change.target.resource).managing_unit(namespace, app):
        message = f"{app} is not managed here: set {namespace}.InstallType first."
        raise refusal(change.target, name, [Problem("", message)])


def _inherit_unit_policies(call: MethodCall) -> Body:
    """Make a unit inherit policies again.

    An app that was added at this unit is removed with all its settings.
    """
    check_caller(call, call.text("customer"))
    removals = read_removals(call, UNITS)
    keys = [key for removal in removals for key in _removed_keys(call, removal)]
    for key in keys:
        call.collection(POLICIES).delete(key)
    return {}


def _removed_keys(call: MethodCall, removal: Removal) -> list[str]:
    target, schema = removal.target, removal.schema
    above = applicable_resources(call, target.resource)[1:]
    if schema.endswith(".*"):
        return _app_policy_keys(call, removal)
    if not above:
        raise refusal(target, schema, [Problem("", "The root organizational unit has nothing to inherit from.")])
    if schema.endswith(".InstallType") and not read_policies(call, above[0]).source(schema, target.keys):
        raise refusal(target, schema, [Problem("", "The app is not managed above, so there is no value to inherit.")])
    return [target.store_key(schema)]


def _app_policy_keys(call: MethodCall, removal: Removal) -> list[str]:
    namespace, app = removal.schema.removesuffix(".*"), dict(removal.target.keys)[APP_ID]
    if read_policies(call, removal.target.resource).managing_unit(namespace, app) != removal.target.resource:
        message = "An app can only be deleted from the organizational unit that it was explicitly added to."
        raise refusal(removal.target, removal.schema, [Problem("", message)])
    own = call.collection(POLICIES).with_prefix(removal.target.resource)
    return [
        key
        for key, body in own.items()
        if text(body["policySchema"]).rpartition(".")[0] == namespace and key.endswith("/" + app)
    ]


HANDLERS: Mapping[str, Handler] = {
    "chromepolicy.customers.policies.resolve": _resolve_policies,
    "chromepolicy.customers.policies.orgunits.batchModify": _modify_unit,
    "chromepolicy.customers.policies.orgunits.batchInherit": _inherit_unit_policies,
    "chromepolicy.customers.policies.groups.batchModify": _modify_group,
    "chromepolicy.customers.policies.groups.batchDelete": _delete_group_policies,
    "chromepolicy.customers.policies.groups.listGroupPriorityOrdering": _list_ordering,
}
