"""The emulator agrees with the published and recorded facts: parameters, limits and the shapes of responses."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.emulator.microsoft365.exchange import rules
from connectors.emulator.microsoft365.exchange.formats import MEMBERS
from connectors.emulator.microsoft365.exchange.parameters import CmdletParameter, Reach
from connectors.emulator.microsoft365.exchange.rules import NEW, SET
from tests.emulator.exchange.asking import Exchange
from tests.facts.tables import property_types, read_rows, read_table, unset_properties

RESPONSES = read_table("exchange_responses")
_ONLINE = {
    Reach.WORKS: "works",
    Reach.IGNORED: "ignored",
    Reach.ABSENT: "absent",
    Reach.RESERVED: "reserved",
    Reach.UNSET: "unset",
}
_OWN_KINDS = {"AuditSeverity": "String"}  # text with a list of values, in PowerShell's eyes
_OWN_SETTINGS = {"Identity": "RuleIdParameter"}
_JSON_TYPES = {"string": str, "boolean": bool, "integer": int, "array": list}


def _describe(parameter: CmdletParameter) -> dict[str, object]:
    kind = parameter.kind.removesuffix("[]")
    return {
        "type": _OWN_SETTINGS.get(parameter.name) or _OWN_KINDS.get(parameter.kind, parameter.kind),
        "role": parameter.role.value,
        "in_new": parameter.name.lower() in NEW,
        "in_set": parameter.name.lower() in SET,
        "online": _ONLINE[parameter.reach],
        "values": set(MEMBERS.get(kind, ())),
        "longest": parameter.longest,
        "most": parameter.most,
        "lowest": parameter.lowest,
        "highest": parameter.highest,
        "needs": list(parameter.needs),
        "default": parameter.default,
        "shown": parameter.property_name,
    }


def _describe_row(row: Mapping[str, str]) -> dict[str, object]:
    limits = {name: int(row[name]) if row[name] else None for name in ("longest", "most", "lowest", "highest")}
    return {
        "type": row["type"],
        "role": row["role"],
        "in_new": "New" in row["cmdlets"].split(),
        "in_set": "Set" in row["cmdlets"].split(),
        "online": row["online"],
        "values": set(row["values"].split()),
        **limits,
        "needs": row["needs"].split(),
        "default": True if row["default"] == "true" else row["default"] or None,
        "shown": row["shown"] or row["parameter"],
    }


def test_the_parameters_of_a_mail_rule_are_those_of_exchange_online() -> None:
    published = {row["parameter"]: _describe_row(row) for row in read_rows("mail_rule_parameters")}

    emulated = {parameter.name: _describe(parameter) for parameter in {**NEW, **SET}.values()}

    assert emulated == published


def test_the_limits_are_those_of_exchange_online() -> None:
    limits = RESPONSES["limits"]

    assert limits["rules"] == rules.RULES
    assert limits["bytes_per_rule"] == rules.BYTES
    assert limits["characters_of_all_expressions"] == rules.EXPRESSIONS


def _shape(value: object) -> object:
    """Return the keys and JSON types of a value. A list has the shape of its first entry."""
    if isinstance(value, Mapping):
        return {key: _shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])] if value else []
    return next(name for name, json_type in _JSON_TYPES.items() if type(value) is json_type)


def _envelope(body: Mapping[str, Any]) -> object:
    return _shape({key: value for key, value in body.items() if key != "value"})


@pytest.mark.parametrize("cmdlet", RESPONSES["rows"])
def test_a_read_has_the_recorded_properties_and_types(exchange: Exchange, cmdlet: str) -> None:
    recorded = property_types(RESPONSES["rows"][cmdlet])

    body = exchange.run(cmdlet).json()

    row = body["value"][0]
    assert _envelope(body) == RESPONSES["envelope"]
    assert recorded.keys() - row.keys() == set()
    typed = {
        name: _JSON_TYPES[declared.name]
        for name, declared in recorded.items()
        if "@" not in name and declared.name != "null" and row[name] is not None
    }
    assert {name: type(row[name]) for name in typed} == typed


def test_transport_rules_have_the_recorded_values(exchange: Exchange) -> None:
    recorded = RESPONSES["transport_rules"]
    first, second = ({**unset_properties(recorded), **recorded["both"], **row} for row in recorded["rows"])
    for name in list(exchange.tenant.objects("exchange.transportRules")):
        exchange.tenant.delete("exchange.transportRules", name)
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

    assert set(recorded["headers"].split()) <= {name.title() for name in answer.headers}
    for row, expected in zip(answer.json()["value"], (first, second), strict=True):
        assert {*expected, *recorded["present"].split()} <= set(row)
        assert {key: row[key] for key in expected} == expected


def test_a_write_has_the_recorded_shape(exchange: Exchange) -> None:
    answer = exchange.run("Set-RemoteDomain", Identity="Default", AutoForwardEnabled=False)

    assert _shape(answer.json()) == {**RESPONSES["envelope"], "value": []}


@pytest.mark.parametrize(
    ("cmdlet", "parameters", "error"),
    [
        ("Get-TransportRule", {"Bogus": 1}, "unknown_parameter"),
        ("Set-TransportRule", {"Identity": "Route MIS mail", "Mode": "Nope"}, "invalid_value"),
        ("Get-TransportRule", {"Identity": "Nope"}, "not_found"),
    ],
)
def test_an_error_has_the_recorded_status_and_body(
    exchange: Exchange, cmdlet: str, parameters: Mapping[str, object], error: str
) -> None:
    recorded = RESPONSES["errors"][error]

    answer = exchange.run(cmdlet, **parameters)

    assert (answer.status_code, answer.json()) == (recorded["status"], recorded["body"])


def test_an_unknown_cmdlet_is_refused_as_recorded(exchange: Exchange) -> None:
    recorded = RESPONSES["errors"]["no_such_cmdlet"]

    answer = exchange.run("Get-Nonsense")

    assert (answer.status_code, answer.text) == (recorded["status"], "\0" * recorded["nul"])
    assert answer.headers["Content-Type"] == recorded["type"]


def test_a_batch_has_the_recorded_parts(exchange: Exchange) -> None:
    recorded = RESPONSES["batch"]
    exchange.tenant.fault("throttled", "Get-RemoteDomain")
    parts = [
        {
            "id": name,
            "method": "POST",
            "url": f"{exchange.path}/InvokeCommand",
            "headers": {"parameter-based-routing": "true"},
            "body": _command(cmdlet),
        }
        for name, cmdlet in (("1", "Get-RemoteDomain"), ("2", "Enable-TransportRule"))
    ]

    answer = exchange.send({"requests": parts}, "/$batch", Prefer="odata.continue-on-error").json()["responses"]

    assert [(part["id"], part["status"]) for part in answer] == [(part["id"], part["status"]) for part in recorded]
    assert answer[1]["headers"].keys() >= set(recorded[1]["headers"])
    assert answer[1]["body"] == recorded[1]["body"]
    assert _shape(answer[0]["body"]) == {**RESPONSES["envelope"], "value": []}


def _command(cmdlet: str) -> dict[str, object]:
    parameters = {} if cmdlet.startswith("Get-") else {"Identity": "Route MIS mail"}
    return {"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}


def test_a_truncated_list_has_the_recorded_warning(exchange: Exchange) -> None:
    recorded = RESPONSES["truncated"]
    exchange.tenant.fault("truncated", "Get-Mailbox")

    answer = exchange.run("Get-Mailbox", ResultSize="Unlimited").json()

    assert _envelope(answer) == recorded["envelope"]
    assert answer["@adminapi.warnings"] == recorded["warnings"]
