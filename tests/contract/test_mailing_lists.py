"""Mailing lists on both clouds: every type of list, whom they name, and what is never written of them."""

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from tests.cases import newest, playbook, resource, writes
from tests.contract.rules import apply
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

LIST, GROUP = "microsoft365.list_moderation", "google_workspace.group_posting"
STAFF, WHOLE, TRIPS, HEAD, OFFICE, SAFEGUARDING, AMARA, NOBODY = (
    f"{name}@example-primary.example"
    for name in (
        "all-staff",
        "whole-school",
        "trip-leaders",
        "head",
        "office",
        "safeguarding",
        "amara.ashdown",
        "nobody",
    )
)
MODERATED: Mapping[str, Any] = {"moderated": True, "moderators": [HEAD, OFFICE], "bypass": [SAFEGUARDING]}
CONTROL = """\
playbook: lists
title: Lists
owner: Head Teacher
controls:
  - mail.mass_list_moderation:
      for: everyone
      lists: [all-staff@example-primary.example]
      moderators: [head@example-primary.example, office@example-primary.example]
      always_send:
        head: [amara.ashdown@example-primary.example]
        deputies: [leadership@example-primary.example]
        dsl: [dsl@example-primary.example]
        business_manager: [office@example-primary.example]
        office: [office@example-primary.example]
        site: [office@example-primary.example]
      urgent_lists: []
"""


def _ask(door: Door, *resources: tuple[str, str, Mapping[str, Any]]) -> None:
    door.write("10-lists.yaml", playbook(*(resource(*each) for each in resources)))


def _key(door: Door, collection: str, address: str) -> str:
    objects = door.tenant.objects(collection)
    return next(key for key, body in objects.items() if address in (body.get("PrimarySmtpAddress"), body.get("email")))


def _microsoft_365_group(door: Door, address: str) -> None:
    """Make a Microsoft 365 group as somebody would in Outlook."""
    like = door.tenant.read_object("exchange.lists", _key(door, "exchange.lists", WHOLE))
    guid, alias = str(uuid5(NAMESPACE_URL, address)), address.partition("@")[0]
    own = {"Guid": guid, "Name": f"{alias}_1a2b", "Alias": alias, "PrimarySmtpAddress": address, "Identity": alias}
    group = {**like, **own, "EmailAddresses": [f"SMTP:{address}"], "RecipientTypeDetails": "GroupMailbox"}
    door.tenant.put("exchange.lists", guid, group)
    door.tenant.put("exchange.recipients", guid, group)


def _refused(door: Door) -> list[str]:
    answer = door.toolkit("plan", "--json")
    assert answer.exit == 5, answer.out + answer.err
    return [refusal["reason"] for refusal in answer.json["refused"]]


def test_lists_of_every_type_are_set_by_their_own_cmdlets_and_agree_then(bare_door: Door) -> None:
    team = "year-6-team@example-primary.example"
    _microsoft_365_group(bare_door, team)
    _ask(bare_door, *((LIST, address, MODERATED) for address in (STAFF, WHOLE, team)))
    before = newest(bare_door)

    apply(bare_door)

    nouns = ["Set-DistributionGroup", "Set-DynamicDistributionGroup", "Set-UnifiedGroup"]
    assert sorted(writes(bare_door, before)) == nouns
    assert bare_door.toolkit("plan").exit == 0
    assert bare_door.toolkit("drift").exit == 0


def test_a_group_that_exchange_does_not_let_an_app_change_says_where_to_set_it(bare_door: Door) -> None:
    team = "year-6-team@example-primary.example"
    _microsoft_365_group(bare_door, team)
    _ask(bare_door, (LIST, team, MODERATED))
    bare_door.tenant.fault("refused", "Set-UnifiedGroup")

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 1
    assert "Change it in the Exchange admin centre, under Recipients > Groups" in answer.out + answer.err


def test_names_with_invisible_characters_and_ids_are_the_people_they_name(bare_door: Door) -> None:
    _ask(bare_door, (LIST, STAFF, MODERATED))
    apply(bare_door)
    key, head = _key(bare_door, "exchange.lists", STAFF), _key(bare_door, "exchange.recipients", HEAD)

    bare_door.tenant.patch("exchange.lists", key, ModeratedBy=["Head\u200b ", f"{OFFICE.upper()}\ufeff"])
    assert bare_door.toolkit("drift").exit == 0

    bare_door.tenant.patch("exchange.lists", key, ModeratedBy=[head, "office"])
    assert bare_door.toolkit("drift").exit == 0


def test_a_name_that_two_recipients_have_makes_the_list_unknown_and_unwritten(bare_door: Door) -> None:
    _ask(bare_door, (LIST, STAFF, MODERATED))
    apply(bare_door)
    twin = {**bare_door.tenant.read_object("exchange.recipients", _key(bare_door, "exchange.recipients", WHOLE))}
    bare_door.tenant.put("exchange.recipients", "twin", {**twin, "Name": "head", "PrimarySmtpAddress": "h2@x.example"})
    before = newest(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    assert (answer.exit, writes(bare_door, before)) == (4, [])
    assert "may be any of 2 recipients" in answer.out + answer.err


def test_an_answer_with_every_list_is_not_taken_for_the_one_asked_for(bare_door: Door) -> None:
    _ask(bare_door, (LIST, STAFF, MODERATED))
    bare_door.tenant.delete("exchange.lists", _key(bare_door, "exchange.lists", STAFF))

    answer = bare_door.toolkit("plan")

    assert answer.exit == 4
    assert "instead of only this list" in answer.out + answer.err


def test_what_exchange_would_not_take_or_would_leave_waiting_is_refused_before_anything_is_sent(
    bare_door: Door,
) -> None:
    alias = OFFICE.replace("@example-primary.example", f"@{bare_door.tenant.initial_domain}")
    whole = _key(bare_door, "exchange.lists", WHOLE)
    bare_door.tenant.patch("exchange.lists", whole, IsDirSynced=True)
    _ask(
        bare_door,
        (LIST, STAFF, {**MODERATED, "moderators": [STAFF, alias], "bypass": [SAFEGUARDING, NOBODY]}),
        (LIST, WHOLE, {"inside_only": False}),
        (LIST, TRIPS, {**MODERATED, "bypass": [HEAD]}),
        (LIST, NOBODY, MODERATED),
    )

    reasons = " / ".join(_refused(bare_door))

    assert "cannot approve messages" in reasons
    assert f"{alias} is another address of {OFFICE}" in reasons
    assert f"{NOBODY} is not a recipient" in reasons
    assert "synced from the school's own directory" in reasons
    assert f"it could reject or delay mail of {SAFEGUARDING}" in reasons
    assert f"bypass: [{SAFEGUARDING}]" in reasons


def test_a_moderator_who_left_is_named_although_the_list_agrees(bare_door: Door) -> None:
    _ask(bare_door, (LIST, STAFF, {**MODERATED, "moderators": [AMARA, OFFICE]}))
    apply(bare_door)
    users = bare_door.tenant.objects("users")
    person = next(key for key, user in users.items() if user.get("mail") == AMARA)

    bare_door.tenant.patch("users", person, accountEnabled=False)
    answer = bare_door.toolkit("drift")

    assert answer.exit == 3
    assert "is closed, so messages wait until they expire" in answer.out


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "urgent_lists: []",
            "urgent_lists: [all-staff@example-primary.example]",
            "messages to an urgent list must not wait",
        ),
        ("lists: [all-staff@", "lists: [office@", "parents and other services write to office@"),
        ("lists: [all-staff@", "lists: [staff-alerts@", "parents and other services write to staff-alerts@"),
        ("lists: [all-staff@", "lists: [section_7b@", "is a class group that another system manages"),
        (
            "[head@example-primary.example, office@example-primary.example]",
            "[head@example-primary.example]",
            "at least 2 entries",
        ),
        (
            "[head@example-primary.example, office@",
            "[Office@example-primary.example, office@",
            "has the same mailbox twice",
        ),
        ("        site: [office@example-primary.example]\n", "", "site"),
        (
            "urgent_lists: []",
            "urgent_lists: []\n      closed_to_outside: {lists: [all-staff@example-primary.example]}",
            "outside_senders_reviewed",
        ),
    ],
)
def test_a_playbook_that_would_keep_urgent_or_parents_mail_waiting_is_refused(
    before: str, after: str, message: str, bare_door: Door
) -> None:
    assert before in CONTROL
    bare_door.write("10-lists.yaml", CONTROL.replace(before, after))

    answer = bare_door.toolkit("validate")

    assert answer.exit == 2
    assert message in answer.out + answer.err


def test_those_who_alone_may_post_are_never_no_one(bare_door: Door) -> None:
    bare_door.write("10-lists.yaml", f"{CONTROL}      act: refuse\n")

    apply(bare_door)

    stored = bare_door.tenant.read_object("exchange.lists", _key(bare_door, "exchange.lists", STAFF))
    accepted = stored["AcceptMessagesOnlyFromSendersOrMembers"]
    assert sorted(accepted) == ["amara.ashdown", "dsl", "leadership", "office", "safeguarding"]
    assert stored["ModerationEnabled"] is False


def test_a_group_is_not_closed_to_people_who_must_be_able_to_post(google_door: Door) -> None:
    beth = "beth.birchall@example-primary.example"
    closed = google_door.tenant.objects("google.groups")
    archive = next(key for key, group in closed.items() if group["email"] == TRIPS)
    google_door.tenant.patch("google.groupSettings", archive, archiveOnly="true", whoCanPostMessage="NONE_CAN_POST")
    _ask(
        google_door,
        (GROUP, STAFF, {"who_can_post": "ALL_MANAGERS_CAN_POST", "managers": [AMARA, beth]}),
        (GROUP, TRIPS, {"who_can_post": "ALL_MANAGERS_CAN_POST"}),
    )
    before = newest(google_door)

    reasons = " / ".join(_refused(google_door))

    assert f"{beth} could not post without approval, because they are not managers" in reasons
    assert AMARA not in reasons
    assert "archive only" in reasons
    assert writes(google_door, before) == []


def test_nothing_is_set_on_google_where_no_sender_of_urgent_messages_is_a_person(google_door: Door) -> None:
    google_door.write("10-lists.yaml", CONTROL.replace(f"[{AMARA}]", f"[{OFFICE}]"))
    before = newest(google_door)

    answer = google_door.toolkit("apply", "--yes", "--json")

    (control,) = answer.json["controls"]
    assert [part["level"] for part in control["parts"]] == ["manual"]
    assert writes(google_door, before) == []


@pytest.mark.parametrize(("act", "who"), [("hold", "ALL_IN_DOMAIN_CAN_POST"), ("refuse", "ALL_MANAGERS_CAN_POST")])
def test_a_list_that_is_closed_to_outside_takes_no_mail_from_there_on_google(
    act: str, who: str, google_door: Door
) -> None:
    key = _key(google_door, "google.groups", STAFF)
    google_door.tenant.patch("google.groupSettings", key, whoCanPostMessage="ANYONE_CAN_POST")
    reviewed = "outside_senders_reviewed: {by: Head Teacher, on: 2026-11-02}"
    closed = f"closed_to_outside: {{lists: [{STAFF}], {reviewed}}}"
    google_door.write("10-lists.yaml", f"{CONTROL}      act: {act}\n      {closed}\n")

    apply(google_door)

    assert google_door.tenant.read_object("google.groupSettings", key)["whoCanPostMessage"] == who
