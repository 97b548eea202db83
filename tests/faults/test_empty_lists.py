"""A list that comes back without its objects: what the ledger knows is asked for by its id, and not created again."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from tests.cases import KINDS, Case, playbook, protect_nobody, resource, snapshot, writes
from tests.door import Door, open_door
from tests.emulated import FEW_PEOPLE, Emulator
from tests.faults.scenes import troubled_cases
from toolkit.sdk.endpoint import ReadById
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds


def _kind(of_kind: str) -> Kind[Any]:
    provider, _, name = of_kind.partition(".")
    return kinds(provider)[name]


CREATED = [kind for kind in KINDS if not (_kind(kind).fixed or _kind(kind).read_only)]
"""Every kind of both clouds whose objects toolkit creates."""
_OF_EACH_ENDPOINT = {type(_kind(kind).endpoint): kind for kind in CREATED}.values()
MORE = [pytest.param(kind, marks=() if kind in _OF_EACH_ENDPOINT else pytest.mark.soak) for kind in CREATED]
"""The same, of which `make test` tries one kind of each endpoint, and `make soak` all."""
EMPTY = {"microsoft365": 'a page with {"value": []}', "google_workspace": "a page without policies"}
"""The answer of a collection that has no objects."""
OTHERS = ("GET /groups", "GET EXOBanner", "GET /subscribedSkus", "directory.", "Get-Recipient")
"""What a plan reads too: whom objects are for, where a service is, and what is licensed."""


def _case(kind: str) -> Case:
    """Return a case of a kind that names no object of another kind, which could be missing too."""
    return next(case for case in troubled_cases(kind) if "matches_word_list" not in str(case.settings))


RULES_OF_RETENTION = "compliance.retentionRules"
"""What is deleted with a retention policy."""


@dataclass(frozen=True)
class School:
    """A school whose one object toolkit created, and how often a plan asks for each list of the object's kind."""

    door: Door
    collections: Sequence[str]
    lists: Mapping[str, int]

    def stored(self) -> Mapping[str, Any]:
        return {name: sorted(of) for name, of in snapshot(self.door.tenant, self.collections).items()}

    def empty_lists(self, provider: str) -> None:
        """Answer each list once without its objects, on all of its pages."""
        for operation, count in self.lists.items():
            self.door.tenant.fault("hostile", operation, reason=EMPTY[provider], times=count)

    def by_id(self, provider: str) -> Counter[str]:
        """Return what a plan asks more than ever if the lists come back empty."""
        as_ever = self.count_operations("plan")
        self.empty_lists(provider)
        more = self.count_operations("plan") - as_ever
        self.door.tenant.disarm()
        return more

    def count_operations(self, command: str, *options: str) -> Counter[str]:
        after = self.door.tenant.last_request()
        self.door.toolkit(command, *options)
        return Counter(self.door.tenant.operations(after))


@pytest.fixture
def school_of(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], School]]:
    tenant = emulator.borrow_tenant(**FEW_PEOPLE)

    def made(kind: str) -> School:
        case = _case(kind)
        door = open_door(tenant, tmp_path_factory.mktemp("school"), samples=False, clouds=[case.provider])
        protect_nobody(door)
        case.prepare(tenant)
        door.write("10-cases.yaml", playbook())
        school = School(door, case.collections, {})
        always = school.count_operations("plan")
        door.write("10-cases.yaml", playbook(resource(kind, case.name, case.settings)))
        applied = door.toolkit("apply", "--yes")
        assert applied.exit == 0, applied.out + applied.err
        read = school.count_operations("plan") - always
        return School(door, case.collections, {name: n for name, n in read.items() if not name.startswith(OTHERS)})

    yield made
    tenant.close()


@pytest.mark.parametrize("kind", CREATED)
def test_a_kind_that_is_created_is_read_by_id(kind: str) -> None:
    assert isinstance(_kind(kind).endpoint, ReadById)


@pytest.mark.parametrize("kind", MORE)
def test_an_empty_list_does_not_make_a_second_object(kind: str, school_of: Callable[[str], School]) -> None:
    school = school_of(kind)
    stored, after = school.stored(), school.door.tenant.last_request()

    school.empty_lists(kind.partition(".")[0])
    blind = school.door.toolkit("apply", "--yes")
    school.door.tenant.disarm()

    assert blind.exit == 0, blind.out + blind.err
    assert writes(school.door, after) == []
    assert school.stored() == stored
    again = school.door.toolkit("apply", "--yes")
    assert again.exit == 0, again.out + again.err
    assert writes(school.door, after) == []


@pytest.mark.parametrize("kind", MORE)
def test_an_object_of_which_it_is_not_known_whether_it_exists_is_not_created(
    kind: str, school_of: Callable[[str], School]
) -> None:
    school, provider = school_of(kind), kind.partition(".")[0]
    stored, by_id = school.stored(), school.by_id(provider)

    after = school.door.tenant.last_request()
    school.empty_lists(provider)
    for operation in by_id:
        school.door.tenant.fault("refused", operation, nth=school.lists.get(operation, 0) + 1, times=50)
    blind = school.door.toolkit("apply", "--yes")
    school.door.tenant.disarm()

    assert blind.exit == 4, blind.out + blind.err
    assert "unknown whether the object still exists" in blind.out
    assert writes(school.door, after) == []
    assert school.stored() == stored


@pytest.mark.parametrize("kind", MORE)
def test_an_object_that_is_gone_is_asked_for_once_and_created_again(
    kind: str, school_of: Callable[[str], School]
) -> None:
    school = school_of(kind)
    by_id, as_ever = school.by_id(kind.partition(".")[0]), school.count_operations("plan")
    collection = _case(kind).stored
    key = _case(kind).key(school.door.tenant)
    school.door.tenant.delete(collection, key)
    for rule, body in school.door.tenant.objects(RULES_OF_RETENTION).items():
        if body["Policy"] == key:
            school.door.tenant.delete(RULES_OF_RETENTION, rule)
    without = school.stored()[collection]

    asked = school.count_operations("plan") - as_ever
    applied = school.door.toolkit("apply", "--yes")

    assert {asked[operation] for operation in by_id} >= {1} >= {asked[operation] for operation in by_id} - {0}
    assert applied.exit == 0, applied.out + applied.err
    assert len(school.stored()[collection]) == len(without) + 1
    assert school.count_operations("plan") == as_ever


NOT_MADE_YET = {
    "microsoft365.windows_compliance_policy": {
        "assigned_to": ["all-staff@example-primary.example"],
        "password_required": True,
    },
    "microsoft365.transport_rule": {"subject_contains_words": ["trip"], "set_scl": 1},
}


@pytest.mark.parametrize("kind", NOT_MADE_YET)
def test_while_a_list_lacks_all_of_ours_nothing_new_is_created(kind: str, school_of: Callable[[str], School]) -> None:
    school, case = school_of(kind), _case(kind)
    before = school.door.toolkit("plan", "--json").json
    new = resource(kind, "Not made yet", NOT_MADE_YET[kind])
    school.door.write("10-cases.yaml", playbook(resource(kind, case.name, case.settings), new))
    after = school.door.tenant.last_request()

    for operation in school.lists:
        school.door.tenant.fault("hostile", operation, reason=EMPTY[case.provider], times=10_000)
    if kind == "microsoft365.transport_rule":  # the service answers both with one cmdlet
        school.door.tenant.disarm()
        school.empty_lists(case.provider)
        school.door.tenant.fault("hostile", "Get-TransportRule", nth=3, reason=EMPTY[case.provider], times=10_000)
    blind = school.door.toolkit("apply", "--yes", "--json")
    school.door.tenant.disarm()

    assert blind.exit == 4, blind.out + blind.err
    assert writes(school.door, after) == []
    applied = school.door.toolkit("apply", "--yes", "--json")
    assert applied.exit == 0, applied.out + applied.err
    assert applied.json["summary"]["create"] == 1
    assert applied.json["summary"]["unmanaged"] == before["summary"]["unmanaged"]
    assert applied.json["newcomers"] == []
