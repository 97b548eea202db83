"""Idle timeout of web apps: a policy whose definition is JSON inside a text inside a list."""

import json
from collections.abc import Mapping, Sequence
from uuid import uuid4

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.bodies import checked
from connectors.emulator.microsoft365.graph.policies.objects import one, read_actions
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

COLLECTION = "entra.activityBasedTimeoutPolicies"
_PATH, _TYPE = "/policies/activityBasedTimeoutPolicies", "activityBasedTimeoutPolicy"
_WRITES = frozenset({"Policy.ReadWrite.ApplicationConfiguration"})
_READS = _WRITES | {"Policy.Read.All"}


def actions() -> Sequence[Action]:
    """List what can be asked of the idle timeout."""
    return (
        *read_actions(_PATH, COLLECTION, "activity_based_timeout_policy", _READS),
        Action("POST", _PATH, _WRITES, _create),
        Action("PATCH", _PATH + "/{id}", _WRITES, _change),
        Action("DELETE", _PATH + "/{id}", _WRITES, _delete),
    )


def _create(asking: ActionRequest) -> Answer:
    kept = _checked(asking)
    for needed in ("definition", "displayName"):
        if not kept.get(needed):
            raise errors.invalid_request(f"A value is required for property '{needed}' of resource 'Policy'.")
    made: Body = {
        "id": str(uuid4()),
        "deletedDateTime": None,
        "displayName": kept["displayName"],
        "description": kept.get("description"),
        "definition": kept["definition"],
        "isOrganizationDefault": kept.get("isOrganizationDefault") or False,
    }
    _keep(asking, made)
    return Answer(status=201, body={**asking.context(_PATH.strip("/"), single=True), **made})


def _change(asking: ActionRequest) -> Answer:
    held, kept = one(asking, COLLECTION), _checked(asking)
    _keep(asking, {**held, **{name: value for name, value in kept.items() if name in held and name != "id"}})
    return Answer(status=204)


def _delete(asking: ActionRequest) -> Answer:
    asking.store.delete(asking.tenant_id, COLLECTION, str(one(asking, COLLECTION)["id"]))
    return Answer(status=204)


def _checked(asking: ActionRequest) -> Mapping[str, Json]:
    kept = checked(asking.body(), _TYPE, asking.version)
    definition = kept.get("definition")
    if definition is not None and not _is_definition(definition):
        raise errors.invalid_request("Invalid value specified for property 'definition' of resource 'Policy'.")
    return kept


def _is_definition(definition: Json) -> bool:
    if not isinstance(definition, list) or len(definition) != 1:
        return False
    try:
        inside = json.loads(str(definition[0]))
    except ValueError:
        return False
    return isinstance(inside, dict) and set(inside) == {"ActivityBasedTimeoutPolicy"}


def _keep(asking: ActionRequest, policy: Body) -> None:
    others = asking.store.all(asking.tenant_id, COLLECTION)
    if policy["isOrganizationDefault"] and any(
        other["isOrganizationDefault"] and other["id"] != policy["id"] for other in others
    ):
        raise errors.invalid_request("Only one policy of this type can be the default of the organization.")
    asking.store.put(asking.tenant_id, COLLECTION, str(policy["id"]), policy)
