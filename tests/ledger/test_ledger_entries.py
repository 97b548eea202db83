"""Every entry comes back from its text as it went in."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import LedgerError
from toolkit.ledger.checklist_entries import ChecklistStarted, ChecklistStepDone, ChecklistStopped
from toolkit.ledger.entries import (
    Action,
    Entry,
    HeadLost,
    MatterAnswered,
    NamesForgotten,
    ReportReleased,
    RunBegan,
    RunEnded,
    StepBegan,
    StepEnded,
    StepFailed,
    StepUnknown,
    StepVerdict,
    StepVerified,
    UnmanagedObject,
    entry_text,
    read_entry,
)
from toolkit.ledger.findings import DriftSeen, Fixed, Sighting
from toolkit.ledger.redact import Redactor
from toolkit.ledger.school_parts import SchoolFreeze
from toolkit.planning.finding_state import Ending, FindingState
from toolkit.sdk.resource import Address
from toolkit.values import AtLeast, Value

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
NAMES = TEXTS.filter(bool)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    TEXTS,
    st.lists(TEXTS, max_size=3).map(tuple),
    st.lists(TEXTS, max_size=3).map(lambda items: AtLeast(tuple(items))),
)
SETTINGS = st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True).map("s_{}".format), VALUES, max_size=4)
TIMES = st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1))  # noqa: DTZ001
NUMBERS = st.integers(0, 10**9)
ADDRESSES = st.builds(Address, st.just("microsoft365"), st.just("transport_rule"), NAMES)
MAYBE = st.none() | TEXTS
SIGHTINGS = st.builds(
    Sighting,
    id=TEXTS,
    address=TEXTS,
    path=TEXTS,
    what=TEXTS,
    state=st.sampled_from(FindingState),
    since=TIMES,
    cause=TEXTS,
    actor=MAYBE,
    person=st.booleans(),
)
STEP = {"run": TEXTS, "step": NUMBERS, "at": TIMES}
ENTRIES: st.SearchStrategy[Entry] = st.one_of(
    st.builds(
        RunBegan,
        run=TEXTS,
        at=TIMES,
        command=TEXTS,
        target=TEXTS,
        tenants=st.dictionaries(st.just("microsoft365"), TEXTS),
        version=TEXTS,
        playbooks=TEXTS,
        flags=st.lists(TEXTS, max_size=2).map(tuple),
        kind=st.just("run_began"),
    ),
    st.builds(
        StepBegan,
        **STEP,
        address=ADDRESSES,
        action=st.sampled_from(Action),
        before=st.none() | SETTINGS,
        sent=st.none() | SETTINGS,
        remote_id=MAYBE,
        kind=st.just("step_began"),
    ),
    st.builds(
        StepEnded, **STEP, remote_id=MAYBE, name=MAYBE, returned=st.none() | SETTINGS, kind=st.just("step_ended")
    ),
    st.builds(StepFailed, **STEP, error=TEXTS, kind=st.just("step_failed")),
    st.builds(StepUnknown, **STEP, error=TEXTS, kind=st.just("step_unknown")),
    st.builds(
        StepVerified,
        **STEP,
        by=TEXTS,
        verdict=st.sampled_from(StepVerdict),
        remote_id=MAYBE,
        name=MAYBE,
        returned=st.none() | SETTINGS,
        kind=st.just("looked"),
    ),
    st.builds(
        RunEnded,
        run=TEXTS,
        at=TIMES,
        exit=NUMBERS,
        summary=st.dictionaries(st.just("create"), NUMBERS),
        unmanaged=st.dictionaries(
            st.just("microsoft365.group"), st.lists(st.builds(UnmanagedObject, TEXTS, TEXTS), max_size=2).map(tuple)
        ),
        lacking=st.none() | st.dictionaries(TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=2), max_size=2),
        kind=st.just("run_ended"),
    ),
    st.builds(
        DriftSeen,
        run=TEXTS,
        at=TIMES,
        found=st.lists(SIGHTINGS, max_size=2).map(tuple),
        fixed=st.lists(st.builds(Fixed, TEXTS, st.sampled_from(Ending)), max_size=2).map(tuple),
        unseen=st.lists(TEXTS, max_size=2).map(tuple),
        kind=st.just("seen"),
    ),
    st.builds(HeadLost, at=TIMES, host=TEXTS, kind=st.just("head_lost")),
    st.builds(
        NamesForgotten,
        run=TEXTS,
        at=TIMES,
        before=st.dates(),
        by=TEXTS,
        names=NUMBERS,
        people=NUMBERS,
        texts=st.dictionaries(NUMBERS.map(str), TEXTS, max_size=2),
        kind=st.just("names_forgotten"),
    ),
    st.builds(
        MatterAnswered,
        run=TEXTS,
        at=TIMES,
        matter=TEXTS,
        report=TEXTS,
        response=TEXTS,
        lead=TEXTS,
        due=st.none() | st.dates(),
        accepted=st.booleans(),
        kind=st.just("matter_answered"),
    ),
    st.builds(ReportReleased, run=TEXTS, at=TIMES, report=TEXTS, by=TEXTS, kind=st.just("report_released")),
    st.builds(
        SchoolFreeze,
        run=TEXTS,
        at=TIMES,
        school=TEXTS,
        until=st.none() | st.dates(),
        by=TEXTS,
        reason=TEXTS,
        schools=st.lists(TEXTS, min_size=1, max_size=2).map(tuple),
        kind=st.just("school_freeze"),
    ),
    st.builds(
        ChecklistStarted,
        run=TEXTS,
        at=TIMES,
        checklist=TEXTS,
        name=TEXTS,
        due=st.dictionaries(TEXTS, st.dates(), max_size=3),
        person=TEXTS,
        kind=st.just("checklist_started"),
    ),
    st.builds(
        ChecklistStepDone,
        run=TEXTS,
        at=TIMES,
        checklist=TEXTS,
        step=TEXTS,
        by=TEXTS,
        read=TEXTS,
        kind=st.just("checklist_step"),
    ),
    st.builds(ChecklistStopped, run=TEXTS, at=TIMES, checklist=TEXTS, by=TEXTS, kind=st.just("checklist_stopped")),
)


@given(ENTRIES)
def test_an_entry_is_read_back_from_its_text(entry: Entry) -> None:
    text = entry_text(entry, Redactor())
    assert read_entry(text) == entry
    assert entry_text(read_entry(text), Redactor()) == text


def test_a_run_of_before_there_were_windows_is_read_as_one_that_overrode_none() -> None:
    text = (
        '{"at":"2026-01-01T00:00:00Z","command":"apply","flags":[],"format":1,"kind":"run_began","playbooks":"d",'
        '"run":"r","target":"emulator","tenants":{},"version":"0.1.0"}'
    )

    entry = read_entry(text)

    assert isinstance(entry, RunBegan)
    assert entry.override == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not an entry"),
        ("[]", "not an entry"),
        ("{", "not an entry"),
        ('{"format":1,"kind":"dream"}', "not an entry"),
        ('{"format":1,"kind":"step_failed","run":"r"}', "not an entry"),
        ('{"format":2,"kind":"dream"}', "has format 2, and this toolkit reads format 1"),
        ('{"format":1,"kind":"step_began","run":"r","step":1,"at":"2026-01-01T00:00:00Z","address":"x"}', "an address"),
        ("[" * 100_000, "not an entry"),
    ],
)
def test_what_is_no_entry_is_told(text: str, message: str) -> None:
    with pytest.raises(LedgerError, match=message):
        read_entry(text)


def test_the_entries_of_a_lone_school_have_no_key_for_schools() -> None:
    at = datetime(2026, 11, 10, 9, tzinfo=UTC)
    began = RunBegan(run="r", at=at, command="drift", target="emulator", tenants={}, version="1", playbooks="")
    seen = Sighting("f", "a", "p", "different", FindingState.OPEN, at, "tenant")
    lone: list[Entry] = [began, RunEnded(run="r", at=at, exit=0, summary={}), DriftSeen(run="r", at=at, found=(seen,))]

    assert [entry_text(entry, Redactor()) for entry in lone if "schools" in entry_text(entry, Redactor())] == []
    of_trust = DriftSeen(run="r", at=at, found=(replace(seen, schools=("OAK",)),), schools=("OAK", "ELM"))
    assert entry_text(of_trust, Redactor()).count('"schools":["OAK"') == 2
    assert read_entry(entry_text(of_trust, Redactor())) == of_trust
