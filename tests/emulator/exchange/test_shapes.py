"""Rows have the properties that the same rows of a real tenant have."""

from collections.abc import Set as AbstractSet

import pytest

from tests.emulator.exchange.asking import Exchange
from tests.facts.real_tenant import exchange_row, property_names

_ADDED_BY_POWERSHELL = {"PSComputerName", "PSShowComputerName", "RunspaceId"}


@pytest.mark.parametrize(
    ("cmdlet", "properties"),
    [
        ("Get-TransportRule", exchange_row("transport_rule").keys()),
        ("Get-RemoteDomain", exchange_row("remote_domains").keys()),
        ("Get-AcceptedDomain", property_names("accepted_domains")),
        ("Get-OrganizationConfig", property_names("org_config")),
    ],
    ids=["Get-TransportRule", "Get-RemoteDomain", "Get-AcceptedDomain", "Get-OrganizationConfig"],
)
def test_a_row_has_every_property_of_a_real_tenant(
    exchange: Exchange, cmdlet: str, properties: AbstractSet[str]
) -> None:
    row = exchange.rows(cmdlet)[0]

    assert properties - _ADDED_BY_POWERSHELL <= set(row)


@pytest.mark.parametrize(
    ("sent", "conditions", "exceptions"),
    [
        ({"ContentMatchesPrompt": ["asks for money"]}, "ContentMatchesPrompt", None),
        ({"ExceptIfSenderInRecipientList": ["governors"]}, None, "SenderInRecipientList"),
    ],
)
def test_a_condition_that_no_parameter_sets_is_among_the_classes(
    exchange: Exchange, sent: dict[str, object], conditions: str | None, exceptions: str | None
) -> None:
    exchange.run("New-TransportRule", Name="Tomorrow", DeleteMessage=True)
    (key,) = [k for k, v in exchange.tenant.objects("exchange.transportRules").items() if v["Name"] == "Tomorrow"]
    exchange.tenant.patch("exchange.transportRules", key, **sent)

    row = exchange.one("Get-TransportRule", Identity="Tomorrow")

    assert (_short(row["Conditions"]), _short(row["Exceptions"])) == (conditions, exceptions)
    assert _short(row["Actions"]) == "DeleteMessage"


def _short(classes: list[str] | None) -> str | None:
    return classes[0].rpartition(".")[2].removesuffix("Predicate").removesuffix("Action") if classes else None
