"""Rows have the properties that the same rows of a real tenant have."""

import json
import os
from pathlib import Path

import pytest

from tests.emulator.exchange.asking import Exchange

_OF_POWERSHELL = {"PSComputerName", "PSShowComputerName", "RunspaceId"}


@pytest.mark.parametrize(
    ("cmdlet", "key"),
    [
        ("Get-TransportRule", "transport_rule"),
        ("Get-RemoteDomain", "remote_domains"),
        ("Get-AcceptedDomain", "accepted_domains"),
        ("Get-OrganizationConfig", "org_config"),
    ],
)
def test_a_row_has_every_property_of_a_real_tenant(exchange: Exchange, cmdlet: str, key: str) -> None:
    named = os.environ.get("TOOLKIT_CORPORA")
    if not named:
        pytest.skip("TOOLKIT_CORPORA does not say where the real tenant's answers are")
    real = json.loads((Path(named) / "scubagear-tenant.json").read_text())[key][0]

    row = exchange.rows(cmdlet)[0]

    assert set(real) - _OF_POWERSHELL <= set(row)


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
