"""People whose account is closed or has no mailbox: a plain line of every kind, and never an error of the night."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cases import CASES, Case, newest, playbook, protect_nobody, resource, writes
from tests.door import GOOGLE, MICROSOFT, Door, open_door
from tests.emulated import Tenant
from tests.schools import few_people
from toolkit.sdk.providers import kinds

pytestmark = few_people

OF_PEOPLE = [case for case in CASES if kinds(case.provider)[case.kind.partition(".")[2]].per_person]
"""One case a kind would do; each is another person, and closed in another way."""

NO_EXCHANGE = {"service": "exchange", "capabilityStatus": "Suspended"}
WAYS: Mapping[str, tuple[str, str, list[Mapping[str, object]]]] = {
    GOOGLE: ("google.users", "primaryEmail", [{"suspended": True}, {"archived": True}, {"isMailboxSetup": False}]),
    MICROSOFT: ("users", "userPrincipalName", [{"assignedPlans": [NO_EXCHANGE]}]),
}


@pytest.fixture
def people_door(tenant: Tenant, tmp_path: Path) -> Door:
    """Open a school with both clouds that protects nobody."""
    door = open_door(tenant, tmp_path, samples=False)
    protect_nobody(door)
    return door


def _close(door: Door, address: str, case: Case, nth: int) -> None:
    collection, name, ways = WAYS[case.provider]
    (key,) = [key for key, row in door.tenant.objects(collection).items() if row[name] == address]
    door.tenant.patch(collection, key, **ways[nth % len(ways)])


@pytest.mark.parametrize("kind", sorted({case.kind for case in OF_PEOPLE}))
def test_a_leaver_whose_account_is_closed_is_a_plain_line_of_plan_apply_and_drift(people_door: Door, kind: str) -> None:
    cases = [case for case in OF_PEOPLE if case.kind == kind]
    for nth, case in enumerate(cases):
        _close(people_door, case.name, case, nth)
    people_door.write("10-people.yaml", playbook(*(resource(kind, case.name, case.settings) for case in cases)))
    before = newest(people_door)

    answers = [people_door.toolkit(*words) for words in (("plan",), ("apply", "--yes"), ("drift",))]

    unused = people_door.toolkit("plan", "--json").json["unused"]
    assert [answer.exit for answer in answers] == [0, 0, 0], answers[0].out
    assert len(unused) == len(cases)
    assert {one["kind"] for one in unused} == {kind}
    assert writes(people_door, before) == []
    for answer in answers[:1] + answers[2:]:
        assert ": nothing to do: " in answer.out
        assert "could not be read" not in answer.out
