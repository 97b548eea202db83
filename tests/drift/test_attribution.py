"""Who made a difference, from the tenants' own logs: Intune's, the directory's, Exchange's and Google's."""

from collections.abc import Mapping
from typing import Any

from tests.cases import playbook, resource
from tests.door import Door
from tests.granting import grant, printed_permissions
from tests.schools import TWENTY_PEOPLE, Schools

LOGS = ("AuditLog.Read.All", "DeviceManagementApps.Read.All", "Application.Read.All")


def _key(door: Door, collection: str, text: str) -> str:
    return next(key for key, body in door.tenant.objects(collection).items() if text in f"{key} {body}")


def test_each_log_names_the_application_or_the_person_to_whoever_may_read_it(schools: Schools) -> None:
    door = schools.build(TWENTY_PEOPLE)
    asked = playbook(
        resource(
            "microsoft365.windows_compliance_policy",
            "School PCs",
            {"password_required": True, "password_minimum_length": 8},
        ),
        resource("microsoft365.password_expiry", door.tenant.domain, {"valid_for_days": 100}),
        resource("microsoft365.transport_rule", "Tag", {"prepend_subject": "[Tag] "}),
        resource("microsoft365.transport_rule", "Mark", {"prepend_subject": "[Mark] "}),
        resource("google_workspace.chrome_policy", "users.UrlBlocking @ /Staff", {"url_blocklist": ["chat.example"]}),
    )
    door.write("10-all.yaml", asked)
    applied = door.toolkit("apply", "--yes")
    assert applied.exit == 0, applied.out + applied.err
    policies, rules, urls = "intune.compliancePolicies", "exchange.transportRules", "google.chromePolicies"
    person = f"caretaker@{door.tenant.domain}"
    door.tenant.patch_by("Other Tool", policies, _key(door, policies, "School PCs"), passwordMinimumLength=4)
    door.tenant.patch_by(person, "domains", door.tenant.domain, passwordValidityPeriodInDays=2147483647)
    door.tenant.patch_by("Other Tool", rules, _key(door, rules, "[Tag]"), PrependSubject="[Other]")
    door.tenant.patch_by("Filter Company", urls, _key(door, urls, "chat.example"), value={"urlBlocklist": []})
    read, logs = (
        printed_permissions(door, "read"),
        [*LOGS, "https://www.googleapis.com/auth/admin.reports.audit.readonly"],
    )

    grant(door, "reader", read, without=logs)
    before = door.tenant.last_request()
    blind, told = door.toolkit("drift", "--json"), door.toolkit("drift").out
    grant(door, "reader", read)
    door.tenant.patch_by("Other Tool", rules, _key(door, rules, "[Mark]"), PrependSubject="[Other]")
    seeing = door.toolkit("drift", "--json").json

    assert (blind.exit, blind.json["summary"]["unknown"]) == (3, 0)
    assert _actors(blind.json)[f"microsoft365.password_expiry[{door.tenant.domain}]"] is None
    assert _actors(blind.json)["microsoft365.transport_rule[Tag]"]["name"].startswith("application ")
    assert all(any(name in why for why in blind.json["logs_unread"]) for name in logs)
    assert (
        "* toolkit could not find out from the tenant's log who made a change: GET /auditLogs/directoryAudits" in told
    )
    asked_of_logs = [one for one in door.tenant.operations(before) if "udit" in one or "activities" in one]
    assert sorted(set(asked_of_logs)) == [
        "GET /auditLogs/directoryAudits",
        "GET /deviceManagement/auditEvents",
        "Search-UnifiedAuditLog",
        "reports.activities.list",
    ]
    assert seeing["logs_unread"] == []
    assert {address: one for address, one in _actors(seeing).items() if "Tag" not in address} == {
        "microsoft365.windows_compliance_policy[School PCs]": {"kind": "application", "name": "Other Tool"},
        f"microsoft365.password_expiry[{door.tenant.domain}]": {"kind": "person", "name": person},
        "microsoft365.transport_rule[Mark]": {"kind": "application", "name": "Other Tool"},
        "google_workspace.chrome_policy[users.UrlBlocking @ /Staff]": {"kind": "application", "name": "Filter Company"},
    }


def test_nobody_is_named_where_the_log_tells_no_setting_and_two_changed_the_object(schools: Schools) -> None:
    door = schools.build(TWENTY_PEOPLE)
    policy = {"password_required": True, "password_minimum_length": 8}
    door.write("10.yaml", playbook(resource("microsoft365.windows_compliance_policy", "School PCs", policy)))
    assert door.toolkit("apply", "--yes").exit == 0
    policies = "intune.compliancePolicies"
    door.tenant.patch_by("Other Tool", policies, _key(door, policies, "School PCs"), passwordMinimumLength=4)
    once = door.toolkit("drift", "--json").json
    assert door.toolkit("apply", "--yes").exit == 0
    door.tenant.set_now("2026-11-12T09:00:00Z")
    door.tenant.patch_by("Other Tool", policies, _key(door, policies, "School PCs"), passwordMinimumLength=4)
    door.tenant.patch_by(
        f"caretaker@{door.tenant.domain}", policies, _key(door, policies, "School PCs"), description="Seen"
    )

    twice = door.toolkit("drift", "--json").json

    address = "microsoft365.windows_compliance_policy[School PCs]"
    assert _actors(once)[address] == {"kind": "application", "name": "Other Tool"}
    assert _actors(twice)[address] is None


def _actors(told: Any) -> Mapping[str, Any]:
    return {change["address"]: change["actor"] for change in told["changes"]}
