"""Policies of the mail filters: preset, then custom by the priority of its rule, then Default."""

import json
from collections.abc import Mapping, Sequence

import pytest

from connectors.microsoft365.builtin_objects import rank
from connectors.microsoft365.exchange.service import RULES
from tests.cases import playbook, resource
from tests.contract.rules import apply
from tests.door import Door
from toolkit.sdk.resource import Remote
from toolkit.values import Json

OUTBOUND = "microsoft365.outbound_spam_policy"
MALWARE = "microsoft365.malware_filter_policy"
CONNECTIONS = "exchange.connectionFilters"
TRIPS = "Trips coordinators"
LEADERS = "trip-leaders@example-primary.example"
PRESET = "Standard Preset Security Policy1622"
ON = {"State": "Enabled", "Priority": 0}


def _policy(kind: str = "Custom", *rules: Mapping[str, object], default: bool = False) -> Remote:
    body: dict[str, Json] = {"IsDefault": default, "RecommendedPolicyType": kind, RULES: json.dumps(rules)}
    return Remote("1", "Policy", body)


def test_presets_come_first_then_the_others_by_their_rules_then_the_default() -> None:
    policies = {
        "default": _policy(default=True),
        "second": _policy("Custom", {**ON, "Priority": 1}),
        "standard": _policy("Standard", {**ON, "Priority": 1}),
        "first": _policy("Custom", ON),
        "strict": _policy("Strict", ON),
    }
    order = sorted(policies, key=lambda name: rank(policies[name]).place)
    assert order == ["strict", "standard", "first", "second", "default"]


@pytest.mark.parametrize(
    ("rules", "whom", "nobody"),
    [
        ([], "", "no rule applies the policy, so the policy applies to no one"),
        ([{**ON, "State": "Disabled"}], "", "the rule that applies the policy is off, so the policy applies to no one"),
        ([ON], "", ""),
        ([{**ON, "SentTo": None, "FromMemberOf": []}], "", ""),
        ([{**ON, "FromMemberOf": [LEADERS]}], f"FromMemberOf {LEADERS}", ""),
        ([{**ON, "ExceptIfSentTo": [LEADERS]}], f"except SentTo {LEADERS}", ""),
    ],
    ids=["no rule", "off", "no conditions", "empty conditions", "a group", "all but a group"],
)
def test_a_policy_reaches_whom_its_rule_says(rules: list[dict[str, object]], whom: str, nobody: str) -> None:
    found = rank(_policy("Custom", *rules))
    assert (found.audience, found.nobody) == (whom, nobody)


def test_the_default_needs_no_rule() -> None:
    assert rank(_policy(default=True)).nobody == ""


def _ask(door: Door, kind: str, name: str, **settings: object) -> None:
    door.write("10-cases.yaml", playbook(resource(kind, name, settings)))


def test_a_custom_policy_that_differs_is_named_above_the_default_with_whom_it_reaches(bare_door: Door) -> None:
    _ask(bare_door, OUTBOUND, "Default", auto_forwarding_mode="Off")
    apply(bare_door)

    drift = bare_door.toolkit("drift")

    assert drift.exit == 3
    assert f"! unmanaged {OUTBOUND}[{TRIPS}] runs first and overrides 1 managed object" in drift.out
    assert (
        f"its auto_forwarding_mode differs, and applies to the people in its own rule (FromMemberOf {LEADERS})"
        in " ".join(drift.out.split())
    )


def test_all_policies_of_the_tenant_are_set_and_none_outranks_another(bare_door: Door) -> None:
    _ask(bare_door, OUTBOUND, "*", auto_forwarding_mode="Off")
    apply(bare_door)

    assert bare_door.toolkit("drift").exit == 0


@pytest.mark.parametrize(("named", "code"), [(TRIPS, 3), ("*", 0)])
def test_a_policy_without_a_rule_is_said_to_reach_no_one(named: str, code: int, bare_door: Door) -> None:
    for key in bare_door.tenant.objects("exchange.outboundSpamRules"):
        bare_door.tenant.delete("exchange.outboundSpamRules", key)
    _ask(bare_door, OUTBOUND, named, auto_forwarding_mode="Off")
    apply(bare_door)

    drift = bare_door.toolkit("drift")

    assert f"{OUTBOUND}[{TRIPS}]: no rule applies the policy, so the policy applies to no one" in drift.out
    assert drift.exit == code


@pytest.mark.parametrize(("state", "code"), [("Enabled", 3), ("Disabled", 0)])
def test_a_preset_policy_is_never_written_and_named_where_it_is_on_and_differs(
    state: str, code: int, bare_door: Door
) -> None:
    tenant = bare_door.tenant
    (default,) = tenant.objects("exchange.malwareFilterPolicies").values()
    preset = {**default, "Name": PRESET, "Identity": PRESET, "IsDefault": False, "RecommendedPolicyType": "Standard"}
    tenant.put("exchange.malwareFilterPolicies", "p1", {**preset, "Guid": "p1"})
    tenant.put(
        "exchange.presetRules",
        "r1",
        {"Guid": "r1", **ON, "Name": PRESET, "State": state, "MalwareFilterPolicy": PRESET},
    )
    _ask(bare_door, MALWARE, "*", file_types={"contains": ["school-only"]})

    first = apply(bare_door)
    drift = bare_door.toolkit("drift", "--json")

    assert [change["address"] for change in first.json["changes"]] == [f"{MALWARE}[Default]"]
    assert "school-only" not in tenant.objects("exchange.malwareFilterPolicies")["p1"]["FileTypes"]
    assert drift.exit == code
    assert [(one["defeated_by"], one["whole"]) for one in drift.json["remarks"]] == [(PRESET, True)][: code // 3]


def test_a_preset_policy_that_a_playbook_names_is_refused(bare_door: Door) -> None:
    tenant = bare_door.tenant
    (default,) = tenant.objects("exchange.malwareFilterPolicies").values()
    preset = {**default, "Name": PRESET, "Identity": PRESET, "IsDefault": False, "RecommendedPolicyType": "Strict"}
    tenant.put("exchange.malwareFilterPolicies", "p1", {**preset, "Guid": "p1"})
    _ask(bare_door, MALWARE, PRESET, zap_enabled=False)

    plan = bare_door.toolkit("plan")

    assert plan.exit == 5
    assert "which cannot be changed" in plan.out


def test_a_policy_whose_rules_cannot_be_read_is_unknown(bare_door: Door) -> None:
    bare_door.tenant.fault("refused", "Get-HostedOutboundSpamFilterRule", times=99)
    _ask(bare_door, OUTBOUND, "Default", auto_forwarding_mode="Off")

    assert bare_door.toolkit("plan").exit == 4


LISTS = [("ip_allow_list", "IPAllowList"), ("ip_block_list", "IPBlockList")]
ASKED: Mapping[str, tuple[object, Sequence[str]]] = {
    "bare": (["192.0.2.10"], ["192.0.2.10", "198.51.100.7", "203.0.113.0/24"]),
    "exactly": ({"exactly": ["192.0.2.10"]}, ["192.0.2.10"]),
    "lacks": ({"lacks": ["203.0.113.0/24"]}, ["198.51.100.7"]),
    "exactly none": ({"exactly": []}, []),
}


@pytest.mark.parametrize(
    ("setting", "wire", "asked", "left"),
    [
        pytest.param(*names, *asked, id=f"{how}-{names[0]}", marks=() if place % 2 == which else pytest.mark.soak)
        for place, (how, asked) in enumerate(ASKED.items())
        for which, names in enumerate(LISTS)
    ],
)
def test_machines_that_others_named_are_taken_off_only_where_the_list_says_so(
    setting: str, wire: str, asked: object, left: list[str], bare_door: Door
) -> None:
    (key,) = bare_door.tenant.objects(CONNECTIONS)
    bare_door.tenant.patch(CONNECTIONS, key, **{wire: ["198.51.100.7", "203.0.113.0/24"]})
    bare_door.write(
        "10-machines.yaml", playbook(resource("microsoft365.connection_filter", "Default", {setting: asked}))
    )

    planned = bare_door.toolkit("plan")
    apply(bare_door)

    assert bare_door.tenant.objects(CONNECTIONS)[key][wire] == left
    for machine in {"198.51.100.7", "203.0.113.0/24"} - {*left}:
        assert machine in planned.out, "a person sees before it is written what is taken off"
    assert bare_door.toolkit("plan").exit == 0
