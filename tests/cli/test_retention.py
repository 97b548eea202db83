"""`toolkit retention start`: what no run does is done once, by somebody who was told what it reaches."""

import os
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from tests.cases import newest, playbook, resource, writes
from tests.door import MICROSOFT, CommandResult, Door
from tests.emulated import Emulator, Tenant
from tests.pseudo_terminal import open_pseudo_terminal
from tests.schools import Schools, with_people
from toolkit.cli import main

pytestmark = with_people(users=24, staff=10)

OF_KIND = "microsoft365.retention_policy"
POLICIES, RULES, MAILBOXES = "compliance.retentionPolicies", "compliance.retentionRules", "exchange.mailboxes"
SEEDED, OLD = "Staff mail 7 years", "Old files"
OFFICE, LEAVER = "office@example-primary.example", "gethin.leaver@example-primary.example"
DELETING: Mapping[str, Any] = {"files": "all", "sites": "all", "keep_days": 1095, "action": "keep_and_delete"}
SHORTER: Mapping[str, Any] = {"adopt": SEEDED, "mail": "all", "keep_days": 365}


def _ask(door: Door, name: str = OLD, settings: Mapping[str, Any] = DELETING) -> None:
    door.write("10-retention.yaml", playbook(resource(OF_KIND, name, settings)))


def _start(door: Door, name: str = OLD, *options: str) -> CommandResult:
    return door("retention", "start", name, door.playbooks, *options)


def _release(tenant: Tenant) -> None:
    """Let go the leaver, the only one who is on hold."""
    _leaver(tenant, LitigationHoldEnabled=False)


def _leaver(tenant: Tenant, **changes: object) -> None:
    (key,) = [key for key, one in tenant.objects(MAILBOXES).items() if one["PrimarySmtpAddress"] == LEAVER]
    tenant.patch(MAILBOXES, key, **changes)


def _rules(tenant: Tenant) -> dict[str, tuple[str, str]]:
    """Give how long each policy keeps, and what it does then."""
    names = {policy["Guid"]: policy["Name"] for policy in tenant.objects(POLICIES).values()}
    return {
        names[rule["Policy"]]: (rule["RetentionDuration"], rule["RetentionComplianceAction"])
        for rule in tenant.objects(RULES).values()
    }


def test_what_deletes_is_refused_with_the_command_that_starts_it_and_then_started(bare_door: Door) -> None:
    _release(bare_door.tenant)
    bare_door.tenant.patch("sharepoint.siteCounts", "SharePoint", total=31)
    _ask(bare_door)
    before = newest(bare_door)
    plan, applied = bare_door.toolkit("plan"), bare_door.toolkit("apply", "--yes")
    unasked = writes(bare_door, before)

    started = _start(bare_door, OLD, "--yes")

    assert (plan.exit, applied.exit, unasked) == (5, 5, [])
    assert f"`toolkit retention start '{OLD}'`" in plan.out
    assert started.exit == 0, started.out + started.err
    assert "keep_days: 1095" in started.out
    assert "It reaches 24 OneDrive sites, as of 2026-11-07; 31 SharePoint sites, as of 2026-11-07." in started.out
    deletes = (
        "the policy permanently deletes files in OneDrive older than 1095 days, including existing ones, in 24 OneDrive"
    )
    assert all(deletes in shown for shown in (plan.out, started.out))
    assert ", after approval by Head Teacher, Senior Leadership Group, Chair of Governors or Governors" in plan.out
    assert writes(bare_door, before) == ["New-RetentionCompliancePolicy", "New-RetentionComplianceRule"]
    assert _rules(bare_door.tenant) == {SEEDED: ("2555", "Keep"), OLD: ("1095", "KeepAndDelete")}
    assert bare_door.toolkit("plan").exit == 0
    again = _start(bare_door, OLD, "--yes")
    assert (again.exit, "there is nothing to start" in again.out) == (0, True)


def test_a_period_that_is_shortened_through_the_control_is_that_one_change_and_a_run_of_its_own(
    bare_door: Door,
) -> None:
    _release(bare_door.tenant)
    control = f"  - data.retention:\n      schedule_ref: Schedule 2026\n      mail: 1 year\n      adopt: {SEEDED}\n"
    head = "playbook: records\ntitle: Records\nowner: School Business Manager\ncontrols:\n"
    bare_door.write("60-records.yaml", head + control)
    _also = resource(OF_KIND, "Governors", {"mail": [OFFICE], "keep_days": "unlimited", "beside": True})
    bare_door.write("70-more.yaml", playbook(_also))
    name = f"{OF_KIND}[School retention: mail]"
    before = newest(bare_door)

    started = _start(bare_door, name, "--yes", "--json")

    assert started.exit == 0, started.err
    assert [one["result"] for one in started.json["outcomes"]] == ["done"]
    assert started.json["reaches"][0].endswith(" mailboxes")
    assert "the policy would keep items for 365 days instead of 2555 days" in started.json["reason"]
    assert writes(bare_door, before) == ["Set-RetentionCompliancePolicy", "Set-RetentionComplianceRule"]
    assert _rules(bare_door.tenant) == {SEEDED: ("365", "Keep")}
    pending = bare_door.toolkit("plan", "--json").json
    assert (pending["summary"]["create"], pending["summary"]["refused"]) == (1, 0)
    run = next(one for one in bare_door("audit", "log", "--json").json["runs"] if one["command"] == "retention start")
    assert run["flags"][0] == name
    assert run["flags"][1].startswith("by person-")
    assert bare_door("audit", "verify").exit == 0


@pytest.mark.parametrize(
    ("name", "settings"), [(OLD, DELETING), pytest.param(SEEDED, {**SHORTER, "mail": [LEAVER]}, marks=pytest.mark.soak)]
)
def test_nothing_is_started_while_somebody_in_it_is_on_hold_and_nobody_is_named(
    bare_door: Door, name: str, settings: Mapping[str, Any]
) -> None:
    _ask(bare_door, name, settings)
    before, stood = newest(bare_door), bare_door.tenant.objects(MAILBOXES)

    answered = _start(bare_door, name, "--yes")
    told = _start(bare_door, name, "--yes", "--json")

    assert (answered.exit, told.exit) == (5, 5)
    assert "Not started: the change reaches a person on hold" in answered.out
    assert "gethin" not in answered.out + answered.err + told.out.lower()
    assert "gethin" not in bare_door("audit", "log", "--json").out
    assert told.json["reaches"] is None
    assert (writes(bare_door, before), bare_door.tenant.objects(MAILBOXES)) == ([], stood)


GUID = "cdbbb86ce60342489bff371876e7f224"
OF_CASE, OF_POLICY, ODD = "UniH7d895d48-7e23-4a8d-8346-533c3beac15d", f"mbx{GUID}:3", f"xyz{GUID}:1"


def test_a_hold_that_only_exchange_shows_stops_it_and_a_retention_policy_does_not(bare_door: Door) -> None:
    tenant = bare_door.tenant
    ((organisation, _),) = tenant.objects("exchange.organizationConfig").items()
    _ask(bare_door)
    before = newest(bare_door)
    _leaver(tenant, LitigationHoldEnabled=False, InPlaceHolds=[OF_POLICY, OF_CASE])
    on_case = _start(bare_door, OLD, "--yes")
    _leaver(tenant, InPlaceHolds=[OF_POLICY, ODD])
    on_odd = _start(bare_door, OLD, "--yes")
    _leaver(tenant, InPlaceHolds=[OF_POLICY])
    tenant.patch("exchange.organizationConfig", organisation, InPlaceHolds=[OF_CASE])
    on_all = _start(bare_door, OLD, "--yes")
    tenant.patch("exchange.organizationConfig", organisation, InPlaceHolds=[OF_POLICY])
    sent = writes(bare_door, before)
    started = _start(bare_door, OLD, "--yes")

    assert [on_case.exit, on_odd.exit, on_all.exit, sent, started.exit] == [5, 4, 5, [], 0]
    assert "Not started: the change reaches a person on hold" in on_case.out
    assert "because Exchange shows an unknown type of hold" in on_odd.out
    assert "Not started: the whole organisation is on hold" in on_all.out


VAULT, USERS = "google.vaultHolds", "google.users"
TEACHER = "callum.copperfield@example-primary.example"


def _hold_in_vault(tenant: Tenant, how: str, address: str = TEACHER) -> None:
    """Hold one teacher, and no one else, in Google Vault only: by account, through a unit, or in the console's chat."""
    ((place, seeded),) = tenant.objects(VAULT).items()
    ((key, account),) = [(key, one) for key, one in tenant.objects(USERS).items() if one["primaryEmail"] == TEACHER]
    tenant.patch(USERS, key, primaryEmail=address, aliases=[TEACHER] if address != TEACHER else [])
    if how == "unit":
        for other, one in tenant.objects(USERS).items():
            if other != key and one["orgUnitPath"] == "/Service accounts":
                tenant.patch(USERS, other, orgUnitPath="/Staff")
        tenant.patch(USERS, key, orgUnitPath="/Service accounts")
        return
    by_account = {"accounts": [{"accountId": account["id"]}], "corpus": how, "query": {}}
    tenant.put(VAULT, place, {**{name: value for name, value in seeded.items() if name != "orgUnit"}, **by_account})


@pytest.mark.parametrize(
    ("how", "settings", "address"),
    [
        ("MAIL", DELETING, TEACHER),
        ("unit", DELETING, TEACHER),
        ("MAIL", {**SHORTER, "mail": [TEACHER]}, TEACHER),
        ("MAIL", SHORTER, TEACHER),
        ("HANGOUTS_CHAT", {"teams_chats": "all", "keep_days": 30, "action": "delete"}, TEACHER),
        ("MAIL", {**SHORTER, "mail": [TEACHER]}, "c.copper@example-primary.example"),  # TEACHER is an alias then
    ],
)
def test_nothing_is_started_for_a_person_who_is_on_hold_only_in_google_vault(
    wide_door: Door, how: str, settings: Mapping[str, Any], address: str
) -> None:
    _release(wide_door.tenant)
    name = SEEDED if "adopt" in settings else OLD
    _ask(wide_door, name, settings)
    _hold_in_vault(wide_door.tenant, how, address)
    before, held = newest(wide_door), wide_door.tenant.objects(VAULT)

    answered, told = _start(wide_door, name, "--yes"), _start(wide_door, name, "--yes", "--json")

    assert (answered.exit, told.exit) == (5, 5), answered.out + answered.err
    assert "Not started: the change may reach a person who is on hold in Google Workspace" in answered.out
    assert "copper" not in (answered.out + answered.err + told.out + wide_door("audit", "log", "--json").out).lower()
    assert (writes(wide_door, before), wide_door.tenant.objects(VAULT)) == ([], held)


@pytest.mark.parametrize("operation", ["vault.matters.list", "vault.matters.holds.list", "directory.customers.get"])
def test_nothing_is_started_while_the_holds_of_the_other_cloud_are_unknown(wide_door: Door, operation: str) -> None:
    _release(wide_door.tenant)
    _ask(wide_door)
    wide_door.tenant.control("PUT", f"/objects/{VAULT}", {})
    wide_door.tenant.fault("refused", operation, times=1000)
    before = newest(wide_door)

    answered = _start(wide_door, OLD, "--yes")

    assert (answered.exit, writes(wide_door, before)) == (4, []), answered.out + answered.err
    assert "the holds in Google Workspace could not be read" in answered.out


def test_a_hold_in_vault_on_others_or_on_a_group_does_not_keep_a_policy_from_starting(wide_door: Door) -> None:
    tenant = wide_door.tenant
    ((place, seeded),) = tenant.objects(VAULT).items()
    (group, *_) = tenant.objects("google.groups")
    on_group = {"corpus": "GROUPS", "query": {"groupsQuery": {}}, "accounts": [{"accountId": group}]}
    whole = {name: value for name, value in seeded.items() if name != "orgUnit"}
    tenant.put(VAULT, f"{place}2", {**whole, **on_group, "holdId": f"{seeded['holdId']}2"})
    _ask(wide_door, "Office mail", {"mail": [OFFICE], "keep_days": 30, "action": "delete", "beside": True})

    started = _start(wide_door, "Office mail", "--yes")

    assert started.exit == 0, started.out + started.err


def test_a_policy_for_others_than_who_is_held_is_started_and_the_hold_stays(bare_door: Door) -> None:
    _ask(bare_door, "Office mail", {"mail": [OFFICE], "keep_days": 30, "action": "delete", "beside": True})
    stood = bare_door.tenant.objects(MAILBOXES)

    started = _start(bare_door, "Office mail", "--yes")

    assert started.exit == 0, started.out + started.err
    assert "It reaches 1 mailbox." in started.out
    assert bare_door.tenant.objects(MAILBOXES) == stood
    assert bare_door.toolkit("plan").exit == 0


def test_it_keeps_to_windows_and_freezes_unless_somebody_says_why_and_the_ledger_keeps_that(bare_door: Door) -> None:
    door, school = bare_door, bare_door.playbooks / "00-school.yaml"
    _ask(door, "Office mail", {"mail": [OFFICE], "keep_days": 30, "action": "delete", "beside": True})
    freeze = f"freezes: [{{from: 2026-11-23, to: 2026-11-27, why: inspection, controls: [{OF_KIND}]}}]\n"
    school.write_text(school.read_text() + freeze)
    door.tenant.set_now("2026-11-23T12:00:00+00:00")
    before = newest(door)

    frozen, told = _start(door, "Office mail", "--yes"), _start(door, "Office mail", "--yes", "--json")
    unsaid = _start(door, "Office mail", "--yes", "--override", " ")
    sent = writes(door, before)
    overridden = _start(door, "Office mail", "--yes", "--override", "the governors agreed it for today")

    why = "the freeze until 2026-11-27 (inspection); it will be written from Saturday 2026-11-28 00:00 on"
    assert (frozen.exit, told.exit, unsaid.exit, sent) == (5, 5, 2, [])
    assert f"Not started: {why}" in frozen.out
    assert told.json["waiting"][0]["until"] == "2026-11-28T00:00:00+00:00"
    assert overridden.exit == 0, overridden.out + overridden.err
    assert "! windows and freezes are overridden: the governors agreed it for today" in overridden.out
    last = door("audit", "log", "--last", "1", "--json").json["runs"][0]
    assert (last["command"], last["override"]) == ("retention start", "the governors agreed it for today")


def test_sites_that_are_named_are_not_started_while_anybody_is_held_since_they_may_be_anybody_s(
    bare_door: Door,
) -> None:
    one = "https://example.sharepoint.com/sites/canteen"
    _ask(bare_door, "Canteen", {"sites": [one], "keep_days": 30, "action": "delete"})
    before = newest(bare_door)

    answered = _start(bare_door, "Canteen", "--yes")

    assert (answered.exit, writes(bare_door, before)) == (4, [])
    assert "toolkit cannot see whether the change reaches their data" in answered.out


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("Get-RetentionCompliancePolicy", "could not be read"),
        ("GET /reports/getSharePointSiteUsageSiteCounts*", "the reach of the change could not be counted"),
        ("Get-Mailbox", "the holds could not be read"),
        *(
            pytest.param(operation, "the holds could not be read", marks=pytest.mark.soak)
            for operation in ("Get-OrganizationConfig", "GET /security/cases/ediscoveryCases")
        ),
    ],
)
def test_nothing_is_started_while_anything_of_it_is_unknown(bare_door: Door, operation: str, said: str) -> None:
    _release(bare_door.tenant)
    _ask(bare_door)
    bare_door.tenant.fault("refused", operation, times=1000)
    before = newest(bare_door)

    answered = _start(bare_door, OLD, "--yes")

    assert answered.exit == 4, answered.out + answered.err
    assert said in answered.out
    assert writes(bare_door, before) == []


def test_a_tenant_that_has_no_numbers_yet_is_unknown(bare_door: Door) -> None:
    _release(bare_door.tenant)
    bare_door.tenant.delete("sharepoint.siteCounts", "SharePoint")
    _ask(bare_door)
    before = newest(bare_door)

    answered = _start(bare_door, OLD, "--yes")

    assert (answered.exit, writes(bare_door, before)) == (4, [])
    assert "the report does not have the number of sites for any day" in answered.out


def test_what_is_not_refused_for_keeping_less_is_not_started(bare_door: Door) -> None:
    _ask(bare_door, "More", {"mail": "all", "files": "all", "keep_days": "unlimited"})
    before = newest(bare_door)

    answered = _start(bare_door, "More", "--yes")
    misspelt = _start(bare_door, "Moor", "--yes")

    assert (answered.exit, misspelt.exit, writes(bare_door, before)) == (5, 2, [])
    assert "toolkit does not refuse this change for deleting data sooner" in answered.out
    assert misspelt.err == "toolkit: no playbook asks for Moor: did you mean `More`?\n"


def test_without_a_terminal_or_yes_nothing_is_started(bare_door: Door) -> None:
    _release(bare_door.tenant)
    _ask(bare_door)
    before = newest(bare_door)

    answered, told = _start(bare_door), _start(bare_door, OLD, "--json")

    assert (answered.exit, told.exit, writes(bare_door, before)) == (5, 5, [])
    assert "tenants are written only after confirmation" in answered.err
    assert "--json cannot ask for confirmation" in told.err


@pytest.mark.parametrize(("typed", "code", "made"), [("yes\n", 5, {SEEDED}), ("EPS\n", 0, {SEEDED, OLD})])
def test_the_school_s_short_name_has_to_be_typed(
    bare_door: Door, monkeypatch: pytest.MonkeyPatch, typed: str, code: int, made: set[str]
) -> None:
    _release(bare_door.tenant)
    _ask(bare_door)

    ended = _at_a_terminal(bare_door, monkeypatch, typed)

    assert (ended, set(_rules(bare_door.tenant))) == (code, made)


def _at_a_terminal(door: Door, monkeypatch: pytest.MonkeyPatch, answer: str) -> int:
    """Start it with a terminal as standard input, and answer its question."""
    for name, value in door.variables.items():
        monkeypatch.setenv(name, value)
    ours, theirs = open_pseudo_terminal()
    os.write(ours, answer.encode())
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        with pytest.raises(SystemExit) as ended:
            main(["retention", "start", OLD, str(door.playbooks)])
    os.close(ours)
    return int(ended.value.code or 0)


@pytest.fixture
def live_door(schools: Schools, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Door:
    """Open the door of a school that takes the emulator, behind the vendor's names, for the real services."""
    door = schools.build({"users": 20, "school": {"domain": "oak-primary.example"}}, clouds=[MICROSOFT])
    school = door.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace("example-primary.example", "oak-primary.example"))
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, str(emulator.proxy))
    writer = door.tenant.applications["writer"]
    live = {
        "TOOLKIT_TARGET": "live",
        "TOOLKIT_CA_FILE": emulator.ca_file,
        "TOOLKIT_MICROSOFT365_AUTH": "secret",
        "TOOLKIT_MICROSOFT365_CLIENT_ID": writer["client_id"],
        "TOOLKIT_MICROSOFT365_CLIENT_SECRET": writer["client_secret"],
    }
    return Door(door.tenant, door.playbooks, door.state, {**door.variables, **live})


def test_live_a_yes_on_the_command_line_is_not_enough(live_door: Door) -> None:
    for key, one in live_door.tenant.objects(MAILBOXES).items():
        if one["LitigationHoldEnabled"]:
            live_door.tenant.patch(MAILBOXES, key, LitigationHoldEnabled=False)
    live_door.tenant.control("PUT", "/objects/graph.ediscoveryCases", {})  # live, each question about a case waits
    _ask(live_door)
    before = newest(live_door)

    answered = _start(live_door, OLD, "--yes")

    assert (answered.exit, writes(live_door, before)) == (5, []), answered.out + answered.err
    assert "It reaches 20 OneDrive sites" in answered.out
    assert "live tenants are written only after confirmation" in answered.err
