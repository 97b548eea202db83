"""A group of which not everyone can be seen: nothing is written for it, whatever kind and setting takes it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from itertools import zip_longest

import pytest

from tests.cases import CASES, Case, newest, playbook, resource, writes
from tests.door import Door
from tests.emulated import Tenant
from tests.schools import Schools
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds
from toolkit.values import Json

GROUP = "trip-leaders@example-primary.example"
HIDDEN = "22222222-2222-4222-8222-222222222222"


@cache
def _mechanisms() -> Sequence[tuple[str, str, Case, str, Mapping[str, Json]]]:
    """Find each setting of a kind by which an object is for a group, once, and in no run of other tests."""
    return list(_group_settings())


def _group_settings() -> Iterator[tuple[str, str, Case, str, Mapping[str, Json]]]:
    """Find each setting of a kind, and each form of a name, by which an object is for a group."""
    seen: set[tuple[str, str]] = set()
    for case in (case for case in reversed(CASES) if not case.read_only):
        kind = kinds(case.provider)[case.kind.partition(".")[2]]
        of_settings = [(name, case.name, {**case.settings, name: [GROUP]}) for name in kind.spec.table()]
        names = (GROUP, f"{case.name.partition(' @ ')[0]} @ group:{GROUP}")
        for setting, name, settings in [*of_settings, *(("", name, case.settings) for name in names)]:
            if (case.kind, setting) not in seen and GROUP in _named_groups(kind, name, settings):
                seen.add((case.kind, setting))
                yield case.kind, setting, case, name, settings


def _named_groups(kind: Kind[Connection], name: str, settings: Mapping[str, Json]) -> Collection[str]:
    """Return the groups of an object; none where its name or its settings are not of this kind."""
    try:
        return kind.reaches(name, kind.spec.desired(settings)).named_groups
    except ValueError:
        return ()


def _rounds(cloud: str) -> Sequence[Sequence[tuple[Case, str, Mapping[str, Json]]]]:
    """Put the mechanisms of a cloud into rounds with one object of a kind in each."""
    by_kind: dict[str, list[tuple[Case, str, Mapping[str, Json]]]] = {}
    for kind, _, case, name, settings in _mechanisms():
        if kind.startswith(cloud):
            by_kind.setdefault(kind, []).append((case, name, settings))
    return [[one for one in together if one] for together in zip_longest(*by_kind.values())]


def _hide_at_microsoft(tenant: Tenant) -> None:
    (key,) = [key for key, row in tenant.objects("groups").items() if row["mail"] == GROUP]
    inner = {**tenant.read_object("groups", key), "id": HIDDEN, "mail": None, "displayName": "Governors' panel"}
    tenant.put("groups", HIDDEN, {**inner, "visibility": "HiddenMembership"})
    people = [one for one in tenant.objects("users") if one not in tenant.read_object("members", key)["members"]]
    tenant.put("members", HIDDEN, {"members": people[:5]})
    tenant.patch("members", key, members=[*tenant.read_object("members", key)["members"], HIDDEN])


def _hide_at_google(tenant: Tenant) -> None:
    (key,) = [key for key, row in tenant.objects("google.groups").items() if row["email"] == GROUP]
    row = {"id": "198", "email": "advisers@county.example", "role": "MEMBER", "type": "GROUP", "status": "EXTERNAL"}
    tenant.put("google.members", f"{key}/198", row)


HIDE = {"microsoft365": _hide_at_microsoft, "google_workspace": _hide_at_google}
WHY = {"microsoft365": "Member.Read.Hidden", "google_workspace": "advisers@county.example is in"}


@pytest.fixture
def school(schools: Schools) -> Door:
    """A small school without protected mailboxes, so that no case is refused for their sake."""
    door = schools.build()
    path = door.playbooks / "00-school.yaml"
    path.write_text(path.read_text().replace("mailboxes: [safeguarding@example-primary.example]", "mailboxes: []"))
    return door


def test_kinds_of_both_clouds_take_groups() -> None:
    assert {kind.partition(".")[0] for kind, *_ in _mechanisms()} == set(HIDE)


@pytest.mark.parametrize("cloud", HIDE)
def test_no_object_is_written_for_a_group_that_hides_people(school: Door, cloud: str) -> None:
    HIDE[cloud](school.tenant)
    for asked in _rounds(cloud):
        for case, _, _ in asked:
            case.prepare(school.tenant)
        school.write("10-cases.yaml", playbook(*(resource(case.kind, name, all_of) for case, name, all_of in asked)))
        before = newest(school)

        plan, applied = school.toolkit("plan", "--json"), school.toolkit("apply", "--yes")

        unknown = {one["address"] for one in plan.json["unknown"] if WHY[cloud] in one["reason"]}
        assert unknown == {f"{case.kind}[{name}]" for case, name, _ in asked}, plan.out
        assert (plan.exit, applied.exit) == (4, 4), applied.out + applied.err
        assert writes(school, before) == []


CONTROLS = """\
playbook: grouped
title: Grouped
owner: Head Teacher
controls:
  - device.removable_storage:
      for: trip_leaders
  - identity.idle_lock:
      for: trip_leaders
      minutes: 5
  - identity.mfa:
      for: trip_leaders
"""


def test_no_control_is_written_or_judged_for_a_group_that_hides_people(school: Door) -> None:
    school.write("10-grouped.yaml", CONTROLS)
    for cloud, hide in HIDE.items():
        hide(school.tenant)
        before = newest(school)

        answers = [school.toolkit(command, "--provider", cloud) for command in ("plan", "drift", "check")]
        applied = school.toolkit("apply", "--yes", "--provider", cloud)

        assert [answer.exit for answer in (*answers, applied)] == [4] * 4, [answer.out for answer in answers]
        assert all(WHY[cloud] in answer.out for answer in answers)
        assert writes(school, before) == []
