"""Virus protection on devices, and who signs in to them: asked through the command line."""

from typing import Any

import pytest

from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

SUMMARIES, CHROMEOS, CHROME = "intune.settingSummaries", "google.chromeosDevices", "google.chromePolicies"
ON, VERIFIED = "antivirus on Windows", "verified start of Chromebooks"


def _write(door: Door, control: str, settings: str) -> None:
    head = "playbook: devices\ntitle: Devices\nowner: Head Teacher\nclauses: [SYS-07]\n\ncontrols:\n"
    door.write("20-devices.yaml", f"{head}  - {control}: {{{settings}}}\n")


def _apply(door: Door) -> list[str]:
    ended = door.toolkit("apply", "--yes", "--json")
    assert ended.exit in {0, 3}, ended.out + ended.err
    return [change["address"] for change in ended.json["changes"]]


def _check(door: Door, control: str) -> dict[str, tuple[str, str]]:
    found = door.toolkit("check", "--only", control, "--json").json["findings"]
    return {row["subject"]: (row["status"], row["reason"]) for row in found}


def test_nothing_is_blocked_until_the_devices_were_counted_for_a_month(wide_door: Door) -> None:
    _write(wide_door, "device.antimalware", "for: staff, audit_from: 2026-11-01, block_from: 2026-12-01")
    assert _apply(wide_door) == []  # Chrome's own protection is set for the whole organisation already
    assert _check(wide_door, "device.antimalware")[ON][0] == "pass"

    _write(wide_door, "device.antimalware", "for: staff, audit_from: 2026-09-07, block_from: 2026-10-12")

    assert sorted(_apply(wide_door)) == [
        "google_workspace.chrome_policy[users.DownloadRestrictions @ /Staff]",
        "microsoft365.windows_configuration[School virus protection: staff]",
    ]
    assert _apply(wide_door) == []
    assert wide_door.toolkit("drift").exit == 0


RULES, POLICIES = "microsoft365.attack_surface_policy[School attack surface: staff]", "intune.configurationPolicies"
SORT = "#microsoft.graph.deviceManagementConfiguration"
BLOCKED = "audit_from: 2026-09-07, block_from: {}, asr: block, asr_reviewed: {{by: IT support, on: {}}}"


def _policy(door: Door) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Find our policy of rules, by its key, and in it the group of all rules."""
    held = {key: row for key, row in door.tenant.objects(POLICIES).items() if row["name"].startswith("School attack")}
    ((key, row),) = held.items()
    (setting,) = row["settings"]
    return key, row, setting["settingInstance"]


def _rules(door: Door) -> dict[str, str]:
    """Give the state of each rule as Intune holds it, by the end of its definition."""
    *_, group = _policy(door)
    (inside,) = group["groupSettingCollectionValue"]
    prefix = f"{group['settingDefinitionId']}_"
    found = [(one["settingDefinitionId"], one["choiceSettingValue"]["value"]) for one in inside["children"]]
    return {rule.removeprefix(prefix): value.removeprefix(f"{rule}_") for rule, value in found}


def test_rules_are_recorded_until_someone_looked_and_block_then(bare_door: Door) -> None:
    _write(bare_door, "device.antimalware", "for: staff, asr: audit")
    assert _apply(bare_door) == [RULES]
    recorded = _rules(bare_door)
    assert (len(recorded), set(recorded.values())) == (18, {"audit"})

    _write(bare_door, "device.antimalware", f"for: staff, {BLOCKED.format('2026-12-01', '2026-11-09')}")
    assert RULES not in _apply(bare_door)
    assert _rules(bare_door) == recorded

    _write(bare_door, "device.antimalware", f"for: staff, {BLOCKED.format('2026-10-12', '2026-10-09')}")
    assert RULES in _apply(bare_door)
    blocked = _rules(bare_door)
    assert {rule for rule, state in blocked.items() if state == "audit"} == {
        "blockexecutablefilesrunningunlesstheymeetprevalenceagetrustedlistcriterion",
        "blockprocesscreationsfrompsexecandwmicommands",
    }
    assert (blocked["blockwin32apicallsfromofficemacros"], bare_door.toolkit("drift").exit) == ("block", 0)


def test_rules_that_block_from_a_date_differ_because_of_the_date_and_by_hand_because_of_the_tenant(
    bare_door: Door,
) -> None:
    _write(bare_door, "device.antimalware", f"for: staff, {BLOCKED.format('2026-11-20', '2026-10-09')}")
    assert RULES in _apply(bare_door)
    assert bare_door.toolkit("drift").exit == 0
    key, row, group = _policy(bare_door)
    (inside,) = group["groupSettingCollectionValue"]
    of_drivers = next(one for one in inside["children"] if one["settingDefinitionId"].endswith("signeddrivers"))
    of_drivers["choiceSettingValue"]["value"] = f"{of_drivers['settingDefinitionId']}_off"
    bare_door.tenant.put(POLICIES, key, row)

    bare_door.tenant.set_now("2026-11-20T08:00:00+00:00")
    found = {one["path"]: one["cause"] for one in bare_door.toolkit("drift", "--json").json["findings"]}

    assert found.pop("vulnerable_drivers") == "tenant"
    assert (len(found), set(found.values())) == (16, {"time"})


def test_a_rule_turned_off_or_left_out_for_a_file_is_drift_and_the_exclusion_stays(bare_door: Door) -> None:
    _write(bare_door, "device.antimalware", f"for: staff, {BLOCKED.format('2026-10-12', '2026-10-09')}")
    _apply(bare_door)
    key, _, group = _policy(bare_door)
    rule, *others = group["groupSettingCollectionValue"][0]["children"]
    definition = rule["settingDefinitionId"]
    left_out = {
        "@odata.type": f"{SORT}SimpleSettingCollectionInstance",
        "settingDefinitionId": f"{definition}_perruleexclusions",
        "simpleSettingCollectionValue": [{"@odata.type": f"{SORT}StringSettingValue", "value": "C:/mis"}],
    }
    chosen = {**rule["choiceSettingValue"], "value": f"{definition}_off", "children": [left_out]}
    value = [{"children": [{**rule, "choiceSettingValue": chosen}, *others]}]
    instance = {**group, "groupSettingCollectionValue": value}
    bare_door.tenant.patch(POLICIES, key, settings=[{"id": "0", "settingInstance": instance}])

    drift = bare_door.toolkit("drift")

    assert (drift.exit, "perruleexclusions" in drift.out) == (3, True), drift.out
    assert RULES in _apply(bare_door)
    (now,) = _policy(bare_door)[2]["groupSettingCollectionValue"]
    kept = next(one for one in now["children"] if one["settingDefinitionId"] == definition)["choiceSettingValue"]
    assert kept["value"] == f"{definition}_block"
    assert [one["settingDefinitionId"] for one in kept["children"]] == [f"{definition}_perruleexclusions"]


def test_another_policy_that_sets_a_rule_in_another_way_is_in_the_way(bare_door: Door) -> None:
    _write(bare_door, "device.antimalware", "for: staff, asr: audit")
    _apply(bare_door)
    _, row, _ = _policy(bare_door)
    bare_door.tenant.put(POLICIES, "99", {**row, "id": "99", "name": "Trust rules", "description": ""})
    assert bare_door.toolkit("plan").exit == 0  # equal values are no conflict

    _write(bare_door, "device.antimalware", f"for: staff, {BLOCKED.format('2026-10-12', '2026-10-09')}")

    plan = bare_door.toolkit("plan")
    assert (plan.exit, "a device may get either value" in plan.out) == (5, True), plan.out


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("asr: warn", "asr"),
        ("asr: block", "`asr: block` needs `audit_from`"),
        ("audit_from: 2026-09-07, block_from: 2026-10-12, asr: block", "`asr: block` needs `asr_reviewed"),
        (BLOCKED.format("2026-10-12", "2026-09-20"), "`asr: block` needs `asr_reviewed"),
        (BLOCKED.format("2026-10-12", "2026-10-09").replace("IT support", "it@school.example"), "by"),
    ],
    ids=["another word", "no dates", "no one looked", "looked too early", "a name"],
)
def test_rules_that_would_block_unseen_are_refused_with_their_line(settings: str, says: str, bare_door: Door) -> None:
    _write(bare_door, "device.antimalware", f"for: staff, {settings}")

    plan = bare_door.toolkit("plan")

    assert (plan.exit, "20-devices.yaml:7" in plan.err, says in plan.err) == (2, True, True), plan.err


NOTICE = "microsoft365.sign_in_notice[School notice]"


def _notice(door: Door) -> tuple[str, list[dict[str, Any]]]:
    """Find our notice, by its key, with what it sets."""
    ((key, row),) = [(key, row) for key, row in door.tenant.objects(POLICIES).items() if row["name"] == "School notice"]
    return key, [one["settingInstance"] for one in row["settings"]]


def test_a_notice_is_shown_with_a_line_for_each_paragraph_and_put_back(bare_door: Door) -> None:
    (bare_door.playbooks / "notice.txt").write_text("{{ school.name }} may monitor\nits systems.\n\n\nAsk, please.\n")
    _write(bare_door, "gov.monitoring_notice", "title: Monitoring, text_file: notice.txt")
    assert _apply(bare_door) == [NOTICE]
    key, (title, body) = _notice(bare_door)
    assert title["simpleSettingValue"]["value"] == "Monitoring"
    lines = [one["value"] for one in body["simpleSettingCollectionValue"]]
    assert lines == ["Example Primary School may monitor its systems.", "Ask, please."]
    bare_door.tenant.patch(POLICIES, key, settings=[{"id": "0", "settingInstance": title}], settingCount=1)

    assert (bare_door.toolkit("drift").exit, _apply(bare_door)) == (3, [NOTICE])

    assert _notice(bare_door)[1] == [title, body]


@pytest.mark.parametrize(
    ("written", "settings", "says"),
    [
        (" \n", "text_file: notice.txt", "`notice.txt` is empty"),
        ("Ask.", "text_file: other.txt", "other.txt"),
        ("Ask.", "text_file: notice.txt, title: ''", "title"),
    ],
    ids=["empty", "no file", "no title"],
)
def test_a_notice_without_words_is_refused_with_its_line(
    written: str, settings: str, says: str, bare_door: Door
) -> None:
    (bare_door.playbooks / "notice.txt").write_text(written)
    _write(bare_door, "gov.monitoring_notice", settings)

    plan = bare_door.toolkit("plan")

    assert (plan.exit, "20-devices.yaml:7" in plan.err, says in plan.err) == (2, True, True), plan.err


def test_another_makers_antivirus_counts_as_one(bare_door: Door) -> None:
    _write(bare_door, "device.antimalware", "for: staff")
    ((key, _),) = [(key, row) for key, row in bare_door.tenant.objects(SUMMARIES).items() if key == "antivirus"]
    assert _check(bare_door, "device.antimalware")[ON] == (
        "pass",
        "10 of 10 Windows computers have an active antivirus from any maker",
    )
    bare_door.tenant.patch(SUMMARIES, key, compliantDeviceCount=3)  # the policy is for some computers alone
    assert _check(bare_door, "device.antimalware")[ON] == (
        "unknown",
        "3 of 10 Windows computers have an active antivirus from any maker, 7 unknown",
    )
    bare_door.tenant.patch(SUMMARIES, key, compliantDeviceCount=7, nonCompliantDeviceCount=2, unknownDeviceCount=1)

    assert _check(bare_door, "device.antimalware")[ON] == (
        "fail",
        "7 of 10 Windows computers have an active antivirus from any maker, 1 unknown",
    )
    bare_door.tenant.delete(SUMMARIES, key)

    status, reason = _check(bare_door, "device.antimalware")[ON]
    assert (status, "set Antivirus to Require" in reason) == ("unknown", True)


def test_a_chromebook_in_developer_mode_fails(google_door: Door) -> None:
    _write(google_door, "device.antimalware", "for: staff")
    assert _check(google_door, "device.antimalware")[VERIFIED][0] == "pass"
    active = [key for key, row in google_door.tenant.objects(CHROMEOS).items() if row["status"] == "ACTIVE"]
    google_door.tenant.patch(CHROMEOS, active[0], bootMode="Dev")

    status, reason = _check(google_door, "device.antimalware")[VERIFIED]

    assert (status, "1 in developer mode" in reason) == ("fail", True)


@pytest.mark.parametrize(
    "settings",
    ["block_from: 2026-12-01", "audit_from: 2026-11-02, block_from: 2026-12-01"],
    ids=["never counted", "29 days"],
)
def test_blocking_without_a_month_of_counting_is_refused(settings: str, bare_door: Door) -> None:
    _write(bare_door, "device.antimalware", f"for: staff, {settings}")

    plan = bare_door.toolkit("plan")

    assert (plan.exit, "at least 30 days after" in plan.err) == (2, True), plan.err


SIGN_IN = "google_workspace.chrome_policy[devices.SignInRestriction @ /Shared devices]"
UNITS = "device_units: [/Shared devices]"


def _list_at(door: Door, entries: list[str]) -> None:
    units = door.tenant.objects("google.orgunits")
    ((_, unit),) = [item for item in units.items() if item[1]["orgUnitPath"] == "/Shared devices"]
    key = f"orgunits/{unit['orgUnitId'].removeprefix('id:')}/chrome.devices.SignInRestriction"
    value = {"deviceAllowNewUsers": "ALLOW_NEW_USERS_ENUM_RESTRICTED_LIST", "userAllowlist": entries}
    stored = door.tenant.objects(CHROME)
    door.tenant.put(CHROME, key, {**stored[key], "value": value})


def test_school_accounts_and_those_listed_sign_in_and_no_one_is_taken_off_the_list(wide_door: Door) -> None:
    _write(wide_door, "identity.signin_restriction", f"{UNITS}, also: {{trust_staff: ['*@Trust.example']}}")
    assert sorted(_apply(wide_door)) == [
        SIGN_IN,  # guests are shut out there already
        "microsoft365.windows_configuration[School sign-in]",
    ]
    assert _apply(wide_door) == []
    found = _check(wide_door, "identity.signin_restriction")
    assert found["others on the list of sign-ins"][0] == "pass"
    assert found["Chromebooks outside the units"][0] == "pass"
    assert found["domains that may sign in"][0] == "pass"
    own = ["*@example-primary.example", "*@trust.example"]

    _list_at(wide_door, [*own, "exam@partner.example"])

    assert _apply(wide_door) == []
    status, reason = _check(wide_door, "identity.signin_restriction")["others on the list of sign-ins"]
    assert (status, "exam@partner.example" in reason) == ("fail", True)
    _list_at(wide_door, ["*@trust.example"])
    assert wide_door.toolkit("drift").exit == 3
    assert _apply(wide_door) == [SIGN_IN]


@pytest.mark.parametrize("emptied", ["{exactly: []}", "{lacks: ['*@example-primary.example']}"])
def test_no_resource_empties_the_list_of_sign_ins(emptied: str, google_door: Door) -> None:
    own = ["*@example-primary.example"]
    _list_at(google_door, own)
    name = SIGN_IN.partition("[")[2].removesuffix("]")
    entry = f"  - google_workspace.chrome_policy: {name}\n    user_allowlist: {emptied}\n"
    google_door.write("20-raw.yaml", f"playbook: raw\nmode: enforce\nresources:\n{entry}")

    applied = google_door.toolkit("apply", "--yes")

    assert "the list would be empty, and no one could use a Chromebook" in applied.out, applied.out + applied.err
    stored = [row for key, row in google_door.tenant.objects(CHROME).items() if key.endswith("SignInRestriction")]
    assert own in [row["value"]["userAllowlist"] for row in stored]
    assert [] not in [row["value"]["userAllowlist"] for row in stored]


def test_a_chromebook_in_another_unit_is_not_covered(google_door: Door) -> None:
    _write(google_door, "identity.signin_restriction", UNITS)
    active = [key for key, row in google_door.tenant.objects(CHROMEOS).items() if row["status"] == "ACTIVE"]
    google_door.tenant.patch(CHROMEOS, active[0], orgUnitPath="/Shared devices of old")

    status, reason = _check(google_door, "identity.signin_restriction")["Chromebooks outside the units"]

    assert (status, reason.endswith("does not reach: /Shared devices of old")) == ("fail", True)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("also: {visitors: []}", "visitors"),
        ("also: {visitors: ['*']}", "must be an e-mail address, or a whole domain"),
        ("device_units: []", "device_units"),
        ("hours: {from: '08:00', to: '16:00'}", "unknown setting `hours`"),
        ("for: staff", "Delete `for`, or write `for: everyone`"),
    ],
    ids=["empty list", "everyone", "no unit", "hours", "for some"],
)
def test_a_restriction_that_would_lock_people_out_is_refused(settings: str, says: str, google_door: Door) -> None:
    _write(google_door, "identity.signin_restriction", settings)

    plan = google_door.toolkit("plan")

    assert (plan.exit, says in plan.err) == (2, True), plan.err


JOINERS, DEVICE_SETTINGS = "who may join computers", "entra.deviceRegistrationPolicy"
MEMBERSHIP = "#microsoft.graph.{}DeviceRegistrationMembership"


def _let_join(door: Door, kind: str, **more: list[str]) -> None:
    ((key, policy),) = door.tenant.objects(DEVICE_SETTINGS).items()
    joiners = {"@odata.type": MEMBERSHIP.format(kind), **more}
    door.tenant.patch(DEVICE_SETTINGS, key, azureADJoin={**policy["azureADJoin"], "allowedToJoin": joiners})


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [
        ("all", {}, ("fail", "everyone with an account, including pupils, may join a computer to the tenant")),
        ("no", {}, ("pass", "no one may join a computer")),
        ("enumerated", {"users": [], "groups": []}, ("pass", "no one may join a computer")),
        ("enumerated", {"users": ["a", "b"], "groups": ["c"]}, ("pass", "only 2 selected people and the members of 1")),
        ("unheardOf", {}, ("unknown", "does not say who may join computers")),
    ],
    ids=["everyone", "no one", "an empty selection", "some", "another answer"],
)
def test_who_may_join_computers_is_read_from_the_tenant(
    kind: str, more: dict[str, list[str]], expected: tuple[str, str], bare_door: Door
) -> None:
    _write(bare_door, "identity.signin_restriction", UNITS)
    _let_join(bare_door, kind, **more)

    status, reason = _check(bare_door, "identity.signin_restriction")[JOINERS]

    assert (status, expected[1] in reason) == (expected[0], True), reason


def test_who_may_join_computers_is_unknown_without_the_permission(bare_door: Door) -> None:
    _write(bare_door, "identity.signin_restriction", UNITS)
    for application in ("reader", "writer"):
        held = bare_door.tenant.read_object("applications", application)["roles"]
        roles = [role for role in held if role != "Policy.Read.DeviceConfiguration"]
        bare_door.tenant.grant(application, roles=roles)

    status, reason = _check(bare_door, "identity.signin_restriction")[JOINERS]

    assert (status, "Policy.Read.DeviceConfiguration" in reason) == ("unknown", True), reason
