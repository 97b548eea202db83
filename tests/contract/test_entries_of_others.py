"""Entries that other administrators add to a list survive a prune after any number of our writes."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.cases import playbook, resource
from tests.contract.rules import apply, planned_changes
from tests.door import CommandResult, Door
from tests.google_workspace.chrome_policies import BLOCKING, set_by_hand, unit, value_at
from tests.schools import few_people

pytestmark = few_people

CHROME, TAG = "google_workspace.chrome_policy", "microsoft365.external_in_outlook"
AT_STAFF, THEIRS = "users.UrlBlocking @ /Staff", "theirs.example"
TAGS, POLICIES = "exchange.externalInOutlook", "intune.configurationPolicies"
BLOCK = """\
playbook: chat
title: Chat
controls:
  - web.chat_im_block: {HOWfor: staff, block: [whatsapp, signal]}
"""


def ask(door: Door, *entries: str) -> None:
    door.write("10-lists.yaml", playbook(*entries))


def prune(door: Door, *options: str) -> CommandResult:
    """Apply without the playbook, and check that nothing of ours is left for a second prune."""
    (door.playbooks / "10-lists.yaml").unlink()
    pruned = door.toolkit("apply", "--prune", "--yes", *options)
    assert pruned.exit == 0, pruned.out + pruned.err
    again = door.toolkit("plan", "--prune", "--json")
    assert (again.exit, again.json["changes"], again.json["leftover"]) == (0, [], [])
    return pruned


def blocked(door: Door, path: str) -> set[str] | None:
    value = value_at(door.tenant, unit(door.tenant, path), BLOCKING)
    return None if value is None else set(value["urlBlocklist"])


def test_a_chrome_list_keeps_what_others_added_and_what_is_above_it(google_door: Door) -> None:
    tenant, staff = google_door.tenant, unit(google_door.tenant, "/Staff")
    top = {**(value_at(tenant, unit(tenant, "/"), BLOCKING) or {})}
    ask(google_door, resource(CHROME, AT_STAFF, {"url_blocklist": ["whatsapp.com"]}))
    apply(google_door)
    set_by_hand(tenant, staff, BLOCKING, {"urlBlocklist": sorted({*(blocked(google_door, "/Staff") or ()), THEIRS})})
    top["urlBlocklist"] = [*top["urlBlocklist"], "new-above.example"]
    set_by_hand(tenant, unit(tenant, "/"), BLOCKING, top)
    ask(google_door, resource(CHROME, AT_STAFF, {"url_blocklist": ["whatsapp.com", "telegram.org"]}))
    apply(google_door)

    pruned = prune(google_door, "--lose", "14")

    assert blocked(google_door, "/Staff") == {*top["urlBlocklist"], THEIRS}
    assert f"keeps the entries that other people added (url_blocklist: {THEIRS})" in pruned.out
    assert google_door("rollback", "last", google_door.playbooks, "--yes").exit == 0
    assert blocked(google_door, "/Staff") == {*top["urlBlocklist"], THEIRS, "whatsapp.com", "telegram.org"}


def test_a_unit_inherits_again_if_nothing_of_others_is_left(google_door: Door) -> None:
    for hosts in (["whatsapp.com"], ["whatsapp.com", "telegram.org"]):
        ask(google_door, resource(CHROME, AT_STAFF, {"url_blocklist": hosts}))
        apply(google_door)

    prune(google_door, "--lose", "14")

    assert blocked(google_door, "/Staff") is None


def test_a_list_of_exchange_keeps_what_others_added_between_two_writes(bare_door: Door) -> None:
    (key,) = bare_door.tenant.objects(TAGS)
    ask(bare_door, resource(TAG, "organisation", {"allow_list": ["la.example"]}))
    apply(bare_door)
    bare_door.tenant.patch(TAGS, key, AllowList=["la.example", THEIRS])
    ask(bare_door, resource(TAG, "organisation", {"allow_list": ["la.example", "mis.example"]}))
    apply(bare_door)

    prune(bare_door)

    assert bare_door.tenant.objects(TAGS)[key]["AllowList"] == [THEIRS]


def lists_of(policy: Mapping[str, Any]) -> Sequence[list[Any]]:
    """Return the lists of entries in a policy of the settings catalogue."""
    return [
        child["simpleSettingCollectionValue"]
        for setting in policy["settings"]
        for child in setting["settingInstance"]["choiceSettingValue"]["children"]
    ]


def test_a_policy_that_we_made_stays_while_others_have_entries_in_it(bare_door: Door) -> None:
    tenant = bare_door.tenant
    (baseline,) = [key for key, one in tenant.objects(POLICIES).items() if one["name"] == "LA Edge baseline"]
    tenant.delete(POLICIES, baseline)
    bare_door.write("10-lists.yaml", BLOCK.replace("HOW", ""))
    apply(bare_door)
    (made,) = [one for one in tenant.objects(POLICIES).values() if one["name"] == "School web: staff"]
    first, *rest = lists_of(made)
    first.append({**first[0], "value": THEIRS})
    tenant.patch(POLICIES, made["id"], settings=made["settings"])
    bare_door.write("10-lists.yaml", BLOCK.replace("HOW", "").replace("signal]", "signal, telegram]"))
    apply(bare_door)

    bare_door.write("10-lists.yaml", BLOCK.replace("HOW", "mode: off, withdraw: true, "))
    withdrawn = bare_door.toolkit("apply", "--yes")

    assert withdrawn.exit == 0, withdrawn.out + withdrawn.err
    assert "School web: staff]: is not deleted, because it keeps the entries that other people added" in withdrawn.out
    left = [entry["value"] for entries in lists_of(tenant.objects(POLICIES)[made["id"]]) for entry in entries]
    assert (left, len(rest) > 0) == ([THEIRS], True)
    assert planned_changes(apply(bare_door)) == []
    prune(bare_door)
    assert bare_door.toolkit("plan", "--json").json["leftover"] == []
    assert made["id"] in tenant.objects(POLICIES)
