"""Policies of groups, and which group's counts where a person is in several."""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.chrome_policy.batches import read_changes, read_removals
from connectors.emulator.google_workspace.chrome_policy.checking import check_caller, kept
from connectors.emulator.google_workspace.chrome_policy.known import SCHEMAS
from connectors.emulator.google_workspace.chrome_policy.stored import GROUP, POLICIES, policy, read_keys, read_policies
from connectors.emulator.google_workspace.values import text, texts
from connectors.emulator.wire import Body, Json

ORDERINGS = "google.chromeGroupOrderings"  # by schema, or namespace/app


def _modify(asked: MethodCall) -> Body:
    check_caller(asked, asked.text("customer"))
    for change in read_changes(asked, GROUP):
        before = read_policies(asked, change.target.resource).value(change.schema, change.target.keys) or {}
        value = {**before, **kept(change.schema, change.value, change.mask)}
        key = change.target.stored(change.schema.name)
        asked.collection(POLICIES).put(key, policy(change.target, change.schema.name, value))
    return {}


def _delete(asked: MethodCall) -> Body:
    check_caller(asked, asked.text("customer"))
    for removal in read_removals(asked, GROUP):
        namespace, _, leaf = removal.schema.rpartition(".")
        names = [one.name for one in SCHEMAS.values() if one.namespace == namespace]
        for name in names if leaf == "*" else [removal.schema]:
            asked.collection(POLICIES).delete(removal.target.stored(name))
    return {}


def _list_ordering(asked: MethodCall) -> Body:
    check_caller(asked, asked.text("customer"))
    key = _ordered(asked)
    told: dict[str, Json] = {
        name: asked.body[name] for name in ("policyNamespace", "policySchema") if name in asked.body
    }
    return {"policyTargetKey": asked.body.get("policyTargetKey"), **told, "groupIds": _ordering(asked, key)}


def _update_ordering(asked: MethodCall) -> Body:
    """Set the order of all groups that hold a policy: one left out or named twice is refused."""
    check_caller(asked, asked.text("customer"))
    key, wanted = _ordered(asked), texts(asked.body.get("groupIds"))
    if sorted(wanted) != sorted(_ordering(asked, key)):
        raise errors.invalid_argument("group_ids must contain every group that holds the policy, each once.")
    asked.collection(ORDERINGS).put(key, {"groupIds": wanted})
    return {}


def _ordered(asked: MethodCall) -> str:
    """Name what is ordered: the groups of one schema, or of one app with all that is set for it."""
    name, keys = text(asked.body.get("policySchema")), read_keys(asked.body.get("policyTargetKey"))
    namespace = text(asked.body.get("policyNamespace")) or name.rpartition(".")[0]
    if keys and namespace:
        return f"{namespace}/{keys[0][1]}"
    if keys or name not in SCHEMAS or SCHEMAS[name].keys:
        raise errors.invalid_argument()
    return name


def _ordering(asked: MethodCall, key: str) -> list[str]:
    """List the groups that hold a policy, in their order; those that nobody ordered yet come last."""
    known = texts((asked.collection(ORDERINGS).get(key) or {}).get("groupIds"))
    stored = asked.collection(POLICIES).below(GROUP.rstrip("/"))
    holding = [group for group in (_holder(one, key) for one in stored) if group]
    rest = [one for one in dict.fromkeys(holding) if one not in known]
    return [*(one for one in known if one in holding), *rest]


def _holder(stored: str, key: str) -> str:
    """Name the group that a policy is stored for, if it is of what is ordered."""
    group, schema, *app = stored.removeprefix(GROUP).split("/", 2)
    own = f"{schema.rpartition('.')[0]}/{app[0]}" if app else schema
    return group if own == key else ""


HANDLERS: Mapping[str, Handler] = {
    "chromepolicy.customers.policies.groups.batchModify": _modify,
    "chromepolicy.customers.policies.groups.batchDelete": _delete,
    "chromepolicy.customers.policies.groups.listGroupPriorityOrdering": _list_ordering,
    "chromepolicy.customers.policies.groups.updateGroupPriorityOrdering": _update_ordering,
}
