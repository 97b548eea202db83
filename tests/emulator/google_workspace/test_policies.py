"""The Policy API of Cloud Identity."""

from typing import Any

import pytest

from tests.emulator.google_workspace.asking import Google, policy, refused, rule

_WORDS = {"displayName": "Words", "description": "", "wordList": {"words": ["trip", "visit"]}}
_EXPRESSION = {"displayName": "Numbers", "regularExpression": {"expression": "[0-9]{8}"}}


def _all(google: Google, **wanted: Any) -> tuple[list[dict[str, Any]], list[int]]:
    """Read every page and count what each holds."""
    policies, found, counts = google.policies, [], []
    request = policies.list(**wanted)
    while request is not None:
        answer = request.execute()
        found += answer.get("policies", [])
        counts.append(len(answer.get("policies", [])))
        request = policies.list_next(request, answer)
    return found, counts


def _create_policy(google: Google, value: dict[str, Any], kind: str = "rule.dlp") -> dict[str, Any]:
    operation = google.policies.create(body=policy(google, value, kind)).execute()
    assert operation["done"] is True
    return dict(operation["response"])


def test_both_types_are_listed_and_defaults_that_are_documented_are_not(google: Google) -> None:
    found, _ = _all(google)

    types = {one["setting"]["type"] for one in found if one["type"] == "SYSTEM"}
    assert {one["type"] for one in found} == {"SYSTEM", "ADMIN"}
    assert "settings/security.password" in types
    assert "settings/gmail.service_status" in types
    assert "settings/gmail.auto_forwarding" not in types  # the administrator's is there, Google's own is not


def test_a_filter_leaves_empty_pages_that_lead_on(google: Google) -> None:
    found, counts = _all(google, filter="setting.type.matches('^settings/security\\\\.password$')", pageSize=10)

    assert len(found) == 2
    assert 0 in counts[:-1]


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("setting.type.matches('security.password')", 2),
        ("setting.type.matches('^settings/gmail\\..*$') && customer == \"customers/my_customer\"", 20),
        ("setting.type.matches('rule.dlp') || setting.type.matches('detector')", 2),
        (
            "customer == 'customers/my_customer' && (setting.type.matches('rule.dlp') || setting.type.matches('x{9}'))",
            1,
        ),
        ("setting.type == 'settings/gmail.imap_access'", 3),
    ],
)
def test_policies_are_filtered(google: Google, written: str, count: int) -> None:
    found, _ = _all(google, filter=written, pageSize=100)

    assert len(found) == count


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("type == ADMIN", 400),
        ("setting.type.matches('[')", 400),
        ("setting.type.matches('a'", 400),
        ("setting.type.matches('a') &&", 400),
        ("customer == 'customers/C0other00'", 403),
    ],
)
def test_a_filter_that_is_none_is_refused(google: Google, written: str, status: int) -> None:
    assert refused(google.policies.list(filter=written)).status == status


def test_pages_are_never_longer_than_a_hundred(google: Google) -> None:
    for number in range(40):
        google.tenant.put("google.policies", f"extra{number}", _stored(google))

    assert len(google.policies.list(pageSize=500).execute()["policies"]) == 100
    assert len(google.policies.list().execute()["policies"]) == 50


def _stored(google: Google) -> dict[str, Any]:
    return dict(next(iter(google.tenant.objects("google.policies").values())))


def test_a_rule_is_made_read_changed_and_deleted(google: Google) -> None:
    policies = google.policies
    made = _create_policy(google, rule("Cards"))

    read = policies.get(name=made["name"]).execute()
    change = policy(google, rule("Cards", state="INACTIVE"))
    changed = policies.patch(name=made["name"], body=change).execute()["response"]
    policies.delete(name=made["name"]).execute()

    assert read == {name: value for name, value in made.items() if name != "@type"}
    assert (read["type"], read["policyQuery"]["sortOrder"]) == ("ADMIN", 2)
    assert read["setting"]["value"]["createTime"] == "2026-11-10T09:00:00Z"
    assert changed["setting"]["value"]["state"] == "INACTIVE"
    assert changed["policyQuery"] == read["policyQuery"]
    assert refused(policies.get(name=made["name"])).canonical == "NOT_FOUND"


def test_keys_come_back_as_they_were_written(google: Google) -> None:
    value = {"display_name": "x", **_WORDS, "word_list_note": {"some_key": 1}}

    assert _create_policy(google, value, "detector.word_list")["setting"]["value"].items() >= value.items()


def test_the_same_create_twice_makes_two_rules(google: Google) -> None:
    first, second = _create_policy(google, rule("Cards")), _create_policy(google, rule("Cards"))

    assert first["name"] != second["name"]


def test_a_rule_refers_to_detectors_that_are_there(google: Google) -> None:
    detector = _create_policy(google, _WORDS, "detector.word_list")
    using = {"contentCondition": f"all_content.matches_word_list('{detector['name']}', {{minimum_match_count: 1}})"}
    other = {"contentCondition": "all_content.matches_word_list('policies/other', {minimum_match_count: 1})"}

    made = _create_policy(google, rule("Trips", condition=using))

    assert refused(google.policies.create(body=policy(google, rule(condition=other)))).status == 400
    in_use = refused(google.policies.delete(name=detector["name"]))
    assert (in_use.status, in_use.canonical) == (400, "FAILED_PRECONDITION")
    google.policies.delete(name=made["name"]).execute()
    assert google.policies.delete(name=detector["name"]).execute()["done"] is True


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("security.password", {"minimumLength": 8}),
        ("gmail.auto_forwarding", {"displayName": "x", "enableAutoForwarding": False}),
        ("detector.url_list", {"displayName": "x"}),
        ("detector.word_list", {"displayName": "x", "wordList": {"words": []}}),
        ("detector.regular_expression", {"displayName": "x", "regularExpression": {"expression": "["}}),
        ("rule.dlp", rule("")),
        ("rule.dlp", rule(triggers=["gmail.email.v1.send"])),
        ("rule.dlp", rule(triggers=[])),
        ("rule.dlp", rule(state="ON")),
        ("rule.dlp", rule(action={"gmailAction": {}})),
        ("rule.dlp", rule(ruleTypeMetadata={})),
        ("rule.dlp", rule(condition={"contentCondition": "true"})),
        ("rule.dlp", rule(condition={"contentCondition": ""})),
        ("rule.dlp", rule(condition={"contentCondition": "all_content.contains('')"})),
        ("rule.dlp", rule(condition={"contentCondition": "all_content.matches('.*')"})),
        ("rule.dlp", rule(condition={"contentCondition": "all_content.contains('a') && "})),
    ],
)
def test_what_cannot_be_written_is_refused_without_a_word_why(google: Google, kind: str, value: dict[str, Any]) -> None:
    answer = refused(google.policies.create(body=policy(google, value, kind)))

    assert (answer.status, answer.canonical) == (400, "INVALID_ARGUMENT")
    assert answer.message == "Request contains an invalid argument."


@pytest.mark.parametrize(
    "written",
    [
        "all_headers.contains('@')",
        "!all_content.contains('a') && (body.contains_word('b') || title.starts_with('(c)'))",
        "all_content.matches_dlp_detector('CREDIT_CARD_NUMBER', google.privacy.dlp.v2.Likelihood.LIKELY, {x: 1, y: 1})",
    ],
)
def test_a_condition_that_looks_for_something_is_taken(google: Google, written: str) -> None:
    assert _create_policy(google, rule(condition={"contentCondition": written}))


@pytest.mark.parametrize(
    "changes",
    [
        {"customer": "customers/my_customer"},
        {"policyQuery": {}},
        {"policyQuery": {"orgUnit": "orgUnits/03ph8a2zgone"}},
        {"policyQuery": {"group": "groups/gone"}},
    ],
)
def test_a_policy_for_nobody_is_refused(google: Google, changes: dict[str, Any]) -> None:
    assert refused(google.policies.create(body={**policy(google, rule()), **changes})).status == 400


def test_a_policy_is_for_a_unit_or_a_group_and_not_for_both(google: Google) -> None:
    group = google.directory.groups().get(groupKey=f"all-staff@{google.description['domain']}").execute()["id"]
    query = {"orgUnit": google.unit("/Staff"), "group": f"groups/{group}"}

    assert refused(google.policies.create(body={**policy(google, rule()), "policyQuery": query})).status == 400
    made = google.policies.create(body={**policy(google, rule()), "policyQuery": {"group": query["group"]}}).execute()
    assert made["response"]["policyQuery"]["group"] == query["group"]


@pytest.mark.parametrize("what", ["unit", "type", "customer"])
def test_what_a_policy_is_for_and_of_what_type_stays(google: Google, what: str) -> None:
    made = _create_policy(google, rule())
    body = policy(google, rule())
    other: dict[str, dict[str, Any]] = {
        "unit": {"policyQuery": {"orgUnit": google.unit("/Pupils")}},
        "type": {"setting": {"type": "settings/detector.regular_expression", "value": _EXPRESSION}},
        "customer": {"customer": "customers/C0other00"},
    }

    assert refused(google.policies.patch(name=made["name"], body={**body, **other[what]})).status == 400


@pytest.mark.parametrize("kind", ["SYSTEM", "ADMIN"])
def test_a_setting_that_only_the_console_writes_is_not_deleted(google: Google, kind: str) -> None:
    found, _ = _all(google, filter="setting.type.matches('security.password')", pageSize=100)
    name = next(one["name"] for one in found if one["type"] == kind)

    assert refused(google.policies.delete(name=name)).status == 400


def test_a_policy_may_name_a_unit_that_is_gone_or_none_at_all(google: Google) -> None:
    found, _ = _all(google)
    known = {f"orgUnits/{key}" for key in google.tenant.objects("google.orgunits")}
    units = [one["policyQuery"].get("orgUnit") for one in found]

    assert None in units
    assert {unit for unit in units if unit} - known


def test_only_a_super_administrator_may_ask(google: Google) -> None:
    technician = google.person(isDelegatedAdmin=True)["primaryEmail"]

    answer = refused(google.service("cloudidentity", technician).policies().list())

    assert (answer.status, answer.canonical) == (403, "PERMISSION_DENIED")
