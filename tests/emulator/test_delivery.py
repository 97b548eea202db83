"""The control plane's delivery: refused requests, and what it says where a message does not decide."""

from typing import Any

import pytest

from tests.emulated import Emulator, Tenant
from tests.emulator.exchange.asking import Exchange

HEAD, DEPUTY, TEACHER = (
    f"{name}@example-primary.example" for name in ("amara.ashdown", "beth.birchall", "keira.kestrel")
)
OUTSIDE: dict[str, Any] = {"from": "parent@home.example", "to": [HEAD]}


def outcome_of(tenant: Tenant, message: dict[str, Any], cloud: str = "microsoft365") -> dict[str, Any]:
    ((outcome,),) = tenant.deliver(cloud, message)
    return outcome


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ({"from": "parent@home.example"}, "a message needs a recipient in to, cc or bcc"),
        ({"to": [HEAD]}, "from: None is not a mail address"),
        ({**OUTSIDE, "to": HEAD}, "to must be a list"),
        ({**OUTSIDE, "adress": "x"}, "a message has no key adress"),
        ({**OUTSIDE, "at": "2026-11-10T09:00:00"}, "has no time zone"),
        ({**OUTSIDE, "at": "soon"}, "at: Invalid isoformat string"),
        ({**OUTSIDE, "ip": "home"}, "ip: 'home' does not appear to be"),
        ({**OUTSIDE, "size": "big"}, "size must be a whole number"),
        ({**OUTSIDE, "type": "Fax"}, "type must be one of OOF"),
        ({**OUTSIDE, "attachments": [{"name": "a.pdf"}]}, "an attachment needs a name and a size"),
        ("hello", "a message must be a JSON object"),
    ],
)
def test_a_request_that_describes_no_message_is_refused(tenant: Tenant, message: object, problem: str) -> None:
    body = {"tenant_id": tenant.tenant_id, "cloud": "microsoft365", "messages": [message]}

    answer = tenant.emulator.ask("POST", "/deliver", body)

    assert answer.status_code == 400
    assert problem in answer.json()["error"]


def test_an_unknown_cloud_or_tenant_is_refused(emulator: Emulator, tenant: Tenant) -> None:
    body = {"tenant_id": tenant.tenant_id, "cloud": "pigeons", "messages": [OUTSIDE]}

    assert "google_workspace, microsoft365" in emulator.ask("POST", "/deliver", body).json()["error"]
    assert emulator.ask("POST", "/deliver", {**body, "tenant_id": "none"}).status_code == 404
    assert emulator.ask("POST", "/deliver", {**body, "messages": "hello"}).status_code == 400


def test_a_condition_that_is_not_decided_makes_the_result_unknown(tenant: Tenant) -> None:
    Exchange(tenant).rule("Programs", ContentCharacterSetContainsWords=["big5"], DeleteMessage=True)

    outcome = outcome_of(tenant, OUTSIDE)

    assert (outcome["result"], outcome["by"]) == ("unknown", "Programs")
    assert outcome["text"] == "ContentCharacterSetContainsWords"
    assert outcome["steps"][-2] == {
        "kind": "transport_rule",
        "name": "Programs",
        "matched": None,
        "why": "ContentCharacterSetContainsWords",
        "effect": "",
    }


def test_a_false_condition_decides_whatever_else_is_missing(tenant: Tenant) -> None:
    Exchange(tenant).rule(
        "Programs", AttachmentHasExecutableContent=True, SubjectContainsWords=["invoice"], DeleteMessage=True
    )

    assert outcome_of(tenant, OUTSIDE)["result"] == "delivered"


def test_a_rule_in_doubt_does_not_matter_if_both_ways_end_alike(tenant: Tenant) -> None:
    exchange = Exchange(tenant)
    exchange.rule(
        "In doubt",
        ContentCharacterSetContainsWords=["big5"],
        PrependSubject="[?] ",
        StopRuleProcessing=False,
    )
    exchange.rule("Closed", FromScope="NotInOrganization", RejectMessageReasonText="Closed.")

    outcome = outcome_of(tenant, OUTSIDE)

    assert (outcome["result"], outcome["by"], outcome["text"]) == ("rejected", "Closed", "Closed.")


def test_a_rule_in_doubt_matters_if_it_would_spare_the_message(tenant: Tenant) -> None:
    exchange = Exchange(tenant)
    exchange.rule("In doubt", ContentCharacterSetContainsWords=["big5"], PrependSubject="[?] ")
    exchange.rule("Closed", FromScope="NotInOrganization", RejectMessageReasonText="Closed.")

    outcome = outcome_of(tenant, OUTSIDE)

    assert (outcome["result"], outcome["by"]) == ("unknown", "In doubt")


def test_a_rule_in_doubt_matters_if_it_sets_a_spam_level(tenant: Tenant) -> None:
    Exchange(tenant).rule("In doubt", ContentCharacterSetContainsWords=["big5"], SetSCL=9)

    assert outcome_of(tenant, OUTSIDE)["result"] == "unknown"
    assert outcome_of(tenant, {**OUTSIDE, "scl": 9, "attachments": []})["result"] == "unknown"


def test_a_spam_level_is_the_rules_own_although_the_provider_has_the_same(tenant: Tenant) -> None:
    Exchange(tenant).rule("Lottery", SubjectContainsWords=["lottery"], SetSCL=9)
    message = {**OUTSIDE, "scl": 9}

    assert outcome_of(tenant, {**message, "subject": "lottery"})["folder"] == "junk"
    assert outcome_of(tenant, message)["folder"] == "inbox"


def test_many_rules_in_doubt_end_in_an_unknown_result(tenant: Tenant) -> None:
    exchange = Exchange(tenant)
    for number in range(12):
        exchange.rule(
            f"In doubt {number}",
            ContentCharacterSetContainsWords=["big5"],
            PrependSubject="[?] ",
            StopRuleProcessing=False,
        )

    assert outcome_of(tenant, OUTSIDE)["result"] == "unknown"


def test_the_inside_of_an_archive_is_unknown_until_its_files_are_named(tenant: Tenant) -> None:
    Exchange(tenant).rule("Scripts", AttachmentExtensionMatchesWords=["ps1"], DeleteMessage=True)

    def result(**attachment: object) -> str:
        file = {"name": "homework.zip", "size": 900, **attachment}
        return str(outcome_of(tenant, {**OUTSIDE, "attachments": [file]})["result"])

    assert result() == "unknown"
    assert result(files=["essay.docx"]) == "delivered"
    assert result(files=["essay.docx", "run.ps1"]) == "dropped"
    assert result(name="homework.ps1") == "dropped"


def test_a_member_of_a_dynamic_list_is_unknown(tenant: Tenant) -> None:
    Exchange(tenant).rule("Everyone", SentToMemberOf=["whole-school"], DeleteMessage=True)

    outcome = outcome_of(tenant, OUTSIDE)

    assert (outcome["result"], outcome["text"]) == ("unknown", "SentToMemberOf")


def test_a_redirected_message_and_a_copy_name_their_rule(tenant: Tenant) -> None:
    exchange = Exchange(tenant)
    exchange.rule("Copy", FromScope="NotInOrganization", BlindCopyTo=[DEPUTY], StopRuleProcessing=False)
    exchange.rule("To a teacher", SentTo=[HEAD], RedirectMessageTo=[TEACHER])

    head, copy = tenant.deliver("microsoft365", OUTSIDE)[0]

    assert (head["result"], head["by"], head["to"]) == ("redirected", "To a teacher", [TEACHER])
    assert (copy["recipient"], copy["result"], copy["added_by"]) == (DEPUTY, "delivered", "Copy")


def test_a_manager_is_read_from_the_directory(tenant: Tenant) -> None:
    users = {user["mail"]: key for key, user in tenant.objects("users").items()}
    tenant.patch("users", users[TEACHER], manager=users[DEPUTY])
    Exchange(tenant).rule("To the manager", FromScope="InOrganization", ModerateMessageByManager=True)
    message = {"from": TEACHER, "authenticated": True, "to": [HEAD]}

    outcome = outcome_of(tenant, message)

    assert (outcome["result"], outcome["to"]) == ("moderated", [DEPUTY])


def test_no_one_has_an_unknown_address_of_the_school(tenant: Tenant) -> None:
    message = {"from": "parent@home.example", "to": ["nobody@example-primary.example"]}

    for cloud in ("microsoft365", "google_workspace"):
        outcome = outcome_of(tenant, message, cloud)
        assert (outcome["result"], outcome["kind"]) == ("rejected", "directory")


def test_a_message_with_too_many_recipients_is_returned(tenant: Tenant) -> None:
    (key,) = tenant.objects("exchange.transportConfig")
    tenant.patch("exchange.transportConfig", key, MaxRecipientEnvelopeLimit=2)
    mailboxes = {row["PrimarySmtpAddress"]: key for key, row in tenant.objects("exchange.mailboxes").items()}
    message = {"from": TEACHER, "authenticated": True, "to": [HEAD, DEPUTY], "cc": ["parent@home.example"]}

    def deciding(**changes: object) -> set[str]:
        return {outcome["by"] for outcome in tenant.deliver("microsoft365", {**message, **changes})[0]}

    assert deciding() == {"Transport Settings"}
    assert deciding(cc=[]) == {""}
    assert deciding(**{"from": "parent@home.example"}) == {""}
    tenant.patch("exchange.mailboxes", mailboxes[TEACHER], RecipientLimits=1)
    assert deciding(cc=[]) == {TEACHER}
    assert deciding(cc=[], type="Calendaring") == {""}


def test_an_automatic_reply_and_retention_are_steps(tenant: Tenant) -> None:
    users = {user["mail"]: key for key, user in tenant.objects("users").items()}
    reply = {"status": "alwaysEnabled", "externalAudience": "contactsOnly"}
    tenant.put("outlook.mailboxSettings", users[HEAD], {"automaticRepliesSetting": reply})
    tenant.put(
        "compliance.retentionPolicies",
        "1",
        {"Name": "Keep mail", "Enabled": True, "Guid": "1", "ExchangeLocation": [{"Name": "All"}]},
    )

    def notes(message: dict[str, Any]) -> list[tuple[str, bool | None]]:
        steps = outcome_of(tenant, message)["steps"]
        return [(step["kind"], step["matched"]) for step in steps if step["name"] in {HEAD, "Keep mail"}]

    assert notes(OUTSIDE)[-2:] == [("automatic_reply", None), ("retention", True)]
    assert notes({**OUTSIDE, "from": TEACHER, "authenticated": True})[-2] == ("automatic_reply", True)
    assert notes({**OUTSIDE, "to": [DEPUTY]}) == [("retention", True)]


def test_gmail_replies_automatically_in_its_time_only(tenant: Tenant) -> None:
    users = {user["primaryEmail"]: key for key, user in tenant.objects("google.users").items()}
    vacation = {"enableAutoReply": True, "restrictToDomain": True, "endTime": "1794787200000"}  # 16 November 2026
    tenant.put("gmail.vacation", users[HEAD], vacation)

    def replies(**changes: object) -> bool:
        steps = outcome_of(tenant, {**OUTSIDE, **changes}, "google_workspace")["steps"]
        return "automatic_reply" in [step["kind"] for step in steps]

    inside = {"from": TEACHER, "authenticated": True}
    assert replies(**inside)
    assert not replies()
    assert not replies(**inside, at="2026-11-20T09:00:00Z")


def test_a_rule_that_only_records_is_a_step(tenant: Tenant) -> None:
    message = {"from": TEACHER, "authenticated": True, "to": ["parent@home.example"], "body": "child protection plan"}

    outcome = outcome_of(tenant, message, "google_workspace")

    assert outcome["result"] == "delivered"
    assert [(step["matched"], step["effect"]) for step in outcome["steps"]] == [(True, "auditOnly")]
