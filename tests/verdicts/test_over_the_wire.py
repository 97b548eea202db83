"""The same proof over the wire: tenants with several faults at once lose exactly the clauses of these, and no other."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pytest

from tests.door import SAMPLES, Checkpoint, Door, open_door
from tests.emulated import FEW_PEOPLE, Emulator
from tests.verdicts.school import faultless, part_rows, table
from toolkit.playbook.load import load

DEVICES = "intune.managedDevices"
MAILBOXES = 26
"""How many mailboxes of Google the school has, which are asked for together."""

PASSING = {"met", "evidence on file", "exception accepted"}
INTUNE = [
    "windows_configuration",
    "ios_configuration",
    "android_fully_managed_configuration",
    "windows_compliance_policy",
    "ios_compliance_policy",
    "macos_compliance_policy",
    "android_work_profile_compliance_policy",
    "android_fully_managed_compliance_policy",
    "compliance_settings",
    "browser_url_policy",
    "managed_app_removal",
    "attack_surface_policy",
    "sign_in_notice",
]


@dataclass(frozen=True)
class WireFault:
    """Something that goes wrong in a tenant or in the playbooks, and the clauses that it breaks."""

    name: str
    put: Callable[[Door], object]
    breaks: Collection[str]


def _without_intune(door: Door) -> None:
    ((key, organization),) = door.tenant.objects("organization").items()
    plans = [plan for plan in organization["assignedPlans"] if plan["service"] != "SCO"]
    door.tenant.patch("organization", key, assignedPlans=plans)


def _without_disclaimer(door: Door) -> None:
    rules = door.tenant.objects("exchange.transportRules")
    door.tenant.delete(
        "exchange.transportRules", next(key for key, rule in rules.items() if rule["Name"] == "School disclaimer")
    )


def _unread_malware_policies(door: Door) -> None:
    door.tenant.fault("refused", "Get-MalwareFilterPolicy", times=1000)


def _unread_person(door: Door) -> None:
    """Refuse one person's mailbox, and once more when it is asked for on its own."""
    for nth in (3, MAILBOXES + 1):
        door.tenant.fault("refused", "gmail.users.settings.sendAs.list", nth=nth)


def _failed_test(door: Door) -> None:
    path = door.playbooks / "90-attestations.yaml"
    path.write_text(path.read_text().replace("result: passed", "result: failed"))


def _not_confirmed(door: Door) -> None:
    path = door.playbooks / "92-confirmed.yaml"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "mail.external_tag" not in line))


def _of_kinds(kinds: Collection[str], *, optional_too: bool) -> frozenset[str]:
    return frozenset(
        clause
        for row in part_rows()
        for clause in row.clauses
        if {kind.partition(".")[2] for kind in row.kinds} & set(kinds) and (optional_too or not row.optional)
    )


def _of_part(control: str, part: str) -> frozenset[str]:
    return frozenset(c for row in part_rows() if (row.control, row.part) == (control, part) for c in row.clauses)


FAULTS = (
    WireFault("Intune is not licensed", _without_intune, _of_kinds(INTUNE, optional_too=False)),
    WireFault("the disclaimer was deleted", _without_disclaimer, _of_part("mail.disclaimer", "mail rule")),
    WireFault(
        "malware policies cannot be read",
        _unread_malware_policies,
        _of_kinds(["malware_filter_policy"], optional_too=True),
    ),
    WireFault("one person's signature cannot be read", _unread_person, _of_part("mail.disclaimer", "signatures")),
    WireFault("the filter's test failed", _failed_test, _of_part("web.harmful_filter", "filtering")),
    WireFault(
        "nobody confirmed the warning", _not_confirmed, _of_part("mail.external_tag", "external recipient warning")
    ),
)
_TENANTS_OF = [tenants for number in (1, 2) for tenants in combinations(range(3), number)]
TOLD_APART = [sum(1 << fault for fault, tenants in enumerate(_TENANTS_OF) if tenant in tenants) for tenant in range(3)]
"""Three tenants with three faults each: every fault is in one or two of them, and no other fault in the same."""
OTHERS = sorted(set(range(2 ** len(FAULTS))) - set(TOLD_APART))


@pytest.fixture(scope="module")
def confirmed_school(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkpoint]:
    """Apply the samples in a school in which everything is confirmed and no computer is shared."""
    tenant = emulator.open_tenant(**FEW_PEOPLE)
    door = open_door(tenant, tmp_path_factory.mktemp("confirmed"), samples=True)
    by = "by: Head Teacher, on: 2026-10-10"
    in_the_sample = {(one.control, one.provider, one.part) for one in load(SAMPLES).attestations}
    words = "".join(
        f'  - {{control: {one.control}, provider: {one.provider}, part: "{one.part}", {by}}}\n'
        for one in faultless().playbooks.attestations
        if (one.control, one.provider, one.part) not in in_the_sample
    )
    door.write("92-confirmed.yaml", f"attestations: everything\nconfirmed:\n{words}")
    for key, device in tenant.objects(DEVICES).items():
        own = {"userId": device["userId"] or next(iter(tenant.objects("users")))}
        tenant.patch(DEVICES, key, **own, deviceCategoryDisplayName="Staff laptop")
    assert door.toolkit("apply", "--yes").exit == 0
    yield Checkpoint.of(door, tmp_path_factory.mktemp("checkpoint"))
    tenant.close()


@pytest.fixture(scope="module")
def policy(confirmed_school: Checkpoint) -> Any:
    """Return what the report says of that school without a fault."""
    return confirmed_school.restore().toolkit("policy", "--json").json


@pytest.fixture(scope="module")
def sound(policy: Any) -> set[str]:
    """Return the clauses that pass in that school without a fault."""
    return _passing(policy)


def _passing(told: Any) -> set[str]:
    return {one["clause"] for one in told["clauses"] if one["status"] in PASSING}


def _chosen(drawn: int) -> list[WireFault]:
    return [fault for place, fault in enumerate(FAULTS) if drawn >> place & 1]


def _check(school: Checkpoint, sound: set[str], drawn: int) -> None:
    door, chosen = school.restore(), _chosen(drawn)
    for fault in chosen:
        fault.put(door)

    assert _passing(door.toolkit("policy", "--json").json) == sound - {
        clause for fault in chosen for clause in fault.breaks
    }


@pytest.mark.parametrize("drawn", TOLD_APART, ids=[f"{drawn:06b}" for drawn in TOLD_APART])
def test_a_tenant_loses_exactly_the_clauses_of_its_faults(
    confirmed_school: Checkpoint, sound: set[str], drawn: int
) -> None:
    _check(confirmed_school, sound, drawn)


@pytest.mark.soak
@pytest.mark.parametrize("drawn", OTHERS, ids=[f"{drawn:06b}" for drawn in OTHERS])
def test_every_other_tenant_loses_exactly_the_clauses_of_its_faults(
    confirmed_school: Checkpoint, sound: set[str], drawn: int
) -> None:
    _check(confirmed_school, sound, drawn)


def test_a_school_in_which_everything_is_confirmed_passes_what_its_tenant_shows(policy: Any, sound: set[str]) -> None:
    assert {one["outcome"] for one in policy["verdicts"]} & {"not looked at", "unknown", "refused", "failed"} == set()
    assert len(sound & set(table()["met"])) > 20


def test_a_shared_computer_breaks_exactly_the_clauses_of_what_is_written_for_computers(
    confirmed_school: Checkpoint, sound: set[str]
) -> None:
    door = confirmed_school.restore()
    key = next(key for key, one in door.tenant.objects(DEVICES).items() if one["operatingSystem"] == "Windows")
    door.tenant.patch(DEVICES, key, deviceCategoryDisplayName="Shared")

    written = _of_kinds(["windows_configuration", "browser_url_policy"], optional_too=True)

    assert _passing(door.toolkit("policy", "--json").json) == sound - written


def test_without_intune_no_clause_is_met_that_rests_on_it_and_no_cloud_is_lost(confirmed_school: Checkpoint) -> None:
    door = confirmed_school.restore()
    _without_intune(door)

    told = {one["clause"]: one for one in door.toolkit("policy", "--json").json["clauses"]}

    lock, chat = told["SEC-08"], told["SYS-10"]
    why = "on Microsoft 365: the school's licences do not include Intune"
    assert (lock["status"], lock["because"]) == ("partly", [f"identity.idle_lock, Windows {why}"])
    assert (chat["status"], chat["because"]) == ("partly", [f"web.chat_im_block, browser lists {why}"])
    assert chat["clouds"] == {"microsoft365": "partly", "google_workspace": "met"}


def test_every_command_says_of_an_unlicensed_part_what_it_knows_and_nothing_better(
    confirmed_school: Checkpoint,
) -> None:
    door = confirmed_school.restore()
    _without_intune(door)

    plan, check = door.toolkit("plan", "--json").json, door.toolkit("check", "--json").json

    states = {name: _ways(told)["supervised iPads in this Intune"] for name, told in (("plan", plan), ("check", check))}
    assert states == {"plan": "open", "check": "not looked at"}
    (part,) = [
        part
        for control in plan["controls"]
        for part in control["parts"]
        if (control["control"], control["provider"], part["part"]) == ("identity.idle_lock", "microsoft365", "Windows")
    ]
    assert (part["level"], part["outcome"]) == ("unavailable", "unavailable")


def _ways(told: Mapping[str, Any]) -> Mapping[str, str]:
    table = next(one for one in told["coverage"] if one["control"] == "web.chat_im_block")
    return {one["surface"]: one["state"] for one in table["surfaces"]}


def test_one_unreadable_person_hides_nothing_that_is_known(confirmed_school: Checkpoint) -> None:
    door = confirmed_school.restore()
    path = door.playbooks / "92-confirmed.yaml"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "append footer" not in line))
    _unread_person(door)

    told = door.toolkit("policy", "--json").json

    clause = next(one for one in told["clauses"] if one["clause"] == "EML-18")
    unread, unconfirmed = clause["because"]
    assert clause["status"] == "partly"
    assert ": 1 of " in unread
    assert " could not be read: " in unread
    assert unconfirmed == "mail.disclaimer, append footer on Google Workspace: no one has confirmed it yet"
    assert told["counts"]["unread"] == 2


def test_a_test_that_failed_and_was_repeated_is_told_with_both_dates(policy: Any) -> None:
    clause = next(one for one in policy["clauses"] if one["clause"] == "NET-01")
    assert clause["status"] == "met"
    both = "failed on guest Wi-Fi on 6 October 2026, passed when tested again on 13 October 2026"
    assert any(both in reason for reason in clause["because"])
