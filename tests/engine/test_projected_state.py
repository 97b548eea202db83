"""What a plan expects to be in place is what is in place after it, whatever the run refuses or leaves out."""

from collections.abc import Iterator, Sequence
from random import Random

import pytest

from tests.api.school import settings_of
from tests.cases import CASES, Case, playbook, protect_nobody, resource
from tests.door import Door
from tests.schools import Schools
from toolkit import api
from toolkit.planning.plan import Plan
from toolkit.planning.plan_states import MATCHING
from toolkit.planning.projected_state import predict_state

FEW, MANY = range(2), range(2, 30)
NO_SUCH_GROUP = "nobody-has-this@example-primary.example"
SWITCH = ("microsoft365.compliance_settings", "organisation", {"secure_by_default": True})


@pytest.fixture
def door(schools: Schools) -> Door:
    """Give a school that protects no mailbox."""
    door = schools.build({})
    protect_nobody(door)
    return door


@pytest.mark.parametrize("seed", [*FEW, *(pytest.param(seed, marks=pytest.mark.soak) for seed in MANY)])
def test_what_a_plan_expects_is_in_place_after_it(door: Door, seed: int) -> None:
    random = Random(seed)
    drawn = _drawn(random)
    for case in drawn:
        case.prepare(door.tenant)
    door.write("10-cases.yaml", playbook(*_resources(drawn[2:], random), resource(*SWITCH)))
    door.write("20-checked.yaml", playbook(*_resources(drawn[:2], random), slug="checked", mode="check"))
    school, settings = api.load(door.playbooks), settings_of(door)
    whole = api.plan(school, settings=settings).plan
    part = api.Selection(
        only=tuple(str(one) for one in random.sample(sorted(whole.desired_controls), len(whole.desired_controls) // 2))
    )

    for selection in (part, api.Selection()):
        expected = list[Plan]()

        def agree(report: api.Report, into: list[Plan] = expected) -> bool:
            into.append(report.plan)
            return True

        applied = api.apply(school, agree, selection, settings=settings)
        after = api.plan(school, settings=settings).plan

        chosen = {address for address in whole.desired_controls if str(address) in selection.only or not selection.only}
        assert {one.result for one in applied.outcomes or ()} <= {"done"}
        assert predict_state(expected[0]).in_place & chosen == {*after.select(MATCHING)} & chosen


def _drawn(random: Random) -> Sequence[Case]:
    """Draw a case of each of some kinds, of different objects."""
    chosen: dict[str, Case] = {}
    for case in random.sample(CASES, len(CASES)):
        if not case.read_only and not case.alone and SWITCH[0] != case.kind:
            chosen.setdefault(case.kind, case)
    policies = [case for kind, case in chosen.items() if "compliance_policy" in kind]
    others = [case for case in chosen.values() if case not in policies]
    return [*random.sample(others, 10), *random.sample(policies, 2)]


def _resources(cases: Sequence[Case], random: Random) -> Iterator[str]:
    """Write the cases; some are for a group that is not there, so that the plan refuses them."""
    for case in cases:
        settings = dict(case.settings)
        if "assigned_to" in settings and random.random() < 0.5:
            settings["assigned_to"] = [NO_SUCH_GROUP]
        yield resource(case.kind, case.name, settings)
