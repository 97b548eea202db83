"""Exceptions whose group is not known: what keeps it out of an object stays, in every kind whose objects can do so."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from tests.cases import CASES, Case
from toolkit.engine.desired_state import cloud_catalogues
from toolkit.planning.audience.resolve import KnownAudience
from toolkit.planning.audience.unresolved import EXCEPTION_EMPTY, UnresolvedException
from toolkit.planning.change import Create, Update, settings_before_and_after
from toolkit.planning.compare import PlanRules, compare
from toolkit.planning.contribution import Contribution, join_contributions
from toolkit.planning.desired.control_request import ControlRequest
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState
from toolkit.planning.plan_states import MATCHING
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Audience, Group
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Address, Mode, Observed, Origin, Remote
from toolkit.values import Json, Settings

GROUP, STAFF = "trip@example-primary.example", "staff@example-primary.example"
HERE = Origin("40-all.yaml", 5)


def _kind(case: Case) -> Kind[Connection]:
    return kinds(case.provider)[case.kind.partition(".")[2]]


def _mechanisms() -> Iterator[tuple[Case, str]]:
    """Find each list of a kind that keeps a group out of an object."""
    seen: set[tuple[str, str]] = set()
    for case in (case for case in CASES if not case.read_only):
        kind = _kind(case)
        for setting in kind.spec.table():
            if (case.kind, setting) in seen:
                continue
            try:
                targets = kind.reaches(case.name, kind.spec.desired({**case.settings, setting: [GROUP]}))
            except ValueError:
                continue
            if GROUP in targets.excluded:
                seen.add((case.kind, setting))
                yield case, setting


MECHANISMS = list(_mechanisms())
each_mechanism = pytest.mark.parametrize(("case", "setting"), MECHANISMS, ids=[f"{c.kind} {s}" for c, s in MECHANISMS])


def _doubt(provider: str, *, gone: bool = False) -> UnresolvedException:
    group = Group("" if gone else "g1", GROUP, GROUP, frozenset())
    found = KnownAudience(
        Audience("trip_leaders", group), "it is empty", empty=not gone, is_gone=gone, former="g1" if gone else ""
    )
    return UnresolvedException("trip", found, cloud_catalogues([provider])[provider])


def _settings_without(case: Case, setting: str, *groups: str) -> Mapping[str, Json]:
    """Write the settings of a case with these groups kept out; a list that others fill is not named without any."""
    if not groups and _kind(case).spec.table()[setting].at_least:
        return {name: value for name, value in case.settings.items() if name != setting}
    return {**case.settings, setting: [*groups] or None}


def _control_request(case: Case, setting: str, *groups: str) -> ControlRequest:
    own = _settings_without(case, setting, *groups)
    address = Address(case.provider, case.kind.partition(".")[2], case.name)
    one = Contribution(
        address=address, settings=own, origins={}, origin=HERE, mode=Mode.ENFORCE, made_by="device.removable_storage"
    )
    return ControlRequest(contributions=(one,))


def _planned(case: Case, asked: ControlRequest, there: Settings | None, sent: Settings | None = None) -> Plan:
    kind = _kind(case)
    wanted, problems = join_contributions(asked.contributions, kind.spec)
    assert wanted, problems
    seen = [Observed(wanted.address, there, Remote("1", case.name, {}))] if there is not None else []
    known = {wanted.address: LastApplied("1", sent or {}, sent or {})} if seen else {}
    state = ObservedState({case.kind: seen}, {case.kind: ["1"]})
    return compare([wanted], state, {case.kind: kind}, known, rules=PlanRules())


def _settings(case: Case, setting: str, *groups: str) -> Settings:
    return _kind(case).spec.desired(_settings_without(case, setting, *groups))


def _after(plan: Plan, setting: str) -> object:
    (change,) = plan.changes
    assert isinstance(change, Create | Update), plan
    after = settings_before_and_after(change)[1] or {}
    return after[setting]


def test_kinds_that_keep_groups_out_are_found() -> None:
    assert len(MECHANISMS) > 10


@pytest.mark.parametrize(("case", "setting"), [one for one in MECHANISMS if not _kind(one[0]).fixed], ids=str)
def test_an_object_that_is_missing_is_created_without_the_people_who_may_be_excepted(case: Case, setting: str) -> None:
    spared = _doubt(case.provider).request_for_everyone_else(
        _control_request(case, setting, GROUP), _control_request(case, setting)
    )

    assert _after(_planned(case, spared, None), setting) == (GROUP,)


@each_mechanism
def test_what_keeps_people_out_stays_and_is_not_added(case: Case, setting: str) -> None:
    for gone, name in ((False, GROUP), (True, GROUP), (True, "g1")):
        spared = _doubt(case.provider, gone=gone).request_for_everyone_else(
            _control_request(case, setting, GROUP), _control_request(case, setting)
        )

        for there in (_settings(case, setting, name), _settings(case, setting)):
            plan = _planned(case, spared, there)
            assert plan.select(MATCHING), plan
            assert not plan.changes


@each_mechanism
def test_what_the_last_apply_kept_out_is_kept_out_again(case: Case, setting: str) -> None:
    spared = _doubt(case.provider).request_for_everyone_else(
        _control_request(case, setting, GROUP), _control_request(case, setting)
    )

    plan = _planned(case, spared, _settings(case, setting), _settings(case, setting, GROUP))

    assert _after(plan, setting) == (GROUP,)


@each_mechanism
def test_another_group_that_is_to_be_kept_out_is_compared_as_before(case: Case, setting: str) -> None:
    spared = _doubt(case.provider).request_for_everyone_else(
        _control_request(case, setting, GROUP, STAFF), _control_request(case, setting, STAFF)
    )

    plan = _planned(case, spared, _settings(case, setting, GROUP))

    assert _after(plan, setting) == (STAFF, GROUP)


PER_PERSON = [case for case in CASES if _kind(case).per_person and not case.read_only]


@pytest.mark.parametrize("case", PER_PERSON, ids=str)
def test_what_is_one_persons_own_is_not_written_while_it_is_not_known_who_is_excepted(case: Case) -> None:
    (one,) = _control_request(case, next(iter(case.settings))).contributions
    asked = ControlRequest(contributions=(replace(one, settings=case.settings),))

    spared = _doubt(case.provider).request_for_everyone_else(asked, asked)
    plan = _planned(case, spared, {})

    assert not plan.changes
    assert [unknown.address for unknown in plan.unknown] == [one.address]


def test_an_object_that_only_the_exception_makes_is_unknown_and_so_is_the_exception() -> None:
    case = next(case for case, _ in MECHANISMS)
    asked = _control_request(case, "assigned_to", GROUP)
    doubt = _doubt(case.provider)

    (made,) = doubt.request_for_everyone_else(asked, ControlRequest()).contributions
    (dropped,) = doubt.request_for_everyone_else(ControlRequest(), asked).contributions
    unknown = doubt.to_unknown("device.removable_storage")

    assert made.unknown == dropped.unknown == "the exception trip is for trip_leaders: it is empty"
    assert (unknown.reason.code, unknown.excepts, unknown.for_whom) == (EXCEPTION_EMPTY, "trip_leaders", True)
