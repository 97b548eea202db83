"""The same proof over the wire: tenants with several faults at once lose exactly the clauses of these, and no other."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.door import SAMPLES, Checkpoint, Door
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


def _not_confirmed(door: Door, part: str = "mail.external_tag") -> None:
    path = door.playbooks / "92-confirmed.yaml"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if part not in line))


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
TOGETHER = ((0, 3, 5), (1, 2, 4))
"""Two tenants with three faults each, by their place; no two faults of one tenant break the same clause."""


def _confirmed(samples: Checkpoint) -> Door:
    """Open the school of the samples with everything confirmed and no computer shared."""
    door = samples.restore()
    by = "by: Head Teacher, on: 2026-10-10"
    in_the_sample = {(one.control, one.provider, one.part) for one in load(SAMPLES).attestations}
    words = "".join(
        f'  - {{control: {one.control}, provider: {one.provider}, part: "{one.part}", {by}}}\n'
        for one in faultless().playbooks.attestations
        if (one.control, one.provider, one.part) not in in_the_sample
    )
    door.write("92-confirmed.yaml", f"attestations: everything\nconfirmed:\n{words}")
    for key, device in door.tenant.objects(DEVICES).items():
        own = {"userId": device["userId"] or next(iter(door.tenant.objects("users")))}
        door.tenant.patch(DEVICES, key, **own, deviceCategoryDisplayName="Staff laptop")
    return door


@pytest.fixture(scope="module")
def policy(applied_samples: Checkpoint) -> Any:
    """Return what the report says of that school without a fault."""
    return _confirmed(applied_samples).toolkit("policy", "--json").json


@pytest.fixture(scope="module")
def sound(policy: Any) -> set[str]:
    """Return the clauses that pass in that school without a fault."""
    return _passing(policy)


def _passing(told: Any) -> set[str]:
    return {one["clause"] for one in told["clauses"] if one["status"] in PASSING}


def _put(door: Door, places: Collection[int]) -> set[str]:
    """Put faults into a school, and return the clauses that they break."""
    for place in places:
        FAULTS[place].put(door)
    return {clause for place in places for clause in FAULTS[place].breaks}


@pytest.fixture(scope="module")
def unlicensed(applied_samples: Checkpoint) -> Mapping[str, Any]:
    """Return each answer about a tenant with the first faults, in which the footer is not confirmed either."""
    door = _confirmed(applied_samples)
    _put(door, TOGETHER[0])
    _not_confirmed(door, "append footer")
    return {command: door.toolkit(command, "--json").json for command in ("policy", "plan", "check")}


def test_a_tenant_without_intune_loses_exactly_the_clauses_of_its_faults(
    unlicensed: Mapping[str, Any], sound: set[str]
) -> None:
    broken = {clause for place in TOGETHER[0] for clause in FAULTS[place].breaks}

    assert _passing(unlicensed["policy"]) == sound - broken


@pytest.mark.soak
def test_a_tenant_with_a_shared_computer_loses_exactly_the_clauses_of_its_faults(
    applied_samples: Checkpoint, sound: set[str]
) -> None:
    door = _confirmed(applied_samples)
    broken = _put(door, TOGETHER[1]) | _share_computer(door)

    assert _passing(door.toolkit("policy", "--json").json) == sound - broken


@pytest.mark.soak
@pytest.mark.parametrize("drawn", range(2 ** len(FAULTS)), ids=[f"{drawn:06b}" for drawn in range(2 ** len(FAULTS))])
def test_every_tenant_loses_exactly_the_clauses_of_its_faults(
    applied_samples: Checkpoint, sound: set[str], drawn: int
) -> None:
    door = _confirmed(applied_samples)
    broken = _put(door, [place for place in range(len(FAULTS)) if drawn >> place & 1])

    assert _passing(door.toolkit("policy", "--json").json) == sound - broken


@pytest.mark.soak
def test_a_shared_computer_breaks_exactly_the_clauses_of_what_is_written_for_computers(
    applied_samples: Checkpoint, sound: set[str]
) -> None:
    door = _confirmed(applied_samples)
    broken = _share_computer(door)

    assert _passing(door.toolkit("policy", "--json").json) == sound - broken


def _share_computer(door: Door) -> frozenset[str]:
    """Share one computer, and return the clauses that rest on what is written for computers."""
    key = next(key for key, one in door.tenant.objects(DEVICES).items() if one["operatingSystem"] == "Windows")
    door.tenant.patch(DEVICES, key, deviceCategoryDisplayName="Shared")
    return _of_kinds(["windows_configuration", "browser_url_policy"], optional_too=True)


def test_a_school_in_which_everything_is_confirmed_passes_what_its_tenant_shows(policy: Any, sound: set[str]) -> None:
    assert {one["outcome"] for one in policy["verdicts"]} & {"not looked at", "unknown", "refused", "failed"} == set()
    assert len(sound & set(table()["met"])) > 20


def test_without_intune_no_clause_is_met_that_rests_on_it_and_no_cloud_is_lost(unlicensed: Mapping[str, Any]) -> None:
    told = {one["clause"]: one for one in unlicensed["policy"]["clauses"]}

    lock, chat = told["SEC-08"], told["SYS-10"]
    why = "on Microsoft 365: the school's licences do not include Intune"
    assert (lock["status"], lock["because"]) == ("partly", [f"identity.idle_lock, Windows {why}"])
    assert (chat["status"], chat["because"]) == ("partly", [f"web.chat_im_block, browser lists {why}"])
    assert chat["clouds"] == {"microsoft365": "partly", "google_workspace": "met"}


def test_every_command_says_of_an_unlicensed_part_what_it_knows_and_nothing_better(
    unlicensed: Mapping[str, Any],
) -> None:
    states = {name: _ways(unlicensed[name])["supervised iPads in this Intune"] for name in ("plan", "check")}
    assert states == {"plan": "open", "check": "not looked at"}
    (part,) = [
        part
        for control in unlicensed["plan"]["controls"]
        for part in control["parts"]
        if (control["control"], control["provider"], part["part"]) == ("identity.idle_lock", "microsoft365", "Windows")
    ]
    assert (part["level"], part["outcome"]) == ("unavailable", "unavailable")


def _ways(told: Mapping[str, Any]) -> Mapping[str, str]:
    table = next(one for one in told["coverage"] if one["control"] == "web.chat_im_block")
    return {one["surface"]: one["state"] for one in table["surfaces"]}


def test_one_unreadable_person_hides_nothing_that_is_known(unlicensed: Mapping[str, Any]) -> None:
    told = unlicensed["policy"]

    clause = next(one for one in told["clauses"] if one["clause"] == "EML-18")
    unread, unconfirmed = clause["because"]
    assert clause["status"] == "partly"
    assert ": 1 of " in unread
    assert " could not be read: " in unread
    assert unconfirmed == "mail.disclaimer, append footer on Google Workspace: no one has confirmed it yet"
    assert told["counts"]["unread"] == 2


@pytest.mark.soak
def test_a_school_with_mail_on_google_alone_is_judged_by_google(applied_samples: Checkpoint, policy: Any) -> None:
    door = _confirmed(applied_samples)
    before, tenant = _clauses(policy), door.tenant
    for key, person in tenant.objects("users").items():
        plans = [{**one, "capabilityStatus": "Suspended"} for one in person["assignedPlans"] if _is_mail(one)]
        tenant.patch("users", key, assignedPlans=plans)
    _without_disclaimer(door)

    told = door.toolkit("policy", "--json").json

    here = [one for one in told["verdicts"] if _is_here(one)]
    assert len(here) > 10
    assert {one["outcome"] for one in here} == {"not used"}
    counts = [count for one in here if (count := one["grounds"][0]["count"])]
    assert len(counts) > 10
    assert all(count["ok"] == 0 and count["of"] >= 10 for count in counts)
    after = _clauses(told)
    of_mail = {name: clouds for name, clouds in before.items() if name in {"EML-03", "EML-18", "EML-19", "EML-21"}}
    assert {name: after[name] for name in of_mail} == {
        name: {"google_workspace": clouds["google_workspace"]} for name, clouds in of_mail.items()
    }
    checked = [one for one in door.toolkit("check", "--json").json["findings"] if _is_here(one)]
    assert len(checked) > 3
    assert {one["outcome"] for one in checked} == {"not used"}


def _is_here(told: Mapping[str, str]) -> bool:
    return told["provider"] == "microsoft365" and told["control"].startswith("mail.")


def _clauses(told: Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    return {one["clause"]: one["clouds"] for one in told["clauses"]}


def _is_mail(plan: Mapping[str, str]) -> bool:
    return plan["service"] == "exchange"


def test_a_test_that_failed_and_was_repeated_is_told_with_both_dates(policy: Any) -> None:
    clause = next(one for one in policy["clauses"] if one["clause"] == "NET-01")
    assert clause["status"] == "met"
    both = "failed on guest Wi-Fi on 6 October 2026, passed when tested again on 13 October 2026"
    assert any(both in reason for reason in clause["because"])
