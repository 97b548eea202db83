"""The families of policies that are emulated in full, and what happens to a device that does not comply."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import uuid4

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.bodies import checked
from connectors.emulator.microsoft365.graph.intune.catalogue import CATALOGUE, catalogue
from connectors.emulator.microsoft365.graph.intune.catalogue import make as make_catalogue_policy
from connectors.emulator.microsoft365.graph.intune.family import STATUSES, ZERO, Family, bad, forbidden, no_route
from connectors.emulator.microsoft365.graph.intune.policies import assigning, reading, writing
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

RULES = "scheduledActionsForRule"
_CONFIGURATIONS = "scheduledActionConfigurations"
_PARAMETER = "deviceComplianceScheduledActionForRules"


def scheduling(family: Family) -> tuple[Action, Action]:
    """Make the actions around the scheduled actions of compliance policies."""

    def refuse(asking: ActionRequest) -> Answer:
        raise no_route(asking.call)

    return (
        Action(
            "GET", family.path + "/{id}/scheduledActionsForRule", family.reads, refuse,
            notes="answers 400: only $expand shows them", forbid=forbidden,
        ),
        Action(
            "POST", family.path + "/{id}/scheduleActionsForRules", family.writes,
            lambda asking: _replace(asking, family), notes="replaces all of them", forbid=forbidden,
        ),
    )  # fmt: skip


def rules(given: Json, version: str) -> list[Body]:
    """Make stored rules out of those in a body; raises GraphError unless exactly one action blocks."""
    written = given if isinstance(given, list) else []
    made = [_rule(checked(one, "deviceComplianceScheduledActionForRule", version)) for one in written]
    if [action["actionType"] for rule in made for action in _actions(rule)].count("block") != 1:
        raise bad("Compliance policy must have one and only one block scheduled action")
    return made


def _rule(rule: Body) -> Body:
    # The service keeps no name: reading gives null, whatever was sent.
    return {"id": str(uuid4()), "ruleName": None, _CONFIGURATIONS: [_action(action) for action in _actions(rule)]}


def _action(action: Body) -> Body:
    return {
        "id": str(uuid4()),
        "gracePeriodHours": action.get("gracePeriodHours") or 0,
        "actionType": action.get("actionType") or "noAction",
        "notificationTemplateId": action.get("notificationTemplateId") or ZERO,
        "notificationMessageCCList": action.get("notificationMessageCCList") or [],
    }


def _actions(rule: Body) -> Iterator[Body]:
    held = rule.get(_CONFIGURATIONS)
    yield from (one for one in (held if isinstance(held, list) else []) if isinstance(one, Mapping))


def _replace(asking: ActionRequest, family: Family) -> Answer:
    body, given = family.find(asking), asking.body()
    if odd := sorted(set(given) - {_PARAMETER}):
        raise errors.invalid_model(
            f"The parameter '{odd[0]}' in the request payload is not a valid parameter for the operation "
            "'scheduleActionsForRules'."
        )
    family.keep(asking, {**body, RULES: rules(given.get(_PARAMETER), asking.version)})
    return Answer()  # 200 and no body, though the documentation says 204: IntuneCD takes nothing else


_NAVIGATION = STATUSES | {"assignments", "userStatusOverview", "userStatuses"}
COMPLIANCE = Family(
    path="/deviceManagement/deviceCompliancePolicies",
    collection="intune.compliancePolicies",
    type_name="deviceCompliancePolicy",
    assignment="deviceCompliancePolicyAssignment",
    navigation=_NAVIGATION | {RULES},
)
CONFIGURATION = Family(
    path="/deviceManagement/deviceConfigurations",
    collection="intune.deviceConfigurations",
    type_name="deviceConfiguration",
    assignment="deviceConfigurationAssignment",
    navigation=_NAVIGATION | {"groupAssignments"},
)


def actions() -> Sequence[Action]:
    """List what can be asked of policies."""
    return (
        *reading(COMPLIANCE),
        *writing(COMPLIANCE, _with_rules),
        *scheduling(COMPLIANCE),
        *assigning(COMPLIANCE),
        *reading(CONFIGURATION),
        *writing(CONFIGURATION, _with_nothing),
        *assigning(CONFIGURATION),
        *reading(CATALOGUE),
        *writing(CATALOGUE, make_catalogue_policy),
        *catalogue(),
        *assigning(CATALOGUE),
    )


def _with_rules(asking: ActionRequest, given: Body) -> Mapping[str, Json]:
    return {RULES: rules(given.get(RULES), asking.version)}


def _with_nothing(asking: ActionRequest, given: Body) -> Mapping[str, Json]:
    del asking, given
    return {}
