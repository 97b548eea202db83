"""Audit logs and alerts: asked through the command line."""

import pytest

from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

AUDIT_LOG, ORGANISATION = "exchange.adminAuditLogConfig", "exchange.organizationConfig"


def _write(door: Door, *lines: str) -> None:
    head = "playbook: logs\ntitle: Logs\nowner: Head Teacher\nclauses: [INT-08]\n\ncontrols:\n"
    door.write("62-logs.yaml", head + "".join(f"  {line}\n" for line in lines))


def _findings(door: Door) -> dict[str, tuple[str, str]]:
    rows = door.toolkit("check", "--json").json["findings"]
    return {row["subject"]: (row["status"], row["reason"]) for row in rows}


def _only(door: Door, collection: str) -> tuple[str, dict[str, object]]:
    ((key, body),) = door.tenant.objects(collection).items()
    return key, body


def test_what_turns_logging_off_is_put_right_and_a_bypass_is_only_counted(bare_door: Door) -> None:
    tenant = bare_door.tenant
    _write(bare_door, "- data.audit_log: {left_out: [Backup service]}")
    tenant.patch(AUDIT_LOG, _only(bare_door, AUDIT_LOG)[0], UnifiedAuditLogIngestionEnabled=False)
    tenant.patch(ORGANISATION, _only(bare_door, ORGANISATION)[0], AuditDisabled=True)
    boxes = tenant.objects("exchange.mailboxes")
    guid = next(iter(boxes))
    tenant.patch("exchange.mailboxes", guid, Name="Backup service\u200b")
    for left_out in list(boxes)[:2]:
        tenant.put("exchange.auditBypasses", left_out, {})

    before = _findings(bare_door)
    applied = bare_door.toolkit("apply", "--yes", "--json")

    assert before["entries of the audit log"][0] == "fail"
    assert before["accounts that mailbox auditing leaves out"] == (
        "fail",
        f"mailbox auditing leaves out 2 of {len(boxes)} accounts, and the school allows this for 1",
    )
    assert sorted(change["address"] for change in applied.json["changes"]) == [
        "microsoft365.exchange_setting[audit_log]",
        "microsoft365.exchange_setting[mailbox_auditing]",
    ]
    assert _only(bare_door, AUDIT_LOG)[1]["UnifiedAuditLogIngestionEnabled"] is True
    assert _only(bare_door, ORGANISATION)[1]["AuditDisabled"] is False
    assert tenant.objects("exchange.auditBypasses")
    after = _findings(bare_door)
    assert after["entries of the audit log"] == (
        "pass",
        "the log has entries since 2021-09-01. Microsoft keeps the last 180 days",
    )
    assert bare_door.toolkit("plan").exit == 0


def test_an_organisation_that_was_never_customised_is_told_what_to_do_first(bare_door: Door) -> None:
    _write(bare_door, "- data.audit_log:")
    bare_door.tenant.patch(AUDIT_LOG, _only(bare_door, AUDIT_LOG)[0], UnifiedAuditLogIngestionEnabled=False)
    bare_door.tenant.patch(ORGANISATION, _only(bare_door, ORGANISATION)[0], IsDehydrated=True)

    plan = bare_door.toolkit("plan")

    assert plan.exit == 5
    assert "Enable-OrganizationCustomization" in plan.out


def test_a_log_of_google_that_cannot_be_read_is_unknown_and_never_in_order(google_door: Door) -> None:
    _write(google_door, "- data.audit_log:")
    assert _findings(google_door)["sign-ins in the log"][0] == "pass"

    google_door.tenant.fault("refused", "reports.activities.list", times=10)

    assert _findings(google_door)["sign-ins in the log"][0] == "unknown"


ALERTS = "compliance.protectionAlerts"
PORTAL = "New alert of the trust\u200b"


def _alerts(door: Door) -> dict[str, dict[str, object]]:
    return {str(body["Name"]): body for body in door.tenant.objects(ALERTS).values()}


def test_the_school_gets_alerts_of_its_own_and_those_of_others_stay(bare_door: Door) -> None:
    tenant = bare_door.tenant
    own = {"Operation": ["New-InboxRule"], "NotifyUser": ["TenantAdmins"], "Severity": "Low", "Disabled": True}
    same: dict[str, object] = {"Category": "ThreatManagement", "ThreatType": "Activity", "AggregationType": "None"}
    tenant.put(ALERTS, "11111111-0000-4000-8000-000000000000", {"Name": PORTAL, "IsSystemRule": False, **same, **own})
    before = _alerts(bare_door)
    _write(bare_door, "- alerts.security: {notify: [office@example-primary.example], watch: [inbox_rule]}")

    applied = bare_door.toolkit("apply", "--yes", "--json")

    assert [change["address"] for change in applied.json["changes"]] == [
        "microsoft365.protection_alert[School alert: inbox rule]"
    ]
    made = _alerts(bare_door).pop("School alert: inbox rule")
    assert (made["Operation"], made["NotifyUser"], made["AggregationType"]) == (
        ["New-InboxRule"],
        ["office@example-primary.example"],
        "None",
    )
    assert {name: body for name, body in _alerts(bare_door).items() if name in before} == before
    assert bare_door.toolkit("plan").exit == 0


@pytest.mark.parametrize("notify", ["[]", "[TenantAdmins]"], ids=["no one", "administrators alone"])
def test_alerts_that_no_one_reads_are_refused(notify: str, bare_door: Door) -> None:
    _write(bare_door, f"- alerts.security: {{notify: {notify}}}")

    plan = bare_door.toolkit("plan")

    assert (plan.exit, "62-logs.yaml:7" in plan.err) == (2, True), plan.err


def test_new_recipients_make_an_alert_again_and_a_switch_does_not(bare_door: Door) -> None:
    _write(bare_door, "- alerts.security: {notify: [office@example-primary.example], watch: [inbox_rule]}")
    bare_door.toolkit("apply", "--yes")
    (key,) = [key for key, body in bare_door.tenant.objects(ALERTS).items() if not body["IsSystemRule"]]
    bare_door.tenant.patch(ALERTS, key, Disabled=True)
    asked = bare_door.tenant.last_request()
    bare_door.toolkit("apply", "--yes")
    switched = bare_door.tenant.operations(asked)

    _write(bare_door, "- alerts.security: {notify: [head@example-primary.example], watch: [inbox_rule]}")
    asked = bare_door.tenant.last_request()
    applied = bare_door.toolkit("apply", "--yes")

    assert "Set-ProtectionAlert" in switched
    assert "Remove-ProtectionAlert" not in switched
    assert applied.exit == 0, applied.out + applied.err
    made = bare_door.tenant.operations(asked)
    assert made.index("Remove-ProtectionAlert") < made.index("New-ProtectionAlert")
    assert _alerts(bare_door)["School alert: inbox rule"]["NotifyUser"] == ["head@example-primary.example"]
    assert bare_door.toolkit("plan").exit == 0


def test_an_alert_that_cannot_be_made_again_stays_as_it_was_or_comes_back(bare_door: Door) -> None:
    _write(bare_door, "- alerts.security: {notify: [office@example-primary.example], watch: [inbox_rule]}")
    bare_door.toolkit("apply", "--yes")
    _write(bare_door, "- alerts.security: {notify: [head@example-primary.example], watch: [inbox_rule]}")

    bare_door.tenant.fault("rejected", "New-ProtectionAlert", times=1, status=400, reason="InvalidRecipient")
    rejected, kept = bare_door.toolkit("apply", "--yes"), _alerts(bare_door)
    bare_door.tenant.fault("refused", "New-ProtectionAlert", times=1)
    refused, lost = bare_door.toolkit("apply", "--yes"), _alerts(bare_door)
    mended = bare_door.toolkit("apply", "--yes")

    assert [one.exit for one in (rejected, refused, mended)] == [1, 1, 0], rejected.out + refused.out + mended.out
    assert kept["School alert: inbox rule"]["NotifyUser"] == ["office@example-primary.example"]
    assert "School alert: inbox rule" not in lost
    assert _alerts(bare_door)["School alert: inbox rule"]["NotifyUser"] == ["head@example-primary.example"]


def test_alerts_that_are_off_not_shown_or_reach_administrators_alone_are_named(bare_door: Door) -> None:
    _write(bare_door, "- alerts.security: {notify: [office@example-primary.example]}")
    keys = {str(body["Name"]): key for key, body in bare_door.tenant.objects(ALERTS).items()}
    renamed = "Messages have been delayed\u200b"
    bare_door.tenant.patch(ALERTS, keys["Messages have been delayed"], Name=renamed)
    bare_door.tenant.delete(ALERTS, keys["Suspicious connector activity"])
    read = _findings(bare_door)

    bare_door.tenant.patch(ALERTS, keys["Messages have been delayed"], Disabled=True)
    off = _findings(bare_door)

    subject = "alerts that the cloud defines"
    assert read[subject][0] == "unknown"
    assert read[subject][1].endswith("; not shown here: Suspicious connector activity")
    assert off[subject][0] == "fail"
    assert "; off: Messages have been delayed;" in off[subject][1]
    status, reason = read["recipients of Microsoft's alerts"]
    assert (status, reason.partition(":")[0].split(" go ")[0]) == ("fail", "10 of 10 alerts")


@pytest.mark.parametrize("recipients", [[], [{}], [{"allSuperAdmins": False}]])
def test_a_rule_of_google_without_recipients_mails_no_one(recipients: list[object], google_door: Door) -> None:
    _write(google_door, "- alerts.security: {notify: [office@example-primary.example]}")
    subject, policies = "alerts that the cloud defines", google_door.tenant.objects("google.policies")
    assert _findings(google_door)[subject] == ("pass", "30 of 30 alerts are on and have a recipient")
    (key,) = [key for key, body in policies.items() if "'Leaked password'" in str(body)]
    setting = policies[key]["setting"]
    value = {**setting["value"], "displayName": "Leaked password\u200b", "action": {}}
    value["action"] = {"alertCenterAction": {"recipients": recipients}}
    google_door.tenant.patch("google.policies", key, setting={**setting, "value": value})

    status, reason = _findings(google_door)[subject]

    assert status == "fail"
    assert reason.endswith("; without a recipient: Leaked password")


def test_a_rule_that_google_does_not_show_is_as_it_was_at_first(google_door: Door) -> None:
    """Google need not show a rule that no one has changed; whom one that is on would mail is then not known."""
    _write(google_door, "- alerts.security: {notify: [office@example-primary.example]}")
    policies = google_door.tenant.objects("google.policies")
    for name in ("Leaked password", "User granted Admin privilege"):
        (key,) = [key for key, body in policies.items() if f"'{name}'" in str(body)]
        google_door.tenant.delete("google.policies", key)

    status, reason = _findings(google_door)["alerts that the cloud defines"]

    assert status == "fail"
    assert "28 of 30 alerts" in reason
    assert "; off: User granted Admin privilege; not shown here: Leaked password" in reason


@pytest.mark.parametrize("command", ["rollback", "withdraw", "apply"])
def test_no_command_makes_the_tenant_log_less_than_it_does_now(bare_door: Door, command: str) -> None:
    tenant = bare_door.tenant
    _write(bare_door, "- data.audit_log:")
    tenant.patch(AUDIT_LOG, _only(bare_door, AUDIT_LOG)[0], UnifiedAuditLogIngestionEnabled=False)
    tenant.patch(ORGANISATION, _only(bare_door, ORGANISATION)[0], AuditDisabled=True)
    assert bare_door.toolkit("apply", "--yes").exit == 0

    _write(bare_door, "- data.audit_log: {mode: off, withdraw: true}" if command == "apply" else "- data.audit_log:")
    back = bare_door(*("rollback", "last") if command == "rollback" else (command,), bare_door.playbooks, "--yes")

    assert back.exit == (5 if command == "rollback" else 0), back.out + back.err
    assert "the audit log would stop recording" in " ".join(back.out.split())
    assert _only(bare_door, AUDIT_LOG)[1]["UnifiedAuditLogIngestionEnabled"] is True
    assert _only(bare_door, ORGANISATION)[1]["AuditDisabled"] is False


def test_a_playbook_that_turns_logging_off_is_refused(bare_door: Door) -> None:
    bare_door.write(
        "70-off.yaml",
        "playbook: off\nresources:\n  - microsoft365.exchange_setting: mailbox_auditing\n    audit_disabled: true\n",
    )

    planned = bare_door.toolkit("plan")

    assert planned.exit == 5
    assert "mailboxes would no longer record actions" in " ".join(planned.out.split())


def test_an_alert_that_mails_no_one_is_not_on(bare_door: Door) -> None:
    _write(bare_door, "- alerts.security: {notify: [office@example-primary.example], watch: [inbox_rule]}")
    bare_door.toolkit("apply", "--yes")
    alerts = bare_door.tenant.objects(ALERTS)
    ours = next(key for key, body in alerts.items() if not body["IsSystemRule"])
    bare_door.tenant.patch(ALERTS, ours, NotificationEnabled=False)
    for key, body in alerts.items():
        if body["Name"] in {"Suspicious connector activity", "Messages have been delayed"}:
            bare_door.tenant.patch(ALERTS, key, NotifyUser=[])

    status, reason = _findings(bare_door)["alerts that the cloud defines"]
    drift = bare_door.toolkit("drift")
    bare_door.toolkit("apply", "--yes")

    assert status == "fail"
    assert reason.startswith("9 of 11 alerts are on and have a recipient; without a recipient")
    assert drift.exit == 3
    assert "enabled: false -> true" in drift.out
    assert bare_door.tenant.read_object(ALERTS, ours)["NotificationEnabled"] is True


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00", "2026-12-31T00:00:00Z"], ids=["no date", "a date to come"])
def test_a_log_that_begins_on_no_day_of_the_past_is_unknown(since: str, bare_door: Door) -> None:
    _write(bare_door, "- data.audit_log:")
    bare_door.tenant.patch(AUDIT_LOG, _only(bare_door, AUDIT_LOG)[0], UnifiedAuditLogFirstOptInDate=since)

    found = _findings(bare_door)["entries of the audit log"]

    assert found == ("unknown", "Microsoft does not show the date of the log's first entry")
