"""Whom a write reaches, over every kind: a wider one needs a flag, and protected accounts are named or left out."""

from collections.abc import Mapping

import pytest

from tests.cases import CASES, Case, newest, playbook, resource, writes
from tests.door import Door
from tests.emulated import Tenant
from tests.schools import Schools
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds, providers
from toolkit.sdk.targets import Targets

FEW = "trip-leaders@example-primary.example"
BREAKGLASS = "breakglass@example-primary.example"
EVERY = {f"{name}.{kind.name}": kind for name in providers() for kind in kinds(name).values() if not kind.read_only}
ASSIGNED = {"assigned_to", "uninstall_for"}
"""Settings that say for whom an object of Intune is."""


def _setting(case: Case) -> str:
    return next(iter(ASSIGNED & _kind(case).spec.table().keys()), "")


def _kind(case: Case) -> Kind[object]:
    return kinds(case.provider)[case.kind.partition(".")[2]]  # type: ignore[return-value]


def _reaches(name: str) -> Targets:
    case = next(case for case in CASES if case.kind == name)
    return EVERY[name].reaches(case.name, EVERY[name].spec.desired(case.settings))


REACHES_NO_ONE = {"google_workspace.chromebook_label", "google_workspace.member_restriction"}
"""Kinds that change nothing for anyone."""

INTUNE: Mapping[str, Case] = {case.kind: case for case in reversed(CASES) if _setting(case)}
"""A case of each kind that is assigned."""


@pytest.mark.parametrize("name", sorted(EVERY))
def test_a_kind_names_somebody_for_what_its_case_asks(name: str) -> None:
    reached = _reaches(name)

    assert reached.is_empty is (name in REACHES_NO_ONE)
    assert not reached.whole_tenant or reached.everybody


@pytest.mark.parametrize("name", sorted(INTUNE))
def test_an_assignment_is_read_as_its_groups_all_users_or_all_devices(name: str) -> None:
    kind, setting = EVERY[name], _setting(INTUNE[name])

    assert kind.reaches("A", {setting: (FEW,), "excluded": ("B",)}) == Targets(
        groups=frozenset([FEW]), excluded=frozenset(["B"])
    )
    assert kind.reaches("A", {setting: ("all users",)}) == Targets(everyone=True)
    assert kind.reaches("A", {setting: ("all devices",)}) == Targets(all_devices=True)


@pytest.fixture(scope="module")
def assigned(module_schools: Schools) -> Door:
    """A school in which an object of every assigned kind is for three people."""
    door = module_schools.build({"users": 60, "staff": 46})
    for case in INTUNE.values():
        case.prepare(door.tenant)
    _ask(door, FEW)
    applied = door.toolkit("apply", "--yes")
    assert applied.exit == 0, applied.out + applied.err
    return door


def _ask(door: Door, whom: str) -> None:
    """Ask for an object of every assigned kind, for some."""
    asked = (resource(case.kind, case.name, {**_apart(case), _setting(case): [whom]}) for case in INTUNE.values())
    door.write("10-cases.yaml", playbook(*asked))


def _apart(case: Case) -> Mapping[str, object]:
    return {name: value for name, value in case.settings.items() if name not in {*ASSIGNED, "excluded", "adopt"}}


@pytest.mark.parametrize("whom", ["all users", "all devices"])
def test_no_assignment_goes_from_a_few_to_everybody_without_a_flag(assigned: Door, whom: str) -> None:
    path = assigned.playbooks / "00-school.yaml"
    school = path.read_text()
    path.write_text(school.replace(f"accounts: [{BREAKGLASS}]", "accounts: []"))
    _ask(assigned, whom)
    before = newest(assigned)

    plan, applied = assigned.toolkit("plan", "--json"), assigned.toolkit("apply", "--yes")
    path.write_text(school)

    assert (plan.exit, applied.exit) == (5, 5)
    assert writes(assigned, before) == []
    reaches = {change["address"].partition("[")[0]: change["reach"]["people"] for change in plan.json["changes"]}
    everybody = sum(one["accountEnabled"] for one in assigned.tenant.objects("users").values())
    assert reaches == dict.fromkeys(INTUNE, everybody)
    assert {change["all_devices"] for change in plan.json["changes"]} == {whom == "all devices"}
    assert f"--reach {everybody - 3}" in applied.err


def test_another_address_does_not_hide_whom_an_object_reached(assigned: Door) -> None:
    case = INTUNE["microsoft365.ios_configuration"]
    settings = {**_apart(case), "assigned_to": ["all devices"], "renamed_from": case.name}
    assigned.write("10-cases.yaml", playbook(resource(case.kind, "Another name", settings)))

    plan = assigned.toolkit("plan")

    assert plan.exit == 5
    assert f"more people than before: {case.kind}[Another name]" in plan.out


CONTROL = """\
playbook: storage
title: Storage
owner: Head Teacher
controls:
  - device.compliance:
      for: {whom}
      platforms: [ios]
      password_length: 8
      lock_minutes: 5
      grace_hours: 24
  - identity.idle_lock:
      for: {whom}
      minutes: 5
"""


def test_a_control_that_goes_from_a_few_to_everyone_needs_a_flag_on_both_clouds(schools: Schools) -> None:
    door = schools.build({"users": 60, "staff": 46})
    path = door.playbooks / "00-school.yaml"
    path.write_text(path.read_text().replace(f"accounts: [{BREAKGLASS}]", "accounts: []"))
    door.write("10-storage.yaml", CONTROL.format(whom="trip_leaders"))
    applied = door.toolkit("apply", "--yes")
    assert applied.exit == 0, applied.out + applied.err
    door.write("10-storage.yaml", CONTROL.format(whom="everyone"))

    asked = [
        ("google_workspace",),
        ("google_workspace", "--prune"),
        ("microsoft365",),
        ("microsoft365", "--prune"),
        ("microsoft365", "--only", "device.compliance"),
    ]
    answers = [door.toolkit("plan", "--provider", *options) for options in asked]

    assert ["more people than before" in answer.out for answer in answers] == [True] * len(asked)
    assert {answer.exit for answer in answers} == {5}


def test_a_first_application_says_whom_it_reaches_and_needs_no_flag(schools: Schools) -> None:
    door = schools.build({"users": 60, "staff": 46})
    path = door.playbooks / "00-school.yaml"
    path.write_text(path.read_text().replace(f"accounts: [{BREAKGLASS}]", "accounts: []"))
    door.write("10-storage.yaml", CONTROL.format(whom="everyone"))

    plan = door.toolkit("plan", "--provider", "microsoft365")
    applied = door.toolkit("apply", "--yes", "--json", "--provider", "microsoft365")
    again = door.toolkit("plan", "--json", "--provider", "microsoft365")

    first = applied.json["first_time"]
    assert (plan.exit, applied.exit, again.exit) == (3, 0, 0), applied.out + applied.err
    assert first["objects"] == first["everyone"] + first["all_devices"] > 0
    assert f"No limit counts the first apply of {first['objects']} objects: {first['everyone']} for all" in plan.out
    assert again.json["first_time"]["objects"] == 0


GROUPED = """\
playbook: grouped
title: Grouped
owner: Head Teacher
controls:
  - device.compliance:
      for: trip_leaders
      platforms: [ios]
      password_length: 8
      lock_minutes: 5
      grace_hours: 24
  - device.removable_storage:
      for: trip_leaders
resources:
  - microsoft365.transport_rule: For a few
    from_member_of: [trip-leaders@example-primary.example]
    prepend_subject: "[trip] "
  - google_workspace.chrome_policy: "users.IncognitoMode @ group:trip-leaders@example-primary.example"
    incognito_mode_availability: UNAVAILABLE
  - google_workspace.group_footer: trip-leaders@example-primary.example
    text: Trips.
"""
COMPLIANCE = {name for name, kind in EVERY.items() if kind.locks_out}
PROTECTED = "protected@example-primary.example"


def _add_to_groups(tenant: Tenant) -> str:
    """Put the account for emergencies into the group of a few, on both clouds; give its id at Microsoft."""
    (group,) = [key for key, one in tenant.objects("groups").items() if one["mail"] == FEW]
    (account,) = [key for key, one in tenant.objects("users").items() if one["userPrincipalName"] == BREAKGLASS]
    tenant.patch("members", group, members=[*tenant.read_object("members", group)["members"], account])
    people = tenant.objects("google.users")
    (theirs,) = [key for key, one in people.items() if one["primaryEmail"] == BREAKGLASS]
    (place,) = [key for key, one in tenant.objects("google.groups").items() if one["email"] == FEW]
    member = next(one for key, one in tenant.objects("google.members").items() if key.startswith(f"{place}/"))
    tenant.put("google.members", f"{place}/{theirs}", {**member, "id": theirs, "email": BREAKGLASS})
    return account


def _make_group(tenant: Tenant, *members: str) -> None:
    """Make the group of the protected accounts, or change who is in it."""
    like = next(one for one in tenant.objects("groups").values() if one["mail"] == FEW)
    key = "11111111-1111-4111-8111-111111111111"
    tenant.put("groups", key, {**like, "id": key, "mail": PROTECTED, "displayName": "Protected accounts"})
    tenant.put("members", key, {"members": list(members)})


@pytest.fixture
def guarded(schools: Schools) -> Door:
    """A school whose account for emergencies is in the group of a few."""
    return schools.build({"users": 60, "staff": 46})


def _kinds(changes: list[dict[str, object]]) -> set[str]:
    return {str(change["address"]).partition("[")[0] for change in changes}


def test_a_protected_account_in_a_group_is_named_whatever_is_assigned_to_it(guarded: Door) -> None:
    for case in INTUNE.values():
        case.prepare(guarded.tenant)
    _add_to_groups(guarded.tenant)
    _ask(guarded, FEW)

    plan = guarded.toolkit("plan", "--json").json

    named = _kinds([change for change in plan["changes"] if change["reaches_protected"] == [BREAKGLASS]])
    refused = _kinds([one for one in plan["refused"] if BREAKGLASS in one["reason"]])
    assert (named, refused) == (set(INTUNE) - COMPLIANCE, COMPLIANCE)
    assert f"! reaches {BREAKGLASS}, which the school file protects" in guarded.toolkit("plan").out


def test_on_both_clouds_it_is_named_and_the_group_of_protected_accounts_is_excluded(guarded: Door) -> None:
    account = _add_to_groups(guarded.tenant)
    _make_group(guarded.tenant, account)
    guarded.write("10-grouped.yaml", GROUPED)

    plan = guarded.toolkit("plan", "--json").json

    named = _kinds([change for change in plan["changes"] if change["reaches_protected"]])
    single = {"microsoft365.transport_rule", "google_workspace.chrome_policy", "google_workspace.group_footer"}
    storage = {"microsoft365.windows_configuration", "microsoft365.android_fully_managed_configuration"}
    assert named == single | storage
    assert _kinds(plan["refused"]) == {"microsoft365.ios_compliance_policy"}
    school = guarded.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace("protected:\n", f"protected:\n  exclude_group: {PROTECTED}\n"))

    applied = guarded.toolkit("apply", "--yes")

    assert applied.exit == 0, applied.out + applied.err
    excluded = [
        target["target"]["groupId"]
        for name in ("intune.deviceConfigurations", "intune.compliancePolicies")
        for one in guarded.tenant.objects(name).values()
        for target in one["assignments"]
        if "exclusion" in target["target"]["@odata.type"]
    ]
    assert len(excluded) == 3


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ((BREAKGLASS,), "has exactly the 1 protected accounts"),
        ((), f"protected accounts that are not members, so policies apply to them: {BREAKGLASS}"),
        (
            (BREAKGLASS, "head@example-primary.example"),
            "members that are not protected accounts, so policies do not apply to them: head@example-primary.example",
        ),
    ],
)
def test_doctor_compares_that_group_with_the_protected_accounts(
    guarded: Door, members: tuple[str, ...], said: str
) -> None:
    people = {one["userPrincipalName"]: key for key, one in guarded.tenant.objects("users").items()}
    _make_group(guarded.tenant, *(people[address] for address in members))
    school = guarded.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace("protected:\n", f"protected:\n  exclude_group: {PROTECTED}\n"))

    answer = guarded("doctor", "-v", guarded.playbooks)

    assert said in " ".join(answer.out.split())
