"""The emulator agrees with the contracts it is written from: parameters, limits and the shapes of answers."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.emulator.microsoft365.exchange import rules as table
from connectors.emulator.microsoft365.exchange.formats import MEMBERS
from connectors.emulator.microsoft365.exchange.parameters import CmdletParameter, Reach
from connectors.emulator.microsoft365.exchange.rules import NEW, SET
from tests.emulator.exchange.asking import Exchange

Answered = Callable[[str], Mapping[str, Any]]
_REACH = {
    Reach.WORKS: "yes",
    Reach.IGNORED: "ignored-on-prem-only",
    Reach.ABSENT: "absent-on-prem-only",
    Reach.RESERVED: "reserved-do-not-send",
    Reach.UNSET: "leave-unset",
}
_OWN_KINDS = {"AuditSeverity": "String"}  # text with a list of values, in PowerShell's eyes
_OWN_SETTINGS = {"Identity": "RuleIdParameter"}


def _as_contract(parameter: CmdletParameter) -> dict[str, object]:
    kind = parameter.kind.removesuffix("[]")
    return {
        "type": _OWN_SETTINGS.get(parameter.name) or _OWN_KINDS.get(parameter.kind, parameter.kind),
        "role": parameter.role.value,
        "in_new": parameter.name.lower() in NEW,
        "in_set": parameter.name.lower() in SET,
        "reach": _REACH[parameter.reach],
        "values": set(MEMBERS.get(kind, ())),
        "longest": parameter.longest,
        "most": parameter.most,
        "lowest": parameter.lowest,
        "highest": parameter.highest,
        "needs": list(parameter.needs),
        "default": parameter.default,
        "shown": parameter.shown,
    }


def _contracted(row: Mapping[str, Any]) -> dict[str, object]:
    return {
        "type": row["ps_type"],
        "role": row["role"],
        "in_new": row["in_new"],
        "in_set": row["in_set"],
        "reach": row["exchange_online"].partition(" ")[0],
        "values": set(row.get("accepted_values", ())),
        "longest": row.get("max_characters"),
        "most": row.get("max_items"),
        "lowest": row.get("minimum"),
        "highest": row.get("maximum"),
        "needs": row.get("requires", []),
        "default": row.get("default"),
        "shown": (row["output"] or {}).get("property", row["name"]),
    }


def test_the_table_of_parameters_is_the_contract_s(contracts: Path) -> None:
    table = json.loads((contracts / "transport_rule_parameters.json").read_text())["parameters"]

    ours = {parameter.name: _as_contract(parameter) for parameter in {**NEW, **SET}.values()}

    assert ours == {row["name"]: _contracted(row) for row in table}


def test_the_limits_are_the_contract_s(contracts: Path) -> None:
    told = json.loads((contracts / "transport_rule_parameters.json").read_text())["limits"]

    assert told["rules_per_organisation"] == table.RULES
    assert told["bytes_per_rule"] == table.BYTES
    assert told["regex_characters_all_rules"] == table.EXPRESSIONS


def _shape(value: object) -> object:
    """Reduce a value to its keys and JSON types; rows may hold more than were recorded."""
    if isinstance(value, Mapping):
        return {key: _shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])] if value else []
    return type(value).__name__


def _assert_holds(answer: Mapping[str, Any], recorded: Mapping[str, Any]) -> None:
    missing = {key for key in recorded if key not in answer}
    assert not missing
    typed = {key for key in recorded if "@" not in key and recorded[key] is not None and answer[key] is not None}
    assert {key: type(answer[key]) for key in typed} == {key: type(recorded[key]) for key in typed}


_READ = {
    "exo_get_hostedoutboundspamfilterpolicy": "Get-HostedOutboundSpamFilterPolicy",
    "exo_get_mailbox": "Get-Mailbox",
    "exo_get_malwarefilterpolicy": "Get-MalwareFilterPolicy",
    "exo_get_remotedomain": "Get-RemoteDomain",
}


@pytest.mark.parametrize(("name", "cmdlet"), _READ.items())
def test_a_read_answers_as_recorded(exchange: Exchange, answered: Answered, name: str, cmdlet: str) -> None:
    recorded = answered(name)["body"]

    answer = exchange.run(cmdlet)

    assert {**_envelope(answer.json()), "value": []} == {**_envelope(recorded), "value": []}
    _assert_holds(answer.json()["value"][0], recorded["value"][0])


def test_transport_rules_answer_as_recorded(exchange: Exchange, answered: Answered) -> None:
    recorded = answered("exo_get_transportrule")
    for name in list(exchange.tenant.objects("exchange.transportRules")):
        exchange.tenant.delete("exchange.transportRules", name)
    first, second = recorded["body"]["value"]
    exchange.run(
        "New-TransportRule",
        Name=first["Name"],
        FromScope=first["FromScope"],
        ApplyHtmlDisclaimerText=first["ApplyHtmlDisclaimerText"],
        ApplyHtmlDisclaimerLocation="Prepend",
        ApplyHtmlDisclaimerFallbackAction="Ignore",
        StopRuleProcessing=True,
    )
    exchange.run(
        "New-TransportRule",
        Name=second["Name"],
        AttachmentExtensionMatchesWords=["exe", "js"],
        RejectMessageReasonText=second["RejectMessageReasonText"],
        Enabled=False,
    )

    answer = exchange.run("Get-TransportRule")

    assert recorded["headers"].keys() <= {name.title() for name in answer.headers}
    for row, wanted in zip(answer.json()["value"], (first, second), strict=True):
        assert set(wanted) <= set(row)
        assert {key: row[key] for key in _settings(wanted)} == _settings(wanted)


def _settings(row: Mapping[str, Any]) -> dict[str, Any]:
    """Take what a rule does, without who made it when and under which ids."""
    own = {"Guid", "ImmutableId", "DistinguishedName", "WhenChanged", "CreatedBy", "LastModifiedBy", "Description"}
    return {key: value for key, value in row.items() if key not in own}


def _envelope(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: _shape(value) for key, value in body.items() if key != "value"}


def test_a_write_answers_as_recorded(exchange: Exchange, answered: Answered) -> None:
    answer = exchange.run("Set-RemoteDomain", Identity="Default", AutoForwardEnabled=False)

    assert _shape(answer.json()) == _shape(answered("exo_empty_success")["body"])


def test_an_unknown_parameter_answers_as_recorded(exchange: Exchange, answered: Answered) -> None:
    recorded = answered("exo_error_unknown_parameter")

    answer = exchange.run("Get-TransportRule", Bogus=1)

    assert (answer.status_code, answer.json()) == (recorded["status"], recorded["body"])


def test_a_value_out_of_place_answers_as_recorded(exchange: Exchange, answered: Answered) -> None:
    recorded = answered("exo_error_invalid_enum")

    answer = exchange.run("Set-TransportRule", Identity="Route MIS mail", Mode="Nope")

    assert (answer.status_code, answer.json()) == (recorded["status"], recorded["body"])


def test_an_object_that_is_not_there_answers_as_recorded(exchange: Exchange, answered: Answered) -> None:
    recorded = answered("exo_error_not_found")

    answer = exchange.run("Get-TransportRule", Identity="Nope")

    assert (answer.status_code, answer.json()) == (recorded["status"], recorded["body"])


def test_a_cmdlet_that_nobody_has_answers_as_recorded(exchange: Exchange, answered: Answered) -> None:
    recorded = answered("exo_error_forbidden_nul")

    answer = exchange.run("Get-Nonsense")

    assert (answer.status_code, answer.text) == (recorded["status"], recorded["body"])
    assert answer.headers["Content-Type"] == recorded["headers"]["Content-Type"]


def test_a_batch_answers_as_recorded(exchange: Exchange, answered: Answered) -> None:
    recorded = answered("exo_batch_response")["body"]["responses"]
    exchange.tenant.fault("throttled", "Get-RemoteDomain")
    parts = [
        {"id": name, "method": "POST", "url": f"{exchange.path}/InvokeCommand", "headers": {}, "body": _asking(cmdlet)}
        for name, cmdlet in (("1", "Get-RemoteDomain"), ("2", "Enable-TransportRule"))
    ]

    answer = exchange.send({"requests": parts}, "/$batch", Prefer="odata.continue-on-error").json()["responses"]

    assert [part["id"] for part in answer] == [part["id"] for part in recorded]
    assert [part["status"] for part in answer] == [part["status"] for part in recorded]
    assert answer[1]["headers"].keys() >= recorded[1]["headers"].keys()
    assert answer[1]["body"] == recorded[1]["body"]
    assert _shape(answer[0]["body"]) == _shape(recorded[0]["body"])


def _asking(cmdlet: str) -> dict[str, object]:
    parameters = {} if cmdlet.startswith("Get-") else {"Identity": "Route MIS mail"}
    return {"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}


def test_a_list_cut_short_by_a_fault_answers_as_recorded(exchange: Exchange, answered: Answered) -> None:
    recorded = answered("exo_truncated")["body"]
    exchange.tenant.fault("truncated", "Get-Mailbox")

    answer = exchange.run("Get-Mailbox", ResultSize="Unlimited").json()

    assert _envelope(answer) == _envelope(recorded)
    assert answer["@adminapi.warnings"] == recorded["@adminapi.warnings"]
