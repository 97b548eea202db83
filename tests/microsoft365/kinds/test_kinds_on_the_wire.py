"""The kinds of Exchange against the emulator: what a case asks for is made, read back, changed and removed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.kinds.transport_rule import KIND as TRANSPORT_RULE
from connectors.microsoft365.kinds.transport_rule.endpoint import TransportRules
from tests.emulated import Tenant
from tests.microsoft365.connected import ROUTE_REQUESTS
from toolkit.errors import Rejected
from toolkit.sdk.endpoint import Everything, NamedOnly
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Address, Desired, Origin, Remote, Unreadable
from toolkit.values import Body, effective, satisfied

FOLDER = Path(__file__).parents[2] / "kinds/microsoft365"
RULES = sorted(path for path in (FOLDER / "transport_rule").glob("*.yaml") if path.stem != "refused")
OTHERS = ("exchange_setting", "external_in_outlook", "malware_filter_policy", "outbound_spam_policy", "remote_domain")
FIXED = sorted(path for name in OTHERS for path in (FOLDER / name).glob("*.yaml") if path.stem != "refused")
STORED = "exchange.transportRules"


def _load(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path)


def _case_id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _rule(name: str, via: Microsoft365) -> Remote:
    (found,) = TransportRules().read(via, NamedOnly(frozenset({name})))
    assert isinstance(found, Remote)
    return found


@pytest.mark.parametrize("path", RULES, ids=_case_id)
def test_a_rule_is_made_and_read_back_as_it_was_wanted(path: Path, connection: Microsoft365, tenant: Tenant) -> None:
    case, spec = _load(path), TRANSPORT_RULE.spec
    wanted = spec.desired(case["settings"])
    TransportRules().create_at(connection, case["name"], spec.body(wanted), 0)
    made = _rule(case["name"], connection)
    seen = spec.observed(made.body)
    assert {name: seen[name] for name in wanted} == wanted

    tenant.patch(STORED, made.id, **{name: v for edit in case["edits"] for name, v in edit["wire"].items()})
    before = spec.observed(_rule(case["name"], connection).body)
    changed = {name: value for name, value in wanted.items() if before[name] != value}
    assert set(case["settings"]) <= set(changed)
    TransportRules().update(connection, made, case["name"], spec.body(changed))
    after = spec.observed(_rule(case["name"], connection).body)
    assert {name: after[name] for name in wanted} == wanted


def test_a_rule_is_placed_moved_renamed_switched_off_and_removed(connection: Microsoft365) -> None:
    rules = TransportRules()
    body: Body = {"PrependSubject": "[x] ", "State": True, "From": None}
    before = [rule.name for rule in rules.read(connection, Everything())]
    rules.create(connection, "Last", body)
    rules.create_at(connection, "First", body, 0)
    assert [rule.name for rule in rules.read(connection, Everything())] == ["First", *before, "Last"]

    rules.move(connection, _rule("Last", connection), 0)
    assert [rule.name for rule in rules.read(connection, Everything())] == ["Last", "First", *before]

    last = _rule("Last", connection)
    rules.update(connection, last, "Renamed", {"State": False})
    renamed = _rule("Renamed", connection)
    assert renamed.id == last.id
    assert renamed.body["State"] == "Disabled"

    rules.delete(connection, renamed)
    assert [rule.name for rule in rules.read(connection, Everything())] == ["First", *before]


def test_all_rules_are_read_in_one_request(connection: Microsoft365) -> None:
    before = connection.requests()
    list(TransportRules().read(connection, Everything()))
    assert connection.requests() == before + ROUTE_REQUESTS + 1


def test_a_create_whose_answer_is_lost_makes_one_rule(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("unavailable_after", "New-TransportRule")
    TransportRules().create(connection, "Once", {"PrependSubject": "[x] "})
    assert [rule.name for rule in TransportRules().read(connection, Everything())].count("Once") == 1


def test_a_rule_that_exchange_calls_not_valid_is_not_readable(connection: Microsoft365, tenant: Tenant) -> None:
    TransportRules().create(connection, "Broken", {"PrependSubject": "[x] "})
    tenant.patch(STORED, _rule("Broken", connection).id, IsValid=False)
    (seen,) = TransportRules().read(connection, NamedOnly(frozenset({"Broken"})))
    assert isinstance(seen, Unreadable)
    assert "not valid" in seen.reason


def test_recipients_that_are_not_there_are_doubted_in_one_request(connection: Microsoft365) -> None:
    known = ["office@example-primary.example", "Safeguarding@example-primary.example"]
    desired = [
        _desired("A", sent_to=[*known, "nobody@example-primary.example"], blind_copy_to=known),
        _desired("B", from_member_of=["all-staff@example-primary.example", "head@example-primary.example"]),
        _desired("C", generate_incident_report="o'hara@example.org", incident_report_content=["Sender"]),
    ]
    before = connection.requests()
    doubts = list(TRANSPORT_RULE.doubts(connection, desired))
    assert connection.requests() == before + ROUTE_REQUESTS + 1
    assert [(doubt.name, doubt.setting, doubt.reason.partition(" is ")[0]) for doubt in doubts] == [
        ("A", "sent_to", "nobody@example-primary.example"),
        ("B", "from_member_of", "head@example-primary.example"),
        ("C", "generate_incident_report", "o'hara@example.org"),
    ]


def test_addresses_of_other_domains_are_not_doubted_where_exchange_takes_them(connection: Microsoft365) -> None:
    outside, mistyped = "bursar@oak-primary.example", "bursar@example-primary.example"
    taken = {name: [outside] for name in ("from", "sent_to", "except_if_from", "except_if_sent_to")}
    refused = {"any_of_to_header": [outside], "blind_copy_to": [outside], "from": [mistyped]}

    assert list(TRANSPORT_RULE.doubts(connection, [_desired("A", **taken)])) == []
    doubts = TRANSPORT_RULE.doubts(connection, [_desired("B", **refused)])
    assert {doubt.setting for doubt in doubts} == set(refused)


def test_many_recipients_are_asked_for_fifty_at_a_time(connection: Microsoft365) -> None:
    people = [f"nobody{number}@example-primary.example" for number in range(101)]
    before = connection.requests()
    assert len(list(TRANSPORT_RULE.doubts(connection, [_desired("A", sent_to=people)]))) == 101
    assert connection.requests() == before + ROUTE_REQUESTS + 3


@pytest.mark.parametrize("path", FIXED, ids=_case_id)
def test_a_fixed_object_is_changed_and_read_back_as_it_was_wanted(path: Path, connection: Microsoft365) -> None:
    case, kind = _load(path), kinds("microsoft365")[path.parent.name]
    wanted = kind.spec.desired(case["settings"])
    before = _fixed(path.parent.name, case["name"], connection)
    seen = kind.spec.observed(before.body)
    body = kind.spec.body({name: effective(value, seen[name]) for name, value in wanted.items()})
    kind.endpoint.update(connection, before, case["name"], body)
    after = kind.spec.observed(_fixed(path.parent.name, case["name"], connection).body)
    assert [name for name, value in wanted.items() if not satisfied(value, after[name])] == []


@pytest.mark.parametrize("name", sorted({path.parent.name for path in FIXED}))
def test_a_fixed_object_is_neither_made_nor_removed(name: str, connection: Microsoft365) -> None:
    endpoint = kinds("microsoft365")[name].endpoint
    before = connection.requests()
    with pytest.raises(Rejected):
        endpoint.create(connection, "Mine", {})
    with pytest.raises(Rejected):
        endpoint.delete(connection, Remote("1", "Default", {}))
    assert connection.requests() == before


def _fixed(kind: str, name: str, via: Microsoft365) -> Remote:
    endpoint = kinds("microsoft365")[kind].endpoint
    found: Mapping[str, Remote] = {one.name: one for one in endpoint.read(via, Everything()) if isinstance(one, Remote)}
    return found[name]


def _desired(name: str, **settings: Any) -> Desired:
    wanted = TRANSPORT_RULE.spec.desired({"prepend_subject": "[x] ", **settings})
    return Desired(Address("microsoft365", "transport_rule", name), wanted, {}, Origin("p.yaml", 1))
