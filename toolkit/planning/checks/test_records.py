"""Compare the periodic tests that controls require with the test records in the school's files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import MAXYEAR, date, timedelta

from toolkit.controls.testing import PeriodicTestSettings, parse_probes
from toolkit.errors import Problem
from toolkit.messages import did_you_mean, one_of, quoted
from toolkit.playbook.attestations import Trial
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.dates import day
from toolkit.sdk.measurement import Measurement
from toolkit.sdk.part import SCHOOL, Part
from toolkit.sdk.reason import Reason, ReasonCode, same_words
from toolkit.sdk.resource import Mode
from toolkit.sdk.statement import Statement
from toolkit.sdk.stored_fields import StoredFields

_TESTED_BY = same_words("tested_by", "tested by {by} on {day}")
_TESTED_BY_OPERATOR = ReasonCode(
    "tested_by_operator",
    admin="tested by {by}, who also runs toolkit, on {day}",
    governor="tested by {by}, who also runs this tool, on {day}",
)
TESTED = frozenset({_TESTED_BY, _TESTED_BY_OPERATOR})
"""Who made a test, and when."""
_MISDATED = same_words("tested_too_early", "{who}, but this date is in the future")
_NEVER = same_words("never_tested", "no one has tested it yet")
_FAILED = same_words("test_failed", "failed on {things}")
_FAILED_BY = same_words("test_failed_by", ": {who}")
_NOTE = same_words("test_note", ": {note}")
_OVERDUE = same_words("test_overdue", "overdue by {days} on {things}")
_LAST = same_words("last_tested", ": last {who}")
_NOT_ON_ALL = same_words("not_tested_on_all", "never tested on {things}")
_ELSE_LAST = same_words("else_last_tested", "; otherwise last {who}")
_PASSED = same_words("test_passed", "passed on {things}: last {who}; next due by {due}")
_AGAIN = "failed on {things} on {day}, passed when tested again on {again}"
FAILED_BEFORE_ALONE = same_words("failed_before", _AGAIN)
FAILED_BEFORE = same_words("test_failed_before", f"; {_AGAIN}")
"""A failed test before the latest one. The second wording follows the wording for the latest test."""
_MONTHS = 12
_LAST_DAY_OF_ALL = 28  # every month has it


def required_test_settings(control: str, playbooks: Playbooks) -> Sequence[PeriodicTestSettings]:
    """Return the settings in the playbooks for a control's periodic tests, or none if the control requires no tests."""
    entries = [entry for playbook in playbooks.playbooks for entry in playbook.controls if entry.name == control]
    return [
        entry.settings
        for entry in entries
        if entry.mode is not Mode.OFF and isinstance(entry.settings, PeriodicTestSettings)
    ]


def find_misplaced_tests(
    playbooks: Playbooks, parts: Mapping[tuple[str, str], Mapping[str, Part]]
) -> Iterator[Problem]:
    """Yield a problem for each test record of a part, device or network that no control requires to be tested."""
    for trial in playbooks.trials:
        tested = [name for name, part in parts.get((trial.control, SCHOOL), {}).items() if part.tested]
        settings = required_test_settings(trial.control, playbooks)
        if settings and trial.part not in tested:
            there = one_of(map(quoted, tested), "and")
            message = f"{trial.control} has no part {quoted(trial.part)} to test. Its parts are {there}"
            yield Problem(trial.origin.path, trial.lines["part"], message)
        elif settings:
            yield from _problems_with_unknown_targets(trial, settings)


def _problems_with_unknown_targets(trial: Trial, settings: Sequence[PeriodicTestSettings]) -> Iterator[Problem]:
    """Yield a problem for each device or network in a test record that the control does not list, because such a
    test would not count.
    """
    for word, written, names in (
        ("devices", trial.devices, _unique_names(test_settings.devices for test_settings in settings)),
        ("networks", trial.networks, _unique_names(test_settings.networks for test_settings in settings)),
    ):
        for name in written:
            if name not in names:
                message = f"{quoted(name)} is not among the {word} of {trial.control}{did_you_mean(name, names)}"
                yield Problem(trial.origin.path, trial.lines[word], message)


def _unique_names(lists: Iterable[Iterable[str]]) -> Sequence[str]:
    return list(dict.fromkeys(name for names in lists for name in names))


class AskedTests(Measurement):
    """The devices and networks on which a control must be tested, and the number of web addresses to try."""

    devices: Sequence[str]
    networks: Sequence[str]
    probes: int


class FailedTest(StoredFields):
    """A failed test that was made before the latest test, the tester, and the networks on which it failed."""

    by: str  # a role
    on: date
    networks: Sequence[str]
    note: str | None


class RecordedTest(Statement):
    """The latest test of a control's part. `users` and `failed_before` are set only if the test was passed."""

    result: str
    operator: bool  # by the person who runs toolkit
    note: str | None
    origin: str  # file and line
    users: Sequence[str] | None = None
    failed_before: Sequence[FailedTest] | None = None


def judge_test_records(
    part: Part, settings: Sequence[PeriodicTestSettings], trials: Sequence[Trial], today: date
) -> tuple[Finding, str]:
    """Return the finding on a part of a control that follows from the part's test records, and advice on what to do."""
    if early := [trial for trial in trials if trial.on > today]:
        reason = _MISDATED(who=_TESTED_BY(by=early[0].by, day=day(early[0].on)))
        return Finding(part.name, Status.FAIL, reason), f"correct the date at {_file_and_line(early[0], 'on')}"
    required = _required_tests(settings)
    if not trials:
        advice = (
            "test it, and record tester, date, devices, networks and result under `tested:` in an attestations file"
        )
        return Finding(part.name, Status.FAIL, _NEVER(), measurement=required), advice
    months = months_between_tests(settings)
    latest = _latest_tests_by_target(settings, trials)
    done = {what: trial for what, trial in latest.items() if trial}
    newest = max(trials, key=lambda trial: trial.on)
    due = min((next_test_date(trial, months) for trial in done.values()), default=next_test_date(newest, months))
    record = _test_record(newest, due)
    if failed := [what for what, trial in done.items() if not trial.has_passed]:
        return _failed_test_finding(part, failed, done[failed[0]], record, required)
    earlier = _failed_tests(trials, newest, months)
    failed_before = [
        FAILED_BEFORE(things=tested_targets(trial), day=day(trial.on), again=day(newest.on)) for trial in earlier
    ]
    if due < today:
        late = [what for what, trial in done.items() if next_test_date(trial, months) < today]
        days = (today - due).days
        overdue = f"{days} day{'' if days == 1 else 's'}"
        reason = _OVERDUE(days=overdue, things=one_of(late, "and")).then(
            _LAST(who=_tester_sentence(newest)), *failed_before
        )
        advice = f"repeat the test and add the result below {_file_and_line(newest)}"
        return Finding(
            part.name, Status.FAIL, reason, measurement=required, statement=record, has_failed=not newest.has_passed
        ), advice
    if missing := [what for what, trial in latest.items() if trial is None]:
        reason = _NOT_ON_ALL(things=one_of(missing, "and")).then(
            _ELSE_LAST(who=_tester_sentence(newest)), *failed_before
        )
        advice = f"test on these too, and add the result below {_file_and_line(newest)}"
        return Finding(
            part.name, Status.FAIL, reason, measurement=required, statement=record, has_failed=not newest.has_passed
        ), advice
    reason = _PASSED(things=one_of(done, "and"), who=_tester_sentence(newest), due=day(due))
    failures = [FailedTest(by=trial.by, on=trial.on, networks=trial.networks, note=trial.note) for trial in earlier]
    passed = replace(record, users=_unique_names(trial.users for trial in done.values()), failed_before=failures)
    return Finding(part.name, Status.PASS, reason.then(*failed_before), measurement=required, statement=passed), ""


def _failed_test_finding(
    part: Part, targets: Sequence[str], first_failure: Trial, record: RecordedTest, required: AskedTests
) -> tuple[Finding, str]:
    note = _NOTE(note=first_failure.note) if first_failure.note else None
    reason = _FAILED(things=one_of(targets, "and")).then(_FAILED_BY(who=_tester_sentence(first_failure)), note)
    advice = f"correct the cause, repeat the test and add the result below {_file_and_line(first_failure)}"
    return Finding(part.name, Status.FAIL, reason, measurement=required, statement=record, has_failed=True), advice


def _failed_tests(trials: Sequence[Trial], newest: Trial, months: int) -> Sequence[Trial]:
    """Return the failed tests in a number of months before the newest test, the oldest first."""
    failed = [
        trial for trial in trials if not trial.has_passed and _last_day_of_interval(trial.on, months) >= newest.on
    ]
    return sorted(failed, key=lambda trial: trial.on)


def tested_targets(trial: Trial) -> str:
    """Return the networks in a test record as text, or its devices if the record does not have networks."""
    return one_of(trial.networks or trial.devices, "and")


def _latest_tests_by_target(
    settings: Sequence[PeriodicTestSettings], trials: Sequence[Trial]
) -> Mapping[str, Trial | None]:
    """Return the latest test record of each device type and network.

    Of two records with the same date, the later line counts.
    """
    ordered = sorted(trials, key=lambda trial: trial.on)
    targets = _unique_names(
        [
            *(test_settings.devices for test_settings in settings),
            *(test_settings.networks for test_settings in settings),
        ]
    )
    newest: dict[str, Trial | None] = dict.fromkeys(targets)
    for trial in ordered:
        newest.update({what: trial for what in (*trial.devices, *trial.networks) if what in newest})
    return newest


def months_between_tests(settings: Sequence[PeriodicTestSettings]) -> int:
    """Return the number of months between two tests of a control. It is 12 unless the playbooks set another number."""
    return min((test_settings.every_months for test_settings in settings), default=_MONTHS)


def next_test_date(trial: Trial, months: int) -> date:
    """Return the date by which a test must be repeated.

    This is the end of the interval, or an earlier date in the record.
    """
    later = _last_day_of_interval(trial.on, months)
    return min(later, trial.next_due) if trial.next_due else later


def _last_day_of_interval(begins: date, months: int) -> date:
    """Return the last day of a period that begins on a date and lasts a number of months."""
    years, month = divmod(begins.month - 1 + months, _MONTHS)
    if begins.year + years > MAXYEAR:
        return date.max
    first = date(begins.year + years, month + 1, min(begins.day, _LAST_DAY_OF_ALL))
    return first - timedelta(days=1)


def _tester_sentence(trial: Trial) -> Reason:
    code = _TESTED_BY_OPERATOR if trial.operator else _TESTED_BY
    return code(by=trial.by, day=day(trial.on))


def _file_and_line(trial: Trial, key: str = "control") -> str:
    return f"{trial.origin.path}:{trial.lines[key]}"


def _required_tests(settings: Sequence[PeriodicTestSettings]) -> AskedTests:
    probes = {
        probe.address
        for test_settings in settings
        if test_settings.probes_file
        for probe in parse_probes(test_settings.probes_file)
    }
    return AskedTests(
        devices=_unique_names(test_settings.devices for test_settings in settings),
        networks=_unique_names(test_settings.networks for test_settings in settings),
        probes=len(probes),
    )


def _test_record(newest: Trial, due: date) -> RecordedTest:
    return RecordedTest(
        by=newest.by,
        on=newest.on,
        until=due,
        result="passed" if newest.has_passed else "failed",
        operator=newest.operator,
        note=newest.note,
        origin=str(newest.origin),
    )
