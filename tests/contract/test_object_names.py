"""A name is planned as a change only where the service can change it, over every kind."""

import pytest

from tests.cases import CASES, Case, newest, playbook, protect_nobody, resource, writes
from tests.door import Door
from tests.schools import Schools
from toolkit.planning.diff import NAME, find_fixable_differences
from toolkit.sdk.kind import Kind, Renaming
from toolkit.sdk.providers import kinds, providers
from toolkit.sdk.resource import Address, Desired, Observed, Origin, Remote

EVERY = {f"{name}.{kind.name}": kind for name in providers() for kind in kinds(name).values()}
RENAMED = {name for name, kind in EVERY.items() if kind.renaming is Renaming.SERVICE}
BY_MARK = {name for name, kind in EVERY.items() if kind.renaming is Renaming.MARK}
NAMED_BY_THE_TENANT = {
    "microsoft365.malware_filter_policy",
    "microsoft365.outbound_spam_policy",
    "microsoft365.remote_domain",
}
"""Fixed kinds whose objects have names of their own; services compare names without regard to case."""


def _first(kind: str) -> Case:
    return next(case for case in CASES if case.kind == kind and not case.read_only)


def _changed(kind: Kind[object], name: str, mark: str) -> list[str]:
    """List the settings that change where an object has another name and everything else is as wanted."""
    settings = {mark: "toolkit"} if mark else {}
    origin = Origin("10-cases.yaml", 6)
    desired = Desired(Address("cloud", kind.name, name), settings, {}, origin)
    there = Observed(Address("cloud", kind.name, "Another"), settings, Remote("1", "Another", {}))
    return [field.path for field in find_fixable_differences(kind, desired, there)]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(EVERY))
def test_another_name_is_a_change_only_where_the_service_renames(name: str) -> None:
    kind = EVERY[name]
    expected = {Renaming.SERVICE: [NAME], Renaming.MARK: ["managed_by"], Renaming.NEVER: []}

    assert _changed(kind, "Ours", kind.names.mark) == expected[kind.renaming]  # type: ignore[arg-type]


def test_what_is_only_compared_has_no_mark_that_could_say_another_name() -> None:
    kind = EVERY["microsoft365.retention_policy"]

    assert _changed(kind, "Ours", "") == []  # type: ignore[arg-type]


@pytest.fixture
def school(schools: Schools) -> Door:
    """A school of few people, which protects nobody's mail."""
    door = schools.build()
    protect_nobody(door)
    return door


def test_what_can_be_renamed_is_and_then_nothing_is_left_to_do(school: Door) -> None:
    cases = [_first(kind) for kind in sorted(RENAMED | BY_MARK)]
    for case in cases:
        case.prepare(school.tenant)
    school.write("10-cases.yaml", playbook(*(resource(one.kind, one.name, one.settings) for one in cases)))
    applied = school.toolkit("apply", "--yes")
    assert applied.exit == 0, applied.out + applied.err
    renamed = (resource(one.kind, f"{one.name} 2", {**one.settings, "renamed_from": one.name}) for one in cases)
    school.write("10-cases.yaml", playbook(*renamed))

    plan, again = school.toolkit("plan", "--json"), school.toolkit("apply", "--yes")

    paths = {
        change["address"].partition("[")[0]: [one["path"] for one in change["fields"]]
        for change in plan.json["changes"]
    }
    assert paths == {name: [NAME] for name in RENAMED} | {name: ["managed_by"] for name in BY_MARK}
    assert again.exit == 0, again.out + again.err
    assert school.toolkit("plan").exit == 0
    stored = {one.kind: str([*school.tenant.objects(one.stored).values()]) for one in cases}
    assert all(f"{one.name} 2" in stored[one.kind] for one in cases)


def test_a_name_in_other_letters_is_the_name_of_what_the_tenant_has(school: Door) -> None:
    cases = [_first(kind) for kind in sorted(NAMED_BY_THE_TENANT)]
    school.write("10-cases.yaml", playbook(*(resource(one.kind, one.name.swapcase(), one.settings) for one in cases)))

    applied = school.toolkit("apply", "--yes")

    assert applied.exit == 0, applied.out + applied.err
    before = newest(school)
    assert school.toolkit("plan").exit == 0
    assert writes(school, before) == []


@pytest.mark.parametrize("word", ["renamed_from", "adopt"])
def test_what_a_name_is_about_is_not_made_into_something_else(school: Door, word: str) -> None:
    settings = {"action": "Block", word: "chat.example"}
    school.write("10-cases.yaml", playbook(resource("microsoft365.defender_indicator", "talk.example", settings)))

    plan = school.toolkit("plan")

    assert plan.exit == 2
    assert f"10-cases.yaml:8: `{word}`: the name of a microsoft365.defender_indicator identifies its object" in plan.err
