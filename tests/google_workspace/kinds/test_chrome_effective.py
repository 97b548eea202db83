"""What people get from Chrome's policies where units and groups meet: nobody loses a list in silence."""

from collections.abc import Sequence

from tests.cases import playbook, resource
from tests.door import Door
from tests.emulated import Tenant
from tests.google_workspace.chrome_policies import BLOCKING, POLICIES, group, set_by_hand, unit, value_at

KIND = "google_workspace.chrome_policy"
MIXED, STAFF_ALONE = "trip-leaders@example-primary.example", "leadership@example-primary.example"
WHATSAPP, NETFLIX = "whatsapp.com", "netflix.com"
INCOGNITO = "chrome.users.IncognitoMode"


def hosts(tenant: Tenant, target: str) -> set[str]:
    """Give the hosts that are blocked at a target itself."""
    found = value_at(tenant, target, BLOCKING)
    return set(found["urlBlocklist"]) if found else set()


def add_pupils(tenant: Tenant, address: str) -> None:
    """Put the pupils of a year into a group of staff."""
    key = group(tenant, address).removeprefix("groups/")
    for one in tenant.objects("google.users").values():
        if one["orgUnitPath"] == "/Pupils/Year 6":
            member = {"id": one["id"], "email": one["primaryEmail"], "role": "MEMBER", "type": "USER"}
            tenant.put("google.members", f"{key}/{one['id']}", {**member, "status": "ACTIVE"})


def ask_for_both(door: Door, address: str) -> None:
    """Ask for streaming to be closed for a group, at line 5, and for chat to be closed for the staff, at line 8."""
    school = (door.playbooks / "00-school.yaml").read_text()
    role = f"roles:\n  club:\n    google_workspace: {address}\n"
    door.write("00-school.yaml", school.replace("roles:\n", role, 1))
    door.write(
        "10-web.yaml",
        "playbook: web\ntitle: Streaming and chat\nclauses: [SYS-03]\ncontrols:\n"
        "  - web.streaming_block:\n      for: club\n      block: [netflix]\n"
        "  - web.chat_im_block:\n      for: staff\n      block: [whatsapp]\n",
    )


def ask_at(door: Door, *lists: tuple[str, object]) -> None:
    """Ask for lists of what does not open, each at a target; the first stands at line 6."""
    entries = [resource(KIND, f"users.UrlBlocking @ {target}", {"url_blocklist": wanted}) for target, wanted in lists]
    door.write("10-web.yaml", playbook(*entries))


def exits(door: Door) -> Sequence[int]:
    return [door.toolkit(command).exit for command in ("plan", "drift")]


def test_a_group_with_people_of_several_units_does_not_take_a_list_from_them(google_door: Door) -> None:
    tenant = google_door.tenant
    add_pupils(tenant, MIXED)
    ask_for_both(google_door, MIXED)

    applied = google_door.toolkit("apply", "--yes")

    said = " ".join(applied.out.split())
    assert applied.exit == 5, applied.out + applied.err
    assert "3 have users.UrlBlocking @ /Staff" in said
    assert "10-web.yaml:5)" in said
    assert "10-web.yaml:8 asks for this setting too" in said
    assert hosts(tenant, group(tenant, MIXED)) == set()
    assert hosts(tenant, unit(tenant, "/Staff")) > {WHATSAPP, *hosts(tenant, unit(tenant, "/"))}
    assert exits(google_door) == [5, 3]


def test_a_group_whose_people_are_in_one_unit_holds_what_they_had_too(google_door: Door) -> None:
    tenant = google_door.tenant
    ask_for_both(google_door, STAFF_ALONE)

    applied = google_door.toolkit("apply", "--yes")

    assert applied.exit == 0, applied.out + applied.err
    of_staff = hosts(tenant, unit(tenant, "/Staff"))
    assert of_staff > {WHATSAPP, *hosts(tenant, unit(tenant, "/"))}
    assert hosts(tenant, group(tenant, STAFF_ALONE)) > {NETFLIX, *of_staff}
    assert exits(google_door) == [0, 0]


def test_a_withdrawn_control_takes_with_it_all_that_it_gave_the_group(google_door: Door) -> None:
    tenant = google_door.tenant
    ask_for_both(google_door, STAFF_ALONE)
    assert google_door.toolkit("apply", "--yes").exit == 0
    written = (google_door.playbooks / "10-web.yaml").read_text()
    off = written.replace("block: [netflix]", "block: [netflix]\n      mode: off\n      withdraw: true")

    google_door.write("10-web.yaml", off)
    applied = google_door.toolkit("apply", "--yes")

    assert applied.exit == 0, applied.out + applied.err
    assert value_at(tenant, group(tenant, STAFF_ALONE), BLOCKING) is None
    assert google_door.toolkit("drift").exit == 0


def test_a_group_of_others_that_comes_before_ours_is_a_finding_and_stays(google_door: Door) -> None:
    tenant = google_door.tenant
    set_by_hand(tenant, group(tenant, STAFF_ALONE), BLOCKING, {"urlBlocklist": ["theirs.example"]})
    ask_at(google_door, ("/Staff", [WHATSAPP]))

    applied, drift = google_door.toolkit("apply", "--yes"), google_door.toolkit("drift")

    assert (applied.exit, drift.exit) == (0, 3)
    for answer in (applied, drift):
        assert f"users.UrlBlocking @ group:{STAFF_ALONE}" in answer.out
        assert "3 people have its url_blocklist instead of ours" in answer.out
    assert hosts(tenant, group(tenant, STAFF_ALONE)) == {"theirs.example"}


def test_a_unit_below_with_a_list_of_its_own_is_a_finding(google_door: Door) -> None:
    tenant = google_door.tenant
    set_by_hand(tenant, unit(tenant, "/Pupils/Year 6"), BLOCKING, {"urlBlocklist": ["theirs.example"]})
    ask_at(google_door, ("/Pupils", [WHATSAPP]))

    assert google_door.toolkit("apply", "--yes").exit == 0
    drift = google_door.toolkit("drift")

    assert drift.exit == 3
    assert "users.UrlBlocking @ /Pupils/Year 6" in drift.out


def test_a_word_for_a_group_does_not_undo_the_word_of_another_control(google_door: Door) -> None:
    tenant, before = google_door.tenant, google_door.tenant.objects(POLICIES)
    ours = [
        resource(KIND, f"users.IncognitoMode @ {target}", {"incognito_mode_availability": word})
        for target, word in (("/Staff", "UNAVAILABLE"), (f"group:{STAFF_ALONE}", "AVAILABLE"))
    ]
    google_door.write("10-web.yaml", playbook(*ours))

    applied = google_door.toolkit("apply", "--yes")

    assert applied.exit == 5, applied.out + applied.err
    assert "would override the setting of" in applied.out
    assert value_at(tenant, group(tenant, STAFF_ALONE), INCOGNITO) is None
    assert value_at(tenant, unit(tenant, "/Staff"), INCOGNITO) is not None
    assert len(tenant.objects(POLICIES)) == len(before) + 1


def test_an_exact_list_for_a_group_does_not_take_away_what_another_control_asks_for(google_door: Door) -> None:
    tenant = google_door.tenant
    ask_at(google_door, ("/Staff", [WHATSAPP]), (f"group:{STAFF_ALONE}", {"exactly": [NETFLIX]}))

    applied = google_door.toolkit("apply", "--yes")

    assert applied.exit == 5, applied.out + applied.err
    assert hosts(tenant, group(tenant, STAFF_ALONE)) == set()


def test_a_list_that_somebody_set_for_a_group_stays_and_gets_what_both_controls_ask_for(google_door: Door) -> None:
    tenant = google_door.tenant
    set_by_hand(tenant, group(tenant, STAFF_ALONE), BLOCKING, {"urlBlocklist": ["theirs.example"]})
    ask_at(google_door, ("/Staff", [WHATSAPP]), (f"group:{STAFF_ALONE}", [NETFLIX]))

    applied = google_door.toolkit("apply", "--yes")

    assert applied.exit == 0, applied.out + applied.err
    assert hosts(tenant, group(tenant, STAFF_ALONE)) == {"theirs.example", WHATSAPP, NETFLIX}
    assert google_door.toolkit("drift").exit == 0


def test_two_groups_of_which_no_one_knows_the_order_do_not_get_different_words(google_door: Door) -> None:
    tenant = google_door.tenant
    ours = [
        resource(KIND, f"users.IncognitoMode @ group:{address}", {"incognito_mode_availability": word})
        for address, word in ((STAFF_ALONE, "AVAILABLE"), ("dsl@example-primary.example", "UNAVAILABLE"))
    ]
    google_door.write("10-web.yaml", playbook(*ours))

    applied = google_door.toolkit("apply", "--yes")

    assert applied.exit == 5, applied.out + applied.err
    assert "2 people. Write both settings for the same people" in " ".join(applied.out.split())
    assert not [key for key in tenant.objects(POLICIES) if key.startswith("groups/") and INCOGNITO in key]


def test_who_is_in_a_group_must_be_known_before_its_list_is_written(google_door: Door) -> None:
    tenant, before = google_door.tenant, google_door.tenant.objects(POLICIES)
    ask_at(google_door, (f"group:{MIXED}", [WHATSAPP]))
    tenant.fault("refused", "directory.members.list")

    applied = google_door.toolkit("apply", "--yes")

    assert applied.exit == 4, applied.out + applied.err
    assert tenant.objects(POLICIES) == before


def test_one_policy_of_a_group_has_one_name(google_door: Door) -> None:
    before = google_door.tenant.objects(POLICIES)
    group_of_staff = f"group:{STAFF_ALONE}"
    ask_at(google_door, (group_of_staff, [WHATSAPP]), (f"{group_of_staff} in /Staff", [NETFLIX]))

    answers = [google_door.toolkit(command) for command in ("validate", "plan", "apply")]

    assert [answer.exit for answer in answers] == [2, 2, 2]
    for answer in answers:
        assert "10-web.yaml:8: google_workspace.chrome_policy[" in answer.err
        assert f"is the same object as 'users.UrlBlocking @ {group_of_staff}' at" in answer.err
        assert "10-web.yaml:6: use the same name in both places" in answer.err
    assert google_door.tenant.objects(POLICIES) == before


def add_above(tenant: Tenant, host: str) -> None:
    """Block a host at the top unit as somebody at the console would."""
    top = unit(tenant, "/")
    set_by_hand(tenant, top, BLOCKING, {"urlBlocklist": [*hosts(tenant, top), host]})


def test_what_is_added_above_reaches_the_unit_with_the_next_apply(google_door: Door) -> None:
    tenant, staff = google_door.tenant, unit(google_door.tenant, "/Staff")
    ask_at(google_door, ("/Staff", [WHATSAPP]))
    assert google_door.toolkit("apply", "--yes").exit == 0
    add_above(tenant, "new.example")

    drift = google_door.toolkit("drift")
    applied = google_door.toolkit("apply", "--yes")

    assert drift.exit == 3
    assert "+ new.example" in drift.out
    assert "new, because a part of the tenant on which the setting depends has changed [" in drift.out
    assert applied.exit == 0, applied.out + applied.err
    assert hosts(tenant, staff) == {WHATSAPP, *hosts(tenant, unit(tenant, "/"))}
    assert google_door.toolkit("drift").exit == 0


def test_what_was_added_above_goes_with_it_and_nothing_else_does(google_door: Door) -> None:
    tenant, staff, top = google_door.tenant, unit(google_door.tenant, "/Staff"), unit(google_door.tenant, "/")
    ask_at(google_door, ("/Staff", [WHATSAPP]))
    google_door.toolkit("apply", "--yes")
    before = hosts(tenant, top)
    add_above(tenant, "new.example")
    google_door.toolkit("apply", "--yes")
    set_by_hand(tenant, top, BLOCKING, {"urlBlocklist": sorted(before)})

    applied = google_door.toolkit("apply", "--yes")

    assert applied.exit == 0, applied.out + applied.err
    assert hosts(tenant, staff) == {WHATSAPP, *before}


def test_a_list_that_somebody_set_at_the_unit_does_not_follow(google_door: Door) -> None:
    tenant, staff = google_door.tenant, unit(google_door.tenant, "/Staff")
    set_by_hand(tenant, staff, BLOCKING, {"urlBlocklist": ["theirs.example"]})
    ask_at(google_door, ("/Staff", [WHATSAPP]))
    assert google_door.toolkit("apply", "--yes").exit == 0
    add_above(tenant, "new.example")

    assert google_door.toolkit("drift").exit == 0
    assert hosts(tenant, staff) == {"theirs.example", WHATSAPP}


def test_without_a_ledger_a_list_does_not_follow_and_drift_says_so(google_door: Door) -> None:
    tenant, staff = google_door.tenant, unit(google_door.tenant, "/Staff")
    ask_at(google_door, ("/Staff", [WHATSAPP]))
    google_door.toolkit("apply", "--yes")
    add_above(tenant, "new.example")
    google_door.forget()

    drift, applied = google_door.toolkit("drift"), google_door.toolkit("apply", "--yes")

    assert (drift.exit, applied.exit) == (3, 0)
    said = " ".join(drift.out.split())
    assert "replaces users.UrlBlocking @ / and lacks 1 entry of its url_blocklist. The ledger has no" in said
    assert "overrides" not in said
    assert "overridden" not in said
    assert "new.example" not in hosts(tenant, staff)


def test_a_unit_gets_what_another_control_adds_above_in_the_same_run(google_door: Door) -> None:
    tenant = google_door.tenant
    ask_at(google_door, ("/", [NETFLIX]), ("/Staff", [WHATSAPP]))

    assert google_door.toolkit("apply", "--yes").exit == 0

    assert hosts(tenant, unit(tenant, "/Staff")) == {WHATSAPP, *hosts(tenant, unit(tenant, "/"))}
    assert NETFLIX in hosts(tenant, unit(tenant, "/"))
    assert google_door.toolkit("drift").exit == 0


def test_a_withdrawn_list_gives_inheritance_back_also_after_it_followed(google_door: Door) -> None:
    tenant, before = google_door.tenant, google_door.tenant.objects(POLICIES)
    ask_at(google_door, ("/Staff", [WHATSAPP]))
    google_door.toolkit("apply", "--yes")
    add_above(tenant, "new.example")
    google_door.toolkit("apply", "--yes")

    ask_at(google_door, ("/Staff", {"lacks": [WHATSAPP]}))
    applied = google_door.toolkit("apply", "--yes")

    assert applied.exit == 0, applied.out + applied.err
    assert tenant.objects(POLICIES).keys() == before.keys()


def test_the_other_name_of_a_policy_that_is_asked_for_is_not_pruned(google_door: Door) -> None:
    tenant, name = google_door.tenant, f"group:{STAFF_ALONE}"
    ask_at(google_door, (name, [WHATSAPP]))
    assert google_door.toolkit("apply", "--yes").exit == 0
    before = hosts(tenant, group(tenant, STAFF_ALONE))

    ask_at(google_door, (f"{name} in /Staff", [WHATSAPP]))
    pruned = google_door.toolkit("apply", "--yes", "--prune")

    assert pruned.exit == 0, pruned.out + pruned.err
    assert hosts(tenant, group(tenant, STAFF_ALONE)) == before
    assert google_door.toolkit("drift").exit == 0


def test_people_of_one_unit_who_are_in_two_groups_are_not_said_to_be_in_several_units(google_door: Door) -> None:
    tenant = google_door.tenant
    leaders, heads = (group(tenant, address).removeprefix("groups/") for address in (MIXED, STAFF_ALONE))
    rows = tenant.objects("google.members")
    person = next(row for key, row in rows.items() if key.startswith(f"{leaders}/"))
    set_by_hand(tenant, group(tenant, STAFF_ALONE), BLOCKING, {"urlBlocklist": ["theirs.example"]})
    set_by_hand(tenant, group(tenant, MIXED), BLOCKING, {"urlBlocklist": ["ours.example"]})
    tenant.put("google.members", f"{heads}/{person['id']}", person)
    ask_at(google_door, (f"group:{MIXED}", {"contains": [WHATSAPP]}), (f"group:{STAFF_ALONE}", {"contains": [NETFLIX]}))

    plan = google_door.toolkit("plan")

    assert "1 of its people is also reached by users.UrlBlocking @ group:" in plan.out
    assert "Remove them from one group" in plan.out
    assert "units" not in plan.out
