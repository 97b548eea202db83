"""`toolkit import`: what a tenant is like becomes playbooks, and the first plan over them finds nothing to do."""

import re
from pathlib import Path
from shutil import copy

import pytest

from tests.door import GOOGLE, MICROSOFT, CommandResult, Door
from tests.schools import TWENTY_PEOPLE, Schools

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TROUBLE = ("create", "update", "delete", "move", "look_alikes", "unknown", "refused", "failed")


def _imported(door: Door, provider: str, into: Path, *kinds: str) -> CommandResult:
    return door("import", provider, *kinds, "-o", into)


def _written_lines(into: Path) -> str:
    """Give all that the files say, comments and the school file left out."""
    files = sorted(path for path in into.rglob("*.yaml") if path.name != "00-school.yaml")
    return "\n".join(line for path in files for line in path.read_text().splitlines() if "#" not in line)


def _nothing_to_do(door: Door, playbooks: Path) -> None:
    planned = door("plan", playbooks, "--json")
    assert planned.exit == 0, planned.err
    summary = planned.json["summary"]
    assert [name for name in _TROUBLE if summary[name]] == [], planned.out
    assert planned.json["checked"] == [], planned.out


@pytest.mark.soak  # tests/starter/test_init.py imports both clouds too, without a write, and plans no change
def test_a_seeded_tenant_of_each_cloud_is_as_its_import_says(schools: Schools, tmp_path: Path) -> None:
    door = schools.build(TWENTY_PEOPLE)
    last = door.tenant.last_request()

    microsoft = _imported(door, MICROSOFT, door.playbooks)
    google = _imported(door, GOOGLE, door.playbooks)

    assert (microsoft.exit, google.exit) == (0, 0), microsoft.err + google.err
    assert not [one for request in door.tenant.requests(last) for one in request["operations"] if one["write"]]
    drift = door("drift", door.playbooks, "--json")
    assert (drift.exit, drift.json["findings"]) == (0, []), drift.err
    assert [name for name in _TROUBLE if drift.json["summary"][name]] == [], drift.out
    said = _written_lines(door.playbooks)
    assert "  - microsoft365.windows_compliance_policy: Trust baseline\n    adopt: Trust baseline\n" in said
    assert "  - google_workspace.chrome_policy: users.IncognitoMode @ /Pupils\n" in said
    assert "message_size_over: 20 MB" in said
    assert "  - mail.autoforward_block:\n" not in said  # Microsoft's side of it is not so
    assert not _ID.search(said)
    assert re.search(r"\ntransport_rule +4 +0\n", microsoft.out)
    assert "edge_url_blocklist of LA Edge baseline" in microsoft.out
    assert "has no setting" not in microsoft.out
    assert re.search(r"none of \d+ other kinds: .*\bsign_in_notice\b", microsoft.out)
    assert "sign_in_notice  " not in microsoft.out
    assert "google_workspace.chrome_policy: not looked for: policies for groups" in google.out
    assert "microsoft365.protection_alert: not looked for: alerts that Microsoft defines" in microsoft.out
    assert "policy_setting: 28 of 28 are not covered by a control: chat.chat_external_spaces @ /Pupils, " in google.out
    replies = (door.playbooks / "microsoft365-automatic-reply.yaml").read_text()
    assert re.search(r"# left out: .* \d+ people", replies), replies
    again = tmp_path / "again"
    again.mkdir()
    copy(door.playbooks / "00-school.yaml", again)
    assert _imported(door, MICROSOFT, again, "transport_rule", "conditional_access_policy").exit == 0
    assert len(list(again.iterdir())) > 2
    assert {path.name: path.read_text() for path in again.iterdir()}.items() <= {
        path.name: path.read_text() for path in door.playbooks.iterdir() if path.is_file()
    }.items()


_SOME = ("0", "20-", "30-", "31-", "32-", "33-", "34-")


@pytest.fixture(params=["some", pytest.param("all", marks=pytest.mark.soak)])
def applied_playbooks(request: pytest.FixtureRequest, schools: Schools) -> Door:
    """Apply some of the sample playbooks; the soak imports what all of them put there."""
    if request.param == "all":
        door: Door = request.getfixturevalue("applied_door")
        return door
    door = schools.build(TWENTY_PEOPLE, samples=True)
    for path in door.playbooks.glob("*.yaml"):
        if not path.name.startswith(_SOME):
            path.unlink()
    applied = door.toolkit("apply", "--yes")
    assert applied.exit == 0, applied.out + applied.err
    return door


def test_what_controls_put_there_is_imported_as_those_controls(applied_playbooks: Door, tmp_path: Path) -> None:
    door = applied_playbooks
    door.forget()  # which would give back the replies that it lent
    into = tmp_path / "imported"
    into.mkdir()
    copy(door.playbooks / "00-school.yaml", into)

    single = _imported(door, MICROSOFT, into, "external_in_outlook")
    microsoft = _imported(door, MICROSOFT, into)
    google = _imported(door, GOOGLE, into)

    assert (single.exit, microsoft.exit, google.exit) == (0, 0, 0), microsoft.err + google.err
    _nothing_to_do(door, into)
    said = _written_lines(into)
    for control in ("mail.disclaimer", "mail.autoforward_block", "mail.attachment_block", "device.removable_storage"):
        assert f"  - {control}:\n      for: " in said
    assert "mail.external_tag" not in said  # its object has an entry of its own
    assert "allow_list: [localauthority.example]" in said
    assert not _ID.search(re.sub(r"template: \S+", "", said))  # a template has no other name
    assert "sent from Example Primary School" in (into / "text" / "mail-disclaimer.html").read_text()
    assert "School disclaimer" not in said
    already = "left out, since an existing playbook already asks for it"  # the disclaimer asks for them on Google, too
    assert re.search(rf"google_workspace.signature: {already}: \d+ people\n", google.out)
    assert f"google_workspace.group_footer: {already}: " in google.out
    assert "google_workspace.group_footer" not in said


def test_policies_of_the_catalogue_that_set_what_other_kinds_set_are_named_with_the_controls_that_would(
    schools: Schools, tmp_path: Path
) -> None:
    door = schools.build(TWENTY_PEOPLE, clouds=[MICROSOFT])
    last = door.tenant.last_request()

    text = _imported(door, MICROSOFT, door.playbooks, "settings_catalogue_policy")
    read = [name for name in door.tenant.operations(last) if name == "GET /deviceManagement/configurationPolicies"]
    again = tmp_path / "again"
    again.mkdir()
    copy(door.playbooks / "00-school.yaml", again)
    answer = door("import", MICROSOFT, "settings_catalogue_policy", "-o", again, "--json")

    (kind,) = answer.json["kinds"]
    others = {other["object"].removeprefix("Trust - "): other for other in kind["other_objects"]}
    assert (kind["others"], kind["others_that_set_the_same"], len(others)) == (5, 5, 5)
    assert others["Windows - Removable storage"]["sets"] == ["windows_configuration.storage_block_removable_storage"]
    assert others["Windows - Removable storage"]["controls"] == ["device.removable_storage"]
    assert others["Windows - Device lock"]["controls"] == ["identity.idle_lock"]
    assert others["Windows - Apps"]["controls"] == ["device.software_restriction"]
    assert others["iPad - Restrictions"]["controls"] == ["device.software_restriction"]
    assert others["Windows - Microsoft accounts"]["controls"] == ["identity.signin_restriction"]
    assert (kind["imported"], kind["left_out"], kind["not_readable"]) == (13, 0, 0)
    assert "Settings-catalogue policies with settings of other kinds: 5\n" in text.out
    assert (
        "Trust - Windows - Removable storage: sets windows_configuration.storage_block_removable_storage, "
        "as device.removable_storage would\n"
    ) in text.out
    assert len(read) == 1


def test_an_object_that_no_kind_covers_is_named_with_that(schools: Schools) -> None:
    door = schools.build(TWENTY_PEOPLE, clouds=[GOOGLE])

    text = _imported(door, GOOGLE, door.playbooks, "chrome_policy")

    assert "users.DeveloperTools @ /Pupils: no kind covers it\n" in text.out
    assert [line for line in text.out.splitlines() if line != line.rstrip()] == []


def test_a_group_that_is_gone_has_no_name_to_be_imported(schools: Schools) -> None:
    door = schools.build(TWENTY_PEOPLE, clouds=[MICROSOFT])
    policies = door.tenant.objects("intune.compliancePolicies")
    (key,) = [key for key, one in policies.items() if one["displayName"] == "Staff phones (work profile)"]
    (assigned,) = policies[key]["assignments"]
    target = {**assigned["target"], "groupId": "11111111-2222-3333-4444-555555555555"}
    door.tenant.patch("intune.compliancePolicies", key, assignments=[{**assigned, "target": target}])

    answered = _imported(door, MICROSOFT, door.playbooks, "android_work_profile_compliance_policy")

    assert "the setting names a deleted group: assigned_to of Staff phones" in answered.out
    said = _written_lines(door.playbooks)
    assert "  - microsoft365.android_work_profile_compliance_policy: Staff phones (work profile)\n" in said
    assert not _ID.search(said)
    _nothing_to_do(door, door.playbooks)


def test_what_the_licences_do_not_include_is_said_and_is_no_trouble(schools: Schools) -> None:
    door = schools.build(TWENTY_PEOPLE, clouds=[MICROSOFT])
    ((organization, there),) = door.tenant.objects("organization").items()
    plans = [plan for plan in there["assignedPlans"] if plan["service"] != "SCO"]
    door.tenant.patch("organization", organization, assignedPlans=plans)

    devices = ("windows_compliance_policy", "ios_configuration", "browser_url_policy", "windows_configuration")
    answered = _imported(door, MICROSOFT, door.playbooks, "transport_rule", *devices)

    assert answered.exit == 0, answered.out
    assert "more: nothing to import, since the school's licences do not include Intune" in answered.out
    assert "could not be read: the school" not in answered.out
    assert not list(door.playbooks.glob("*compliance*"))
    _nothing_to_do(door, door.playbooks)


def test_without_a_school_file_one_is_made_and_never_overwritten(schools: Schools, tmp_path: Path) -> None:
    door = schools.build(TWENTY_PEOPLE)
    into = tmp_path / "new"

    made = door("import", MICROSOFT, "security_defaults", "-o", into, "--tenant", door.tenant.tenant_id)
    school = (into / "00-school.yaml").read_text()
    second = door("import", MICROSOFT, "security_defaults", "-o", into)
    other = door("import", GOOGLE, "-o", into)

    assert made.exit == 0, made.err
    assert f"    tenant_id: {door.tenant.tenant_id}\n    domain: {door.tenant.domain}\n" in school
    assert "school: Example Primary School\nshort_name: EPS\n" in school
    assert "mode: check\n" in school
    _nothing_to_do(door, into)
    assert second.exit == 0
    assert "left out, since an existing playbook already asks for it: organisation" in second.out
    assert "Nothing to import: no file was written." in second.out
    assert other.exit == 2
    assert "00-school.yaml does not name a tenant of google_workspace. Add it under `tenants:`" in other.err
    elsewhere = door("import", MICROSOFT, "transport_rule", "-o", into, "--tenant", "other.example")
    assert (elsewhere.exit, "--tenant other.example is not a tenant of" in elsewhere.err) == (2, True), elsewhere.err
    (into / "microsoft365-security-defaults.yaml").write_text("playbook: another\n")
    third = door("import", MICROSOFT, "security_defaults", "-o", into)
    assert third.exit == 2
    assert "microsoft365-security-defaults.yaml would be overwritten. Move or delete the existing files" in third.err
    assert (into / "microsoft365-security-defaults.yaml").read_text() == "playbook: another\n"
    assert (into / "00-school.yaml").read_text() == school


def test_a_kind_that_cannot_be_read_is_said_and_the_others_are_imported(schools: Schools) -> None:
    door = schools.build(TWENTY_PEOPLE, clouds=[MICROSOFT])
    door.tenant.fault("refused", "Get-TransportRule", times=99)

    answered = _imported(door, MICROSOFT, door.playbooks, "transport_rule", "external_in_outlook")

    assert answered.exit == 4
    assert re.search(r"\ntransport_rule +0 +0 +all", answered.out)
    assert "# could not be read: " in (door.playbooks / "microsoft365-transport-rule.yaml").read_text()
    _nothing_to_do(door, door.playbooks)


@pytest.mark.parametrize(
    ("provider", "kind", "operation"),
    [
        (MICROSOFT, "automatic_reply", "GET /users/{id}/mailboxSettings"),
        (GOOGLE, "signature", "gmail.users.settings.sendAs.list"),
        pytest.param(GOOGLE, "forwarding", "gmail.users.settings.getAutoForwarding", marks=pytest.mark.soak),
        (GOOGLE, "vacation", "gmail.users.settings.getVacation"),
    ],
)
def test_one_person_who_cannot_be_read_is_not_readable_and_ends_with_4(
    schools: Schools, provider: str, kind: str, operation: str
) -> None:
    door = schools.build(TWENTY_PEOPLE)
    door.tenant.fault("rejected", operation, times=1, status=400, reason="SomethingElse")

    answered = _imported(door, provider, door.playbooks, kind)

    assert answered.exit == 4, answered.out
    assert re.search(rf"\n{kind} +\d+ +\d+ +1\n", answered.out)
    assert "1 person could not be read. The first reason is: " in answered.out
    absent_by_itself = kind in {"automatic_reply", "vacation"}  # what is there shows that its person is away
    ids = door.tenant.objects("users" if provider == MICROSOFT else "google.users")
    assert not absent_by_itself or [one for one in ids if one in answered.out] == []


def test_people_without_a_mailbox_are_counted_and_are_no_trouble(schools: Schools) -> None:
    door = schools.build(TWENTY_PEOPLE, clouds=[MICROSOFT])
    users = door.tenant.objects("users")
    person = next(
        key for key, row in users.items() if row["userPrincipalName"] == f"amara.ashdown@{door.tenant.domain}"
    )
    door.tenant.patch("users", person, assignedPlans=[{"service": "exchange", "capabilityStatus": "Suspended"}])

    answered = _imported(door, MICROSOFT, door.playbooks, "automatic_reply")

    assert answered.exit == 0, answered.out
    assert re.search(r"nothing to read for \d+ (person|people): account closed, or no mailbox", answered.out)
    assert "could not be read" not in answered.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["microsoft356"], "unknown provider 'microsoft356': did you mean `microsoft365`?"),
        ([MICROSOFT, "transport_rules"], "microsoft365 has no kind 'transport_rules': did you mean `transport_rule`?"),
        ([MICROSOFT, "--tenant", "other.example"], "not to other.example. Nothing was written"),
    ],
)
def test_words_that_name_nothing_are_refused(
    schools: Schools, tmp_path: Path, words: list[str], complaint: str
) -> None:
    door = schools.build(TWENTY_PEOPLE)

    answered = door("import", *words, "-o", tmp_path / "new")

    assert answered.exit == 2
    assert complaint in answered.err
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_hold_playbooks_and_a_tenant_without_any_object_are_said(
    schools: Schools, tmp_path: Path
) -> None:
    door = schools.build(TWENTY_PEOPLE, clouds=[MICROSOFT])
    (tmp_path / "file").write_text("")

    misplaced = door("import", MICROSOFT, "-o", tmp_path / "file" / "below")
    nothing = _imported(door, MICROSOFT, door.playbooks, "ios_configuration")

    assert misplaced.exit == 2
    assert "cannot be written to. Choose another directory" in misplaced.err
    assert nothing.exit == 0
    assert "Nothing to import: no file was written." in nothing.out
    assert [path.name for path in door.playbooks.iterdir()] == ["00-school.yaml"]
