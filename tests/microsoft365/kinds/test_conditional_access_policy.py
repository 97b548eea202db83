"""Policies of Conditional Access: all that narrows a policy or that it demands is read, also names not known yet."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.microsoft365.kinds.conditional_access_policy import KIND
from tests.facts.real_tenant import conditional_access_policies
from tests.leaves import changes, unnoticed_paths

observed = KIND.spec.observed


def policy(**more: Any) -> dict[str, Any]:
    """Return a policy that blocks everybody everywhere, with more conditions."""
    conditions = {
        "users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]},
        "clientAppTypes": ["all"],
    }
    grants = {"operator": "OR", "builtInControls": ["block"]}
    return {"state": "enabled", "conditions": {**conditions, **more}, "grantControls": grants, "sessionControls": None}


def narrowed(body: Mapping[str, Any]) -> dict[str, object]:
    """Return what a policy shows beside one that blocks everybody everywhere."""
    plain = observed(policy())
    return {name: value for name, value in observed(body).items() if value != plain[name]}


@pytest.mark.parametrize(
    ("more", "shows"),
    [
        ({"userRiskLevels": ["high"]}, {"user_risk": ("high",)}),
        ({"signInRiskLevels": ["medium", "high"]}, {"sign_in_risk": ("high", "medium")}),
        (
            {"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["iOS"]}},
            {"platforms": ("all",), "excluded_platforms": ("ios",)},
        ),
        (
            {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}},
            {"locations": ("all",), "excluded_locations": ("alltrusted",)},
        ),
        (
            {"authenticationFlows": {"transferMethods": "deviceCodeFlow,authenticationTransfer"}},
            {"sign_in_flows": ("authenticationtransfer", "devicecodeflow")},
        ),
        (
            {"devices": {"deviceFilter": {"mode": "exclude", "rule": 'device.trustType -eq "ServerAD"'}}},
            {"other_conditions": (
                "conditions.devices.deviceFilter.mode: exclude",
                'conditions.devices.deviceFilter.rule: device.trustType -eq "ServerAD"',
            )},
        ),
        (
            {"moonPhases": {"includePhases": ["full"]}},
            {"other_conditions": ("conditions.moonPhases.includePhases: full",)},
        ),
    ],
    ids=["user risk", "sign-in risk", "platforms", "locations", "flows", "device filter", "a condition of tomorrow"],
)  # fmt: skip
def test_a_condition_shows_by_name(more: Mapping[str, Any], shows: Mapping[str, object]) -> None:
    assert narrowed(policy(**more)) == shows


def test_a_policy_that_a_playbook_names_has_no_condition_that_the_playbook_does_not_name() -> None:
    wanted = KIND.spec.desired({"state": "enabled", "included": ["all"], "grant_controls": ["block"]})

    differing = {name for name, value in wanted.items() if value != observed(policy(userRiskLevels=["high"]))[name]}

    assert differing == {"user_risk"}


@pytest.mark.parametrize(
    ("way", "setting"), [("include", "included_fingerprint"), ("exclude", "excluded_fingerprint")]
)  # fmt: skip
def test_another_person_shows_though_the_number_stays(way: str, setting: str) -> None:
    one, other = ({"users": {f"{way}Users": [person], f"{way}Groups": ["g"]}} for person in ("p1", "p2"))
    again = {"users": {f"{way}Groups": ["G"], f"{way}Users": ["P1"]}}

    assert observed(policy(**one)) == observed(policy(**again))
    shown = [observed(policy(**users)) for users in (one, other)]
    assert [name for name in shown[0] if shown[0][name] != shown[1][name]] == [setting]


def test_a_session_control_shows_what_it_demands() -> None:
    session = {
        "persistentBrowser": {"isEnabled": True, "mode": "never"},
        "signInFrequency": {"isEnabled": True, "type": "days", "value": 4, "frequencyInterval": "timeBased",
                            "authenticationType": "primaryAndSecondaryAuthentication"},
        "disableResilienceDefaults": True,
    }  # fmt: skip

    assert narrowed({**policy(), "sessionControls": session}) == {
        "persistent_browser": "never",
        "sign_in_frequency": "4 days",
        "other_conditions": ("sessionControls.disableResilienceDefaults: True",),
    }


def test_every_value_of_real_policies_is_noticed_or_ignored_by_name() -> None:
    bodies = conditional_access_policies()

    assert [unnoticed_paths(KIND.spec, body) for body in bodies] == [[]] * len(bodies)
    assert sum(1 for body in bodies for _ in changes(body)) > 7 * 30
    assert [KIND.spec.unknown(body) for body in bodies] == [[]] * len(bodies)


def test_a_block_at_high_risk_is_not_read_as_a_block_of_everybody() -> None:
    policies = {body["displayName"]: observed(body) for body in conditional_access_policies()}

    blocks = {name: shown for name, shown in policies.items() if shown["grant_controls"] == ("block",)}
    narrowing = ("user_risk", "sign_in_risk", "sign_in_flows", "client_apps")
    assert len(blocks) > 3
    assert all(any(shown[name] not in (None, ("all",)) for name in narrowing) for shown in blocks.values())
