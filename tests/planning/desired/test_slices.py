"""Each person of an audience is in one slice, and each slice gets what a playbook for it alone would ask for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.controls.control import controls
from toolkit.engine.desired_state import cloud_catalogues
from toolkit.planning.desired.slices import AudienceSlices, SliceInputs, Treatment, slice_audience
from toolkit.planning.expand import expand
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.sdk.directory import Directory, Group, Person
from toolkit.sdk.part import CloudControl
from toolkit.sdk.resource import Absent, Desired
from toolkit.values import AtLeast

SCHOOL = """\
school: Example Primary School
short_name: EPS
domains: [example-primary.example]
time_zone: Europe/London
mode: enforce
tenants:
  microsoft365: {tenant_id: emulated, domain: example-primary.example}
  google_workspace: {customer_id: emulated, domain: example-primary.example}
roles:
  staff: {microsoft365: staff@example-primary.example, google_workspace: /Staff}
  trial: {microsoft365: trial@example-primary.example, google_workspace: trial@example-primary.example}
  office: {microsoft365: office@example-primary.example, google_workspace: office@example-primary.example}
"""
STAFF = {"microsoft365": "staff@example-primary.example", "google_workspace": "/Staff"}
PEOPLE = {name: Person(name, f"{name}@example-primary.example", name) for name in "abcdefgh"}
MEMBERS = {"staff": "abcdef", "trial": "ab", "office": "c"}
BEGINS, ENDS, UNTIL = 9, 12, 11
"""Days of November 2026: an exception is live from the first up to the second, a pilot until before the third."""


@dataclass(frozen=True)
class Sample:
    """A control that reaches people in its own way, and a change that a group can have by an exception."""

    settings: str = ""
    change: str = ""  # "" where the control knows no exceptions
    pilots: bool = True
    everyone: bool = False


SAMPLES: Mapping[str, Sample] = {
    "device.compliance": Sample("password_length: 8", "password_length: 6"),  # devices of a group, and the tenant
    "identity.idle_lock": Sample("minutes: 5", "minutes: 15"),  # a group, and a group in an organisational unit
    "device.removable_storage": Sample(change="off"),
    "web.social_block": Sample("block: [tiktok, x]", "off"),  # lists that other controls fill too
    "mail.personal_label": Sample("labels: [personal]"),  # a mail rule
    "mail.autoforward_block": Sample(pilots=False, everyone=True),  # the whole tenant
}
TURNS = ("", "check", "off", "withdraw", "exception", "pilot")


@dataclass(frozen=True)
class Asked:
    """A control with one thing that divides its audience."""

    control: str
    turn: str

    def entry(self, role: str = "", more: str = "") -> str:
        """Write the control, for its own audience or for a role by itself."""
        sample = SAMPLES[self.control]
        words = [f"for: {role or ('everyone' if sample.everyone else 'staff')}", sample.settings, more]
        return f"  - {self.control}: {{{', '.join(filter(None, words))}}}\n"

    @property
    def written(self) -> str:
        turns = {
            "check": "mode: check",
            "off": "mode: off",
            "withdraw": "mode: off, withdraw: true",
            "pilot": f"pilot: {{for: trial, until: 2026-11-{UNTIL}}}",
        }
        return self.entry(more=turns.get(self.turn, ""))

    @property
    def exception(self) -> str:
        change = SAMPLES[self.control].change
        return (
            f"  - {{exception: {self.control.replace('.', '-').replace('_', '-')}, control: {self.control},"
            f" for: trial, change: {change if change == 'off' else f'{{{change}}}'}, reason: A trip,"
            f" starts: 2026-11-{BEGINS:02}, ends: 2026-11-{ENDS - 1}, by: Head Teacher, on: 2026-11-01, dpia: D}}\n"
        )


def _turns(control: str) -> Sequence[str]:
    sample = SAMPLES[control]
    return [one for one in TURNS if (one != "exception" or sample.change) and (one != "pilot" or sample.pilots)]


ASKED = st.lists(st.sampled_from(sorted(SAMPLES)), min_size=1, max_size=4, unique=True).flatmap(
    lambda names: st.tuples(*(st.builds(Asked, st.just(name), st.sampled_from(_turns(name))) for name in names))
)
DAYS = st.sampled_from([BEGINS - 1, BEGINS, UNTIL - 1, UNTIL, ENDS - 1, ENDS])


@cache
def _load(written: str, exceptions: str = "") -> Playbooks:
    with TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "00-school.yaml").write_text(SCHOOL)
        (path / "40-asked.yaml").write_text(f"playbook: asked\ncontrols:\n{written}")
        if exceptions:
            (path / "95-trips.yaml").write_text(f"exceptions: trips\napproved:\n{exceptions}")
        return load(path)


def _read(asked: Sequence[Asked]) -> Playbooks:
    exceptions = "".join(one.exception for one in asked if one.turn == "exception")
    return _load("".join(one.written for one in asked), exceptions)


def _directories(**members: str) -> Mapping[str, Directory]:
    return {cloud: _directory(cloud, {**MEMBERS, **members}) for cloud in STAFF}


def _directory(cloud: str, members: Mapping[str, str]) -> Directory:
    groups = [
        _group(STAFF[cloud] if role == "staff" else f"{role}@example-primary.example", members[role])
        for role in members
    ]
    return Directory(PEOPLE, {group.name: group for group in groups})


def _group(name: str, members: str) -> Group:
    return Group(f"id of {name}", name, name if "@" in name else None, frozenset(members))


def _at(day: int) -> datetime:
    return datetime(2026, 11, day, 12, tzinfo=UTC)


def _slices(playbooks: Playbooks, day: int, **members: str) -> Iterator[AudienceSlices]:
    moment = SliceInputs(playbooks, _directories(**members), now=_at(day))
    for cloud in cloud_catalogues(list(playbooks.school.tenants)).values():
        for playbook in playbooks.playbooks:
            yield from (slice_audience(entry, cloud, moment) for entry in playbook.controls)


@given(ASKED, DAYS, st.sampled_from(["ab", "f", "abcdef", "bh"]))
@settings(max_examples=60, deadline=None)
def test_each_person_of_an_audience_is_in_exactly_one_slice(asked: Sequence[Asked], day: int, trial: str) -> None:
    for slices in _slices(_read(asked), day, trial=trial):
        audience = {person.id for person in slices.rest.scope.audience.people}

        assert not any(one.people_ids & other.people_ids for one, other in combinations(slices.all_slices, 2))
        assert audience == set().union(*(one.people_ids for one in slices.all_slices))


@pytest.mark.parametrize(
    ("turn", "ways"),
    [
        ("check", {8: ["apply"], 9: ["apply"], 12: ["apply"]}),
        ("off", {8: ["spare"]}),
        ("withdraw", {8: ["withdraw"]}),
        ("pilot", {10: ["spare", "apply"], 11: ["apply", "withdraw"]}),
        ("exception", {8: ["apply", "withdraw"], 9: ["apply", "apply"], 12: ["apply", "withdraw"]}),
    ],
)
def test_a_slice_has_a_treatment_and_a_period(turn: str, ways: Mapping[int, Sequence[str]]) -> None:
    playbooks = _read([Asked("identity.idle_lock", turn)])

    for day, expected in ways.items():
        slices = next(_slices(playbooks, day))
        periods = [one.period for one in slices.all_slices]
        assert [str(one.treatment) for one in slices.all_slices] == expected
        assert all(one.begins is None or one.begins <= _at(day) for one in periods)
        assert all(one.ends is None or _at(day) < one.ends for one in periods)


def _desired(playbooks: Playbooks, day: int) -> Sequence[Desired | Absent]:
    clouds = cloud_catalogues(list(playbooks.school.tenants))
    expansion = expand(playbooks, clouds, controls(), _directories(), now=_at(day))
    assert not expansion.unknown
    return expansion.wanted


def _contents(desired: Sequence[Desired | Absent], *, without: AbstractSet[object] = frozenset()) -> Counter[object]:
    """Count the contents of objects; whom a list keeps out, and what it must lack, is not compared."""
    return Counter(
        (one.address.kind_path, one.mode, frozenset(_settings(one)))
        for one in desired
        if isinstance(one, Desired) and one.address not in without
    )


def _settings(desired: Desired) -> Iterator[object]:
    for path, value in desired.settings.items():
        items = value.items if isinstance(value, AtLeast) else value
        if path != "excluded" and items not in ((), None):
            yield path, items


def _by_hand(asked: Asked, day: int) -> Counter[object]:
    """Count what the control would make if a playbook named each slice by itself."""
    plain = _desired(_load(asked.entry(more="mode: check" if asked.turn == "check" else "")), day)
    own = SAMPLES[asked.control].change
    if asked.turn == "exception" and BEGINS <= day < ENDS and own != "off":
        trip = Asked(asked.control, "").entry("trial").replace(SAMPLES[asked.control].settings, own)
        return _contents(plain) + _contents(_desired(_load(trip), day), without={one.address for one in plain})
    return Counter() if asked.turn in {"off", "withdraw"} else _contents(plain)


@given(ASKED, DAYS)
@settings(max_examples=40, deadline=None)
def test_each_slice_gets_what_a_control_written_for_it_would_ask_for(asked: Sequence[Asked], day: int) -> None:
    piloted = [one for one in asked if one.turn == "pilot" and day < UNTIL]
    others = [one for one in asked if one not in piloted]
    desired = _desired(_read(others), day) if others else ()
    first = _contents(_desired(_read(piloted), day)) if piloted else Counter()
    together = _desired(_read(asked), day)
    by_hand = sum((_by_hand(one, day) for one in others), Counter[object]())
    taken_back = _only_taken_back(others, day)

    assert _contents(desired, without=taken_back) == by_hand
    alone = [_contents(_desired(_load(Asked(one.control, "").entry("trial")), day)) for one in piloted]
    assert first <= sum(alone, Counter[object]())
    assert bool(first) == bool(piloted)
    assert _contents(together, without=taken_back) == by_hand + first


def _only_taken_back(asked: Sequence[Asked], day: int) -> frozenset[object]:
    """Return the addresses that are desired only so that what was made for a slice is taken back."""
    found: set[object] = set()
    for one in asked:
        plain = {desired.address for desired in _desired(_load(one.entry()), day)}
        every = {desired.address for desired in _desired(_read([one]), day)}
        has_own = one.turn == "exception" and BEGINS <= day < ENDS and SAMPLES[one.control].change != "off"
        found |= every if one.turn == "withdraw" else frozenset() if has_own else every - plain
    return frozenset(found)


def test_a_withdrawn_control_takes_back_every_object_that_it_would_make() -> None:
    for name in SAMPLES:
        made = _desired(_read([Asked(name, "")]), BEGINS)
        back = {one.address: one for one in _desired(_read([Asked(name, "withdraw")]), BEGINS)}
        gone = [one for one in made if not isinstance(back.get(one.address), Absent)]

        fixed = [one for one in gone if not isinstance(one, Desired) or not one.settings.get("managed_by")]
        assert fixed == gone, name  # what has a mark of ours is deleted; the rest is given back, or stays


@pytest.mark.parametrize(
    ("turn", "day", "calls"),
    [
        ("", BEGINS, 1),
        ("check", BEGINS, 1),
        ("off", BEGINS, 0),
        ("withdraw", BEGINS, 1),
        ("exception", BEGINS - 1, 2),
        ("exception", BEGINS, 2),
        ("exception", ENDS, 2),
        ("pilot", UNTIL - 1, 1),
        ("pilot", UNTIL, 2),
    ],
)
def test_a_control_is_realised_once_for_each_slice(
    turn: str, day: int, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = _count_calls(monkeypatch)

    _desired(_read([Asked("identity.idle_lock", turn)]), day)

    assert counted == Counter(dict.fromkeys(["identity.idle_lock"] * bool(calls), calls * len(STAFF)))


def test_a_group_that_is_not_known_costs_one_more_and_a_freed_group_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    unknown, freed = (
        _read([Asked("identity.idle_lock", "exception")]),
        _read([Asked("device.removable_storage", "exception")]),
    )
    counted = _count_calls(monkeypatch)
    clouds = cloud_catalogues(list(STAFF))

    expand(unknown, clouds, controls(), _directories(trial=""), now=_at(BEGINS))
    expand(freed, clouds, controls(), _directories(), now=_at(BEGINS))

    assert counted == {"identity.idle_lock": 3 * len(STAFF), "device.removable_storage": len(STAFF)}


def _count_calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    counted: Counter[str] = Counter()
    realise = CloudControl.realise

    def counting(self: CloudControl, *given: object) -> object:
        counted[self.name] += 1
        return realise(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(CloudControl, "realise", counting)
    return counted


def test_a_slice_that_is_over_has_no_people() -> None:
    (own,) = next(_slices(_read([Asked("identity.idle_lock", "exception")]), ENDS)).exceptions

    assert (own.treatment, own.people_ids) == (Treatment.WITHDRAW, frozenset())
