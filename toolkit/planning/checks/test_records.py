"""Compare required periodic tests with the tests on file, by device and network."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import MAXYEAR, date, timedelta

from toolkit.controls.testing import PeriodicTestSettings, probes_of
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
    admin="tested by {by}, who runs toolkit (the operator's word), on {day}",
    governor="tested by {by}, who runs this tool (the operator's word), on {day}",
)
TESTED = frozenset({_TESTED_BY, _TESTED_BY_OPERATOR})
"""Who made a test, and when."""
_MISDATED = same_words("tested_too_early", "written as {who}, which has not come yet")
_NEVER = same_words("never_tested", "no one has tested it yet")
_FAILED = same_words("test_failed", "failed on {things}")
_FAILED_BY = same_words("test_failed_by", ": {who}")
_NOTE = same_words("test_note", ": {note}")
_OVERDUE = same_words("test_overdue", "overdue by {days} on {things}")
_LAST = same_words("last_tested", ": last {who}")
_NOT_ON_ALL = same_words("not_tested_on_all", "never tested on {things}")
_ELSE_LAST = ReasonCode("else_last_tested", admin="; else last {who}", governor="; otherwise last {who}")
_PASSED = same_words("test_passed", "passed on {things}: last {who}; next due by {due}")
_AGAIN = "failed on {things} on {day}, passed when tested again on {again}"
FAILED_BEFORE_ALONE = same_words("failed_before", _AGAIN)
FAILED_BEFORE = same_words("test_failed_before", f"; {_AGAIN}")
"""A test that failed before the one that counts; the second follows the words for that one."""
_MONTHS = 12
_LAST_DAY_OF_ALL = 28  # every month has it


def asked_to_try(control: str, playbooks: Playbooks) -> Sequence[PeriodicTestSettings]:
    """Return the playbooks' settings for the tests of a control, if it has tests."""
    entries = [entry for playbook in playbooks.playbooks for entry in playbook.controls if entry.name == control]
    return [
        entry.settings
        for entry in entries
        if entry.mode is not Mode.OFF and isinstance(entry.settings, PeriodicTestSettings)
    ]


def not_to_be_tried(playbooks: Playbooks, parts: Mapping[tuple[str, str], Mapping[str, Part]]) -> Iterator[Problem]:
    """Yield a problem for each test record that no control requires, or whose device or network no control names."""
    for one in playbooks.trials:
        tested = [name for name, part in parts.get((one.control, SCHOOL), {}).items() if part.tested]
        wanted = asked_to_try(one.control, playbooks)
        if wanted and one.part not in tested:
            there = one_of(map(quoted, tested), "and")
            message = f"{one.control} has no part {quoted(one.part)} to test: there is {there}"
            yield Problem(one.origin.path, one.lines["part"], message)
        elif wanted:
            yield from _unknown_things_tested(one, wanted)


def _unknown_things_tested(one: Trial, wanted: Sequence[PeriodicTestSettings]) -> Iterator[Problem]:
    """Yield devices and networks that the control does not name, because tests on them would not count."""
    for word, written, known in (
        ("devices", one.devices, _named(each.devices for each in wanted)),
        ("networks", one.networks, _named(each.networks for each in wanted)),
    ):
        for name in written:
            if name not in known:
                message = f"{one.control} names no {quoted(name)} among its {word}{did_you_mean(name, known)}"
                yield Problem(one.origin.path, one.lines[word], message)


def _named(lists: Iterable[Iterable[str]]) -> Sequence[str]:
    return list(dict.fromkeys(name for names in lists for name in names))


class AskedTests(Measurement):
    """The devices and networks to test on, and how many addresses of pages to try."""

    devices: Sequence[str]
    networks: Sequence[str]
    probes: int


class FailedTest(StoredFields):
    """A test that failed before, and on which networks."""

    on: date
    networks: Sequence[str]
    note: str | None


class RecordedTest(Statement):
    """The newest test of a part. Only a part that passed has the users and the failures before it."""

    result: str
    operator: bool  # by the person who runs toolkit
    note: str | None
    origin: str  # file and line
    users: Sequence[str] | None = None
    failed_before: Sequence[FailedTest] | None = None


def tried(
    part: Part, wanted: Sequence[PeriodicTestSettings], trials: Sequence[Trial], today: date
) -> tuple[Finding, str]:
    """Return the finding on a part with tests, by its test records, and what to do about it."""
    if early := [one for one in trials if one.on > today]:
        reason = _MISDATED(who=_TESTED_BY(by=early[0].by, day=day(early[0].on)))
        return Finding(part.name, Status.FAIL, reason), f"correct the date at {_place(early[0], 'on')}"
    asked = _asked_tests(wanted)
    if not trials:
        advice = "test it, and write who did, when, on what and the result under `tested:` in a file of attestations"
        return Finding(part.name, Status.FAIL, _NEVER(), measurement=asked), advice
    months = months_between(wanted)
    latest = _latest(wanted, trials)
    known = {what: one for what, one in latest.items() if one}
    newest = max(trials, key=lambda one: one.on)
    due = min((due_by(one, months) for one in known.values()), default=due_by(newest, months))
    record = _recorded(newest, due)
    if failed := [what for what, one in known.items() if not one.has_passed]:
        return _failed(part, failed, known[failed[0]], record, asked)
    earlier = _failures(trials, newest, months)
    told = [FAILED_BEFORE(things=things_tested(one), day=day(one.on), again=day(newest.on)) for one in earlier]
    if due < today:
        late = [what for what, one in known.items() if due_by(one, months) < today]
        days = (today - due).days
        overdue = f"{days} day{'' if days == 1 else 's'}"
        reason = _OVERDUE(days=overdue, things=one_of(late, "and")).then(_LAST(who=_by(newest)), *told)
        advice = f"test it again and add that below {_place(newest)}"
        return Finding(
            part.name, Status.FAIL, reason, measurement=asked, statement=record, has_failed=not newest.has_passed
        ), advice
    if missing := [what for what, one in latest.items() if one is None]:
        reason = _NOT_ON_ALL(things=one_of(missing, "and")).then(_ELSE_LAST(who=_by(newest)), *told)
        advice = f"test it there too and add that below {_place(newest)}"
        return Finding(
            part.name, Status.FAIL, reason, measurement=asked, statement=record, has_failed=not newest.has_passed
        ), advice
    reason = _PASSED(things=one_of(known, "and"), who=_by(newest), due=day(due))
    failures = [FailedTest(on=one.on, networks=one.networks, note=one.note) for one in earlier]
    passed = replace(record, users=_named(one.users for one in known.values()), failed_before=failures)
    return Finding(part.name, Status.PASS, reason.then(*told), measurement=asked, statement=passed), ""


def _failed(
    part: Part, things: Sequence[str], first: Trial, record: RecordedTest, asked: AskedTests
) -> tuple[Finding, str]:
    note = _NOTE(note=first.note) if first.note else None
    reason = _FAILED(things=one_of(things, "and")).then(_FAILED_BY(who=_by(first)), note)
    advice = f"mend it, test it again and add that below {_place(first)}"
    return Finding(part.name, Status.FAIL, reason, measurement=asked, statement=record, has_failed=True), advice


def _failures(trials: Sequence[Trial], newest: Trial, months: int) -> Sequence[Trial]:
    """Return the failed tests of the period for which the newest test counts, the oldest first."""
    failed = [one for one in trials if not one.has_passed and _after(one.on, months) >= newest.on]
    return sorted(failed, key=lambda one: one.on)


def things_tested(trial: Trial) -> str:
    """Return the networks of a test, or its devices if it names no network."""
    return one_of(trial.networks or trial.devices, "and")


def _latest(wanted: Sequence[PeriodicTestSettings], trials: Sequence[Trial]) -> Mapping[str, Trial | None]:
    """Return the latest test record for each device type and network. Of two on one date, the lower line counts."""
    ordered = sorted(trials, key=lambda one: one.on)
    things = _named([*(one.devices for one in wanted), *(one.networks for one in wanted)])
    found: dict[str, Trial | None] = dict.fromkeys(things)
    for one in ordered:
        found.update({what: one for what in (*one.devices, *one.networks) if what in found})
    return found


def months_between(wanted: Sequence[PeriodicTestSettings]) -> int:
    """Return the number of months between tests, which is 12 if the playbooks do not set it."""
    return min((one.every_months for one in wanted), default=_MONTHS)


def due_by(one: Trial, months: int) -> date:
    """Return the last date for the next test: after the interval, or earlier if the record says so."""
    later = _after(one.on, months)
    return min(later, one.next_due) if one.next_due else later


def _after(on: date, months: int) -> date:
    """Return the last date before an interval of months has passed."""
    years, month = divmod(on.month - 1 + months, _MONTHS)
    if on.year + years > MAXYEAR:
        return date.max
    first = date(on.year + years, month + 1, min(on.day, _LAST_DAY_OF_ALL))
    return first - timedelta(days=1)


def _by(trial: Trial) -> Reason:
    code = _TESTED_BY_OPERATOR if trial.operator else _TESTED_BY
    return code(by=trial.by, day=day(trial.on))


def _place(one: Trial, key: str = "control") -> str:
    return f"{one.origin.path}:{one.lines[key]}"


def _asked_tests(wanted: Sequence[PeriodicTestSettings]) -> AskedTests:
    probes = {probe.address for one in wanted if one.probes_file for probe in probes_of(one.probes_file)}
    return AskedTests(
        devices=_named(one.devices for one in wanted),
        networks=_named(one.networks for one in wanted),
        probes=len(probes),
    )


def _recorded(newest: Trial, due: date) -> RecordedTest:
    return RecordedTest(
        by=newest.by,
        on=newest.on,
        until=due,
        result="passed" if newest.has_passed else "failed",
        operator=newest.operator,
        note=newest.note,
        origin=str(newest.origin),
    )
