"""Every parameter of a transport rule that works in Exchange Online can be set, is shown, and can be cleared."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from connectors.emulator.microsoft365.exchange import SERVICE, seed
from connectors.emulator.microsoft365.exchange.formats import MEMBERS
from connectors.emulator.microsoft365.exchange.parameters import CmdletParameter, Reach
from connectors.emulator.microsoft365.exchange.rules import BLANK, NEW, PARTS, SET
from connectors.emulator.service import Answer, Call, Principal
from connectors.emulator.store import Store
from connectors.emulator.tenants import make_school
from tests.emulated import FEW_PEOPLE

TENANT = "11111111-2222-3333-4444-555555555555"
SAMPLES: dict[str, object] = {
    "Boolean": True,
    "ByteQuantifiedSize": "10 MB (10,485,760 bytes)",
    "MultiValuedProperty": ["192.0.2.0/24", "198.51.100.1-198.51.100.9"],
    "OutboundConnectorIdParameter": "MIS gateway",
    "Pattern[]": [r"\bhomework\b"],
    "RecipientIdParameter": "office@example-primary.example",
    "RecipientIdParameter[]": ["all-staff@example-primary.example"],
    "RejectEnhancedStatus": "5.7.900",
    "SclValue": 5,
    "Word[]": ["alpha", "beta"],
}
WORKING = [part for part in PARTS if part.reach is Reach.WORKS]


def _sample(parameter: CmdletParameter) -> Any:
    members = MEMBERS.get(parameter.kind.removesuffix("[]"))
    if members:
        return [members[-1]] if parameter.kind.endswith("[]") else members[-1]
    return SAMPLES.get(parameter.kind, "some-text")


@pytest.fixture(scope="module")
def seeded() -> Iterator[Store]:
    school = make_school(TENANT, users=FEW_PEOPLE["users"], staff=FEW_PEOPLE["staff"])
    with closing(Store(None)) as store:
        for collection, bodies in seed(school).items():
            store.replace(TENANT, collection, bodies)
        yield store


@pytest.fixture
def store(seeded: Store) -> Iterator[Store]:
    """Give the school's store as it was seeded: what a test writes is taken back."""
    seeded._database.execute("begin")
    yield seeded
    seeded._database.execute("rollback")


def _run(store: Store, cmdlet: str, **parameters: object) -> Answer:
    roles = frozenset({"Exchange.ManageAsApp"})
    principal = Principal(TENANT, "app", "https://outlook.office365.com", roles, frozenset({"Exchange Administrator"}))
    body = json.dumps({"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}).encode()
    path = f"/adminapi/beta/{TENANT}/InvokeCommand"
    return SERVICE.answer(Call("POST", path, (), {}, body, "https://outlook.office365.com", principal), store)


def _shown(store: Store) -> dict[str, Any]:
    answer = _run(store, "Get-TransportRule", Identity="Sample").body
    assert isinstance(answer, dict)
    (row,) = answer["value"]
    assert isinstance(row, dict)
    return row


def test_160_parameters_work_in_exchange_online() -> None:
    assert sum(parameter.reach is Reach.WORKS for parameter in {**NEW, **SET}.values()) == 160


@pytest.mark.parametrize("parameter", WORKING, ids=lambda parameter: parameter.name)
def test_a_part_is_set_and_shown_and_cleared(store: Store, parameter: CmdletParameter) -> None:
    wanted = {name: _sample(NEW[name.lower()]) for name in (parameter.name, *parameter.needs)}
    another = {"Quarantine": True} if parameter.name == "StopRuleProcessing" else {"StopRuleProcessing": True}

    made = _run(store, "New-TransportRule", Name="Sample", **wanted, **another)
    shown = _shown(store)
    unset = _run(store, "Set-TransportRule", Identity="Sample", **dict.fromkeys(wanted))
    after = _shown(store)

    assert made.status == 200
    assert {name: shown[name] for name in wanted} == wanted
    described = {"condition": "Conditions", "exception": "Exceptions", "action": "Actions"}[parameter.role]
    assert shown[described]
    assert unset.status == 200
    assert {name: after[name] for name in wanted} == {name: BLANK[name] for name in wanted}


@pytest.mark.parametrize("name", sorted(parameter.name for parameter in NEW.values() if parameter.needs))
def test_half_of_a_pair_is_refused(store: Store, name: str) -> None:
    half = {name: _sample(NEW[name.lower()])}

    answer = _run(store, "New-TransportRule", Name="Sample", StopRuleProcessing=True, **half)

    assert answer.status == 400


@pytest.mark.parametrize(
    "name", [parameter.name for parameter in NEW.values() if parameter.reach in {Reach.IGNORED, Reach.RESERVED}]
)
def test_what_only_works_on_premises_is_taken_and_ignored(store: Store, name: str) -> None:
    answer = _run(store, "New-TransportRule", Name="Sample", StopRuleProcessing=True, **{name: "anything"})

    assert answer.status == 200
    assert not _shown(store).get(NEW[name.lower()].property_name)


@pytest.mark.parametrize("name", ["DomainController", "IncidentReportOriginalMail", "Bogus"])
def test_what_exchange_online_does_not_have_is_refused(store: Store, name: str) -> None:
    answer = _run(store, "New-TransportRule", Name="Sample", StopRuleProcessing=True, **{name: "anything"})

    assert answer.status == 400
