"""The families of policies and apps that are emulated in full."""

from collections.abc import Mapping, Sequence

from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.intune.assigning import assigning
from connectors.emulator.microsoft365.graph.intune.catalogue import CATALOGUE, catalogue
from connectors.emulator.microsoft365.graph.intune.catalogue import make as make_catalogue_policy
from connectors.emulator.microsoft365.graph.intune.family import STATUSES, Family
from connectors.emulator.microsoft365.graph.intune.policies import reading, writing
from connectors.emulator.microsoft365.graph.intune.scheduled import RULES, rules, scheduling
from connectors.emulator.wire import Body, Json

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
