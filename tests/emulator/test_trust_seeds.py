"""The seeds of a trust: ten schools in one tenant and customer, and a trust with several tenants."""

from collections.abc import Iterator

import pytest

from tests.emulated import Emulator, Tenant

TREES = ("oak", "elm", "ash", "beech", "birch", "cedar", "hazel", "larch", "maple", "rowan")


@pytest.fixture(scope="module")
def trust(emulator: Emulator) -> Iterator[Tenant]:
    tenant = emulator.open_tenant(seed="trust")
    yield tenant
    tenant.close()


def test_the_tenant_has_the_domains_of_all_schools_at_both_clouds(trust: Tenant) -> None:
    expected = {"harbour.example", *(f"{tree}.example" for tree in TREES)}

    graph = {domain["id"] for domain in trust.graph("/v1.0/domains").json()["value"]}
    exchange = {domain["DomainName"] for domain in trust.objects("exchange.acceptedDomains").values()}
    google = {name: domain["isPrimary"] for name, domain in trust.objects("google.domains").items()}
    assert graph - {trust.initial_domain} == exchange - {trust.initial_domain} == google.keys() == expected
    assert [name for name, primary in google.items() if primary] == ["harbour.example"]
    assert {name for name, record in trust.objects("dns.records").items() if record.get("zone")} >= expected


def test_each_school_has_groups_and_units_with_its_own_people(trust: Tenant) -> None:
    groups = {group["mail"]: key for key, group in trust.objects("groups").items() if group["mail"]}
    people = trust.objects("users")
    units = {unit["orgUnitPath"] for unit in trust.objects("google.orgunits").values()}
    for tree in TREES:
        members = trust.read_object("members", groups[f"{tree}-all@harbour.example"])["members"]
        domains = {str(people[member]["mail"]).partition("@")[2] for member in members}
        assert f"{tree}.example" in domains
        assert {f"/{tree.title()}{part}" for part in ("", "/Staff", "/Pupils", "/Devices")} <= units
    homes = {user["orgUnitPath"].split("/")[1] for user in trust.objects("google.users").values()}
    assert {tree.title() for tree in TREES} | {"Central"} <= homes


def test_a_teacher_of_oak_is_in_the_groups_of_elm_too(trust: Tenant) -> None:
    groups = {group["mail"]: key for key, group in trust.objects("groups").items() if group["mail"]}
    oak, elm = (
        set(trust.read_object("members", groups[f"{tree}-staff@harbour.example"])["members"]) for tree in ("oak", "elm")
    )

    (both,) = oak & elm
    assert trust.read_object("users", both)["department"] == "Oak"


def test_a_group_was_renamed_and_an_old_rule_concerns_the_whole_tenant(trust: Tenant) -> None:
    addresses = {group["displayName"]: group["mail"] for group in trust.objects("groups").values()}
    rules = {rule["Name"]: rule for rule in trust.objects("exchange.transportRules").values()}

    assert addresses["Ash colleagues"] == "ash-colleagues@harbour.example"
    old = rules["Disclaimer of the trust (2021)"]
    assert (old["FromScope"], old["FromMemberOf"]) == ("InOrganization", None)


@pytest.mark.parametrize(
    ("place", "domain"), [*enumerate(["harbour.example", "willow.example", "poplar.example", "alder.example"])]
)
def test_the_mixed_trust_has_four_tenants(emulator: Emulator, place: int, domain: str) -> None:
    tenant = emulator.open_tenant(seed="mixed", place=place)

    assert tenant.domain == domain
    assert tenant.graph("/v1.0/users", application="writer").status_code == (403 if domain == "poplar.example" else 200)
    plans = {plan["service"] for plan in next(iter(tenant.objects("organization").values()))["assignedPlans"]}
    assert ("SCO" in plans) == (domain != "alder.example")
    tenant.close()
