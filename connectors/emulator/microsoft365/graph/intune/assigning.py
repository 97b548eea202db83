"""Assigning policies and apps: /assign replaces everything, and /assignments shows it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.bodies import checked, complete, type_of
from connectors.emulator.microsoft365.graph.intune.family import Family
from connectors.emulator.microsoft365.graph.intune.refusals import bad, forbidden
from connectors.emulator.microsoft365.graph.intune.serialise import narrowed, place
from connectors.emulator.microsoft365.graph.models import BETA, members, model
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

ALL_DEVICES, ALL_USERS = "adadadad-808e-44e2-905a-0b7873a8a531", "acacacac-9df4-4c7d-9d50-4ef0226f57a9"
_EVERYBODY: Mapping[str, str] = {
    "allDevicesAssignmentTarget": ALL_DEVICES,
    "allLicensedUsersAssignmentTarget": ALL_USERS,
}
_TARGET = "deviceAndAppManagementAssignmentTarget"


def assigning(family: Family) -> tuple[Action, Action]:
    """Make the actions that read and replace the assignments of a family's objects."""
    return (
        Action(
            "GET", family.path + "/{id}/assignments", family.reads, lambda asking: _list(asking, family),
            family.versions, forbid=forbidden,
        ),
        Action(
            "POST", family.path + "/{id}/assign", family.writes, lambda asking: _assign(asking, family),
            family.versions, "replaces all assignments; filters in beta alone", forbidden,
        ),
    )  # fmt: skip


def assignments(given: Sequence[Body], *, key: str, declared: str, version: str = BETA) -> list[Body]:
    """Make stored assignments out of those in a body; two of one target are one, the last."""
    made = [_made(checked(one, declared, version), key, declared) for one in given]
    return list({str(one["id"]): one for one in made}.values())


def _made(one: Body, key: str, declared: str) -> Body:
    target = one.get("target")
    if not isinstance(target, Mapping):
        raise bad("An assignment needs a target")
    name = type_of(target, _TARGET, BETA)
    whole = complete(target, model(name, BETA) or {})
    known = complete(one, model(declared, BETA) or {})
    reached = _reached(name, whole)
    app = declared == "mobileAppAssignment"
    itself = f"{reached}_{members('installIntent').index(str(known['intent']))}_0" if app else f"{key}_{reached}"
    return {**known, "id": itself, "sourceId": key, "target": whole}


def _reached(name: str, target: Body) -> str:
    if name in _EVERYBODY:
        return _EVERYBODY[name]
    try:
        return str(UUID(str(target.get("groupId"))))
    except ValueError as no_guid:
        raise bad(f"The group id '{target.get('groupId')}' of an assignment is not valid") from no_guid


def _list(asking: ActionRequest, family: Family) -> Answer:
    body = family.find(asking)
    shown = narrowed(body, family.type_name, asking.version)["assignments"]
    return Answer(body={**asking.context(place(family, body, "assignments")), "value": shown})


def _assign(asking: ActionRequest, family: Family) -> Answer:
    body, given = family.find(asking), asking.body()
    if odd := sorted(set(given) - {family.assigned_by}):
        raise errors.invalid_model(
            f"The parameter '{odd[0]}' in the request payload is not a valid parameter for the operation 'assign'."
        )
    wanted = given.get(family.assigned_by)
    if not isinstance(wanted, list) or not all(isinstance(one, Mapping) for one in wanted):
        raise errors.bad_request(f"The value of parameter '{family.assigned_by}' must be a list of objects.")
    made = assignments(wanted, key=str(body["id"]), declared=family.assignment, version=asking.version)
    assigned: Body = {"isAssigned": bool(made)} if "isAssigned" in body else {}
    changed: dict[str, Json] = {**body, **assigned, "assignments": made}
    family.keep(asking, changed)
    if family.assigned_by != "assignments":
        return Answer(status=204)
    shown = narrowed(changed, family.type_name, asking.version)["assignments"]
    return Answer(body={**asking.context(f"Collection(microsoft.graph.{family.assignment})"), "value": shown})
