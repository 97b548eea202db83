"""Whom policies of Conditional Access ask: what only records, asks for less or leaves out, does not count for all."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.microsoft365.checks.conditional_access import Members, asked, asking_policies
from toolkit.controls.second_factor import Asked
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


def _asked(*policies: Mapping[str, Any], members: Members = MEMBERS) -> Asked:
    return asked(ME, asking_policies(policies), members)


STRENGTH = {"builtInControls": [], "authenticationStrength": {"requirementsSatisfied": "mfa"}}
CASES: dict[str, tuple[dict[str, Any], Asked]] = {
    "everybody": (_policy(), Asked.ALWAYS),
    "by name": (_policy({"includeUsers": ["P1"]}), Asked.ALWAYS),
    "by a group": (_policy({"includeGroups": ["g1"]}), Asked.ALWAYS),
    "by a role": (_policy({"includeRoles": ["r1"]}), Asked.ALWAYS),
    "by a strength": (_policy(grants=STRENGTH), Asked.ALWAYS),
    "besides something else": (
        _policy(grants={"builtInControls": ["mfa", "compliantDevice"], "operator": "AND"}),
        Asked.ALWAYS,
    ),
    "everywhere, said in words": (
        _policy(locations={"includeLocations": ["All"], "excludeLocations": []}),
        Asked.ALWAYS,
    ),
    "by browsers and apps": (_policy(clientAppTypes=["browser", "mobileAppsAndDesktopClients"]), Asked.ALWAYS),
    "somebody else": (_policy({"includeUsers": [OTHER]}), Asked.NEVER),
    "another group": (_policy({"includeGroups": ["g2"]}), Asked.NEVER),
    "excluded by a group": (_policy({**ALL, "excludeGroups": ["g1"]}), Asked.NEVER),
    "excluded by a role": (_policy({**ALL, "excludeRoles": ["r1"]}), Asked.NEVER),
    "a group that is gone": (_policy({"includeGroups": ["g9"]}), Asked.NEVER),
    "only recorded": (_policy(state="enabledForReportingButNotEnforced"), Asked.NEVER),
    "off": (_policy(state="disabled"), Asked.NEVER),
    "or a compliant device": (_policy(grants={"builtInControls": ["mfa", "compliantDevice"]}), Asked.NEVER),
    "a block": (_policy(grants={"builtInControls": ["block"]}), Asked.NEVER),
    "a weak strength": (
        _policy(grants={"builtInControls": [], "authenticationStrength": {"requirementsSatisfied": "none"}}),
        Asked.NEVER,
    ),
    "registering alone": (
        _policy(applications={"includeApplications": [], "includeUserActions": ["urn:user:registersecurityinfo"]}),
        Asked.NEVER,
    ),
    "one app": (_policy(applications={"includeApplications": ["Office365"]}), Asked.CONDITIONS),
    "but one app": (
        _policy(applications={"includeApplications": ["All"], "excludeApplications": ["x"]}),
        Asked.CONDITIONS,
    ),
    "not at school": (
        _policy(locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}),
        Asked.CONDITIONS,
    ),
    "at risk": (_policy(signInRiskLevels=["high"]), Asked.CONDITIONS),
    "on some devices": (_policy(devices={"deviceFilter": {"mode": "include", "rule": "x"}}), Asked.CONDITIONS),
    "in a browser": (_policy(clientAppTypes=["browser"]), Asked.CONDITIONS),
    "under a condition of tomorrow": (_policy(moonPhases={"includePhases": ["full"]}), Asked.CONDITIONS),
}


@pytest.mark.parametrize(("policy", "how"), CASES.values(), ids=CASES)
def test_a_policy_asks(policy: Mapping[str, Any], how: Asked) -> None:
    assert _asked(policy) is how


def test_one_policy_that_always_asks_is_enough() -> None:
    assert _asked(_policy(signInRiskLevels=["high"]), _policy({"includeGroups": ["g1"]})) is Asked.ALWAYS
    assert _asked() is Asked.NEVER


def test_a_group_or_role_that_could_not_be_read_is_not_taken_for_an_empty_one() -> None:
    refused = Refused("no")
    unread = Members({"g1": refused}, refused)

    for users in ({**ALL, "excludeGroups": ["g1"]}, {"includeGroups": ["g1"]}, {**ALL, "excludeRoles": ["r1"]}):
        with pytest.raises(Refused):
            _asked(_policy(users), members=unread)
    assert _asked(_policy(), members=unread) is Asked.ALWAYS
