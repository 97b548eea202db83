"""Whom policies of Conditional Access ask: what only records, asks for less or leaves out, does not count for all."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.microsoft365.checks.conditional_access import Members, factor_prompt, find_policies_with_second_factor
from toolkit.controls.second_factor import FactorPrompt
from toolkit.errors import Refused

ME, OTHER = "p1", "p2"
MEMBERS = Members({"g1": frozenset({ME}), "g2": frozenset({OTHER})}, {"r1": frozenset({ME})})
ALL = {"includeUsers": ["All"]}


def _policy(
    users: Mapping[str, Any] = ALL, *, state: str = "enabled", grants: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    conditions = {
        "users": users,
        "applications": {"includeApplications": ["All"], "excludeApplications": []},
        "clientAppTypes": ["all"],
        "locations": None,
        "signInRiskLevels": [],
        **more,
    }
    asks = {"operator": "OR", "builtInControls": ["mfa"], "authenticationStrength": None, **(grants or {})}
    return {"displayName": "P", "state": state, "conditions": conditions, "grantControls": asks}


def _factor_prompt(*policies: Mapping[str, Any], members: Members = MEMBERS) -> FactorPrompt:
    return factor_prompt(ME, find_policies_with_second_factor(policies), members)


STRENGTH = {"builtInControls": [], "authenticationStrength": {"requirementsSatisfied": "mfa"}}
CASES: dict[str, tuple[dict[str, Any], FactorPrompt]] = {
    "everybody": (_policy(), FactorPrompt.ALWAYS),
    "by name": (_policy({"includeUsers": ["P1"]}), FactorPrompt.ALWAYS),
    "by a group": (_policy({"includeGroups": ["g1"]}), FactorPrompt.ALWAYS),
    "by a role": (_policy({"includeRoles": ["r1"]}), FactorPrompt.ALWAYS),
    "by a strength": (_policy(grants=STRENGTH), FactorPrompt.ALWAYS),
    "besides something else": (
        _policy(grants={"builtInControls": ["mfa", "compliantDevice"], "operator": "AND"}),
        FactorPrompt.ALWAYS,
    ),
    "everywhere, said in words": (
        _policy(locations={"includeLocations": ["All"], "excludeLocations": []}),
        FactorPrompt.ALWAYS,
    ),
    "by browsers and apps": (_policy(clientAppTypes=["browser", "mobileAppsAndDesktopClients"]), FactorPrompt.ALWAYS),
    "somebody else": (_policy({"includeUsers": [OTHER]}), FactorPrompt.NEVER),
    "another group": (_policy({"includeGroups": ["g2"]}), FactorPrompt.NEVER),
    "excluded by a group": (_policy({**ALL, "excludeGroups": ["g1"]}), FactorPrompt.EXEMPT),
    "excluded by a role": (_policy({**ALL, "excludeRoles": ["r1"]}), FactorPrompt.EXEMPT),
    "excluded from what is for others": (
        _policy({"includeUsers": [OTHER], "excludeGroups": ["g1"]}),
        FactorPrompt.NEVER,
    ),
    "a group that is gone": (_policy({"includeGroups": ["g9"]}), FactorPrompt.NEVER),
    "only recorded": (_policy(state="enabledForReportingButNotEnforced"), FactorPrompt.NEVER),
    "off": (_policy(state="disabled"), FactorPrompt.NEVER),
    "or a compliant device": (_policy(grants={"builtInControls": ["mfa", "compliantDevice"]}), FactorPrompt.NEVER),
    "a block": (_policy(grants={"builtInControls": ["block"]}), FactorPrompt.NEVER),
    "a weak strength": (
        _policy(grants={"builtInControls": [], "authenticationStrength": {"requirementsSatisfied": "none"}}),
        FactorPrompt.NEVER,
    ),
    "registering alone": (
        _policy(applications={"includeApplications": [], "includeUserActions": ["urn:user:registersecurityinfo"]}),
        FactorPrompt.NEVER,
    ),
    "one app": (_policy(applications={"includeApplications": ["Office365"]}), FactorPrompt.CONDITIONS),
    "but one app": (
        _policy(applications={"includeApplications": ["All"], "excludeApplications": ["x"]}),
        FactorPrompt.CONDITIONS,
    ),
    "not at school": (
        _policy(locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}),
        FactorPrompt.CONDITIONS,
    ),
    "at risk": (_policy(signInRiskLevels=["high"]), FactorPrompt.CONDITIONS),
    "on some devices": (_policy(devices={"deviceFilter": {"mode": "include", "rule": "x"}}), FactorPrompt.CONDITIONS),
    "in a browser": (_policy(clientAppTypes=["browser"]), FactorPrompt.CONDITIONS),
    "under a condition of tomorrow": (_policy(moonPhases={"includePhases": ["full"]}), FactorPrompt.CONDITIONS),
}


@pytest.mark.parametrize(("policy", "how"), CASES.values(), ids=CASES)
def test_a_policy_asks(policy: Mapping[str, Any], how: FactorPrompt) -> None:
    assert _factor_prompt(policy) is how


def test_one_policy_that_always_asks_is_enough() -> None:
    assert _factor_prompt(_policy(signInRiskLevels=["high"]), _policy({"includeGroups": ["g1"]})) is FactorPrompt.ALWAYS
    assert _factor_prompt() is FactorPrompt.NEVER


def test_a_group_or_role_that_could_not_be_read_is_not_taken_for_an_empty_one() -> None:
    refused = Refused("no")
    unread = Members({"g1": refused}, refused)

    for users in ({**ALL, "excludeGroups": ["g1"]}, {"includeGroups": ["g1"]}, {**ALL, "excludeRoles": ["r1"]}):
        with pytest.raises(Refused):
            _factor_prompt(_policy(users), members=unread)
    assert _factor_prompt(_policy(), members=unread) is FactorPrompt.ALWAYS
