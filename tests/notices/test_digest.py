"""A digest says to a person what is new, critical or over, names nobody, and repeats nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from toolkit.drift.run import DriftReport, JobFault
from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.engine.context import RunContext
from toolkit.engine.run_report import Report
from toolkit.errors import Exit, Refused
from toolkit.features import extensions
from toolkit.holds.model import HoldsSeen, HoldState
from toolkit.holds.run import HoldsResult
from toolkit.ledger.tables import FindingRow
from toolkit.notices.digest import DigestItem, compose_digest, digest_subject, digest_text, failed_job_key
from toolkit.notices.digest_content import Wording
from toolkit.notices.digests import (
    DueOutcome,
    delayed_items,
    entries_to_hold,
    recovered_job_items,
    resolved_overnight_items,
)
from toolkit.planning.change import Create
from toolkit.planning.plan import Plan, rows_for_unknown, to_rows
from toolkit.planning.plan_details import Unknown
from toolkit.planning.plan_states import UNMANAGED
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.replies.run import RepliesResult
from toolkit.school.schedule import DRIFT, DUE, Schedule
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.reason import AS_RECORDED
from toolkit.sdk.resource import Address, Desired, Observed, Origin, Remote, parse_address

NOW = datetime(2026, 11, 12, 2, 30, tzinfo=UTC)
WORDING = Wording(ZoneInfo("Europe/London"), 2026, Path("playbooks"))
SAMPLES = Path(__file__).parents[2] / "playbooks" / "00-school.yaml"
KIND = "microsoft365.transport_rule"
APPLY = "`toolkit apply playbooks` corrects it; `toolkit accept` accepts it until a date."
DECIDE = (
    "find out who changes it (`toolkit drift playbooks`). Then write `leave: true` or `ours: true` in the playbook."
)
UNKNOWN = "by an unknown author"
NIGHT = JobFault(DRIFT, "no drift run between")
RULE, REPLY = f"{KIND}[Mark mail]", "microsoft365.automatic_reply[0a1b-of-jo-bloggs]"


@pytest.fixture(scope="module")
def playbooks() -> Playbooks:
    return load(SAMPLES)


def _row(key: str, address: str, path: str = "", **more: object) -> FindingRow:
    row = {"what": "different", "state": "open", "since": NOW.isoformat(), "seen": "", "n": 1, "cause": "tenant"}
    return FindingRow(**{**row, "id": key, "address": address, "path": path, **more})  # type: ignore[arg-type]


def _noted(*rows: FindingRow) -> Mapping[str, DigestItem]:
    return {one.id: one for one in map(WORDING.finding_item, rows)}


def _report(
    playbooks: Playbooks, *unknown: Unknown, holds: HoldState, missed: JobFault | None = None, only: str = ""
) -> DriftReport:
    context = RunContext(
        target=Target(name="live", variables={}),
        run="r",
        now=NOW,
        command="drift",
        identity=Identity.READ,
        read_only=True,
        extensions=extensions,
        only=[only] if only else [],
    )
    plan = Plan(rows=rows_for_unknown(unknown))
    report = Report(context, playbooks, {}, plan, Exit.PENDING, results=[HoldsResult(HoldsSeen(holds))])
    return DriftReport(report, missed_runs=[missed] if missed else [])


def test_settings_of_one_object_stand_in_one_line_and_what_is_people_s_is_only_counted(playbooks: Playbooks) -> None:
    person = {"actor": "p-1234", "person": 1}
    rows = [
        _row("a1", RULE, "sent_to", actor="Other Tool"),
        _row("a2", RULE, "prepend_subject", actor="Other Tool"),
        *(_row(f"b{n}", f"{REPLY[:-1]}-{n}]", "status", **person) for n in range(4)),
        _row("c1", "microsoft365.transport_rule[Footer]", what="missing", cause="playbook"),
        _row("d1", "microsoft365.transport_rule[Tag]", "subject", state="contested"),
    ]

    found = compose_digest(_noted(*rows), {}, {})

    lines = digest_text(found, playbooks.school, NOW, live=True).splitlines()
    assert digest_subject(found, playbooks.school, live=True) == "Example Primary School: 8 new findings"
    since = "since 12 November,"
    different = f"differs from the playbook {since} changed in the tenant by"
    assert lines == [
        "Findings of toolkit for Example Primary School on Thursday 12 November 2026 at 02:30.",
        "",
        "New:",
        f"- microsoft365.automatic_reply: 4 findings: {different} a person",
        f"- {KIND}[Footer]: missing {since} the playbooks ask for it, but no run has applied it yet [c1]",
        f"- {RULE}: prepend_subject, sent_to: {different} Other Tool [a2, a1]",
        f"  What to do: {APPLY}",
        f"- {KIND}[Tag]: subject: changed again after each repair {since} changed in the tenant, {UNKNOWN} [d1]",
        f"  What to do: {DECIDE}",
    ]
    assert not compose_digest(_noted(*rows), {}, found.things)
    again = compose_digest(_noted(_row("a1", RULE, "sent_to", state="contested")), {}, found.things)
    assert [one.id for one in again.new] == ["finding a1"]  # that it is contested is told as well, once


def test_a_drift_tells_of_holds_only_where_they_are_not_as_wanted_and_of_what_it_could_not_read(
    playbooks: Playbooks,
) -> None:
    of_person = Unknown(
        "microsoft365.automatic_reply",
        AS_RECORDED(text="jo.bloggs: no"),
        Address("microsoft365", "automatic_reply", "x"),
    )
    whole = Unknown("microsoft365.transport_rule", AS_RECORDED(text="Get-TransportRule: a permission is missing"))
    bad = _report(playbooks, of_person, of_person, whole, holds=HoldState.NOT_AS_WANTED, missed=NIGHT)
    noted = {one.id: one for one in WORDING.drift_items(bad)}

    found = compose_digest(noted, {}, {}, quiet=True)
    assert ([one.id for one in found.critical], found.new, found.waiting) == (["holds"], [], 3)
    assert found.things == {"holds": "open", "no drift run between": "waits"}
    found = compose_digest(noted, {}, found.things)
    assert found.things == {
        "holds": "open",
        "no drift run between": "once",
        "unread microsoft365.automatic_reply": "open",
        "unread microsoft365.transport_rule": "open",
    }
    said = digest_text(found, playbooks.school, NOW, live=False)
    assert "its state is unknown: Get-TransportRule: a permission is missing\n" in said
    assert ("- no drift run between\n" in said, "jo.bloggs" in said, "CRITICAL" in said) == (True, False, False)

    def over(report: DriftReport | None) -> list[str]:
        return [one.id for one in WORDING.resolved_items(found.things, {}, report)]

    assert over(None) == over(_report(playbooks, of_person, whole, holds=HoldState.UNKNOWN)) == []
    assert over(_report(playbooks, holds=HoldState.AS_WANTED, only="mail.disclaimer")) == ["holds"]
    assert sorted(over(_report(playbooks, whole, holds=HoldState.AS_WANTED))) == [
        "holds",
        "unread microsoft365.automatic_reply",
    ]


def test_a_finding_is_over_when_the_ledger_says_so_and_a_drift_without_an_answer_is_critical(
    playbooks: Playbooks,
) -> None:
    told = {"finding a1": "open", "finding b1": "open"}
    fixed = {"a1": _row("a1", RULE, "sent_to", state="fixed", how="repaired")}
    over = {one.id: one for one in WORDING.resolved_items(told, fixed, None)}
    broken = WORDING.failed_drift_item(Refused("Sign in: " + "no " * 200))

    found = compose_digest({broken.id: broken}, over, told)

    assert digest_subject(found, playbooks.school, live=False) == (
        "Practice run: Example Primary School: 1 critical finding, 1 resolved finding"
    )
    assert f"- {RULE}: sent_to: differs from the playbook since 12 November; repaired by toolkit\n" in digest_text(
        found, playbooks.school, NOW, live=True
    )
    assert len(broken.phrase) < 300
    assert found.things == {"finding b1": "open", "run": "open"}


def test_what_quiet_hours_held_back_is_told_in_the_morning_unless_it_is_over_by_then(playbooks: Playbooks) -> None:
    rules, devices = (
        Unknown("microsoft365.transport_rule", AS_RECORDED(text="no")),
        Unknown("microsoft365.device", AS_RECORDED(text="no")),
    )
    night = _report(playbooks, rules, holds=HoldState.UNKNOWN, missed=NIGHT)
    known = {"unread microsoft365.device": "open", "holds": "open", "no due run": "once", "finding a1": "open"}

    held = entries_to_hold(list(WORDING.drift_items(night)), known, WORDING.resolved_items(known, {}, night))

    assert sorted(held) == ["holds", "no drift run between", "no due run", "unread microsoft365.transport_rule"]
    told = {one.id: one.lasting for one in delayed_items(held, WORDING)}
    assert told == {
        "unread microsoft365.transport_rule": True,
        "no drift run between": False,
        "no due run": False,
    }
    (over,) = resolved_overnight_items(known.keys() - {"no due run"}, held)
    assert (over.id, over.phrase) == ("unread microsoft365.device", "can be read again")
    narrowed = _report(playbooks, devices, holds=HoldState.UNKNOWN, only="mail.disclaimer")
    assert list(WORDING.resolved_items(known, {}, narrowed)) == []


def test_what_defeats_several_of_ours_is_one_line_and_accuses_nobody(playbooks: Playbooks) -> None:
    rows = [
        _row(f"d{n}", f"microsoft365.transport_rule[{name}]", "Stop here", what="defeated", cause="not known")
        for n, name in enumerate(("Tag", "Mark"))
    ]

    said = digest_text(compose_digest(_noted(*rows), {}, {}), playbooks.school, NOW, live=True)

    line = "- microsoft365.transport_rule[Stop here]: Mark, Tag: runs before our object and overrides it since"
    assert f"{line} 12 November [d1, d0]\n" in said


def test_a_job_that_does_not_run_is_told_once_until_it_runs_again(playbooks: Playbooks) -> None:
    still = JobFault(DUE, "no due run since 2026-11-13 01:30. It is scheduled to run every 60 minutes", lasts=True)
    (noted,) = WORDING.drift_items(_report(playbooks, holds=HoldState.UNKNOWN, missed=still))

    found = compose_digest({noted.id: noted}, {}, {})
    again = compose_digest({noted.id: noted}, {}, found.things)

    assert f"\n- {still}\n" in digest_text(found, playbooks.school, NOW, live=True)
    assert not again
    assert (
        list(WORDING.resolved_items(found.things, {}, _report(playbooks, holds=HoldState.UNKNOWN, missed=still))) == []
    )
    assert (
        list(WORDING.resolved_items(found.things, {}, _report(playbooks, holds=HoldState.UNKNOWN))) == []
    )  # nothing scheduled
    scheduled = replace(playbooks, school=replace(playbooks.school, schedule=Schedule(ZoneInfo("Europe/London"))))
    (over,) = WORDING.resolved_items(found.things, {}, _report(scheduled, holds=HoldState.UNKNOWN))
    assert (over.subject, over.phrase) == ("the due job", "runs again")
    assert [one.subject for one in delayed_items(found.things, WORDING)] == [still.text]


def test_a_job_that_failed_is_known_by_its_job_and_not_by_the_words_about_it(playbooks: Playbooks) -> None:
    report = _report(playbooks, holds=HoldState.UNKNOWN)
    faults = [JobFault(DRIFT, "last night: no answer"), JobFault(DUE, "since Monday: the drift run of noon was wrong")]

    drift, due = WORDING.drift_items(replace(report, failed=faults))
    earlier = WORDING.past_event_item("failed: the drift run of 2026-11-11 02:30 failed: no")

    assert [one.subject for one in (drift, due)] == [fault.text for fault in faults]
    assert [[one.id.startswith(failed_job_key(job)) for one in (drift, due)] for job in (DRIFT, DUE)] == [
        [True, False],
        [False, True],
    ]
    assert [WORDING.past_event_item(one.id) for one in (drift, due)] == [drift, due]
    assert (earlier.id, earlier.subject) == (
        "failed: the drift run of 2026-11-11 02:30 failed: no",
        "the drift run of 2026-11-11 02:30 failed: no",
    )


def test_other_words_for_advice_do_not_change_the_order_of_a_message(playbooks: Playbooks) -> None:
    rows = [_row("a1", RULE, "sent_to"), _row("b1", f"{KIND}[A]", "subject", state="contested")]
    late = [WORDING.overdue_item("exception trip ended"), WORDING.missed_runs_item(NIGHT.text)]
    noted = [*late, WORDING.unread_item(KIND), *_noted(*rows).values()]

    def order(*starts: str) -> list[str]:
        others = {one.id: replace(one, advice=f"{start}{one.advice}") for one, start in zip(noted, starts, strict=True)}
        lines = digest_text(compose_digest(others, {}, {}), playbooks.school, NOW, live=True).splitlines()
        return [line[2:].partition(": ")[0] for line in lines if line.startswith("- ")]

    assert order("", "", "", "", "") == [f"{KIND}[A]", RULE, KIND, "exception trip ended", "no drift run between"]
    assert order(*"edcba") == order(*"abcde") == order("", "", "", "", "")


def test_a_group_that_was_renamed_is_told_until_the_playbooks_call_it_so(playbooks: Playbooks) -> None:
    known = {"renamed: the group X": "Y"}
    unread = _report(playbooks, holds=HoldState.UNKNOWN)
    unread = replace(unread, run=replace(unread.run, unread_groups=frozenset({"X"})))

    (morning,) = delayed_items(known, WORDING)
    (rewritten,) = WORDING.resolved_items(known, {}, _report(playbooks, holds=HoldState.UNKNOWN))

    assert (morning.subject, morning.phrase) == ("the group X", "is now called Y")
    assert "`toolkit rollover playbooks` shows where" in morning.advice
    assert rewritten.phrase == "the playbooks now use its new name"
    assert list(WORDING.resolved_items(known, {}, unread)) == []  # nobody knows what it is called


def test_what_appeared_beside_ours_is_told_by_its_name_until_it_is_gone_and_what_is_people_s_is_not_named(
    playbooks: Playbooks,
) -> None:
    def observed(kind: str, name: str, key: str) -> Observed:
        return Observed(Address("microsoft365", kind, name), {}, Remote(key, name, {}))

    rule, reply = observed("transport_rule", "Filter", "id-1"), observed("automatic_reply", "0a1b-of-jo", "0a1b-of-jo")
    wanted = {parse_address(RULE): frozenset({""})}
    came = DriftReport(replace(_report(playbooks, holds=HoldState.UNKNOWN).run, newcomers=[rule, reply]))

    noted = {one.id: one for one in WORDING.drift_items(came)}
    found = compose_digest(noted, {}, {})

    said = digest_text(found, playbooks.school, NOW, live=True)
    assert found.things == {f"newcomer {KIND}[Filter]": "id-1", "newcomer microsoft365.automatic_reply": "open"}
    assert f"- {KIND}[Filter]: unmanaged: new since the last apply, and not in any playbook\n" in said
    assert ("jo" in said, list(compose_digest(noted, {}, found.things).new)) == (False, [])
    assert [one.id for one in delayed_items(entries_to_hold(list(noted.values()), {}, []), WORDING)] == list(noted)

    def over(*unknown: Unknown, unmanaged: Sequence[Observed] = ()) -> list[str]:
        report = _report(playbooks, holds=HoldState.UNKNOWN).run
        plan = Plan(rows=(*rows_for_unknown(unknown), *to_rows(UNMANAGED, tuple(unmanaged))), desired_controls=wanted)
        return [one.phrase for one in WORDING.resolved_items(found.things, {}, DriftReport(replace(report, plan=plan)))]

    assert (over(), over(unmanaged=[rule]), over(Unknown(KIND, AS_RECORDED(text="no")))) == (["gone"], [], [])


def test_what_due_could_not_do_is_told_once_and_nobody_is_named(playbooks: Playbooks) -> None:
    ours, theirs = Create(_desired(RULE), ()), Create(_desired(REPLY), ())
    outcomes = [Outcome(ours, Result.DONE), Outcome(theirs, Result.FAILED, "jo.bloggs: no")]
    report = _report(playbooks, holds=HoldState.UNKNOWN).run
    failing = DueOutcome(
        replace(report, outcomes=outcomes, results=[RepliesResult(unsent=["jo.bloggs: no"])]),
        HoldState.NOT_AS_WANTED,
        WORDING,
    )
    done = DueOutcome(replace(report, outcomes=[], results=[RepliesResult()]), HoldState.AS_WANTED, WORDING)
    broken = DueOutcome(Refused("Sign in: no"), None, WORDING)

    found = compose_digest({one.id: one for one in (*failing.problems(), *broken.problems())}, {}, {})

    said = digest_text(found, playbooks.school, NOW, live=True)
    assert sorted(found.things) == ["due", "holds", "undone microsoft365.automatic_reply", "unsent"]
    assert [one.id for one in found.critical] == ["holds"]
    assert "- microsoft365.automatic_reply: due, but could not be done\n" in said
    assert "- toolkit due: failed, so nothing that is due was done: Sign in: no\n" in said
    assert "bloggs" not in said
    assert sorted(one.id for one in done.resolved_items(found.things)) == [
        "holds",
        "undone microsoft365.automatic_reply",
        "unsent",
    ]
    assert [one.id for one in recovered_job_items(found.things)] == ["due"]
    assert [*broken.resolved_items(found.things), *failing.resolved_items(found.things)] == []
    assert list(done.problems()) == []


def _desired(address: str) -> Desired:
    return Desired(parse_address(address), {}, {}, Origin("10-playbook.yaml", 6))


def test_of_a_long_list_only_the_kinds_are_told_and_a_longer_one_is_cut(playbooks: Playbooks) -> None:
    rows = [_row(f"a{n}", f"{KIND}[{n:02}]", "subject") for n in range(30)]
    said = digest_text(compose_digest(_noted(*rows), {}, {}), playbooks.school, NOW, live=True)
    assert (
        f"New:\n- {KIND}: 30 findings: differs from the playbook since 12 November, changed in the tenant, {UNKNOWN}\n"
        "  What" in said
    )

    rows = [_row(f"a{n}", f"microsoft365.kind_{n:02}[x]", "subject") for n in range(30)]
    said = digest_text(compose_digest(_noted(*rows), {}, {}), playbooks.school, NOW, live=True)
    assert said.count("\n- microsoft365") == 20
    assert "- and more, 30 entries in all. `toolkit drift` shows them" in said
