"""Policies of organisational units: resolve, batchModify and batchInherit."""

import re
from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.chrome_policy.batches import Change, Removal, read_changes, read_removals
from connectors.emulator.google_workspace.chrome_policy.checking import Problem, check_caller, kept, page_size, refusal
from connectors.emulator.google_workspace.chrome_policy.known import APP_ID, INSTALL_TYPE
from connectors.emulator.google_workspace.chrome_policy.stored import (
    POLICIES,
    UNITS,
    lineage,
    policy,
    read_policies,
    read_target,
    resolved,
    schemas_of,
)
from connectors.emulator.google_workspace.values import text
from connectors.emulator.wire import Body, Json

# A namespace of two parts at least: chrome.* is none.
_FILTER = re.compile(r"chrome(?:\.\w+)+\.(?:\w+|\*)")


def _resolve(asked: MethodCall) -> Body:
    check_caller(asked, asked.text("customer"))
    pattern, target = text(asked.body.get("policySchemaFilter")), read_target(asked, asked.body.get("policyTargetKey"))
    schemas = schemas_of(pattern) if _FILTER.fullmatch(pattern) else None
    if schemas is None:
        raise errors.invalid_argument(f"Invalid policy schema filter: {pattern}")
    policies, page = read_policies(asked, target.resource), read_page(asked.body, page_size(asked.body.get("pageSize")))
    rows = [one for schema in schemas for one in resolved(policies, schema, target)]
    found: dict[str, Json] = {"resolvedPolicies": list(page_of(rows, page))} if rows else {}
    return {**found, **page.next_token(len(rows))}


def _modify(asked: MethodCall) -> Body:
    """Set policies: fields outside the mask keep what the unit had, be it inherited."""
    check_caller(asked, asked.text("customer"))
    changes = read_changes(asked, UNITS)
    added = {(one.target.resource, one.target.keys) for one in changes if one.schema.name == INSTALL_TYPE}
    for change in changes:
        _check_managed(asked, change, with_it=(change.target.resource, change.target.keys) in added)
    for change in changes:
        before = read_policies(asked, change.target.resource).value(change.schema, change.target.keys) or {}
        value = {**before, **kept(change.schema, change.value, change.mask)}
        key = change.target.stored(change.schema.name)
        asked.collection(POLICIES).put(key, policy(change.target, change.schema.name, value))
    return {}


def _check_managed(asked: MethodCall, change: Change, *, with_it: bool) -> None:
    """Refuse a setting of an app that is not managed on the unit, nor becomes so with it."""
    namespace, name = change.schema.namespace, change.schema.name
    if not change.schema.keys or with_it or name.endswith(".InstallType"):
        return
    app = dict(change.target.keys)[APP_ID]
    if not read_policies(asked, change.target.resource).adding(namespace, app):
        message = f"{app} is not managed here: set {namespace}.InstallType first."
        raise refusal(change.target, name, [Problem("", message)])


def _inherit(asked: MethodCall) -> Body:
    """Give inheritance back; an app leaves management where it was added, with everything that was set for it."""
    check_caller(asked, asked.text("customer"))
    removals = read_removals(asked, UNITS)
    keys = [key for removal in removals for key in _removed(asked, removal)]
    for key in keys:
        asked.collection(POLICIES).delete(key)
    return {}


def _removed(asked: MethodCall, removal: Removal) -> list[str]:
    target, schema = removal.target, removal.schema
    above = lineage(asked, target.resource)[1:]
    if schema.endswith(".*"):
        return _of_app(asked, removal)
    if not above:
        raise refusal(target, schema, [Problem("", "The root organizational unit has nothing to inherit from.")])
    if schema.endswith(".InstallType") and not read_policies(asked, above[0]).source(schema, target.keys):
        raise refusal(target, schema, [Problem("", "The app is not managed above: nothing to inherit.")])
    return [target.stored(schema)]


def _of_app(asked: MethodCall, removal: Removal) -> list[str]:
    namespace, app = removal.schema.removesuffix(".*"), dict(removal.target.keys)[APP_ID]
    if read_policies(asked, removal.target.resource).adding(namespace, app) != removal.target.resource:
        message = "An app can only be deleted from the organizational unit that it was explicitly added to."
        raise refusal(removal.target, removal.schema, [Problem("", message)])
    own = asked.collection(POLICIES).below(removal.target.resource)
    return [
        key
        for key, body in own.items()
        if text(body["policySchema"]).rpartition(".")[0] == namespace and key.endswith("/" + app)
    ]


HANDLERS: Mapping[str, Handler] = {
    "chromepolicy.customers.policies.resolve": _resolve,
    "chromepolicy.customers.policies.orgunits.batchModify": _modify,
    "chromepolicy.customers.policies.orgunits.batchInherit": _inherit,
}
