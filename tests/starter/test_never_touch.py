"""Accounts that init proposes never to touch: each with its reason, from what was read, and confirmed by a person."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.microsoft365.special_accounts import read_special_accounts
from tests.emulated import FEW_PEOPLE, HANG, Emulator, Tenant
from tests.microsoft365.connected import connect
from tests.pseudo_terminal import open_pseudo_terminal
from tests.starter.test_init import words
from toolkit.playbook.load import load_school
from toolkit.sdk.connector import Identity
from toolkit.sdk.directory import Person, SpecialAccounts
from toolkit.starter.never_touch import propose

EXCLUDED = "is excluded from each of the 3 Conditional Access policies"
POLICIES = "entra.conditionalAccessPolicies"
MAY_READ = ["Organization.Read.All", "User.Read.All", "GroupMember.Read.All", "RoleManagement.Read.Directory"]


@pytest.mark.parametrize(
    ("name", "address", "proposed"),
    [
        ("Break glass 2", "admin9", "is for emergencies"),
        ("Admin", "break-glass", "is for emergencies"),
        ("Copier (front office)", "ricoh", "belongs to a program or device"),
        ("Wonde", "wonde_svc", "belongs to a program or device"),
        ("Child protection", "cp", "is for safeguarding"),
        ("Ann Scanlan", "ann.scanlan", ""),
        ("Priya Misra", "p.misra", ""),
        ("School Office", "office", ""),
    ],
)
def test_an_account_is_proposed_by_whole_words_of_its_name(name: str, address: str, proposed: str) -> None:
    person = Person("1", f"{address}@oak.example", name)

    found = propose({"1": person}, SpecialAccounts())

    assert [proposal.reasons[0].partition(" (")[0] for proposal in found] == (
        [f"its name suggests that it {proposed}"] if proposed else []
    )


def _break_glass(tenant: Tenant) -> str:
    return next(key for key, user in tenant.objects("users").items() if user["displayName"] == "Break glass")


def _reasons(tenant: Tenant) -> tuple[list[str], list[str]]:
    """Return why the emergency account is special, and what could not be read."""
    connection = connect(tenant, identity=Identity.READ, read_only=True)
    people = connection.directory(people=True, groups=()).people
    special = read_special_accounts(connection.graph, people)
    connection.close()
    return list(special.reasons.get(_break_glass(tenant), ())), list(special.unknown)


def test_an_exclusion_counts_where_every_policy_that_is_on_has_it_by_account_or_by_group(tenant: Tenant) -> None:
    key, (first, *_) = _break_glass(tenant), tenant.objects(POLICIES)
    policy = tenant.read_object(POLICIES, first)
    group = next(key for key, found in tenant.objects("groups").items() if found["displayName"] == "Teachers")

    def exclude(users: list[str], groups: list[str], state: str = "enabled") -> tuple[list[str], list[str]]:
        left_out = {**policy["conditions"]["users"], "excludeUsers": users, "excludeGroups": groups}
        tenant.patch(POLICIES, first, conditions={**policy["conditions"], "users": left_out}, state=state)
        return _reasons(tenant)

    administrator = "is a Global Administrator without a mailbox licence"
    assert exclude([key], []) == ([administrator, EXCLUDED], [])
    assert exclude([], []) == ([administrator], [])
    assert exclude([], [], "disabled") == ([administrator, EXCLUDED.replace("3", "2")], [])
    tenant.put("members", group, {"members": [key]})
    assert exclude([], [group]) == ([administrator, EXCLUDED], [])


def test_what_may_not_be_read_is_named_and_nothing_is_claimed_of_it(tenant: Tenant) -> None:
    tenant.grant("reader", roles=MAY_READ)

    reasons, unknown = _reasons(tenant)

    assert reasons == ["is a Global Administrator without a mailbox licence"]
    assert [reason.partition(":")[0] for reason in unknown] == ["exclusions from Conditional Access are unknown"]


@pytest.mark.parametrize(("typed", "protects"), [("", True), pytest.param("-", False, marks=pytest.mark.soak)])
def test_in_a_terminal_enter_confirms_all_and_a_dash_none(
    emulator: Emulator,
    typed: str,
    protects: bool,  # noqa: FBT001
    tmp_path: Path,
) -> None:
    tenant = emulator.borrow_tenant(**FEW_PEOPLE)
    state = tmp_path / "school/.toolkit/emulator"
    state.mkdir(parents=True)
    (state / "serve.json").write_text(json.dumps(dict(emulator.line)))
    ours, theirs = open_pseudo_terminal()
    os.write(ours, f"{typed}\ny\n".encode())
    bound = {"domains": tenant.domain, "tenants": tenant.customer_id, "groups": "staff=/Staff"}
    answers = words(
        run_by="the school", approved_by="Head Teacher", supported_by="", other_systems="", phase="primary", **bound
    )
    command = [sys.executable, "-m", "toolkit", "init", "school", "--from-tenant", "--nation", "England", *answers]

    done = subprocess.run(
        command, stdin=theirs, capture_output=True, text=True, check=False, timeout=HANG, cwd=tmp_path
    )
    os.close(theirs)
    os.close(ours)
    tenant.close()

    assert done.returncode == 0, done.stderr
    assert "Enter confirms all of these, - leaves them for later" in done.stderr
    school = load_school(tmp_path / "school/playbooks").school
    assert (f"workspace-admin@{tenant.domain}" in school.protected.accounts) is protects
    assert ("protected" in school.unanswered_keys) is not protects
    assert [path.name for path in tmp_path.iterdir()] == ["school"], "state is beside the playbooks"
