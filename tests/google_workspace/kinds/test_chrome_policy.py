"""Chrome policies in a playbook: lists that keep what is inherited and what others added, and give it back."""

from collections.abc import Mapping

import pytest

from connectors.google_workspace.kinds import chrome_policy
from tests.cases import newest, playbook, resource
from tests.door import Door
from tests.emulated import Tenant
from tests.google_workspace.chrome_policies import (
    BLOCKING,
    INHERIT,
    MODIFY,
    POLICIES,
    RESOLVE,
    UNITS,
    group,
    set_by_hand,
    unit,
    value_at,
    writes,
)
from toolkit.values import Json

KIND = "google_workspace.chrome_policy"
OURS = ["web.telegram.org", "web.whatsapp.com"]
STAFF = "users.UrlBlocking @ /Staff"


def ask(door: Door, *entries: tuple[str, Mapping[str, Json]]) -> Door:
    """Ask for policies; the first stands at line 6."""
    door.write("10-chrome.yaml", playbook(*(resource(KIND, name, settings) for name, settings in entries)))
    return door


def apply(door: Door, *entries: tuple[str, Mapping[str, Json]]) -> None:
    """Apply, and see that nothing is left to do."""
    ask(door, *entries)
    answer = door.toolkit("apply", "--yes")
    assert answer.exit == 0, answer.out + answer.err
    assert door.toolkit("drift").exit == 0


def local_authority(tenant: Tenant) -> list[str]:
    """Give the hosts that are blocked at the top unit."""
    found = value_at(tenant, unit(tenant, "/"), BLOCKING)
    assert found
    return list(found["urlBlocklist"])


def blocked(tenant: Tenant, path: str) -> list[str] | None:
    """Give the hosts that are blocked at a unit itself; None where it inherits."""
    found = value_at(tenant, unit(tenant, path), BLOCKING)
    return None if found is None else list(found["urlBlocklist"])


def test_a_unit_keeps_what_it_inherits_and_nobody_else_changes(google_door: Door) -> None:
    tenant, before = google_door.tenant, google_door.tenant.objects(POLICIES)

    apply(google_door, (STAFF, {"url_blocklist": OURS}))

    assert google_door.toolkit("plan").exit == 0
    assert len(local_authority(tenant)) == 40
    assert blocked(tenant, "/Staff") == sorted([*local_authority(tenant), *OURS])
    others = {key: one for key, one in tenant.objects(POLICIES).items() if unit(tenant, "/Staff") not in key}
    assert others == before


def test_a_host_that_somebody_adds_at_the_unit_is_no_drift_and_survives(google_door: Door) -> None:
    tenant = google_door.tenant
    apply(google_door, (STAFF, {"url_blocklist": OURS}))
    hosts = [*(blocked(tenant, "/Staff") or ()), "by-hand.example"]
    set_by_hand(tenant, unit(tenant, "/Staff"), BLOCKING, {"urlBlocklist": hosts})
    assert google_door.toolkit("drift").exit == 0

    apply(google_door, (STAFF, {"url_blocklist": [*OURS, "discord.com"]}))
    assert blocked(tenant, "/Staff") == sorted([*hosts, "discord.com"])

    apply(google_door, (STAFF, {"url_blocklist": {"lacks": [*OURS, "discord.com"]}}))
    assert blocked(tenant, "/Staff") == sorted([*local_authority(tenant), "by-hand.example"])


def test_taking_ours_back_gives_inheritance_back_where_nothing_else_was_added(google_door: Door) -> None:
    tenant, before = google_door.tenant, google_door.tenant.objects(POLICIES)
    apply(google_door, (STAFF, {"url_blocklist": OURS}))
    after = newest(google_door)

    apply(google_door, (STAFF, {"url_blocklist": {"lacks": OURS}}))

    assert tenant.objects(POLICIES) == before
    assert writes(tenant, after) == ["orgunits.batchInherit"]


def test_at_the_top_unit_the_value_itself_is_written(google_door: Door) -> None:
    tenant, hosts = google_door.tenant, local_authority(google_door.tenant)
    apply(google_door, ("users.UrlBlocking @ /", {"url_blocklist": OURS}))
    assert blocked(tenant, "/") == sorted([*hosts, *OURS])

    apply(google_door, ("users.UrlBlocking @ /", {"url_blocklist": {"lacks": OURS}}))

    assert blocked(tenant, "/") == sorted(hosts)


def test_what_a_unit_inherits_as_it_is_wanted_is_not_written(google_door: Door) -> None:
    before = newest(google_door)

    apply(google_door, ("users.IncognitoMode @ /Pupils/Year 3", {"incognito_mode_availability": "UNAVAILABLE"}))

    assert writes(google_door.tenant, before) == []


def test_what_is_set_for_a_group_is_taken_off_it_again(google_door: Door) -> None:
    tenant, name = google_door.tenant, "users.UrlBlocking @ group:leadership@example-primary.example"
    leadership, before = group(tenant, "leadership@example-primary.example"), tenant.objects(POLICIES)
    apply(google_door, (name, {"url_blocklist": OURS, "chrome_internal_urls_blocked": False}))
    with_theirs = sorted([*local_authority(tenant), *OURS])
    assert value_at(tenant, leadership, BLOCKING) == {"urlBlocklist": with_theirs, "chromeInternalUrlsBlocked": False}

    apply(google_door, (name, {"url_blocklist": {"lacks": OURS}}))

    assert tenant.objects(POLICIES) == before


def test_what_is_off_for_a_group_is_set_and_not_only_left_out(google_door: Door) -> None:
    name = "users.LockScreen @ group:leadership@example-primary.example"

    apply(google_door, (name, {"allow_screen_lock": True}))
    apply(google_door, (name, {"allow_screen_lock": False}))

    leadership = group(google_door.tenant, "leadership@example-primary.example")
    assert value_at(google_door.tenant, leadership, "chrome.users.LockScreen") == {"allowScreenLock": False}


def test_an_app_that_is_as_above_again_is_inherited_again(google_door: Door) -> None:
    tenant, app, schema = google_door.tenant, "android:com.whatsapp", "chrome.users.apps.InstallType"
    set_by_hand(tenant, unit(tenant, "/"), schema, {"appInstallType": "ALLOWED"}, app)
    before = tenant.objects(POLICIES)
    name = f"users.apps.InstallType {app} @ /Staff"

    apply(google_door, (name, {"app_install_type": "BLOCKED"}))
    assert value_at(tenant, unit(tenant, "/Staff"), schema, app) == {"appInstallType": "BLOCKED"}
    apply(google_door, (name, {"app_install_type": "ALLOWED"}))

    assert tenant.objects(POLICIES) == before


def test_policies_of_one_unit_and_family_go_out_in_one_request(google_door: Door) -> None:
    before = newest(google_door)

    apply(
        google_door,
        (STAFF, {"url_blocklist": OURS}),
        ("users.ExternalStorage @ /Staff", {"external_storage_devices": "DISALLOW"}),
        ("users.LockScreen @ /Staff", {"allow_screen_lock": False}),
        ("users.apps.InstallType android:com.whatsapp @ /Staff", {"app_install_type": "BLOCKED"}),
        ("users.apps.InstallType android:org.telegram.messenger @ /Staff", {"app_install_type": "BLOCKED"}),
        ("users.UrlBlocking @ /Pupils", {"url_blocklist": OURS}),
    )

    assert writes(google_door.tenant, before) == ["orgunits.batchModify"] * 3


def test_what_one_unit_is_refused_does_not_keep_the_others_from_theirs(google_door: Door) -> None:
    ask(google_door, *[(f"users.UrlBlocking @ {path}", {"url_blocklist": OURS}) for path in ("/Pupils", "/Staff")])
    google_door.tenant.fault("rejected", MODIFY, status=400, reason="invalidArgument")

    answer = google_door.toolkit("apply", "--yes", "--json")

    assert answer.exit == 1
    assert sorted(one["result"] for one in answer.json["outcomes"]) == ["done", "failed"]


def test_forty_units_are_read_once_each_and_their_schemas_once(google_door: Door) -> None:
    tenant, staff = google_door.tenant, unit(google_door.tenant, "/Staff").removeprefix("orgunits/")
    paths = [f"/Staff/Team {number:02}" for number in range(40)]
    for number, path in enumerate(paths):
        body = {"orgUnitId": f"id:team{number:02}", "orgUnitPath": path, "name": path[7:],
                "parentOrgUnitId": f"id:{staff}", "parentOrgUnitPath": "/Staff"}  # fmt: skip
        tenant.put(UNITS, f"team{number:02}", body)
    wanted: dict[str, Mapping[str, Json]] = {
        "users.IncognitoMode": {"incognito_mode_availability": "UNAVAILABLE"},
        "users.ExternalStorage": {"external_storage_devices": "DISALLOW"},
        "users.UrlBlocking": {"url_blocklist": OURS},
    }
    ask(google_door, *[(f"{name} @ {path}", settings) for path in paths for name, settings in wanted.items()])
    before = newest(google_door)

    plan = google_door.toolkit("plan", "--json")

    asked = tenant.operations(before)
    assert plan.json["summary"]["update"] == 120
    assert asked.count(RESOLVE) == 40
    assert asked.count("chromepolicy.customers.policySchemas.get") == 2
    assert asked.count("directory.orgunits.list") == 1


def test_the_sample_is_applied(google_door: Door) -> None:
    entries = "\n".join(f"  {line}" for line in chrome_policy.KIND.sample.splitlines())
    google_door.write("10-chrome.yaml", playbook(entries + "\n"))

    assert [google_door.toolkit(*words).exit for words in (["apply", "--yes"], ["plan"])] == [0, 0]


@pytest.mark.parametrize(
    ("written", "back"),
    [
        ({"url_blocklist": ["a.example"]}, {"url_blocklist": {"lacks": ["a.example"]}}),
        ({"url_allowlist": {"exactly": ["a.example"]}}, {"url_allowlist": {"lacks": ["a.example"]}}),
        (
            {
                "url_blocklist": {"contains": ["a.example"], "lacks": ["b.example"]},
                "chrome_internal_urls_blocked": True,
            },
            {"url_blocklist": {"lacks": ["a.example"]}},
        ),
        ({"url_blocklist": {"lacks": ["a.example"]}}, None),
        ({"app_install_type": "BLOCKED"}, None),
        ({"device_allow_new_users": "RESTRICTED_LIST", "user_allowlist": ["*@a.example"]}, None),
    ],
)
def test_only_entries_of_lists_that_several_hands_fill_can_be_taken_back(
    written: Mapping[str, Json], back: Mapping[str, Json] | None
) -> None:
    assert chrome_policy.KIND.lifecycle.withdrawn(written) == back


def test_inheritance_is_given_back_in_one_request_for_each_unit(google_door: Door) -> None:
    tenant = google_door.tenant
    wanted = (("users.UrlBlocking @ /Staff", OURS), ("users.UrlBlocking @ /Pupils", OURS))
    apply(google_door, *[(name, {"url_blocklist": hosts}) for name, hosts in wanted])
    before = newest(google_door)

    apply(google_door, *[(name, {"url_blocklist": {"lacks": hosts}}) for name, hosts in wanted])

    assert tenant.operations(before).count(INHERIT) == 2


def test_an_app_that_nothing_above_manages_leaves_management_again(google_door: Door) -> None:
    tenant, before = google_door.tenant, google_door.tenant.objects(POLICIES)
    names = [
        f"users.apps.InstallType android:{app} @ {path}" for app in ("com.whatsapp", "a.b") for path in ("/", "/Staff")
    ]
    apply(google_door, *[(name, {"app_install_type": "BLOCKED"}) for name in names])

    (google_door.playbooks / "10-chrome.yaml").unlink()
    pruned = google_door.toolkit("apply", "--yes", "--prune", "--lose", "64")

    assert pruned.exit == 0, pruned.out + pruned.err
    assert tenant.objects(POLICIES) == before


def test_an_app_for_which_somebody_set_more_stays_under_management(google_door: Door) -> None:
    tenant, app = google_door.tenant, "android:com.whatsapp"
    apply(google_door, (f"users.apps.InstallType {app} @ /Staff", {"app_install_type": "FORCED"}))
    more = "chrome.users.apps.ManagedConfiguration"
    set_by_hand(tenant, unit(tenant, "/Staff"), more, {"managedConfiguration": "{}"}, app)
    before = tenant.objects(POLICIES)

    back = google_door("rollback", "last", google_door.playbooks, "--yes")

    assert back.exit == 1
    assert f"{more} was set by hand and would be lost" in back.out
    assert tenant.objects(POLICIES) == before
