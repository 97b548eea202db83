"""The Cloud Identity API. Only policies, devices, groups, trusted domains and sign-in by SSO are emulated."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from connectors.emulator.data_files import read_data
from connectors.emulator.google_workspace.api.read_only import read_only_handlers
from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.cloud_identity import allowlist, devices, groups
from connectors.emulator.google_workspace.cloud_identity.policies import HANDLERS, unit_query
from connectors.emulator.google_workspace.devices import seed as seed_devices
from connectors.emulator.google_workspace.people import POLICIES
from connectors.emulator.google_workspace.values import customer_id, org_unit_id, policy_id
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json


def seed(school: School) -> Seed:
    """Return the policies, devices and trusted domains of a new tenant."""
    return {**_seed_policies(school), **seed_devices(school), **allowlist.seed(school)}


SERVICE = google_api(
    "cloud identity",
    {**HANDLERS, **devices.HANDLERS, **allowlist.HANDLERS, **groups.HANDLERS, **read_only_handlers(__file__)},
)


_SET = "2025-09-01T08:00:00Z"
_UNPLACED = ("rule.system_defined_alerts", "calendar.appointment_schedules", "sites.sites_creation_and_modification")


class _SeededSetting(NamedTuple):
    """A setting that an administrator has changed for a unit."""

    kind: str
    unit: str  # a path. A unit that no longer exists keeps its id.
    value: Body


_DATA = read_data(Path(__file__).parent / "settings.json")
SYSTEM: Mapping[str, Body] = _DATA["system"]
"""The settings that Google makes for a new customer and that policies.list shows.

Types, fields and values come from a real tenant (contracts/google.md, sections 2 and 11). Only the types of
api_controls, multi_party_approval, apps_allowlist and smime_encryption do. Settings with a documented default are not
included: the API leaves them out, and a client has to know them.
"""
# Two are on one setting: the greater sortOrder wins. One is of a unit that was deleted: its policy is still listed.
_ADMIN = tuple(_SeededSetting(*row) for row in _DATA["administrators"])


def _seed_policies(school: School) -> Seed:
    """Return the policies of a new tenant. Their order is arbitrary, as in Google's lists."""
    policies = [*_system_policies(school), *_administrator_policies(school), _trust_rule(school)]
    ordered = sorted(policies, key=lambda policy: policy.name[::-1])
    return {POLICIES: {policy.name.removeprefix("policies/"): policy.body for policy in ordered}}


class _Named(NamedTuple):
    name: str
    body: Body


def _seeded_policy(school: School, kind: str, setting: _SeededSetting, order: int, number: int) -> _Named:
    name = f"policies/{policy_id(school, kind, setting.kind, setting.unit, str(number))}"
    unit = f"orgUnits/{org_unit_id(school.tenant_id, setting.unit)}"
    # Some of Google's own name no unit, which means the top one.
    placed = kind == "ADMIN" or setting.kind not in _UNPLACED
    query: dict[str, Json] = {"query": unit_query(unit), "orgUnit": unit} if placed else {}
    body: Body = {
        "name": name,
        "customer": f"customers/{customer_id(school.tenant_id)}",
        "policyQuery": {**query, "sortOrder": order},
        "setting": {"type": f"settings/{setting.kind}", "value": setting.value},
        "type": kind,
    }
    return _Named(name, body)


def _system_policies(school: School) -> Iterator[_Named]:
    for kind, value in SYSTEM.items():
        yield _seeded_policy(school, "SYSTEM", _SeededSetting(kind, "/", value), 0, 0)
    for number, name in enumerate(_DATA["alerts"]):
        mails: Body = {"recipients": [{"allSuperAdmins": True}], "alertCenterConfig": {"severity": "HIGH"}}
        rule: Body = {"displayName": name, "state": "ACTIVE", "action": {"alertCenterAction": mails}}
        yield _seeded_policy(school, "SYSTEM", _SeededSetting("rule.system_defined_alerts", "/", rule), 0, number)


def _administrator_policies(school: School) -> Iterator[_Named]:
    for number, setting in enumerate(_ADMIN):
        yield _seeded_policy(school, "ADMIN", setting, number + 1, number)


def _trust_rule(school: School) -> _Named:
    """Return a rule to prevent data loss, which the trust manages and made before the school used toolkit."""
    (words,) = [setting for setting in _administrator_policies(school) if "word_list" in str(setting.body)]
    value: Body = {
        "displayName": "Trust: safeguarding words leaving by mail",
        "description": "Kept by the trust",
        "state": "ACTIVE",
        "triggers": ["google.workspace.gmail.email.v1.send"],
        "condition": {"contentCondition": f"all_content.matches_word_list('{words.name}', {{minimum_match_count: 1}})"},
        "action": {
            "alertCenterAction": {"recipients": [{"allSuperAdmins": True}], "alertCenterConfig": {}},
            "gmailAction": {"auditOnly": {"actionParams": {"applyExternalMessages": True}}},
        },
        "ruleTypeMetadata": {"dlpRuleMetadata": {"alertSeverity": "MEDIUM"}},
        "createTime": _SET,
        "updateTime": _SET,
    }
    return _seeded_policy(school, "ADMIN", _SeededSetting("rule.dlp", "/Staff", value), 1, 0)
