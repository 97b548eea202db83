"""Scanning for harmful mail, and the way to report it: asked through the command line."""

from collections.abc import Mapping
from shutil import copytree

import pytest

from tests.door import SAMPLES, Door
from tests.schools import few_people

pytestmark = few_people

POLICIES, RULES, RECIPIENTS = (
    "exchange.reportSubmissionPolicies",
    "exchange.reportSubmissionRules",
    "exchange.recipients",
)
OBJECT = "microsoft365.report_submission[organisation]"
DSL = "safeguarding@example-primary.example"
MAILBOX = "reported-mail@example-primary.example"


def _write(door: Door, entry: str) -> None:
    head = "playbook: harmful\ntitle: Harmful mail\nowner: Head Teacher\nclauses: [SYS-18]\n\ncontrols:\n"
    door.write("35-harmful.yaml", f"{head}  - {entry}\n")


def _apply(door: Door) -> list[str]:
    ended = door.toolkit("apply", "--yes", "--json")
    assert ended.exit == 0, ended.out + ended.err
    return [change["address"] for change in ended.json["changes"]]


def _make_shared_mailbox(door: Door) -> None:
    (like,) = [b for b in door.tenant.objects(RECIPIENTS).values() if b["PrimarySmtpAddress"].startswith("office@")]
    door.tenant.put(RECIPIENTS, "r1", {**like, "Guid": "r1", "Name": "reported-mail", "PrimarySmtpAddress": MAILBOX})


def test_reports_go_to_microsoft_then_to_a_mailbox_too_and_back(bare_door: Door) -> None:
    tenant = bare_door.tenant
    _make_shared_mailbox(bare_door)
    _write(bare_door, "mail.report_channel: {}")
    assert (_apply(bare_door), _apply(bare_door)) == ([OBJECT], [])
    (policy,) = tenant.objects(POLICIES).values()
    assert (policy["EnableReportToMicrosoft"], policy["ReportPhishToCustomizedAddress"]) == (True, False)
    assert tenant.objects(RULES) == {}

    _write(bare_door, f"mail.report_channel: {{to_microsoft: false, mailbox: {MAILBOX}}}")

    assert _apply(bare_door) == [OBJECT]
    (policy,), (rule,) = tenant.objects(POLICIES).values(), tenant.objects(RULES).values()
    assert (policy["EnableReportToMicrosoft"], policy["ReportPhishToCustomizedAddress"]) == (False, True)
    assert policy["ReportJunkAddresses"] == policy["ReportNotJunkAddresses"] == rule["SentTo"] == [MAILBOX]
    assert bare_door.toolkit("drift").exit == 0

    (key,) = tenant.objects(RULES)
    tenant.patch(RULES, key, State="Disabled")  # and nothing reaches the mailbox
    assert bare_door.toolkit("drift").exit == 3
    assert (_apply(bare_door), _apply(bare_door)) == ([OBJECT], [])
    (rule,) = tenant.objects(RULES).values()
    assert (rule["State"], rule["SentTo"]) == ("Enabled", [MAILBOX])

    _write(bare_door, "mail.report_channel: {}")  # which says nothing of the mailbox
    assert (_apply(bare_door), _apply(bare_door)) == ([OBJECT], [])
    (policy,), (rule,) = tenant.objects(POLICIES).values(), tenant.objects(RULES).values()
    assert (policy["EnableReportToMicrosoft"], policy["ReportJunkAddresses"], rule["SentTo"]) == (
        True,
        *2 * [[MAILBOX]],
    )

    _write(bare_door, "mail.report_channel: {mailbox: null}")
    (left,) = bare_door.toolkit("plan", "--json").json["changes"]

    assert left["remark"] == f"reports no longer reach {MAILBOX}"
    assert (_apply(bare_door), _apply(bare_door)) == ([OBJECT], [])
    (policy,) = tenant.objects(POLICIES).values()
    assert (policy["EnableReportToMicrosoft"], policy["ReportJunkAddresses"]) == (True, [])
    assert tenant.objects(RULES) == {}


@pytest.mark.parametrize(
    ("settings", "code", "says"),
    [
        ("{mailbox: Office@example-primary.example}", 2, "a report may contain live malware"),
        ("{mailbox: head@example-primary.example}", 2, "a report may contain live malware"),
        ("{mailbox: safeguarding@example-primary.example}", 2, "a report may contain live malware"),
        ("{to_microsoft: false}", 2, "reports would go nowhere"),
        ("{for: staff}", 2, "Delete `for`, or write `for: everyone`"),
        ("{mailbox: harun.hazelwood@example-primary.example}", 5, "the type of the mailbox is UserMailbox"),
        ("{mailbox: all-staff@example-primary.example}", 5, "the type of the mailbox is MailUniversalSecurityGroup"),
        ("{mailbox: nobody-has-this@example-primary.example}", 5, "the mailbox does not exist"),
    ],
    ids=["the office", "the head", "safeguarding", "nowhere", "some people", "a person", "a group", "not there"],
)
def test_a_mailbox_that_must_not_hold_malware_is_refused(settings: str, code: int, says: str, bare_door: Door) -> None:
    _write(bare_door, f"mail.report_channel: {settings}")

    plan = bare_door.toolkit("plan")

    assert (plan.exit, says in plan.out + plan.err) == (code, True), plan.out + plan.err


def test_a_mailbox_that_the_school_file_protects_is_not_used(bare_door: Door) -> None:
    school = bare_door.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace("mailboxes: [safeguarding@", f"mailboxes: [{MAILBOX}, safeguarding@"))
    _write(bare_door, f"mail.report_channel: {{mailbox: {MAILBOX}}}")

    plan = bare_door.toolkit("plan")

    assert plan.exit == 4
    assert f"the school file protects {MAILBOX}" in plan.out


def test_a_policy_that_someone_made_in_the_portal_is_changed_and_not_made_twice(bare_door: Door) -> None:
    _write(bare_door, "mail.report_channel: {}")
    _apply(bare_door)
    bare_door.forget()
    ((key, _),) = bare_door.tenant.objects(POLICIES).items()
    bare_door.tenant.patch(POLICIES, key, EnableReportToMicrosoft=False)

    assert _apply(bare_door) == [OBJECT]

    (policy,) = bare_door.tenant.objects(POLICIES).values()
    assert policy["EnableReportToMicrosoft"] is True


MALWARE, SPAM = "exchange.malwareFilterPolicies", "exchange.contentFilterPolicies"


def _drop_plan(door: Door, plan: str) -> None:
    for key, sku in door.tenant.objects("subscribedSkus").items():
        plans = [entry for entry in sku["servicePlans"] if entry["servicePlanName"] != plan]
        door.tenant.patch("subscribedSkus", key, servicePlans=plans)


def _copy(door: Door, collection: str, name: str, **changes: object) -> None:
    (default,) = [body for body in door.tenant.objects(collection).values() if body["Name"] == "Default"]
    copied = {**default, "Name": name, "Identity": name, "Guid": name, "IsDefault": False, **changes}
    door.tenant.put(collection, name, copied)


def test_every_policy_but_a_preset_takes_harmful_mail_back(bare_door: Door) -> None:
    tenant = bare_door.tenant
    _copy(bare_door, MALWARE, "Governors", ZapEnabled=False)
    _copy(bare_door, SPAM, "Strict1681", RecommendedPolicyType="Strict", SpamZapEnabled=True, PhishZapEnabled=False)
    preset = {
        "Guid": "r1",
        "Name": "Strict",
        "State": "Enabled",
        "Priority": 0,
        "HostedContentFilterPolicy": "Strict1681\u200b ",
    }
    tenant.put("exchange.presetRules", "r1", preset)
    _write(bare_door, "mail.antimalware: {notify: office@example-primary.example}")

    changes = _apply(bare_door)

    assert changes == [
        "microsoft365.malware_filter_policy[Default]",
        "microsoft365.malware_filter_policy[Governors]",
        "microsoft365.content_filter_policy[Default]",
        "microsoft365.anti_phish_policy[Office365 AntiPhish Default]",
        "microsoft365.files_protection[organisation]",
    ]
    assert tenant.read_object(MALWARE, "Governors")["ZapEnabled"] is True
    assert tenant.read_object(SPAM, "Strict1681")["PhishZapEnabled"] is False
    drift = bare_door.toolkit("drift")
    assert (drift.exit, _apply(bare_door)) == (3, [])
    assert "its phish_zap_enabled differs, and applies to everyone" in drift.out
    assert "malware_filter_policy[Governors]: no rule applies the policy, so the policy applies to no one" in drift.out


ATTACHMENTS, ATTACHMENT_RULES = "exchange.safeAttachmentPolicies", "exchange.safeAttachmentRules"
SAFE = "microsoft365.safe_attachment_policy[School Safe Attachments]"


def test_attachments_of_mail_to_the_schools_domains_are_opened_first(bare_door: Door) -> None:
    tenant = bare_door.tenant
    tenant.put(ATTACHMENTS, "b1", {"Name": "Built-In Protection Policy", "IsBuiltInProtection": True, "Enable": True})
    _write(bare_door, "mail.antimalware: {attachments: true}")

    assert SAFE in _apply(bare_door)
    assert (_apply(bare_door), bare_door.toolkit("drift").exit) == ([], 0)
    (policy,) = [row for row in tenant.objects(ATTACHMENTS).values() if row["Name"] == "School Safe Attachments"]
    ((key, rule),) = tenant.objects(ATTACHMENT_RULES).items()
    assert (policy["Enable"], policy["Action"]) == (True, "Block")
    assert rule == {**rule, "RecipientDomainIs": [tenant.domain], "State": "Enabled"}

    edits = {"State": "Disabled", "SentToMemberOf": ["all-staff"], "ExceptIfSentTo": ["office"]}
    for name, value in edits.items():
        tenant.put(ATTACHMENT_RULES, key, {**rule, name: value})
        assert bare_door.toolkit("drift").exit == 3, name
    tenant.patch(ATTACHMENT_RULES, key, **edits)
    assert _apply(bare_door) == [SAFE]
    mended = tenant.read_object(ATTACHMENT_RULES, key)
    assert not mended["SentToMemberOf"]
    assert not mended["ExceptIfSentTo"]
    assert (mended["State"], _apply(bare_door)) == ("Enabled", [])

    tenant.delete(ATTACHMENT_RULES, key)
    assert _apply(bare_door) == [SAFE]
    assert len(tenant.objects(ATTACHMENT_RULES)) == 1

    _write(bare_door, "mail.antimalware: {attachments: true, mode: off, withdraw: true}")
    assert bare_door.toolkit("apply", "--yes", "--prune").exit == 0
    assert (tenant.objects(ATTACHMENT_RULES), list(tenant.objects(ATTACHMENTS))) == ({}, ["b1"])


def test_a_rule_of_the_same_name_that_applies_a_policy_of_others_stays_as_it_is(bare_door: Door) -> None:
    name, tenant = "School Safe Attachments", bare_door.tenant
    theirs = {"Name": name, "Guid": "r1", "State": "Enabled", "SafeAttachmentPolicy": "Trust", "Priority": 0}
    tenant.put(ATTACHMENT_RULES, "r1", {**theirs, "RecipientDomainIs": ["trust.example"], "SentTo": ["head"]})
    before = tenant.objects(ATTACHMENT_RULES)
    _write(bare_door, "mail.antimalware: {attachments: true}")

    refused = bare_door.toolkit("apply", "--yes")

    assert (refused.exit, "this name already applies the policy Trust" in refused.out) == (1, True), refused.out
    assert (tenant.objects(ATTACHMENT_RULES), tenant.objects(ATTACHMENTS)) == (before, {})

    tenant.patch(ATTACHMENT_RULES, "r1", SafeAttachmentPolicy=name)  # left by a policy that was removed
    assert SAFE in _apply(bare_door)
    assert tenant.read_object(ATTACHMENT_RULES, "r1")["RecipientDomainIs"] == [tenant.domain]
    assert (bare_door.toolkit("drift").exit, len(tenant.objects(ATTACHMENT_RULES))) == (0, 1)


def test_without_the_licence_the_sandbox_is_unavailable_and_the_rest_is_set(bare_door: Door) -> None:
    _drop_plan(bare_door, "ATP_ENTERPRISE")
    _write(bare_door, "mail.antimalware: {notify: office@example-primary.example, attachments: true}")

    plan = bare_door.toolkit("plan", "-v")

    assert "the school's licences do not include Defender for Office 365" in plan.out
    assert _apply(bare_door) == [
        "microsoft365.malware_filter_policy[Default]",
        "microsoft365.content_filter_policy[Default]",
        "microsoft365.anti_phish_policy[Office365 AntiPhish Default]",
    ]
    assert (_apply(bare_door), bare_door.toolkit("drift").exit) == ([], 0)


def test_licences_that_cannot_be_read_leave_the_sandbox_unknown(bare_door: Door) -> None:
    bare_door.tenant.fault("refused", "GET /subscribedSkus", times=99)
    _write(bare_door, "mail.antimalware: {}")

    plan = bare_door.toolkit("plan")

    assert "1 unknown" in plan.out
    assert "LicenseAssignment.Read.All" in plan.out


def test_withdrawing_takes_the_rule_and_the_policy_of_reports_back(bare_door: Door) -> None:
    _make_shared_mailbox(bare_door)
    _write(bare_door, f"mail.report_channel: {{mailbox: {MAILBOX}}}")
    _apply(bare_door)
    _write(bare_door, "mail.report_channel: {mode: off, withdraw: true}")

    done = bare_door.toolkit("apply", "--yes", "--json", "--prune")

    assert done.exit == 0, done.out + done.err
    assert (bare_door.tenant.objects(RULES), bare_door.tenant.objects(POLICIES)) == ({}, {})


def _unfiltered(door: Door) -> tuple[str, str]:
    findings = door.toolkit("check", "--json", "--only", "mail.report_channel").json["findings"]
    (found,) = [one for one in findings if one["subject"] == "mailbox for reports is not filtered"]
    return found["status"], found["reason"]


def test_the_mailbox_for_reports_is_not_filtered_and_no_mailbox_in_daily_use_is_spared(bare_door: Door) -> None:
    tenant, policies, rules = bare_door.tenant, "exchange.secOpsPolicies", "exchange.secOpsRules"
    _make_shared_mailbox(bare_door)
    _write(bare_door, f"mail.report_channel: {{mailbox: {MAILBOX}}}")
    assert _unfiltered(bare_door)[0] == "fail"

    policy = {"Name": "SecOpsOverridePolicy", "SentTo": [MAILBOX.title(), "soc@example.org"], "Enabled": True}
    tenant.put(policies, "p1", {**policy, "Mode": "Enforce"})
    assert _unfiltered(bare_door)[0] == "fail"  # no rule applies it
    tenant.put(rules, "r1", {"Name": "_Exe:SecOpsOverrid:1", "Policy": "p1", "Mode": "PendingDeletion"})
    assert _unfiltered(bare_door)[0] == "fail"
    tenant.patch(rules, "r1", Mode="Enforce")
    status, reason = _unfiltered(bare_door)
    assert (status, "other unfiltered mailboxes: 1" in reason) == ("pass", True)

    person = "harun.hazelwood@example-primary.example"
    tenant.patch(policies, "p1", SentTo=[MAILBOX, "office@example-primary.example", person, DSL])
    status, reason = _unfiltered(bare_door)
    assert (status, "in daily use, which receive live malware: 3" in reason) == ("fail", True)
    assert (person in reason, "people report" in reason) == (False, False)

    tenant.patch(policies, "p1", SentTo=["office@example-primary.example"])
    status, reason = _unfiltered(bare_door)
    assert (status, f"SecOps mailbox; {MAILBOX} is filtered" in reason) == ("fail", True), reason

    tenant.patch(policies, "p1", Enabled=False)
    assert _unfiltered(bare_door)[0] == "fail"

    tenant.fault("refused", "Get-SecOpsOverridePolicy", times=9)
    assert _unfiltered(bare_door)[0] == "unknown"


BLOCK = "mail.attachment_block: {for: everyone, extensions: [exe], act: reject, reason: Please send a link}"


DIFFERS: Mapping[str, tuple[Mapping[str, object], set[str]]] = {
    "what one asks for": ({"ZapEnabled": False}, {"mail.antimalware"}),
    "what the other asks for": ({"FileTypes": ["vbe"]}, {"mail.attachment_block"}),
    "what both ask for": ({"EnableFileFilter": False}, {"mail.antimalware", "mail.attachment_block"}),
}


def test_each_control_of_one_policy_is_judged_by_its_own_settings(bare_door: Door) -> None:
    _write(bare_door, f"mail.antimalware: {{}}\n  - {BLOCK}")
    _apply(bare_door)
    copytree(SAMPLES / "policy", bare_door.playbooks / "policy")
    ((key, applied),) = bare_door.tenant.objects(MALWARE).items()
    for what, (change, differs) in DIFFERS.items():
        bare_door.tenant.put(MALWARE, key, {**applied, **change})

        told = bare_door.toolkit("policy", "--json").json

        here = [one for one in told["verdicts"] if one["part"] == "malware policies"]
        assert {one["control"] for one in here} == {"mail.antimalware", "mail.attachment_block"}, what
        assert {one["control"] for one in here if one["outcome"] == "differs"} == differs, what
