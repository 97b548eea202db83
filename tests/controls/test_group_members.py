"""Restricted groups: who is declared is added, who is not is removed only where asked, and others' groups are left."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.cases import newest, writes
from tests.controls.test_access import DECLARED, DEPUTY, DOMAIN, HEAD, TECHNICIAN
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

GROUP, DSL = "IT support", f"dsl@{DOMAIN}"
GUEST = "guest@example.org"


def _write(door: Door, *groups: str) -> None:
    entry = f"  - access.groups_and_roles: {{{DECLARED}, groups: [{', '.join(groups)}]}}\n"
    door.write("64-access.yaml", f"playbook: access\nclauses: [SYS-21]\ncontrols:\n{entry}")


def _microsoft(*members: str, group: str = GROUP, more: str = "") -> str:
    return f"{{group: {group}, cloud: microsoft365, members: [{', '.join(members)}]{more}}}"


def _google(*members: str, more: str = "") -> str:
    return f"{{group: {DSL}, cloud: google_workspace, members: [{', '.join(members)}]{more}}}"


def _group(door: Door, name: str = GROUP) -> str:
    return next(key for key, group in door.tenant.objects("groups").items() if group["displayName"] == name)


def _people(door: Door, name: str = GROUP) -> set[str]:
    held = door.tenant.objects("members")[_group(door, name)]["members"]
    named = {**door.tenant.objects("users"), **door.tenant.objects("groups")}
    return {str(named[key].get("userPrincipalName") or named[key]["displayName"]) for key in held}


def _put(door: Door, *addresses: str, name: str = GROUP) -> None:
    users = {str(user["userPrincipalName"]): key for key, user in door.tenant.objects("users").items()}
    door.tenant.patch("members", _group(door, name), members=[users[address] for address in addresses])


def _apply(door: Door, *more: str) -> str:
    applied = door.toolkit("apply", "--yes", *more)
    assert applied.exit == 0, (applied.out, applied.err)
    return applied.out


def _refused(door: Door) -> str:
    before = newest(door)
    planned = door.toolkit("plan")
    assert planned.exit in {0, 3, 4, 5}, planned.err
    door.toolkit("apply", "--yes")
    assert [write for write in writes(door, before) if "members" in write] == []
    return planned.out


def _in_google(door: Door, address: str = DSL) -> set[str]:
    key = next(key for key, group in door.tenant.objects("google.groups").items() if group["email"] == address)
    members = door.tenant.objects("google.members").items()
    return {str(member["email"]) for place, member in members if place.startswith(f"{key}/")}


def test_declared_members_are_added_others_stay_and_drift_shows_who_was_taken_out(bare_door: Door) -> None:
    _put(bare_door, TECHNICIAN)
    _write(bare_door, _microsoft(HEAD))

    planned = bare_door.toolkit("plan")
    _apply(bare_door)

    assert HEAD in planned.out
    assert "2 people" in planned.out  # everyone in the group afterwards
    assert _people(bare_door) == {TECHNICIAN, HEAD}
    before = newest(bare_door)
    assert bare_door.toolkit("drift").exit == 0
    _apply(bare_door)
    assert writes(bare_door, before) == []
    _put(bare_door, TECHNICIAN)
    drift = bare_door.toolkit("drift")
    assert (drift.exit, HEAD in drift.out) == (3, True)
    _apply(bare_door)
    _write(bare_door, _microsoft(DEPUTY))
    _apply(bare_door)
    assert _people(bare_door) == {TECHNICIAN, HEAD, DEPUTY}  # no longer declared, and no one asked to remove


def test_removal_is_asked_for_spares_protected_accounts_and_can_be_rolled_back(bare_door: Door) -> None:
    protected = f"breakglass@{DOMAIN}"
    _put(bare_door, TECHNICIAN, HEAD, protected)
    _write(bare_door, _microsoft(TECHNICIAN, DEPUTY, more=", remove: yes"))

    _apply(bare_door)

    assert _people(bare_door) == {TECHNICIAN, DEPUTY, protected}
    assert bare_door.toolkit("drift").exit == 0
    back = bare_door("rollback", "last", bare_door.playbooks, "--yes")
    assert back.exit == 0, (back.out, back.err)
    assert _people(bare_door) == {TECHNICIAN, HEAD, protected}


def test_a_resource_that_lists_members_spares_protected_accounts_too(bare_door: Door) -> None:
    protected = f"breakglass@{DOMAIN}"
    _put(bare_door, HEAD, protected)
    entry = f"  - microsoft365.group_members: {GROUP}\n    members: [{TECHNICIAN}]\n"
    bare_door.write("64-access.yaml", f"playbook: access\nmode: enforce\nresources:\n{entry}")

    _apply(bare_door)

    assert _people(bare_door) == {TECHNICIAN, protected}
    assert bare_door.toolkit("drift").exit == 0


def test_a_run_removes_two_people_at_most_from_the_groups_of_both_clouds(wide_door: Door) -> None:
    _put(wide_door, TECHNICIAN, HEAD, DEPUTY)
    there = _in_google(wide_door)
    assert there == {HEAD, DEPUTY}
    _write(wide_door, _microsoft(TECHNICIAN, more=", remove: yes"), _google(HEAD, more=", remove: yes"))

    assert _refused(wide_door).count("3 people would be removed from groups, but a run removes at most 2") == 2
    assert (_people(wide_door), _in_google(wide_door)) == ({TECHNICIAN, HEAD, DEPUTY}, there)


def test_a_run_removes_two_people_at_most_and_nobody_through_a_group_inside(bare_door: Door) -> None:
    _put(bare_door, TECHNICIAN, HEAD, DEPUTY)
    _write(bare_door, _microsoft(f"breakglass@{DOMAIN}", more=", remove: yes"))
    assert "3 people would be removed from groups, but a run removes at most 2" in _refused(bare_door)

    leaders = _group(bare_door, "Senior leadership")
    users = {str(user["userPrincipalName"]): key for key, user in bare_door.tenant.objects("users").items()}
    bare_door.tenant.patch("members", _group(bare_door), members=[users[TECHNICIAN], leaders])
    bare_door.tenant.patch("members", leaders, members=[users[HEAD]])
    _write(bare_door, _microsoft(TECHNICIAN, more=", remove: yes"))
    assert f"{HEAD} is a member of a nested group" in _refused(bare_door)
    assert "Senior leadership" in _people(bare_door)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"groupTypes": ["DynamicMembership"]}, "a rule sets the group's members"),
        ({"onPremisesSyncEnabled": True}, "synced from the school's own directory"),
        ({"isAssignableToRole": True}, "can have administrator roles"),
        ({"mailEnabled": True}, "only Exchange can change a mail-enabled security group"),
    ],
)
def test_groups_that_others_own_are_read_only(bare_door: Door, changes: Mapping[str, object], words: str) -> None:
    bare_door.tenant.patch("groups", _group(bare_door), **changes)
    _write(bare_door, _microsoft(TECHNICIAN, HEAD))
    assert words in _refused(bare_door)


def test_a_group_that_an_app_changed_last_is_left_to_it(bare_door: Door) -> None:
    bare_door.tenant.patch_by("MIS sync", "members", _group(bare_door), members=[])
    _write(bare_door, _microsoft(TECHNICIAN))
    assert "MIS sync (application) last changed the group" in _refused(bare_door)

    _put(bare_door, HEAD)  # a person did since
    _apply(bare_door)
    assert _people(bare_door) == {TECHNICIAN, HEAD}


def test_groups_of_the_mis_ask_for_nothing_and_unknown_accounts_are_not_added(wide_door: Door) -> None:
    _write(
        wide_door,
        _microsoft(HEAD, more=", managed_by: mis"),
        _google(HEAD, DEPUTY, TECHNICIAN, more=", managed_by: mis"),
    )
    assert wide_door.toolkit("plan").exit == 0
    stranger = f"nobody.here@{DOMAIN}"
    _write(wide_door, _microsoft(TECHNICIAN, stranger), _google(HEAD, DEPUTY, stranger))
    assert _refused(wide_door).count(f"{stranger} is not an account here") == 2


def test_google_members_are_added_and_removed_and_drift_shows_who_was_let_in(google_door: Door) -> None:
    key = next(key for key, group in google_door.tenant.objects("google.groups").items() if group["email"] == DSL)
    guest = {"id": "198", "email": GUEST, "type": "USER", "role": "MEMBER", "status": "EXTERNAL"}
    google_door.tenant.put("google.members", f"{key}/198", guest)
    _write(google_door, _google(HEAD, DEPUTY, TECHNICIAN, more=", remove: yes"))

    _apply(google_door)

    assert _in_google(google_door) == {HEAD, DEPUTY, TECHNICIAN}
    assert google_door.toolkit("plan").exit == 0
    google_door.tenant.put("google.members", f"{key}/198", guest)
    drift = google_door.toolkit("drift")
    assert (drift.exit, GUEST in drift.out) == (3, True)
    back = google_door("rollback", "last", google_door.playbooks, "--yes", "--even-if-changed")
    assert back.exit == 0, (back.out, back.err)
    assert _in_google(google_door) == {HEAD, DEPUTY, GUEST}


def test_withdraw_says_that_people_stay(bare_door: Door) -> None:
    _put(bare_door)
    _write(bare_door, _microsoft(TECHNICIAN))
    _apply(bare_door)

    withdrawn = bare_door.toolkit("withdraw", "--yes")

    assert withdrawn.exit == 0, (withdrawn.out, withdrawn.err)
    assert "members that toolkit added stay in the group" in withdrawn.out
    assert _people(bare_door) == {TECHNICIAN}


def test_a_google_group_that_an_app_changed_last_is_left_to_it(google_door: Door) -> None:
    groups = google_door.tenant.objects("google.groups").items()
    key = next(key for key, group in groups if group["email"] == DSL)
    members = google_door.tenant.objects("google.members").items()
    place = next(place for place, one in members if one["email"] == HEAD and place.startswith(f"{key}/"))
    google_door.tenant.patch_by("MIS sync", "google.members", place, role="MEMBER")
    _write(google_door, _google(HEAD, TECHNICIAN))
    assert "MIS sync (application) last changed the group" in _refused(google_door)


@pytest.mark.parametrize("fault", [pytest.param("refused", marks=pytest.mark.soak), "dropped_after"])
def test_a_run_that_fails_in_the_middle_is_finished_by_the_next(bare_door: Door, fault: str) -> None:
    _put(bare_door)
    _write(bare_door, _microsoft(TECHNICIAN, HEAD, DEPUTY))
    bare_door.tenant.fault("refused", "POST /groups/{id}/members/$ref", nth=3, times=9)
    bare_door.tenant.fault(fault, "POST /groups/{id}/members/$ref", nth=2)

    assert bare_door.toolkit("apply", "--yes").exit != 0
    assert TECHNICIAN not in _people(bare_door)  # the last of three
    bare_door.tenant.disarm()
    _apply(bare_door)
    assert _people(bare_door) == {TECHNICIAN, HEAD, DEPUTY}


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("{group: IT support, members: [a@example-primary.example]}", "is not an e-mail address"),
        (_microsoft(), "members"),
        (_microsoft(HEAD, more=", managed_by: sims"), "managed_by"),
    ],
)
def test_what_names_no_group_or_no_one_is_refused_with_its_line(bare_door: Door, group: str, words: str) -> None:
    _write(bare_door, group)
    refused = bare_door.toolkit("validate")
    assert (refused.exit, "64-access.yaml:4" in refused.err, words in refused.err) == (2, True, True)


NEXT, GOOGLE_IT = "Presentation devices", f"it-support@{DOMAIN}"
ADD = {"microsoft365": "POST /groups/{id}/members/$ref", "google_workspace": "directory.members.insert"}
REMOVE = {"microsoft365": "DELETE /groups/{id}/members/{id}/$ref", "google_workspace": "directory.members.delete"}
REASON = {"microsoft365": "Request_BadRequest", "google_workspace": "invalid"}


@dataclass(frozen=True)
class Move:
    """The people of two groups before and after, and how many of them join a group."""

    old: tuple[set[str], set[str]]
    new: tuple[set[str], set[str]]
    joining: int


MOVES = {
    "one way": Move(({HEAD, DEPUTY}, {DEPUTY}), ({DEPUTY}, {HEAD, DEPUTY}), 1),
    "both ways": Move(({HEAD}, {DEPUTY}), ({DEPUTY}, {HEAD}), 2),
}


def _ask_to_move(door: Door, move: Move) -> None:
    """Put people into two groups of each cloud, and ask that they change groups."""
    _put(door, *move.old[0])
    _put(door, *move.new[0], name=NEXT)
    people = {row["primaryEmail"]: key for key, row in door.tenant.objects("google.users").items()}
    rows = door.tenant.objects("google.members")
    like = next(iter(rows.values()))
    places = {row["email"]: key for key, row in door.tenant.objects("google.groups").items()}
    there = {key: row for key, row in rows.items() if key.partition("/")[0] not in {places[DSL], places[GOOGLE_IT]}}
    for group, members in ((DSL, move.old[0]), (GOOGLE_IT, move.new[0])):
        for one in members:
            there[f"{places[group]}/{people[one]}"] = {**like, "id": people[one], "email": one}
    door.tenant.control("PUT", "/objects/google.members", there)
    named = {f"microsoft365.group_members: {GROUP}": move.old, f"microsoft365.group_members: {NEXT}": move.new}
    named |= {
        f"google_workspace.group_members: {DSL}": move.old,
        f"google_workspace.group_members: {GOOGLE_IT}": move.new,
    }
    entries = (f"  - {name}\n    members: [{', '.join(sorted(after))}]\n" for name, (_, after) in named.items())
    door.write("64-access.yaml", f"playbook: access\nmode: enforce\nresources:\n{''.join(entries)}")


@pytest.mark.parametrize("cloud", sorted(ADD))
@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_people_who_change_groups_join_the_new_group_before_they_leave_the_old(
    wide_door: Door, move: Move, cloud: str
) -> None:
    _ask_to_move(wide_door, move)
    before = newest(wide_door)

    _apply(wide_door, "--provider", cloud)

    sent = [name for name in wide_door.tenant.operations(before) if name in {ADD[cloud], REMOVE[cloud]}]
    assert sent == [ADD[cloud]] * move.joining + [REMOVE[cloud]] * move.joining
    in_microsoft = (_people(wide_door), _people(wide_door, NEXT))
    in_google = (_in_google(wide_door), _in_google(wide_door, GOOGLE_IT))
    assert (in_microsoft if cloud == "microsoft365" else in_google) == (move.old[1], move.new[1])
    assert wide_door.toolkit("plan", "--provider", cloud).exit == 0


@pytest.mark.parametrize("cloud", sorted(ADD))
def test_no_one_leaves_a_group_while_the_new_group_is_not_joined(wide_door: Door, cloud: str) -> None:
    _ask_to_move(wide_door, MOVES["both ways"])
    wide_door.tenant.fault("rejected", ADD[cloud], status=400, reason=REASON[cloud])
    before = newest(wide_door)

    applied = wide_door.toolkit("apply", "--yes", "--json", "--provider", cloud)

    assert applied.exit == 1
    assert REMOVE[cloud] not in wide_door.tenant.operations(before)
    assert {outcome["result"] for outcome in applied.json["outcomes"]} == {"failed", "not tried"}
    assert wide_door.toolkit("apply", "--yes", "--provider", cloud).exit == 0
    assert wide_door.toolkit("plan", "--provider", cloud).exit == 0


@pytest.mark.parametrize("cloud", sorted(ADD))
def test_no_one_leaves_a_group_while_the_change_of_the_new_group_is_refused(wide_door: Door, cloud: str) -> None:
    stranger = f"no.one@{DOMAIN}"
    _ask_to_move(wide_door, Move(({HEAD, DEPUTY}, {DEPUTY}), ({DEPUTY}, {HEAD, DEPUTY, stranger}), 1))
    before = newest(wide_door)

    applied = wide_door.toolkit("apply", "--yes", "--provider", cloud)

    assert applied.exit == 5
    assert f"{stranger} is not an account here" in applied.out
    assert "people would leave this group before they join" in applied.out
    assert writes(wide_door, before) == []
