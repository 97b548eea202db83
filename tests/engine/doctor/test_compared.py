"""When a credential ends, and what an identity has is compared with what it needs."""

from datetime import UTC, datetime, timedelta

import pytest

from toolkit.engine.doctor.diagnosis import DiagnosisState
from toolkit.engine.doctor.required_permissions import (
    NeededPermissions,
    diagnose_credential,
    diagnose_permissions,
    merge_permissions,
)
from toolkit.planning.needs import PermissionNeed
from toolkit.sdk.connector import Identity
from toolkit.sdk.permission import Credential, Grants, Permission, RoleEntry, Sort, leave_out_included

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
READS = Permission("Domain.Read.All", Sort.APPLICATION, "Graph", within=("Domain.ReadWrite.All",))
ROLE = Permission("Global Reader", Sort.ROLE, "Exchange", instead=(RoleEntry("Exchange", "View-Only Configuration"),))


@pytest.mark.parametrize(
    ("days", "state"),
    [(-1, DiagnosisState.WRONG), (29, DiagnosisState.WRONG), (31, DiagnosisState.OK), (None, DiagnosisState.NOTE)],
)
def test_a_credential_that_ends_within_thirty_days_is_a_finding(days: int | None, state: DiagnosisState) -> None:
    ends = None if days is None else NOW + timedelta(days=days)

    assert diagnose_credential(Credential("client secret", ends, "not visible"), NOW).state is state


def test_the_day_and_the_days_that_are_left_are_told() -> None:
    assert diagnose_credential(Credential("client secret", NOW + timedelta(days=17)), NOW).found == (
        "ends on 12 December 2026, in 17 days"
    )


@pytest.mark.parametrize(
    ("has", "missing", "excess"),
    [
        ({"Domain.Read.All"}, (), ()),
        ({"Domain.ReadWrite.All"}, (), ("Domain.ReadWrite.All (Graph)",)),
        ({"Mail.Send"}, ("Domain.Read.All (Graph)",), ("Mail.Send (Graph)",)),
    ],
)
def test_what_is_missing_and_what_is_too_much_is_named(
    has: set[str], missing: tuple[str, ...], excess: tuple[str, ...]
) -> None:
    needed = NeededPermissions("microsoft365", Identity.READ, (PermissionNeed(READS, ()),), ())

    found = list(diagnose_permissions(Grants({(Sort.APPLICATION, "Graph"): frozenset(has)}), needed))

    assert tuple(name for one in found for name in one.missing) == missing
    assert tuple(name for one in found for name in one.excess) == excess


def test_one_identity_that_does_both_has_nothing_too_much_for_being_able_to_write() -> None:
    writes, sends = (Permission(name, Sort.APPLICATION, "Graph") for name in ("Domain.ReadWrite.All", "Mail.Send"))
    logs = Permission("AuditLog.Read.All", Sort.APPLICATION, "Graph")
    read = NeededPermissions(
        "microsoft365", Identity.READ, (PermissionNeed(READS, ()), PermissionNeed(logs, ())), (), {}
    )
    write = NeededPermissions(
        "microsoft365", Identity.WRITE, (PermissionNeed(writes, ()),), (), {"toolkit hold": (sends,)}
    )
    has = frozenset({"Domain.ReadWrite.All", "Mail.Send"})

    found = list(diagnose_permissions(Grants({(Sort.APPLICATION, "Graph"): has}), merge_permissions([read, write])))

    assert [(one.state, one.missing, one.excess) for one in found] == [
        (DiagnosisState.MISSING, ("AuditLog.Read.All (Graph)",), ()),
        (DiagnosisState.NOTE, (), ()),
    ]
    assert found[0].advice == "toolkit permissions shows why they are needed, and the steps to grant them"


def test_a_role_that_a_role_group_may_stand_for_is_not_called_missing() -> None:
    needed = NeededPermissions("microsoft365", Identity.READ, (PermissionNeed(ROLE, ()),), ())

    found = list(
        diagnose_permissions(Grants({(Sort.ROLE, "Exchange"): frozenset()}, "role groups stand in no token"), needed)
    )

    assert {one.state for one in found} <= {DiagnosisState.OK, DiagnosisState.NOTE}
    assert "Global Reader" in found[-1].found


def test_what_only_a_role_group_has_stands_in_no_token_and_its_holder_is_not_told_that_it_lacks_it() -> None:
    logs = Permission(
        "Logs", Sort.ROLE, "Exchange", within=("Administrator",), instead=(RoleEntry("Exchange", "Logs"),)
    )

    seen = [Grants({(Sort.ROLE, "Exchange"): frozenset(names)}).lacks(logs) for names in ([], ["Administrator"])]

    assert (str(logs), seen) == ("a role group with Logs", [None, False])


def test_the_least_of_several_is_what_gives_the_others_with_all_roles_that_a_role_group_needs() -> None:
    security = Permission(
        "Security Reader",
        Sort.ROLE,
        "Compliance",
        within=("Global Reader",),
        instead=(RoleEntry("Compliance", "View"),),
    )

    (kept,) = leave_out_included([security, ROLE, ROLE])

    assert kept.name == "Global Reader"
    assert kept.instead == (RoleEntry("Compliance", "View"), RoleEntry("Exchange", "View-Only Configuration"))
