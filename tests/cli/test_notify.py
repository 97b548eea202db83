"""Nights with --notify: each channel hears once what is new and once what is over, and in between nothing."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.cases import playbook, resource
from tests.door import MICROSOFT, Checkpoint, CommandResult, Door
from tests.hook import Hook, run_hook
from tests.hostile_names import HOSTILE
from tests.schools import TWENTY_PEOPLE, Schools
from toolkit.holds.register import new_key
from toolkit.printable import printable_lines

STORED, KIND, NAME = "exchange.transportRules", "microsoft365.transport_rule", "Mark mail to the office"
SUBJECT = "Practice run: Example Primary School"
CHANNELS = """
notifications:
  channels:
    office: {by: mail, from: office@example-primary.example, to: it@example-primary.example}
    hook: {by: url}
    chat: {by: url}
  quiet:
    - {days: [friday], from: "22:00", to: "06:00"}
  heartbeat: monday
"""
CHAT = "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=never-shown-key&token=never-shown-token"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with run_hook() as hook:
        yield hook


@pytest.fixture(scope="module")
def applied(module_schools: Schools) -> Checkpoint:
    """Apply a rule that marks mail to the office on a Tuesday, at a small school with three channels."""
    door = module_schools.build(TWENTY_PEOPLE, clouds=[MICROSOFT], own_snapshot=True)
    wanted = {"sent_to": ["office@example-primary.example"], "prepend_subject": "[office] "}
    door.write("10-rules.yaml", playbook(resource(KIND, NAME, wanted), slug="rules"))
    assert door.toolkit("apply", "--yes").exit == 0
    file = door.playbooks / "00-school.yaml"
    file.write_text(file.read_text() + CHANNELS)
    return module_schools.checkpoint(door)


@pytest.fixture
def school(applied: Checkpoint) -> Door:
    return applied.restore()


def _edit(door: Door, subject: str) -> None:
    (key,) = [key for key, rule in door.tenant.objects(STORED).items() if rule["Name"] == NAME]
    door.tenant.patch_by("caretaker@example-primary.example", STORED, key, PrependSubject=subject)


def _run(door: Door, hook: Hook, instant: str, *words: str) -> CommandResult:
    """Let the drift of a night run, or another command."""
    door.tenant.set_now(f"2026-11-{instant}:00Z")
    urls = {"TOOLKIT_NOTIFY_HOOK": hook.url, "TOOLKIT_NOTIFY_CHAT": CHAT}
    return door.toolkit(*(words or ("drift",)), "--notify", **urls)


def _mails(door: Door) -> list[Any]:
    return [one["message"] for one in door.tenant.objects("outlook.sentMessages").values()]


def _ledger(door: Door) -> str:
    with closing(sqlite3.connect(door.state / "emulator" / "ledger.db")) as ledger:
        return "".join(text for (text,) in ledger.execute("SELECT text FROM entry ORDER BY n"))


def test_what_is_new_and_what_is_over_is_told_once_and_again_where_a_channel_failed(school: Door, hook: Hook) -> None:
    _edit(school, "[theirs] ")
    hook.status = 500
    first = _run(school, hook, "11T02:30")
    assert first.exit == 3
    assert (
        "toolkit: channel hook: it is unknown whether the message was sent: TOOLKIT_NOTIFY_HOOK: Failed to send"
        in first.err
    )
    assert "toolkit: channel chat: not used: a practice run uses only http and https URLs on this computer" in first.err
    (mail,) = _mails(school)
    assert mail["subject"] == f"{SUBJECT}: 1 new finding"
    assert mail["toRecipients"][0]["emailAddress"]["address"] == "it@example-primary.example"
    finding = school.toolkit("drift", "--json").json["findings"][0]["id"]
    said, _, record = mail["body"]["content"].partition("\nThe record before this message: ")
    assert re.fullmatch(r"\d+ entries, the last [0-9a-f]{64}\. Keep this message: .*\n", record)
    assert said == (
        "Findings of toolkit for Example Primary School on Wednesday 11 November 2026 at 02:30.\n"
        "This is a practice run on emulated tenants. Nothing in this message is real.\n\n"
        "New:\n"
        f"- {KIND}[{NAME}]: prepend_subject: differs from the playbook since 11 November, changed in the tenant "
        "by a person "
        f"[{finding}]\n"
        f"  What to do: `toolkit apply {school.playbooks}` corrects it; `toolkit accept` accepts it until a "
        "date.\n"
    )

    hook.status = 200
    second = _run(school, hook, "12T02:30")
    assert (second.exit, len(_mails(school)), hook.titles[1:]) == (3, 1, [f"{SUBJECT}: 1 new finding"])
    _run(school, hook, "13T02:30")
    assert (len(_mails(school)), len(hook.messages)) == (1, 2)

    _edit(school, "[office] ")
    assert _run(school, hook, "14T09:00").exit == 0
    assert [mail["subject"] for mail in _mails(school)[1:]] == hook.titles[2:] == [f"{SUBJECT}: 1 resolved finding"]
    over = "prepend_subject: differs from the playbook since 11 November; corrected in the tenant"
    assert f"Resolved:\n- {KIND}[{NAME}]: {over}" in hook.messages[-1]["message"]
    _run(school, hook, "15T09:00")
    assert (len(_mails(school)), len(hook.messages)) == (2, 3)

    assert set(hook.paths) == {"/hook/long-secret?token=other-secret"}  # a web hook's address is used as it is
    kept = "".join([_ledger(school), str(_mails(school)), str(hook.messages)])
    assert not any(word in kept + first.out + first.err for word in ("-secret", "never-shown"))
    assert "caretaker" not in kept
    assert school("audit", "verify").exit == 0
    assert "@ toolkit.digest[hook]: done" in school("audit", "log", "--address", "toolkit.digest[hook]").out


def test_what_was_repaired_since_it_was_seen_is_not_told_as_new_where_nobody_can_look(school: Door, hook: Hook) -> None:
    _edit(school, "[theirs] ")
    school.tenant.set_now("2026-11-11T02:30:00Z")
    assert school.toolkit("drift").exit == 3  # which tells nobody
    assert school.toolkit("apply", "--yes").exit == 0
    school.tenant.fault("refused", "Get-TransportRule", times=10)

    assert _run(school, hook, "12T02:30").exit == 4

    assert hook.titles == [f"{SUBJECT}: 1 new finding"]
    assert f"- {KIND}: could not be read" in hook.messages[-1]["message"]
    assert NAME not in hook.messages[-1]["message"]


def test_quiet_hours_hold_back_all_but_what_is_critical_and_on_one_day_a_sign_of_life_is_sent(
    school: Door, hook: Hook
) -> None:
    file = school.playbooks / "00-school.yaml"
    file.write_text(file.read_text() + "schedule: {due: 60 minutes}\n")
    _edit(school, "[theirs] ")
    quiet = _run(school, hook, "13T22:30")
    assert (quiet.exit, hook.messages, _mails(school)) == (3, [], [])
    assert "toolkit: quiet hours until Saturday 06:00. 1 thing will be sent after that" in quiet.err
    school.tenant.fault("refused", "GET /organization", times=50)
    assert _run(school, hook, "13T23:00").exit == 1
    school.tenant.disarm()
    (critical,) = hook.messages
    assert critical["title"] == f"{SUBJECT}: 1 critical finding"
    assert "CRITICAL:\n- toolkit drift: failed, so nothing is monitored: " in critical["message"]

    school.tenant.fault("refused", "Get-TransportRule", times=50)
    assert (_run(school, hook, "13T23:30").exit, len(hook.messages)) == (4, 1)
    school.tenant.disarm()
    assert (_run(school, hook, "14T05:45", "due", "--yes").err, len(hook.messages)) == ("", 1)
    school.tenant.fault("refused", "POST /users/{id}/sendMail", times=50)
    morning = _run(school, hook, "14T06:00", "due", "--yes")
    assert (morning.exit, hook.titles[1:]) == (0, [f"{SUBJECT}: 2 new findings, 1 resolved finding"])
    assert f"- {KIND}: could not be read, so its state is unknown\n" in hook.messages[-1]["message"]
    assert "Resolved:\n- toolkit drift: succeeds again" in hook.messages[-1]["message"]
    assert "channel office: not sent: " in morning.err
    school.tenant.disarm()
    assert (_run(school, hook, "14T06:15", "due", "--yes").exit, len(hook.messages)) == (0, 2)
    assert _mails(school) == []  # the next drift tries it again

    _run(school, hook, "15T02:30")
    assert [mail["subject"] for mail in _mails(school)] == [f"{SUBJECT}: 4 new findings"]
    assert "- the drift run of 2026-11-13 23:00 failed: " in str(_mails(school))  # of which only the hook was told
    assert "failed: " not in "".join(one["message"] for one in hook.messages)
    assert "Resolved:\n- microsoft365.transport_rule: can be read again" in hook.messages[-1]["message"]
    assert "Reported before and still open: 1. `toolkit drift` shows them." in hook.messages[-1]["message"]

    file.write_text(file.read_text().replace("schedule: {due: 60 minutes}\n", ""))
    _run(school, hook, "16T02:30")
    assert hook.titles[3:] == [f"{SUBJECT}: nothing new, 1 finding still open"]
    _run(school, hook, "16T12:00")
    assert len(hook.messages) == 4
    assert school("audit", "verify").exit == 0


def test_what_did_not_go_goes_with_the_next_digest_and_due_tells_what_it_could_not_do(school: Door, hook: Hook) -> None:
    file = school.playbooks / "00-school.yaml"
    file.write_text(file.read_text() + 'schedule: {drift: "02:30"}\n')
    missed = "- no drift run between 2026-11-09 02:30 and 2026-11-11 02:30. It is scheduled to run every day at 02:30\n"
    _run(school, hook, "09T02:30")
    hook.messages.clear()  # a sign of life, on a Monday
    hook.status = 500
    assert _run(school, hook, "11T02:30").exit == 0
    assert missed in _mails(school)[-1]["body"]["content"]
    hook.status = 200

    _run(school, hook, "12T02:30")
    assert (missed in hook.messages[-1]["message"], len(hook.messages), len(_mails(school))) == (True, 2, 2)
    key, rule = next(iter(school.tenant.objects(STORED).items()))
    school.tenant.put(STORED, f"{key[:-4]}beef", {**rule, "Name": "Theirs", "Guid": f"{key[:-4]}beef"})
    assert _run(school, hook, "13T02:15", "due", "--yes").exit == 0
    beside = f"- {KIND}[Theirs]: unmanaged: new since the last apply, and not in any playbook\n"
    assert (hook.titles[2:], beside in hook.messages[-1]["message"]) == ([f"{SUBJECT}: 1 new finding"], True)
    _run(school, hook, "13T02:30")
    assert (len(hook.messages), len(_mails(school))) == (3, 3)

    school.tenant.delete(STORED, f"{key[:-4]}beef")
    school.tenant.fault("refused", "GET /organization", times=500)
    assert [_run(school, hook, f"13T{at}", "due", "--yes").exit for at in ("02:40", "02:55")] == [1, 1]
    school.tenant.disarm()
    _run(school, hook, "13T03:10", "due", "--yes")
    _run(school, hook, "13T03:30")
    assert hook.titles[3:] == [f"{SUBJECT}: 1 new finding", f"{SUBJECT}: 2 resolved findings"]
    said = [one["message"] for one in hook.messages[3:]]
    assert "- toolkit due: failed, so nothing that is due was done: " in said[0]
    assert f"Resolved:\n- {KIND}[Theirs]: gone\n- toolkit due: succeeds again" in said[1]


def test_a_test_goes_to_each_channel_or_to_those_named_and_changes_nothing_of_what_is_told(
    school: Door, hook: Hook
) -> None:
    def test(*names: str, **urls: str) -> CommandResult:
        return school("notify", "test", *names, school.playbooks, **urls)

    every = test(TOOLKIT_NOTIFY_HOOK=hook.url, TOOLKIT_NOTIFY_CHAT=CHAT)
    assert (every.exit, hook.titles, len(_mails(school))) == (0, [f"{SUBJECT}: a test"], 1)
    withheld, mailed, _ = every.out.splitlines()
    assert withheld.startswith("! chat, the URL in TOOLKIT_NOTIFY_CHAT: not used: a practice run uses")
    assert mailed == "+ office, mail from office@example-primary.example to it@example-primary.example: sent"
    hook.status = 404
    (failed,) = test("hook", "--json", TOOLKIT_NOTIFY_HOOK=hook.url).json["deliveries"]
    assert (failed["channel"], failed["result"], "404" in failed["reason"]) == ("hook", "not_known", True)
    unset = test("hook")
    assert (unset.exit, "TOOLKIT_NOTIFY_HOOK is not set. Set it to the URL of this channel" in unset.out) == (1, True)
    assert "the school file has no channel `huok`: did you mean `hook`?" in test("huok").err
    assert (test("huok").exit, len(_mails(school))) == (2, 1)

    hook.status = 200
    _edit(school, "[theirs] ")
    _run(school, hook, "11T02:30")
    assert hook.titles[2:] == [f"{SUBJECT}: 1 new finding"]
    assert "Mail.Send" in school.toolkit("permissions", "--write").out
    assert "Mail.Send" not in school.toolkit("permissions", "--read").out
    crontab = school("schedule", "cron", school.playbooks).out
    assert f"drift {school.playbooks} --notify" in crontab
    assert f"due {school.playbooks} --yes --notify" in crontab
    (school.playbooks / "00-school.yaml").write_text(
        (school.playbooks / "00-school.yaml").read_text().replace(CHANNELS, "")
    )
    nobody = school.toolkit("drift", "--notify")
    assert (nobody.exit, nobody.out) == (2, "")
    assert "00-school.yaml: no one can be notified. Write `notifications:` with a channel" in nobody.err


def test_holds_that_cannot_be_read_are_told_and_one_that_waits_is_not(school: Door, hook: Hook) -> None:
    key, person = new_key(), f"edwin.elmsworth@{school.tenant.domain}"

    def hold(*words: str) -> CommandResult:
        return school("hold", *words, "--playbooks", school.playbooks, TOOLKIT_HOLDS_KEY=key)

    assert hold("place", "2026-B", "--person", person).exit == 0
    waiting = _run(school, hook, "11T02:30")
    assert (waiting.exit, hook.titles, "holds" in str(hook.messages)) == (
        3,
        [f"{SUBJECT}: nothing new"],
        False,
    )
    school.tenant.set_now("2026-11-12T12:00:00Z")
    assert hold("confirm").exit == 0

    school.tenant.fault("refused", "Get-Mailbox", times=99)
    unread, again = _run(school, hook, "14T09:00"), _run(school, hook, "14T10:00")
    school.tenant.disarm()
    read = _run(school, hook, "15T09:00")

    assert (unread.exit, again.exit, read.exit) == (4, 4, 0)
    assert hook.titles[1:] == [f"{SUBJECT}: 1 new finding", f"{SUBJECT}: 1 resolved finding"]
    assert "- holds: could not be read, so its state is unknown" in hook.messages[1]["message"]
    assert "- holds: can be read again" in hook.messages[2]["message"]
    assert "edwin" not in str(hook.messages)


def test_a_digest_holds_nothing_that_a_terminal_or_a_reader_obeys(school: Door, hook: Hook) -> None:
    ((key, rule),) = [(key, rule) for key, rule in school.tenant.objects(STORED).items() if rule["Name"] == NAME]
    school.tenant.patch(STORED, key, Name=f"Theirs {HOSTILE}")
    for number in range(2):
        key = f"{key[:-1]}{number}"
        school.tenant.put(STORED, key, {**rule, "Name": f"Theirs {number} {HOSTILE}", "Guid": key, "Identity": key})

    _run(school, hook, "11T02:30")

    (mail,) = _mails(school)
    texts = [mail["subject"], mail["body"]["content"], hook.messages[0]["title"], hook.messages[0]["message"]]
    assert "Theirs" in texts[1]
    assert [text for text in texts if printable_lines(text) != text] == []
