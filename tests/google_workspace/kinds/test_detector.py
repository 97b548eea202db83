"""Detectors over the wire: made, changed, marked as ours, and moved only where no rule looks for them."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.kinds.detector import KIND
from connectors.google_workspace.ownership_marker import is_ours
from tests.emulated import Tenant
from toolkit.errors import NotFound, Rejected, Throttled
from toolkit.sdk.endpoint import Everything, NamedOnly
from toolkit.sdk.kind import Doubt
from toolkit.sdk.ownership import MARK
from toolkit.sdk.resource import Address, Desired, Origin, Remote, Unreadable
from toolkit.values import Settings

POLICIES = "google.policies"
CREATE = "cloudidentity.policies.create"
PATCH = "cloudidentity.policies.patch"
WORDS: Mapping[str, Any] = {"words": ["trip", "visit"]}
TRUST = "Trust: safeguarding words"


def settings(written: Mapping[str, Any]) -> Settings:
    return {name: value for name, value in KIND.spec.desired(written).items() if value is not None}


def create_detector(connection: GoogleWorkspace, name: str, written: Mapping[str, Any] = WORDS) -> Remote:
    remote = KIND.endpoint.create(connection, name, KIND.spec.body(settings(written)))
    assert remote
    return remote


def changed(connection: GoogleWorkspace, remote: Remote, **to: Any) -> Remote:
    after = KIND.endpoint.update(connection, remote, remote.name, KIND.spec.body(to))
    assert after
    return after


def stored(tenant: Tenant, name: str) -> list[dict[str, Any]]:
    return [one for one in tenant.objects(POLICIES).values() if one["setting"]["value"].get("displayName") == name]


def read_detector(connection: GoogleWorkspace, name: str) -> Remote:
    (found,) = [one for one in KIND.endpoint.read(connection, NamedOnly(frozenset({name}))) if isinstance(one, Remote)]
    return found


def wanted(name: str, written: Mapping[str, Any]) -> Desired:
    origin = Origin("10.yaml", 6)
    return Desired(Address("google_workspace", KIND.name, name), KIND.spec.desired(written), {}, origin)


def test_a_list_of_words_is_made_with_the_mark_behind_its_description(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    remote = create_detector(connection, "Trips", {**WORDS, "description": "For the office"})

    (policy,) = stored(tenant, "Trips")
    assert policy["setting"] == {"type": "settings/detector.word_list", "value": policy["setting"]["value"]}
    assert policy["setting"]["value"]["description"] == f"For the office\n\n{MARK}."
    assert policy["setting"]["value"]["wordList"] == {"words": ["trip", "visit"]}
    assert policy["policyQuery"]["orgUnit"] == connection.units.unit_at("/").policy_id
    assert is_ours(remote)
    assert KIND.spec.observed(read_detector(connection, "Trips").body) == {
        "unit": "/",
        "description": "For the office",
        "managed_by": "toolkit",
        "words": ("trip", "visit"),
        "expression": None,
    }


def test_an_expression_is_made_as_one(connection: GoogleWorkspace, tenant: Tenant) -> None:
    create_detector(connection, "Numbers", {"expression": "[0-9]{8}", "unit": "/Staff"})

    (policy,) = stored(tenant, "Numbers")
    assert policy["setting"]["type"] == "settings/detector.regular_expression"
    assert policy["policyQuery"]["orgUnit"] == connection.units.unit_at("/Staff").policy_id


def test_a_change_sends_the_whole_value_and_keeps_what_nobody_knows(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    remote = create_detector(connection, "Trips")
    key = remote.id.removeprefix("policies/")
    (policy,) = stored(tenant, "Trips")
    value = {**policy["setting"]["value"], "some_new_key": {"inner_key": 1}}
    tenant.patch(POLICIES, key, setting={**policy["setting"], "value": value})

    after = changed(connection, remote, words=("excursion",))

    (policy,) = stored(tenant, "Trips")
    assert policy["setting"]["value"]["wordList"] == {"words": ["excursion"]}
    assert policy["setting"]["value"]["someNewKey"] == {"innerKey": 1}
    assert policy["setting"]["value"]["description"] == f"{MARK}."
    assert after.id == remote.id


def test_keys_that_come_back_with_underscores_are_the_same(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = create_detector(connection, "Trips")
    value = {"display_name": "Trips", "description": f"Ours. {MARK}.", "word_list": {"words": ["trip"]}}
    setting = {"type": "settings/detector.word_list", "value": value}
    tenant.patch(POLICIES, remote.id.removeprefix("policies/"), setting=setting)

    read = read_detector(connection, "Trips")

    assert KIND.spec.observed(read.body)["words"] == ("trip",)
    assert KIND.spec.observed(read.body)["description"] == "Ours."


def test_what_somebody_wrote_behind_the_mark_is_description_too(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = create_detector(connection, "Trips", {**WORDS, "description": "Ours"})
    (policy,) = stored(tenant, "Trips")
    value = {**policy["setting"]["value"], "description": f"Ours\n\n{MARK}. Ask Amara."}
    tenant.patch(POLICIES, remote.id.removeprefix("policies/"), setting={**policy["setting"], "value": value})

    observed = KIND.spec.observed(read_detector(connection, "Trips").body)

    assert (observed["description"], observed["managed_by"]) == ("Ours\n\nAsk Amara.", "toolkit")


def test_a_mark_that_is_gone_is_seen_and_put_back(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = read_detector(connection, TRUST)
    assert not is_ours(remote)
    assert KIND.spec.observed(remote.body)["managed_by"] is None

    after = changed(connection, remote, managed_by="toolkit")

    assert is_ours(after)
    assert stored(tenant, TRUST)[0]["setting"]["value"]["description"] == f"Kept by the trust\n\n{MARK}."


def test_a_detector_that_a_rule_looks_for_does_not_move(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote, before = read_detector(connection, TRUST), tenant.objects(POLICIES)

    with pytest.raises(Rejected, match=r"'Trust: safeguarding words leaving by mail' refers to .* another name"):
        changed(connection, remote, unit="/Staff")

    assert tenant.objects(POLICIES) == before


def test_a_detector_that_no_rule_looks_for_moves(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = create_detector(connection, "Trips")

    after = changed(connection, remote, unit="/Staff")

    (policy,) = stored(tenant, "Trips")
    assert policy["name"] == after.id != remote.id
    assert KIND.spec.observed(after.body)["unit"] == "/Staff"


def test_words_do_not_become_an_expression(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = create_detector(connection, "Trips")

    with pytest.raises(Rejected, match="Give the new detector another name"):
        changed(connection, remote, expression="trip")

    assert "regularExpression" not in stored(tenant, "Trips")[0]["setting"]["value"]


def test_what_cannot_be_done_to_a_detector_is_doubted_before_anything_is_sent(connection: GoogleWorkspace) -> None:
    asked = [
        wanted(TRUST, {"expression": "plan", "unit": "/Staff"}),
        wanted("New", {**WORDS, "unit": "/Nowhere"}),
        wanted("Other", {**WORDS, "unit": "/staff"}),
        wanted("Right", WORDS),
    ]

    doubts = list(KIND.doubts(connection, asked))

    assert [(one.name, one.setting) for one in doubts] == [
        ("New", "unit"), ("Other", "unit"), (TRUST, "expression"), (TRUST, "unit"),
    ]  # fmt: skip
    assert doubts[0] == Doubt("New", "unit", "there is no organisational unit /Nowhere")
    assert doubts[1].reason == "the organisational unit's path is /Staff, not /staff"


def test_a_unit_that_is_gone_is_shown_by_its_id_and_no_other_detector_minds(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    remote = create_detector(connection, "Trips")
    tenant.patch(POLICIES, remote.id.removeprefix("policies/"), policyQuery={"orgUnit": "orgUnits/00gone"})

    units = {one.name: KIND.spec.observed(one.body)["unit"] for one in _all(connection)}

    assert units == {"Trips": "orgUnits/00gone", TRUST: "/"}


def test_a_group_is_shown_by_its_id_and_nothing_is_the_top(connection: GoogleWorkspace, tenant: Tenant) -> None:
    for name, query in (("Of a group", {"group": "groups/01abc"}), ("Of nobody", {"sortOrder": 1})):
        remote = create_detector(connection, name)
        tenant.patch(POLICIES, remote.id.removeprefix("policies/"), policyQuery=query)

    units = {one.name: KIND.spec.observed(one.body)["unit"] for one in _all(connection)}

    assert units == {"Of a group": "groups/01abc", "Of nobody": "/", TRUST: "/"}


def _all(connection: GoogleWorkspace) -> list[Remote]:
    return [one for one in KIND.endpoint.read(connection, Everything()) if isinstance(one, Remote)]


def test_a_detector_without_a_name_is_not_readable_alone(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = create_detector(connection, "Trips")
    setting = {"type": "settings/detector.word_list", "value": {"wordList": {"words": ["trip"]}}}
    tenant.patch(POLICIES, remote.id.removeprefix("policies/"), setting=setting)

    found = list(KIND.endpoint.read(connection, Everything()))

    assert Unreadable(remote.id, remote.id, "the policy has no display name") in found
    assert [one.name for one in found if isinstance(one, Remote)] == [TRUST]


def test_a_unit_that_is_not_there_is_told(connection: GoogleWorkspace) -> None:
    with pytest.raises(NotFound, match="there is no organisational unit /Nowhere"):
        create_detector(connection, "Trips", {**WORDS, "unit": "/Nowhere"})


@pytest.mark.parametrize("fault", ["dropped_after", "unavailable_after", "throttled_after"])
def test_a_lost_answer_makes_no_second_detector(connection: GoogleWorkspace, tenant: Tenant, fault: str) -> None:
    tenant.fault(fault, CREATE)

    remote = create_detector(connection, "Trips")

    assert [one["name"] for one in stored(tenant, "Trips")] == [remote.id]


def test_a_foreign_detector_of_the_same_name_is_not_taken_for_ours_when_an_answer_is_lost(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    foreign = create_detector(connection, "Trips")
    (policy,) = stored(tenant, "Trips")
    value = {**policy["setting"]["value"], "description": ""}
    tenant.patch(POLICIES, foreign.id.removeprefix("policies/"), setting={**policy["setting"], "value": value})
    tenant.fault("dropped", CREATE)

    ours = create_detector(connection, "Trips")

    assert ours.id != foreign.id
    assert len(stored(tenant, "Trips")) == 2


def test_an_operation_that_is_not_done_is_waited_for(connection: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("rejected_after", CREATE, status=200, reason="operationUndone")
    remote = create_detector(connection, "Trips")
    tenant.fault("rejected", PATCH, status=200, reason="operationUndone")

    changed(connection, remote, words=("excursion",))

    assert [one["setting"]["value"]["wordList"] for one in stored(tenant, "Trips")] == [{"words": ["excursion"]}]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 200, "reason": "operationFailed"}, "The operation was aborted"),
        ({"status": 412, "reason": "conditionNotMet"}, "Precondition"),
    ],
)
def test_a_change_that_fails_is_told(
    connection: GoogleWorkspace, tenant: Tenant, fault: Mapping[str, Any], words: str
) -> None:
    remote = create_detector(connection, "Trips")
    tenant.fault("rejected", PATCH, **fault)

    with pytest.raises(Rejected, match=words):
        changed(connection, remote, words=("excursion",))

    assert stored(tenant, "Trips")[0]["setting"]["value"]["wordList"] == {"words": ["trip", "visit"]}


def test_a_quota_that_is_used_up_is_waited_for(connection: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("throttled", CREATE, seconds=0.01)

    create_detector(connection, "Trips")

    assert len(stored(tenant, "Trips")) == 1
    tenant.fault("throttled", "cloudidentity.policies.list", times=99, seconds=99)
    with pytest.raises(Throttled):
        list(KIND.endpoint.read(connection, Everything()))


def test_a_detector_that_a_rule_looks_for_is_not_removed(connection: GoogleWorkspace, tenant: Tenant) -> None:
    with pytest.raises(Rejected):
        KIND.endpoint.delete(connection, read_detector(connection, TRUST))
    KIND.endpoint.delete(connection, create_detector(connection, "Trips"))

    assert len(stored(tenant, TRUST)) == 1
    assert stored(tenant, "Trips") == []


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        (" ", "needs a name"),
        ("policies/abc", "looks like one of Google's ids"),
        ("x" * 201, "has 201 characters. Use at most 200"),
        ("Trips", None),
    ],
)
def test_names(name: str, wrong: str | None) -> None:
    told = KIND.names.check(name)

    assert (told is None) if wrong is None else (told is not None and wrong in told)


@pytest.mark.parametrize(
    "expression",
    [r"\pL+[[:digit:]]{2}\z", "a(?i)bc", r"\Q(?=\E", r"[(?=+*]+x", "(?P<year>20[0-9]{2})", r"\\1"],
)
def test_expressions_that_google_knows_are_taken(expression: str) -> None:
    assert KIND.spec.desired({"expression": expression})["expression"] == expression


@pytest.mark.parametrize("expression", ["(?<!a)b", r"(a)\1", "a*+", "(?>a)", "(?P<a>b)(?P=a)", "[a"])
def test_expressions_that_google_does_not_know_are_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"RE2|is not valid"):
        KIND.spec.desired({"expression": expression})
