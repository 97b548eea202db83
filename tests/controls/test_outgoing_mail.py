"""Limits on outgoing mail, mail that waits, tips and encryption: asked through the command line."""

import pytest

from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

POLICIES, RULES = "exchange.outboundSpamPolicies", "exchange.transportRules"
NEWSLETTERS = "Trips coordinators"


def _write(door: Door, *lines: str) -> None:
    head = "playbook: outgoing\ntitle: Outgoing mail\nowner: Head Teacher\nclauses: [SYS-20]\n\ncontrols:\n"
    door.write("34-outgoing.yaml", head + "".join(f"  {line}\n" for line in lines))


def _apply(door: Door) -> list[str]:
    ended = door.toolkit("apply", "--yes", "--json")
    assert ended.exit in {0, 3}, ended.out + ended.err
    return [change["address"] for change in ended.json["changes"]]


def test_limits_leave_the_policy_of_newsletter_senders_alone_and_name_it(bare_door: Door) -> None:
    tenant = bare_door.tenant
    before = [body for body in tenant.objects(POLICIES).values() if body["Name"] == NEWSLETTERS]
    _write(bare_door, "- mail.outbound_stop: {outside_an_hour: 400, notify: [office@example-primary.example]}")

    changes = _apply(bare_door)

    (default,) = [body for body in tenant.objects(POLICIES).values() if body["Name"] == "Default"]
    assert changes == ["microsoft365.outbound_spam_policy[Default]"]
    assert default["RecipientLimitExternalPerHour"] == 400
    assert default["RecipientLimitInternalPerHour"] == 0  # not named, so Microsoft's own limit stays
    assert default["ActionWhenThresholdReached"] == "BlockUserForToday"
    assert default["NotifyOutboundSpamRecipients"] == ["office@example-primary.example"]
    assert [body for body in tenant.objects(POLICIES).values() if body["Name"] == NEWSLETTERS] == before
    drift = bare_door.toolkit("drift")
    assert (drift.exit, _apply(bare_door)) == (3, [])
    assert f"outbound_spam_policy[{NEWSLETTERS}] runs first" in drift.out


def test_held_mail_waits_for_a_moderator_until_the_line_is_taken_out(bare_door: Door) -> None:
    held = "{held: [scanner@example-primary.example], moderators: [head@example-primary.example]}"
    _write(bare_door, f"- mail.outbound_stop: {held}")

    assert "microsoft365.transport_rule[School held mail]" in _apply(bare_door)

    (rule,) = [body for body in bare_door.tenant.objects(RULES).values() if body["Name"] == "School held mail"]
    assert rule["From"] == ["scanner@example-primary.example"]
    assert rule["ModerateMessageByUser"] == ["head@example-primary.example"]
    assert rule["SentToScope"] == "NotInOrganization"
    assert _apply(bare_door) == []


def test_mail_of_a_protected_mailbox_is_never_held(bare_door: Door) -> None:
    held = "{held: [safeguarding@example-primary.example], moderators: [head@example-primary.example]}"
    _write(bare_door, f"- mail.outbound_stop: {held}")

    plan = bare_door.toolkit("plan")

    assert plan.exit == 5
    assert "safeguarding@example-primary.example, which the school file protects" in plan.out


def test_a_moderator_whose_account_is_closed_is_named(bare_door: Door) -> None:
    moderator = "beth.birchall@example-primary.example"
    _write(bare_door, f"- mail.outbound_stop: {{held: [scanner@example-primary.example], moderators: [{moderator}]}}")
    _apply(bare_door)
    before = bare_door.toolkit("drift")
    (key,) = [key for key, one in bare_door.tenant.objects("users").items() if one["mail"] == moderator]
    bare_door.tenant.patch("users", key, accountEnabled=False)

    drift = bare_door.toolkit("drift")

    assert (before.exit, drift.exit) == (0, 3)
    said = f"the account of the moderator {moderator} is closed, so messages wait until they expire"
    assert (
        f"! microsoft365.transport_rule[School held mail]: {said}. Choose another moderator" in drift.out.splitlines()
    )
    bare_door.tenant.fault("refused", "GET /users/{id}", times=9)
    unread = bare_door.toolkit("drift")
    assert unread.exit == 4
    assert f"the account of the moderator {moderator} could not be read" in unread.out


def test_a_group_approves_no_mail(bare_door: Door) -> None:
    held = "{held: [scanner@example-primary.example], moderators: [all-staff@example-primary.example]}"
    _write(bare_door, f"- mail.outbound_stop: {held}")

    plan = bare_door.toolkit("plan")

    assert (plan.exit, "all-staff@example-primary.example is a group and cannot approve messages" in plan.out) == (
        5,
        True,
    ), plan.out


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("- mail.outbound_stop: {act: block}", "until_tomorrow"),
        ("- mail.outbound_stop: {outside_an_hour: 0}", "must be 1 or more"),
        ("- mail.outbound_stop: {held: [scanner@example-primary.example]}", "`held` needs `moderators`"),
        (
            "- mail.outbound_stop: {held: [Head@example-primary.example], moderators: [head@example-primary.example]}",
            "must not approve its own mail",
        ),
        ("- mail.recipient_limits: {for: staff}", "Delete `for`, or write `for: everyone`"),
        ("- mail.recipient_limits: {number: 50}", "unknown setting `number`"),
    ],
    ids=["block until freed", "no mail at all", "no moderator", "moderates itself", "for some", "a hard number"],
)
def test_what_would_stop_the_school_is_refused(entry: str, says: str, bare_door: Door) -> None:
    _write(bare_door, entry)

    plan = bare_door.toolkit("plan")

    assert (plan.exit, says in plan.err) == (2, True), plan.err


def test_tips_are_set_and_come_back_when_someone_turns_them_off(bare_door: Door) -> None:
    _write(bare_door, "- mail.recipient_limits: {}")
    assert _apply(bare_door) == ["microsoft365.exchange_setting[mail_tips]"]
    assert _apply(bare_door) == []
    ((key, organisation),) = bare_door.tenant.objects("exchange.organizationConfig").items()
    assert organisation["MailTipsLargeAudienceThreshold"] == 10
    bare_door.tenant.patch("exchange.organizationConfig", key, MailTipsAllTipsEnabled=False)

    drift = bare_door.toolkit("drift")

    assert drift.exit == 3
    assert "all_tips" in drift.out


def test_the_button_that_encrypts_is_set_and_no_rule_encrypts_automatically(bare_door: Door) -> None:
    tenant = bare_door.tenant
    rules = tenant.objects(RULES)
    _write(bare_door, "- data.encrypt_mail: {}")

    assert _apply(bare_door) == ["microsoft365.message_encryption[organisation]"]

    (settings,) = tenant.objects("exchange.rightsManagement").values()
    assert (settings["SimplifiedClientAccessEnabled"], settings["EnablePdfEncryption"]) == (True, False)
    assert tenant.objects(RULES) == rules
    assert (_apply(bare_door), bare_door.toolkit("drift").exit) == ([], 0)


def test_without_rights_management_the_button_is_unavailable(bare_door: Door) -> None:
    for key, sku in bare_door.tenant.objects("subscribedSkus").items():
        plans = [plan for plan in sku["servicePlans"] if not plan["servicePlanName"].startswith("RMS_")]
        bare_door.tenant.patch("subscribedSkus", key, servicePlans=plans)
    _write(bare_door, "- data.encrypt_mail: {}")

    plan = bare_door.toolkit("plan", "-v")

    assert plan.exit == 0
    assert "the school's licences do not include message encryption" in plan.out
