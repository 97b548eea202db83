"""Indicators of Defender: what must not be blocked, what stays of an indicator, and whose it is."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.kinds.defender_indicator import KIND
from tests.cases import playbook, resource
from tests.door import Door
from tests.emulated import Tenant
from toolkit.errors import ServiceError
from toolkit.sdk.endpoint import Bulk, Everything, NamedOnly, Write
from toolkit.sdk.ownership import MARK
from toolkit.sdk.resource import Address, Observed, Remote

STORED = "defender.indicators"
KIND_NAME = "microsoft365.defender_indicator"


def ask_for(door: Door, host: str, **settings: Any) -> None:
    door.write("10-indicators.yaml", playbook(resource(KIND_NAME, host, settings)))


def stored(tenant: Tenant, host: str) -> Mapping[str, Any]:
    (found,) = [one for one in tenant.objects(STORED).values() if one["indicatorValue"] == host]
    return found


@pytest.mark.parametrize("host", ["web.whatsapp.com", "whatsapp.com", "discord.com", "g.whatsapp.net"])
def test_a_host_that_nothing_needs_may_be_blocked(host: str) -> None:
    assert KIND.names.check(host) is None


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("login.microsoftonline.com", "must stay open"),
        ("microsoftonline.com", "must stay open"),
        ("google.com", "must stay open"),
        ("*.whatsapp.com", "is not a host"),
        ("https://web.whatsapp.com", "is not a host"),
        ("203.0.113.66", "is not a host"),
        ("Web.WhatsApp.com", "lower case: web.whatsapp.com"),
    ],
)
def test_a_host_that_is_needed_or_none_is_refused(host: str, reason: str) -> None:
    assert reason in str(KIND.names.check(host))


def test_a_needed_host_is_refused_at_its_line(bare_door: Door) -> None:
    ask_for(bare_door, "login.microsoftonline.com", action="Block")

    answer = bare_door.toolkit("validate")

    assert answer.exit == 2
    assert "10-indicators.yaml:6: microsoft365.defender_indicator[login.microsoftonline.com]: this would affect" in (
        answer.out + answer.err
    )


def test_indicators_of_other_types_are_left_alone(connection: Microsoft365) -> None:
    seen = list(KIND.endpoint.read(connection, Everything()))
    (named,) = KIND.endpoint.read(connection, NamedOnly(frozenset({"thepiratebay.org"})))

    assert [one.name for one in seen] == ["thepiratebay.org", "crackedgames.example"]
    assert named.name == "thepiratebay.org"


def test_many_indicators_are_written_in_few_requests(connection: Microsoft365, tenant: Tenant) -> None:
    endpoint, body = KIND.endpoint, KIND.spec.body(KIND.spec.desired({}))
    assert isinstance(endpoint, Bulk)

    answers = endpoint.write_many(connection, [Write(f"host{n}.example", body, None) for n in range(600)])

    assert not [answer for answer in answers if isinstance(answer, ServiceError)]
    assert len(tenant.objects(STORED)) == 603
    assert tenant.operations() == ["POST /api/indicators/import"] * 2


def test_what_a_playbook_does_not_speak_of_survives_a_change(bare_door: Door) -> None:
    ask_for(bare_door, "web.whatsapp.com")
    bare_door.toolkit("apply", "--yes")
    key = str(stored(bare_door.tenant, "web.whatsapp.com")["id"])
    bare_door.tenant.patch(STORED, key, recommendedActions="Ring the office", generateAlert=True, title="Somebody's")
    ask_for(bare_door, "web.whatsapp.com", action="Warn")

    answer = bare_door.toolkit("apply", "--yes")

    there = stored(bare_door.tenant, "web.whatsapp.com")
    assert answer.exit == 0
    assert (there["action"], there["recommendedActions"], there["generateAlert"], there["title"]) == (
        "Warn", "Ring the office", True, "Somebody's",
    )  # fmt: skip
    assert there["description"] == f"{MARK}."


def test_one_that_only_records_raises_alerts_and_one_that_blocks_then_does_not(bare_door: Door) -> None:
    ask_for(bare_door, "web.whatsapp.com", action="Audit")
    bare_door.toolkit("apply", "--yes")
    recording = stored(bare_door.tenant, "web.whatsapp.com")
    ask_for(bare_door, "web.whatsapp.com", action="Block")

    plan = bare_door.toolkit("plan")
    bare_door.toolkit("apply", "--yes")

    assert recording["generateAlert"] is True
    assert stored(bare_door.tenant, "web.whatsapp.com")["generateAlert"] is False
    assert "the indicator begins to act: until now it only recorded" in plan.out


def test_the_title_is_the_host_where_nobody_says_another(bare_door: Door) -> None:
    ask_for(bare_door, "web.whatsapp.com")

    bare_door.toolkit("apply", "--yes")

    assert stored(bare_door.tenant, "web.whatsapp.com")["title"] == "web.whatsapp.com"


def test_somebody_elses_indicator_of_the_same_host_is_not_overwritten(bare_door: Door) -> None:
    before = bare_door.tenant.objects(STORED)
    ask_for(bare_door, "thepiratebay.org", action="Warn")

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 5
    assert "thepiratebay.org" in answer.out
    assert bare_door.tenant.objects(STORED) == before


@pytest.mark.soak
def test_what_the_service_refuses_of_many_is_told_with_its_reason(connection: Microsoft365, tenant: Tenant) -> None:
    endpoint, body = KIND.endpoint, KIND.spec.body(KIND.spec.desired({}))
    assert isinstance(endpoint, Bulk)
    tenant.control("PUT", f"/objects/{STORED}", _full(tenant, 14_998))

    written, refused = endpoint.write_many(
        connection, [Write("web.telegram.org", body, None), Write("discord.com", body, None)]
    )

    assert not isinstance(written, ServiceError)
    assert isinstance(refused, ServiceError)
    assert "There is a limit of 15000 active indicators per tenant." in str(refused)


def _full(tenant: Tenant, count: int) -> Mapping[str, Any]:
    """Make so many indicators of hosts, and one of an address, which the service counts too."""
    template = tenant.objects(STORED)["1"]
    hosts = {str(n): {**template, "id": str(n), "indicatorValue": f"host{n}.example"} for n in range(1, count + 1)}
    return {**hosts, "20000": {**tenant.objects(STORED)["3"], "id": "20000"}}


def test_an_indicator_that_somebody_else_removed_is_gone(connection: Microsoft365, tenant: Tenant) -> None:
    KIND.endpoint.delete(connection, Remote("1", "thepiratebay.org", {}))

    assert "1" not in tenant.objects(STORED)


@pytest.mark.parametrize(
    ("before", "after", "begins"), [("Audit", "Warn", True), ("Block", "Warn", False), ("Audit", "Allowed", False)]
)
def test_a_change_from_recording_to_acting_is_named(before: str, after: str, *, begins: bool) -> None:
    remote = Remote("1", "web.whatsapp.com", {})
    seen = Observed(Address("microsoft365", "defender_indicator", remote.name), {"action": before}, remote)

    assert bool(KIND.lifecycle.promotion(seen, {"action": after})) is begins
