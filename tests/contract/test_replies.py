"""Replies of whoever is away and of a school that is closed: found, set, given back, and never over people's own."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.cases import newest, playbook, resource, writes
from tests.contract.rules import apply
from tests.door import Door
from tests.emulated import FEW_PEOPLE
from tests.schools import few_people

pytestmark = few_people

AWAY = """\
playbook: availability
title: Whoever is away says so
owner: Head Teacher
clauses: [EML-21]
controls:
  - mail.out_of_office:
      {for: staff, act: ACT, contact: the office, sender: office@example-primary.example, names: listed}
"""
CLOSED = """\
playbook: closed
title: The school says that it is closed
owner: Head Teacher
clauses: [EML-21]
controls:
  - mail.closure_reply:
      mailboxes: [office@example-primary.example, safeguarding@example-primary.example, head@example-primary.example]
      emergency: 01632 960001
      safeguarding: the local authority, 01632 960555
"""
TAG = playbook(resource("microsoft365.external_in_outlook", "organisation", {"enabled": True}))
FORGOTTEN = {f"{name}@example-primary.example" for name in ("beth.birchall", "dilys.dewhurst", "edwin.elmsworth")}
CLOUDS = ("microsoft365", "google_workspace")
IN_TURN = ("microsoft365", pytest.param("google_workspace", marks=pytest.mark.soak))
"""The clouds where the same code of replies is asked, and the other cloud's way is tried by the test before it."""
COLLECTIONS = {"microsoft365": "outlook.mailboxSettings", "google_workspace": "gmail.vacation"}


def _away(door: Door, act: str = "report") -> Door:
    door.write("33-away.yaml", AWAY.replace("ACT", act))
    return door


ONLY_MICROSOFT = ("--provider", "microsoft365")


def _check_findings(door: Door, *options: str, subject: str = "automatic replies") -> dict[str, Mapping[str, Any]]:
    findings = door.toolkit("check", "--json", *options).json["findings"]
    return {one["provider"]: one for one in findings if one["subject"] == subject}


def _stored(door: Door, cloud: str) -> dict[str, Any]:
    return door.tenant.objects(COLLECTIONS[cloud])


def test_exactly_the_three_forgotten_replies_are_found_on_both_clouds(wide_door: Door) -> None:
    answer = _away(wide_door).toolkit("check", "--json")
    found = {one["provider"]: one for one in answer.json["findings"] if one["subject"] == "automatic replies"}

    assert answer.exit == 3
    assert {cloud: set(one["evidence"]["who"]) for cloud, one in found.items()} == dict.fromkeys(CLOUDS, FORGOTTEN)
    assert "10 of 14 people keep a calendar" in found["microsoft365"]["reason"]
    for one in found.values():
        counts = one["evidence"]
        assert counts["people"] == FEW_PEOPLE["staff"]
        assert counts["covered"] + counts["lacking"] == counts["away"]


def test_on_the_day_on_which_every_calendar_is_opened_both_clouds_count_alike(wide_door: Door) -> None:
    written = AWAY.replace("ACT", "report").replace("names: listed", "names: listed, full_pass: tuesday")
    wide_door.write("33-away.yaml", written)

    found = _check_findings(wide_door)
    microsoft, google = (found[cloud]["evidence"] for cloud in CLOUDS)

    assert {name: microsoft[name] for name in microsoft if name != "who"} == {
        name: google[name] for name in google if name != "who"
    }
    assert set(microsoft["who"]) == set(google["who"])


def test_nobody_is_named_unless_the_playbook_says_so(wide_door: Door) -> None:
    wide_door.write("33-away.yaml", AWAY.replace("ACT", "report").replace(", names: listed", ""))

    answer, text = wide_door.toolkit("check", "--json"), wide_door.toolkit("check")

    assert answer.exit == text.exit == 3
    assert not any(name.partition("@")[0] in answer.out + text.out for name in FORGOTTEN)


def test_a_plan_shows_nobody_s_own_words_and_names_only_where_the_playbook_says_so(wide_door: Door) -> None:
    _away(wide_door, "set")
    listed = wide_door.toolkit("plan").out + wide_door.toolkit("plan", "--json").out
    wide_door.write("33-away.yaml", AWAY.replace("ACT", "set").replace(", names: listed", ""))
    hidden = wide_door.toolkit("plan").out + wide_door.toolkit("plan", "--json").out

    assert "I was on a course last spring" not in listed + hidden
    assert all(name in listed for name in FORGOTTEN)
    assert not any(name in hidden for name in FORGOTTEN)
    assert "a person who is away" in hidden


def test_replies_are_set_once_and_given_back_and_people_s_own_stay(wide_door: Door) -> None:
    before = {cloud: _stored(wide_door, cloud) for cloud in CLOUDS}
    answer = apply(_away(wide_door, "set"))

    assert len(answer.json["outcomes"]) == 2 * len(FORGOTTEN)
    assert {one["of"] for one in answer.json["changes"]} == FORGOTTEN
    assert {cloud: one["evidence"]["lacking"] for cloud, one in _check_findings(wide_door).items()} == dict.fromkeys(
        CLOUDS, 0
    )
    for cloud in CLOUDS:
        ours = [text for text in map(json.dumps, _stored(wide_door, cloud).values()) if "I am not in school" in text]
        assert len(ours) == len(FORGOTTEN) - 1  # the third keeps words of its owner
        assert all("If you are worried about a child, call the school on 01632 960000" in text for text in ours)
    seen = newest(wide_door)
    assert apply(wide_door).json["outcomes"] == []
    assert writes(wide_door, seen) == []

    wide_door.tenant.set_now("2026-11-21T09:00:00Z")  # the set ones are over, other absences have come near
    wide_door.write("33-away.yaml", AWAY.replace("ACT", "set").replace("sender:", "ahead_days: 1, sender:"))
    apply(wide_door)

    after = {cloud: _stored(wide_door, cloud) for cloud in CLOUDS}
    assert _shown(before["microsoft365"], _outlook) == _shown(after["microsoft365"], _outlook)
    assert _shown(before["google_workspace"], _gmail) == _shown(after["google_workspace"], _gmail)
    seen = newest(wide_door)
    assert apply(wide_door).json["outcomes"] == []
    assert writes(wide_door, seen) == []
    told = (
        "".join(_log(wide_door, newest_first=number) for number in range(4)) + wide_door("audit", "log", "--json").out
    )
    assert "(words of their own, not shown)" in told
    assert "I was on a course last spring" not in told


def _log(door: Door, *, newest_first: int) -> str:
    """Give what the ledger tells of a run, as people read it."""
    run = door("audit", "log", "--json").json["runs"][newest_first]["run"]
    answer = door("audit", "log", "--run", run)
    assert answer.exit == 0, answer.err
    return answer.out


def _shown(stored: Mapping[str, Any], read: Callable[[Mapping[str, Any]], tuple[bool, str]]) -> dict[str, Any]:
    """Give each mailbox that answers, or would with what it said last, with the words that a reader sees."""
    read_all = {key: read(one) for key, one in stored.items()}
    return {key: one for key, one in read_all.items() if one != (False, "")}


def _outlook(stored: Mapping[str, Any]) -> tuple[bool, str]:
    reply = stored.get("automaticRepliesSetting", {})
    return reply.get("status", "disabled") != "disabled", _plain(reply.get("internalReplyMessage"))


def _gmail(reply: Mapping[str, Any]) -> tuple[bool, str]:
    return reply["enableAutoReply"], _plain(reply.get("responseBodyHtml") or reply.get("responseBodyPlainText"))


def _plain(text: str | None) -> str:
    return " ".join(re.sub("<[^>]+>", " ", text or "").split())


@pytest.mark.parametrize("cloud", IN_TURN)
def test_a_reply_stands_as_it_was_set_until_the_absence_is_over(wide_door: Door, cloud: str) -> None:
    apply(_away(wide_door, "set"), "--provider", cloud)
    stored = _stored(wide_door, cloud)
    (key,) = [key for key, one in stored.items() if "until the morning of Monday 16 November" in json.dumps(one)]
    for night in ("12", "13"):  # of three single days, one or two are over
        wide_door.tenant.set_now(f"2026-11-{night}T02:30:00Z")

        found = wide_door.toolkit("drift", "--json", "--provider", cloud).json["changes"]

        assert "beth.birchall@example-primary.example" not in {one["of"] for one in found if "of" in one}
        assert wide_door.toolkit("due", "--yes", "--provider", cloud).exit == 0
        assert _stored(wide_door, cloud)[key] == stored[key]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_what_is_given_back_and_what_was_is_nobody_s_id(wide_door: Door, cloud: str) -> None:
    apply(_away(wide_door, "set"), "--provider", cloud)
    ids = set(_stored(wide_door, cloud))
    wide_door.tenant.set_now("2026-11-16T09:00:00Z")
    late = wide_door.toolkit("drift", "--provider", cloud).out
    assert wide_door.toolkit("due", "--yes", "--provider", cloud).exit == 0

    over = wide_door.toolkit("drift").out  # the replies of the other cloud were never set

    assert "~ a person (" in late
    assert "[a person (" in over
    assert not [one for one in ids if one in late + over]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_reply_whose_words_somebody_changed_is_theirs(wide_door: Door, cloud: str) -> None:
    apply(_away(wide_door, "set"), "--provider", cloud)
    stored = _stored(wide_door, cloud)
    afternoon = "I am not in school until the afternoon of Friday 13 November"
    (key,) = [key for key, one in stored.items() if afternoon in json.dumps(one)]
    changed = json.loads(json.dumps(stored[key]).replace("I am not in school until", "I am climbing until"))
    wide_door.tenant.put(COLLECTIONS[cloud], key, changed)

    wide_door.tenant.set_now("2026-11-21T09:00:00Z")
    wide_door.write("33-away.yaml", AWAY.replace("ACT", "set").replace("sender:", "ahead_days: 1, sender:"))
    apply(wide_door, "--provider", cloud)

    assert _stored(wide_door, cloud)[key] == changed


def test_each_is_reminded_once_for_an_absence(wide_door: Door) -> None:
    _away(wide_door, "remind")
    plan = wide_door.toolkit("plan", "--json", "--provider", "microsoft365")
    first = apply(wide_door, "--provider", "microsoft365")
    sent = wide_door.tenant.objects("outlook.sentMessages")
    again = apply(wide_door, "--provider", "microsoft365")

    assert (plan.exit, plan.json["reminders"]) == (3, 3)
    assert (first.json["reminders"], again.json["reminders"]) == (3, 0)
    assert len(sent) == 3
    log = _log(wide_door, newest_first=1)
    assert log.count("@ microsoft365.reminder[") == 3
    assert wide_door.tenant.objects("outlook.sentMessages") == sent
    assert all(name in json.dumps(list(sent.values())) for name in FORGOTTEN)


def test_google_reminds_from_the_one_mailbox_too(wide_door: Door) -> None:
    _away(wide_door, "remind")
    wide_door.write("33-away.yaml", AWAY.replace("ACT", "remind").replace("office@", "amara.ashdown@"))

    apply(wide_door, "--provider", "google_workspace")

    sent = wide_door.tenant.objects("gmail.sentMessages")
    assert len(sent) == 3


def test_a_reminder_of_which_nobody_saw_the_end_is_never_sent_again(wide_door: Door) -> None:
    _away(wide_door, "remind")
    wide_door.tenant.fault("dropped_after", "POST /users/{id}/sendMail", times=1)
    first = wide_door.toolkit("apply", "--yes", "--json", "--provider", "microsoft365")
    wide_door.tenant.disarm()
    again = apply(wide_door, "--provider", "microsoft365")

    assert first.exit == 1
    assert "whether the reminder was sent is not known" in first.out
    assert again.json["reminders"] == 0


def test_the_school_s_mailboxes_say_that_it_is_closed(wide_door: Door) -> None:
    wide_door.write("34-closed.yaml", CLOSED)
    wide_door.tenant.set_now("2026-12-14T09:00:00Z")

    check = _check_findings(wide_door, *ONLY_MICROSOFT, subject="closure replies")["microsoft365"]
    apply(wide_door, "--provider", "microsoft365")
    settled = _check_findings(wide_door, *ONLY_MICROSOFT, subject="closure replies")["microsoft365"]
    replies = [one.get("automaticRepliesSetting") for one in _stored(wide_door, "microsoft365").values()]
    ours = [one for one in replies if "01632 960001" in json.dumps(one)]

    assert (check["status"], check["evidence"]["lacking"]) == ("fail", ["safeguarding@example-primary.example"])
    assert (settled["status"], settled["evidence"]["lacking"]) == ("pass", [])
    (reply,) = ours
    assert "Christmas" in json.dumps(reply)
    assert "reopens on the morning of Monday 4 January (for pupils on Tuesday 5 January)" in json.dumps(reply)
    assert "If you are worried about a child, call the local authority, 01632 960555." in json.dumps(reply)

    wide_door.tenant.set_now("2027-01-05T09:00:00Z")
    apply(wide_door, "--provider", "microsoft365")
    replies = [one.get("automaticRepliesSetting") for one in _stored(wide_door, "microsoft365").values()]
    assert not any("01632 960001" in json.dumps(one) for one in replies)


def test_two_controls_on_one_line_each_have_their_own_replies(wide_door: Door) -> None:
    away = "mail.out_of_office: {for: staff, act: report, names: listed}"
    closed = (
        "mail.closure_reply: {mailboxes: [safeguarding@example-primary.example], emergency: 01632 960001,"
        " safeguarding: the local authority}"
    )
    wide_door.write("33-both.yaml", f"playbook: both\ncontrols: [{{{away}}}, {{{closed}}}]\n")
    found = _check_findings(wide_door, *ONLY_MICROSOFT)["microsoft365"]
    wide_door.tenant.set_now("2026-12-14T09:00:00Z")
    closing = _check_findings(wide_door, *ONLY_MICROSOFT, subject="closure replies")["microsoft365"]

    assert set(found["evidence"]["who"]) == FORGOTTEN
    assert closing["evidence"]["lacking"] == ["safeguarding@example-primary.example"]


def test_a_mailbox_for_closures_that_is_in_no_cloud_is_named_and_counted(wide_door: Door) -> None:
    gone = "site@example-primary.example"
    wide_door.write("33-closed.yaml", CLOSED.replace("mailboxes: [", f"mailboxes: [{gone}, "))
    clouds = "Microsoft 365 or Google Workspace"
    reason = f"3 of 4 named mailboxes exist. No account of {clouds} has this main address: {gone}"

    answer = wide_door.toolkit("check", "--json")
    plan, one_cloud = wide_door.toolkit("plan"), _check_findings(wide_door, *ONLY_MICROSOFT, subject="closure replies")
    found = {one["provider"]: one for one in answer.json["findings"] if one["subject"] == "closure replies"}
    wide_door.write("33-closed.yaml", CLOSED)
    mended = _check_findings(wide_door, subject="closure replies")

    assert answer.exit == 3
    assert (found["school"]["status"], found["school"]["reason"]) == ("fail", reason)
    assert found["school"]["evidence"] == {"mailboxes": 4, "missing": [gone]}
    assert f"! mail.closure_reply: {reason}" in plan.out.splitlines()
    assert one_cloud.keys() == {"microsoft365"}  # the other one was not asked
    assert mended.keys() == {*CLOUDS}


def test_a_file_of_absences_counts_like_a_calendar_and_a_stranger_in_it_is_counted(wide_door: Door) -> None:
    days = "2026-11-11,2026-11-13"
    tenant = wide_door.tenant
    pupils = next(key for key, row in tenant.objects("groups").items() if str(row["mail"]).startswith("all-pupils@"))
    pupil = tenant.read_object("users", tenant.read_object("members", pupils)["members"][0])["userPrincipalName"]
    people = ("callum.copperfield@example-primary.example", "nobody@example.org", pupil)
    lines = "".join(f"{line}\n" for line in ["person,from,to", *(f"{person},{days}" for person in people)])
    wide_door.write("private/absences.csv", lines)
    written = AWAY.replace("ACT", "report").replace("names: listed", "names: listed, absences: private/absences.csv")
    wide_door.write("33-away.yaml", written)

    found = _check_findings(wide_door, *ONLY_MICROSOFT)["microsoft365"]

    assert "1 line names no one in the directory; 1 line names someone outside the audience" in found["reason"]
    assert "callum.copperfield@example-primary.example" in found["evidence"]["who"]


def test_mail_that_replies_cannot_leave_by_fails_the_clause(wide_door: Door) -> None:
    _away(wide_door)
    (key,) = [
        key for key, one in wide_door.tenant.objects("exchange.remoteDomains").items() if one["Name"] == "Default"
    ]
    wide_door.tenant.patch("exchange.remoteDomains", key, AllowedOOFType="None")

    found = _check_findings(wide_door, *ONLY_MICROSOFT, subject="automatic replies to people outside")

    assert found["microsoft365"]["status"] == "fail"


def test_whose_calendar_cannot_be_seen_is_unknown_and_the_rest_is_counted(wide_door: Door) -> None:
    _away(wide_door)
    wide_door.tenant.fault("refused", "POST /users/{id}/calendar/getSchedule", times=100)
    wide_door.tenant.fault("refused", "GET /users/{id}/calendarView", times=100)

    answer = wide_door.toolkit("check", "--json", "--provider", "microsoft365")

    assert answer.exit == 4
    (unseen,) = [one for one in answer.json["findings"] if one["subject"] == "people who could not be checked"]
    assert unseen["evidence"]["unknown"] == FEW_PEOPLE["staff"]


GET_SETTINGS, GET_VACATION = "GET /users/{id}/mailboxSettings", "gmail.users.settings.getVacation"
ALL_COMMANDS = (["plan"], ["plan", "--json"], ["drift"], ["check"], ["check", "--json"], ["due", "--yes"])


@pytest.mark.parametrize(
    ("cloud", "operation", "commands"),
    [
        ("microsoft365", GET_SETTINGS, ALL_COMMANDS),
        ("google_workspace", GET_VACATION, ALL_COMMANDS[:1]),
        pytest.param("google_workspace", GET_VACATION, ALL_COMMANDS[1:], marks=pytest.mark.soak),
    ],
)
def test_whose_reply_cannot_be_read_is_counted_and_not_named(
    wide_door: Door, cloud: str, operation: str, commands: Sequence[Sequence[str]]
) -> None:
    """Only the replies of people who are away are read, so an id in an error would show who is away."""
    wide_door.write("33-away.yaml", AWAY.replace("ACT", "set").replace(", names: listed", ""))
    tenant = wide_door.tenant
    apply(wide_door, "--provider", cloud)
    tenant.fault("rejected", operation, times=100, status=400, reason="Else")
    people = {**tenant.objects("users"), **tenant.objects("google.users")}
    named = {*people, *(one.get("primaryEmail") or one["userPrincipalName"] for one in people.values())}
    named -= {"head@example-primary.example", "office@example-primary.example"}  # of the playbook

    answers = [wide_door.toolkit(*command, "--provider", cloud) for command in commands]

    assert {answer.exit for answer in answers} == {4}
    for answer in answers:
        assert sorted(name for name in named if name in answer.out + answer.err) == []
    assert all("(a person)" in answer.out for answer in answers)


@pytest.mark.parametrize("operation", [GET_SETTINGS, pytest.param(GET_VACATION, marks=pytest.mark.soak)])
def test_a_plan_without_replies_of_ours_says_whose_could_not_be_read(wide_door: Door, operation: str) -> None:
    wide_door.write("33-away.yaml", AWAY.replace("ACT", "set").replace(", names: listed", ""))
    wide_door.tenant.fault("rejected", operation, times=1000, status=400, reason="Else")
    cloud = "microsoft365" if operation.startswith("GET") else "google_workspace"

    commands = (["plan"], ["drift"], ["apply", "--yes"], ["due", "--yes"])
    answers = [wide_door.toolkit(*command, "--provider", cloud) for command in commands]
    unseen = wide_door.toolkit("plan", "--json", "--provider", cloud).json["unseen"]

    for answer in answers:
        assert f"? mail.out_of_office on {cloud}: people who could not be checked: " in answer.out
        assert ("among the objects that could be read" in answer.out, answer.exit) == (True, 4)
    assert [(row["provider"], row["control"]) for row in unseen] == [(cloud, "mail.out_of_office")]


def test_an_empty_group_is_said_once_where_only_replies_are_for_it(wide_door: Door) -> None:
    wide_door.write("33-away.yaml", AWAY.replace("ACT", "set").replace(", names: listed", ""))
    groups = wide_door.tenant.objects("groups")
    staff = next(key for key, row in groups.items() if row["mail"] == "all-staff@example-primary.example")
    wide_door.tenant.patch("members", staff, members=[])

    planned = wide_door.toolkit("plan", "--provider", "microsoft365")

    assert [line for line in planned.out.splitlines() if "is empty" in line] == [
        "? the group 'All staff' is empty: 1 object or control left as they are"
    ]
    assert planned.exit == 0  # it is known to be empty, and always was


def test_ended_absences_are_told_by_the_clock_of_the_school(wide_door: Door) -> None:
    wide_door.tenant.set_now(datetime(2026, 11, 13, 23, 30, tzinfo=UTC).isoformat())

    who = _check_findings(_away(wide_door), *ONLY_MICROSOFT)["microsoft365"]["evidence"]["who"]

    assert "beth.birchall@example-primary.example" not in who


def test_nobody_is_lost_where_one_call_in_twenty_is_throttled(wide_door: Door) -> None:
    _away(wide_door)
    undisturbed = _check_findings(wide_door)
    calm = len(wide_door.tenant.operations())
    before = wide_door.tenant.last_request()
    for nth in range(20, 400, 20):
        wide_door.tenant.fault("throttled", nth=nth, seconds=0.2)

    throttled = _check_findings(wide_door)

    assert {cloud: one["evidence"] for cloud, one in throttled.items()} == {
        cloud: one["evidence"] for cloud, one in undisturbed.items()
    }
    assert len(wide_door.tenant.operations(before)) <= 1.2 * calm


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_reply_stays_where_nobody_can_see_whether_its_owner_is_back(wide_door: Door, cloud: str) -> None:
    apply(_away(wide_door, "set"), "--provider", cloud)
    before = _stored(wide_door, cloud)
    for operation in ("*getSchedule", "*calendarView", "calendar.*"):
        wide_door.tenant.fault("refused", operation, times=1_000)

    answer = wide_door.toolkit("apply", "--yes", "--json", "--provider", cloud)

    assert answer.json["outcomes"] == []
    assert _stored(wide_door, cloud) == before


def test_whoever_turns_off_what_was_set_has_decided(wide_door: Door) -> None:
    apply(_away(wide_door, "set"), "--provider", "microsoft365")
    stored = _stored(wide_door, "microsoft365")
    (key,) = [key for key, one in stored.items() if "I am not in school until" in json.dumps(one)][:1]
    setting = {**stored[key]["automaticRepliesSetting"], "status": "disabled"}
    wide_door.tenant.patch(COLLECTIONS["microsoft365"], key, automaticRepliesSetting=setting)

    assert apply(wide_door, "--provider", "microsoft365").json["outcomes"] == []
    assert _check_findings(wide_door, *ONLY_MICROSOFT)["microsoft365"]["evidence"]["lacking"] == 1


def _hidden(door: Door, act: str) -> None:
    door.write("33-away.yaml", AWAY.replace("ACT", act).replace(", names: listed", ""))


def test_a_person_on_both_clouds_is_reminded_once(wide_door: Door) -> None:
    wide_door.write("33-away.yaml", AWAY.replace("ACT", "remind").replace("office@", "amara.ashdown@"))

    first, again = apply(wide_door), apply(wide_door)

    assert (first.json["reminders"], again.json["reminders"]) == (len(FORGOTTEN), 0)


def test_a_reminder_that_was_not_sent_names_nobody(wide_door: Door) -> None:
    _hidden(wide_door, "remind")
    wide_door.tenant.fault(
        "rejected", "POST /users/{id}/sendMail", times=9, status=400, reason="for beth.birchall@x.uk"
    )

    failed = wide_door.toolkit("apply", "--yes", *ONLY_MICROSOFT)
    log = wide_door("audit", "log", "--run", wide_door("audit", "log", "--json").json["runs"][0]["run"])

    assert failed.exit == 1
    assert "the reminder was not sent" in failed.out
    said = failed.out + failed.err + log.out
    assert not any(name.partition("@")[0] in said for name in FORGOTTEN)


def test_what_was_not_looked_at_was_not_changed_in_the_tenant(wide_door: Door) -> None:
    _hidden(wide_door, "set")
    wide_door.write("10-tag.yaml", TAG)  # which differs, so that the first drift ends with 3
    wide_door.tenant.fault("rejected", "GET /users/{id}/mailboxSettings", times=1000, status=400, reason="Else")
    blind = wide_door.toolkit("drift", "--json")
    wide_door.tenant.disarm()

    seeing = wide_door.toolkit("drift", "--json")

    replies = [one for one in seeing.json["findings"] if "automatic_reply" in one["address"]]
    assert (blind.exit, bool(blind.json["unseen"]), seeing.json["unseen"]) == (3, True, [])
    assert {one["cause"] for one in replies} == {"not known"}


def test_a_finding_about_a_reply_does_not_end_where_its_owner_cannot_be_looked_at(wide_door: Door) -> None:
    _hidden(wide_door, "set")
    first = wide_door.toolkit("drift", "--json")
    for operation in ("*getSchedule", "*calendarView"):
        wide_door.tenant.fault("refused", operation, times=1_000)
    blind = wide_door.toolkit("drift", "--json")
    wide_door.tenant.disarm()
    again = wide_door.toolkit("drift", "--json")

    assert blind.json["fixed"] == []
    known = {one["id"]: one["since"] for one in first.json["findings"]}
    assert known
    assert known.items() <= {one["id"]: one["since"] for one in again.json["findings"]}.items()


def test_replies_that_are_only_checked_are_unknown_too(wide_door: Door) -> None:
    checked = AWAY.replace("owner:", "mode: check\nowner:").replace("ACT", "set").replace(", names: listed", "")
    wide_door.write("33-away.yaml", checked)
    wide_door.tenant.fault("rejected", "GET /users/{id}/mailboxSettings", times=1000, status=400, reason="Else")

    codes = [wide_door.toolkit(command, *ONLY_MICROSOFT).exit for command in ("plan", "drift", "check")]

    assert codes == [4, 4, 4]


def test_a_person_without_a_mailbox_is_counted_next_to_those_who_keep_a_calendar(wide_door: Door) -> None:
    tenant = wide_door.tenant
    staff = next(key for key, row in tenant.objects("groups").items() if str(row["mail"]).startswith("all-staff@"))
    before = _check_findings(_away(wide_door), *ONLY_MICROSOFT)["microsoft365"]
    away = {*before["evidence"]["who"]}
    members = tenant.read_object("members", staff)["members"]
    person = next(one for one in members if tenant.read_object("users", one)["mail"] not in away)
    tenant.patch("users", person, assignedPlans=[], assignedLicenses=[])

    after = _check_findings(wide_door, *ONLY_MICROSOFT)["microsoft365"]

    assert "of 14 people keep a calendar)" in before["reason"]
    assert "of 13 people keep a calendar; 1 more has no mailbox)" in after["reason"]
