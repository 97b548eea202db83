"""What kinds, checks and clients declare is exactly what they need: with it all works, without any of it not all."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cases import KINDS, newest, writes
from tests.door import Door
from tests.granting import APPLICATION, ROLE, SCOPE, Printed, grant, names, printed_permissions
from tests.schools import Schools
from toolkit.engine.apply.changes import apply_changes
from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.prepare_run import open_target
from toolkit.engine.read_tenants import ignore_message
from toolkit.engine.refresh import open_survey
from toolkit.engine.runs import read_ledger_records
from toolkit.errors import WriteInReadOnlyRun
from toolkit.features import extensions
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.planning.plan_states import CHANGED
from toolkit.playbook.load import load
from toolkit.sdk.connector import Connection, Identity
from toolkit.sdk.kind import Kind
from toolkit.sdk.permission import Use
from toolkit.sdk.providers import check_needs, checks, kinds, providers
from toolkit.settings.school_folder import SchoolFolder
from toolkit.settings.settings import Settings

MICROSOFT, GOOGLE = "microsoft365", "google_workspace"
# What the samples let an identity write that may only read: neither vendor has anything narrower for these.
BOTH_WAYS = {
    "google_workspace.group_footer", "google_workspace.group_posting", "google_workspace.signature",
    "google_workspace.vacation", "microsoft365.defender_indicator",
}  # fmt: skip

RULE = "google_workspace.dlp_rule"
NOT_SAMPLED = """\
playbook: not-sampled
title: What the sample school leaves as it is
owner: School Business Manager
clauses: [SYS-16]
resources:
  - microsoft365.sharing_policy: Default Sharing Policy
    enabled: false
  - microsoft365.connection_filter: Default
    ip_block_list: [198.51.100.0/24]
"""
WRITTEN = {name for name in KINDS if not kinds(name.partition(".")[0])[name.partition(".")[2]].read_only}

# What no check asks for, so that only a plan is blind without it.
BY_PLAN = {
    "Domain.Read.All", "DeviceManagementApps.Read.All", "SharePointTenantSettings.Read.All", "Ti.ReadWrite.All",
    *(
        "https://www.googleapis.com/auth/" + scope
        for scope in (
            "admin.directory.group.readonly", "admin.directory.domain.readonly", "apps.groups.settings",
            "chrome.management.policy.readonly", "cloud-identity.allowlisteddomains.readonly",
            "cloud-identity.groups.readonly",
        )
    ),
}  # fmt: skip

AT_ONCE = 12
"""Permissions that `make test` takes away at once, and alone where no reason names one; the soak takes each alone."""

HIDING = {
    "Exchange.ManageAsApp", "Organization.Read.All", "User.Read.All", "GroupMember.Read.All",
    "https://www.googleapis.com/auth/admin.directory.customer.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.readonly",
    "https://www.googleapis.com/auth/admin.directory.orgunit.readonly",
    "https://www.googleapis.com/auth/admin.directory.user.readonly",
    "https://www.googleapis.com/auth/calendar.freebusy",
}  # fmt: skip
"""Without one of these nothing is asked for that others are needed for, so that each is taken away alone."""

# What only tells who changed something: without it that is not known, as tests/engine/test_trailing.py tries.
BY_LOGS = {"View-Only Audit Logs", "https://www.googleapis.com/auth/admin.reports.audit.readonly"}


@pytest.fixture(scope="module")
def school(module_schools: Schools) -> Door:
    """Open the door of a small school with the sample playbooks; the tests of this file leave its settings alone."""
    return module_schools.build({"users": 5, "staff": 4}, samples=True, files={"90-not-sampled.yaml": NOT_SAMPLED})


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_declares_what_it_needs(kind: str) -> None:
    provider, _, name = kind.partition(".")
    found = kinds(provider)[name]

    assert found.permissions.read
    assert bool(found.permissions.write) is not found.read_only


@pytest.mark.parametrize("provider", [MICROSOFT, GOOGLE])
def test_every_check_and_every_use_of_a_tenant_declares_what_it_needs(provider: str) -> None:
    asked = {Use.TENANT, Use.PEOPLE, Use.GROUPS, Use.DIARIES, Use.SENDING, Use.HOLDS}

    assert check_needs(provider).keys() == checks(provider).keys()
    assert providers()[provider].uses().keys() >= asked


def test_with_exactly_what_is_printed_everything_can_be_read(school: Door) -> None:
    grant(school, "reader", printed_permissions(school, "read"))

    told = {command: school.toolkit(command, "--json").json for command in ("check", "drift")}

    assert {command: answer["summary"]["unknown"] for command, answer in told.items()} == dict.fromkeys(told, 0)
    assert "unknown" not in {entry["state"] for entry in told["check"]["expiry"]}


@pytest.mark.soak
def test_with_exactly_what_is_printed_the_policy_and_a_report_can_be_told(school: Door, tmp_path: Path) -> None:
    grant(school, "reader", printed_permissions(school, "read"))

    policy = school.toolkit("policy")
    exported = school("audit", "export", school.playbooks, "-o", tmp_path)

    assert (policy.exit, exported.exit) == (3, 0)  # 4 where anything could not be read


@pytest.mark.parametrize("at_once", [AT_ONCE, pytest.param(1, marks=pytest.mark.soak)])
def test_without_any_one_that_is_printed_something_is_unknown_and_it_is_named(school: Door, at_once: int) -> None:
    read = printed_permissions(school, "read")
    clouds = {MICROSOFT: names(read, MICROSOFT, APPLICATION, ROLE), GOOGLE: names(read, GOOGLE, SCOPE)[::-1]}
    unnamed = []

    for command, wanted in (("plan", True), ("check", False)):
        given = {
            cloud: [name for name in every if (name in BY_PLAN) is wanted and name not in BY_LOGS]
            for cloud, every in clouds.items()
        }
        some = {cloud: [name for name in every if name not in HIDING] for cloud, every in given.items()}
        left = _unnamed(school, read, command, some, at_once)
        alone = {cloud: [*left[cloud], *(name for name in every if name in HIDING)] for cloud, every in given.items()}
        unnamed += [*_unnamed(school, read, command, alone, 1).values()]

    assert {*clouds[MICROSOFT], *clouds[GOOGLE]} > BY_PLAN | BY_LOGS
    assert unnamed == [[]] * 4


def _unnamed(
    door: Door, read: Printed, command: str, given: Mapping[str, Sequence[str]], at_once: int
) -> Mapping[str, Sequence[str]]:
    """Take permissions away, some of each cloud at once, and list by cloud those that no reason names.

    What is missing on one cloud is not seen on the other.
    """
    unnamed: dict[str, list[str]] = {cloud: [] for cloud in given}
    for start in range(0, max(map(len, given.values())), at_once):
        without = {cloud: every[start : start + at_once] for cloud, every in given.items()}
        grant(door, "reader", read, without={name for every in without.values() for name in every})
        unknown = _unknown(door, command)
        for cloud, every in without.items():
            unnamed[cloud] += [name for name in every if name not in unknown.get(cloud, "")]
    return unnamed


def _unknown(door: Door, command: str) -> dict[str, str]:
    """Give the reasons why something is unknown, by the cloud."""
    told = door.toolkit(command, "--json").json
    if command == "plan":
        found = [(one["kind"].partition(".")[0], one["reason"]) for one in told["unknown"]]
    else:
        found = [(one["provider"], one["reason"]) for one in told["findings"] if one["status"] == "unknown"]
        found += [(one["provider"], one["reason"]) for one in told["expiry"] if one["state"] == "unknown"]
    return {cloud: "; ".join(why for of, why in found if of == cloud) for cloud, _ in found}


def test_the_identity_that_reads_is_refused_every_write_by_our_own_guard(school: Door, tmp_path: Path) -> None:
    playbooks = load(school.playbooks)
    settings = Settings("emulator", school.state, None, None, school.variables, SchoolFolder(school.playbooks.parent))
    now = datetime(2026, 11, 10, tzinfo=UTC)
    _leave_something_to_do(school)
    grant(school, "reader", printed_permissions(school, "write"))  # whatever the tenant would let it do
    before, unrefused = newest(school), set[str]()
    with (
        Ledger(tmp_path, redactor=Redactor()) as ledger,
        open_target(settings, playbooks.school) as (target, _),
        Lease(ledger, run="guard"),
    ):
        context = RunContext(
            target=target,
            run="guard",
            now=now,
            command="drift",
            identity=Identity.READ,
            read_only=True,
            extensions=extensions,
        )
        with open_survey(context, playbooks, read_ledger_records(context, None)) as survey:
            journal = Journal(ledger, context.run, now)
            journal.record_start(context, playbooks, survey.tenants)
            first = {change.address.kind_path: change for change in reversed(survey.plan.changes)}
            for kind, change in first.items():
                with suppress(WriteInReadOnlyRun):
                    apply_changes(
                        survey.plan.replace(CHANGED, [change]),
                        survey.kinds,
                        survey.connections,
                        journal,
                        ignore_message,
                    )
                    unrefused.add(kind)
            (rule,) = survey.observed.objects[RULE]
            with pytest.raises(WriteInReadOnlyRun):
                survey.kinds[RULE].endpoint.delete(survey.connections[GOOGLE], rule.remote)

    assert first.keys() == WRITTEN
    assert unrefused == {RULE}  # it asks for its detector first, which is not there: one that is there is deleted
    assert writes(school, before) == []


def test_what_may_only_read_is_refused_every_write_and_what_may_write_makes_them_all(school: Door) -> None:
    read, write = printed_permissions(school, "read"), printed_permissions(school, "write")
    _leave_something_to_do(school)
    grant(school, "reader", read)
    grant(school, "writer", read)

    refused = school.toolkit("apply", "--yes", "--json").json["outcomes"]
    grant(school, "writer", write)
    applied = school.toolkit("apply", "--yes", "--json")

    left = {one["address"] for one in refused if one["result"] != "done"}
    tried = {one["address"].partition("[")[0] for one in refused}
    wrote = {one["address"].partition("[")[0] for one in refused if one["result"] == "done"}
    assert tried == WRITTEN
    assert wrote == BOTH_WAYS
    lacked = {one.name for kind in tried - wrote for one in _kind(kind).permissions.write}
    assert lacked >= {*_names(write)} - {*_names(read)}
    assert applied.exit == 0, applied.out
    assert {one["address"] for one in applied.json["outcomes"] if one["result"] == "done"} >= left


def _leave_something_to_do(door: Door) -> None:
    """Have somebody change what the school had right already."""
    door.tenant.patch("domains", door.tenant.domain, passwordValidityPeriodInDays=90)
    group = next(key for key, one in door.tenant.objects("groups").items() if one["displayName"] == "IT support")
    door.tenant.patch("members", group, members=[])
    # Whom the sample declares, and a small school does not have.
    technician, key = f"farah.fernley@{door.tenant.domain}", "0f7a4b1e-1d2f-4c1e-9c3c-0d5a1fd0f00a"
    somebody = next(iter(door.tenant.objects("users").values()))
    door.tenant.put("users", key, {**somebody, "id": key, "mail": technician, "userPrincipalName": technician})
    leads = next(key for key, one in door.tenant.objects("google.groups").items() if one["email"].startswith("dsl@"))
    for place in door.tenant.objects("google.members"):
        if place.startswith(f"{leads}/"):
            door.tenant.delete("google.members", place)
    chromebooks = door.tenant.objects("google.chromeosDevices").items()
    labelled = next(key for key, one in chromebooks if one["status"] == "ACTIVE" and one["annotatedAssetId"])
    door.tenant.patch("google.chromeosDevices", labelled, annotatedAssetId="")
    users = door.tenant.objects("google.users")
    key = next(key for key, one in users.items() if one["orgUnitPath"] == "/Staff" and not one["suspended"])
    door.tenant.put(
        "gmail.autoForwarding", key, {"enabled": True, "emailAddress": "home@elsewhere.example", "disposition": "trash"}
    )


def _names(permissions: Printed) -> list[str]:
    return names(permissions, MICROSOFT) + names(permissions, GOOGLE)


def _kind(name: str) -> Kind[Connection]:
    provider, _, kind = name.partition(".")
    return kinds(provider)[kind]


def test_what_lets_write_although_only_reading_is_asked_for_is_marked() -> None:
    marked = {name for name in KINDS if any(one.writes for one in _kind(name).permissions.read)}

    assert marked == {*BOTH_WAYS, "google_workspace.forwarding"}
