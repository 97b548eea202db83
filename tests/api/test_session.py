"""A session of the API: one sign-in and one reading for several functions, with the same reports as without it."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.school import PLAYBOOK, settings_of
from tests.api.test_json import comparable
from tests.cases import writes
from tests.door import Checkpoint, Door
from tests.emulated import SIGN_IN
from toolkit import api
from toolkit.errors import UnsafePlan

RULES = "exchange.transportRules"
ONLY_DRIFT = """\
GET /security/cases/ediscoveryCases
GET /security/cases/ediscoveryCases/{id}/legalHolds
GET /users/{id}
Get-Mailbox
vault.matters.list
vault.matters.holds.list
"""
"""The holds as they are now, which only a drift compares with those of the last drift."""
ONLY_CHECK = """\
GET /applications
GET /deviceAppManagement/vppTokens
GET /deviceManagement/androidDeviceOwnerEnrollmentProfiles
GET /deviceManagement/androidManagedStoreAccountEnterpriseSettings
GET /deviceManagement/applePushNotificationCertificate
GET /deviceManagement/depOnboardingSettings
GET /deviceManagement/managedDevices
GET /directory/subscriptions
GET /servicePrincipals
"""
"""What expires in the tenants, which is on the board of a check and in no clause of the policy."""
ONLY_CANARIES = """\
GET /groups
GET /organization
GET /users/{id}
Get-DistributionGroup
Get-HostedConnectionFilterPolicy
Get-Mailbox
Get-OrganizationConfig
cloudidentity.policies.list
directory.groups.get
directory.members.list
"""
"""The people, lists and filters that decide about the canaries of a check."""


def _sign_ins(door: Door, after: int) -> int:
    return sum(request["service"] in SIGN_IN for request in door.tenant.requests(after))


def test_plan_drift_check_and_policy_send_the_requests_of_one_of_them(
    applied_samples: Checkpoint, tmp_path: Path
) -> None:
    door = applied_samples.restore()
    school, settings = api.load(door.playbooks), settings_of(door)
    alone: dict[str, tuple[dict[str, Any], Counter[str]]] = {}
    calls: dict[str, Callable[[], Any]] = {
        "plan": lambda: api.plan(school, settings=settings),
        "detect_drift": lambda: api.detect_drift(school, settings=settings),
        "check": lambda: api.check(school, settings=settings),
        "evaluate_policy": lambda: api.evaluate_policy(school, settings=settings),
    }
    signed_in = 0
    for name, call in calls.items():
        before = door.tenant.last_request()
        alone[name] = dict(call().to_dict()), Counter(door.tenant.operations(before))
        signed_in += _sign_ins(door, before)

    door = applied_samples.restore()
    before = door.tenant.last_request()
    with api.open(school, settings=settings) as session:
        together = {name: dict(getattr(session, name)().to_dict()) for name in alone}
        sent, begun = Counter(door.tenant.operations(before)), door.tenant.last_request()
        part = session.plan(selection=api.Selection(only=("identity.mfa",)))
        session.export_report(tmp_path / "reports")
        assert door.tenant.operations(begun) == [], "a part of the playbooks, and an export, need nothing more"

    assert {control.control for control in part.plan.controls} == {"identity.mfa"}
    assert {name: comparable(told) for name, told in together.items()} == {
        name: comparable(told) for name, (told, _) in alone.items()
    }
    most = alone["evaluate_policy"][1]
    assert max(operations.total() for _, operations in alone.values()) == most.total()
    assert set(sent - most) == {*f"{ONLY_DRIFT}{ONLY_CHECK}{ONLY_CANARIES}".splitlines()}
    assert set(most - sent) == set()
    separate = sum(operations.total() for _, operations in alone.values())
    assert sent.total() < separate * 0.4, f"{sent.total()} of {separate}"
    assert _sign_ins(door, before) < signed_in / 2
    assert [run["command"] for run in door("audit", "log", "--json").json["runs"]][1:4] == ["policy", "check", "drift"]


def test_apply_reads_for_itself_and_ends_the_reading(school: Door) -> None:
    tenant, settings = school.tenant, settings_of(school)

    def rules() -> list[str]:
        return [key for key, rule in tenant.objects(RULES).items() if rule["Name"] == "Disclaimer"]

    with api.open(api.load(school.playbooks), settings=settings) as session:
        planned = session.plan()
        assert rules() == []
        other = school.toolkit("apply", "--yes")
        assert other.exit == 0, "another run writes meanwhile"
        begun = tenant.last_request()
        again = session.plan()
        assert tenant.operations(begun) != [], "the ledger shows that run, so that the session reads again"
        applied = session.apply(confirm=lambda _: True)
        after = session.plan()

        (key,) = rules()
        tenant.patch(RULES, key, PrependSubject="[by hand] ")
        same = session.plan()
        session.refresh()
        drift = session.detect_drift()

    assert [len(report.plan.changes) for report in (planned, again, after, same)] == [1, 0, 0, 0]
    assert applied.plan.changes == (), "an apply never decides by an earlier reading"
    assert [type(change) for change in drift.run.plan.changes] == [api.Update]


def test_a_refused_apply_ends_the_reading_too_and_a_session_never_writes(school: Door) -> None:
    settings, playbooks = settings_of(school), api.load(school.playbooks)
    api.apply(playbooks, confirm=lambda _: True, settings=settings)
    school.write("30-mail.yaml", PLAYBOOK.replace("Disclaimer", "Another"))
    before = school.tenant.last_request()
    with api.open(api.load(school.playbooks), settings=settings) as session:
        session.plan()
        begun = school.tenant.last_request()
        session.check()
        assert Counter(school.tenant.operations(begun)) == Counter(), "check reads nothing more here"
        with pytest.raises(UnsafePlan):
            session.apply(confirm=lambda _: True, selection=api.Selection(prune=True, allow_deletes=0))
        begun = school.tenant.last_request()
        session.plan()
        assert school.tenant.operations(begun) != []

    assert writes(school, before) == []
