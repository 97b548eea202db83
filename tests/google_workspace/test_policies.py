"""The Policy API: every page is read, nothing is made twice, and an operation is believed only when it is done."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from tests.emulated import Tenant
from tests.google_workspace.connected import called_methods, connect, policy_pages
from toolkit.errors import BadAnswer, Conflict, NotFound, Refused, Rejected, Throttled, Unavailable
from toolkit.sdk.limits import Pace
from toolkit.values import Body

POLICIES = "google.policies"
CREATE = "cloudidentity.policies.create"
WORDS = "detector.word_list"


def words(name: str, *listed: str) -> Body:
    return {"displayName": name, "description": "", "wordList": {"words": list(listed)}}


def has_name(name: str) -> Any:
    return lambda policy: policy["setting"]["value"].get("displayName") == name


def value_of(policy: Any) -> dict[str, Any]:
    """Give what a policy sets."""
    return {**policy["setting"]["value"]}


def stored(tenant: Tenant, name: str) -> list[dict[str, Any]]:
    return [one for one in tenant.objects(POLICIES).values() if one["setting"]["value"].get("displayName") == name]


def create(connection: GoogleWorkspace, name: str = "Ours") -> Body:
    target = {"orgUnit": connection.units.unit_at("/Staff").policy_id}
    return connection.policies.create(WORDS, target, words(name, "one", "two"), is_it=has_name(name))


@pytest.fixture
def impatient(tenant: Tenant) -> Iterator[GoogleWorkspace]:
    """Open a connection that gives up soon."""
    connection = connect(tenant, TOOLKIT_PATIENCE="0.5")
    yield connection
    connection.close()


def put_a_rule_on_the_third_page(tenant: Tenant) -> str:
    """Make the two pages before the one rule of a tenant empty, and give the rule's name."""
    kept = tenant.objects(POLICIES)
    rule = next(one for one in kept.values() if one["setting"]["type"] == "settings/rule.dlp")
    others = {f"filler{number}": {**rule, "name": f"policies/filler{number}",
              "setting": {"type": "settings/gmail.pop_access", "value": {"enablePopAccess": False}}}
              for number in range(250)}  # fmt: skip
    tenant.control("PUT", f"/objects/{POLICIES}", {**others, rule["name"].removeprefix("policies/"): rule})
    return str(rule["name"])


def test_policies_of_a_type_are_read_over_empty_pages(reading: GoogleWorkspace, tenant: Tenant) -> None:
    name = put_a_rule_on_the_third_page(tenant)

    found = reading.policies.list_by_type("rule[.]dlp")

    assert [one["name"] for one in found] == [name]
    assert called_methods(tenant) == ["cloudidentity.policies.list"] * 3


@pytest.mark.parametrize("sort", ["null", "words for lists", "objects for words", "numbers for words"])
def test_an_empty_page_without_a_token_that_is_text_is_no_end(
    reading: GoogleWorkspace, tenant: Tenant, sort: str
) -> None:
    put_a_rule_on_the_third_page(tenant)
    tenant.fault("hostile", "cloudidentity.policies.list", reason=sort, times=10)

    with pytest.raises(BadAnswer):
        reading.policies.list_by_type("rule[.]dlp")


def test_a_list_is_read_once_for_all_who_ask(reading: GoogleWorkspace, tenant: Tenant) -> None:
    assert reading.policies.list_by_type("security[.].*") is reading.policies.list_by_type("security[.].*")
    assert len(called_methods(tenant)) == policy_pages(tenant)
    assert (
        len(reading.policies.list_by_type("security[.].*"))
        > len(reading.policies.list_by_type("security[.]password"))
        > 1
    )


def test_a_policy_is_made_changed_whole_and_removed(connection: GoogleWorkspace, tenant: Tenant) -> None:
    before = connection.policies.list_by_type(WORDS)

    made = create(connection)
    changed = connection.policies.patch(made, {**value_of(made), "wordList": {"words": ["three"]}})

    (kept,) = stored(tenant, "Ours")
    assert kept["customer"] == f"customers/{connection.customer_id}"
    assert kept["setting"]["value"]["wordList"] == {"words": ["three"]}
    assert changed
    assert changed["name"] == made["name"] == kept["name"]
    assert len(connection.policies.list_by_type(WORDS)) == len(before) + 1

    connection.policies.delete(str(made["name"]))

    assert connection.policies.list_by_type(WORDS) == before


@pytest.mark.parametrize("fault", ["dropped_after", "unavailable_after", "throttled_after"])
def test_a_create_without_an_answer_is_looked_for_before_it_is_sent_again(
    connection: GoogleWorkspace, tenant: Tenant, fault: str
) -> None:
    tenant.fault(fault, CREATE)

    made = create(connection)

    (kept,) = stored(tenant, "Ours")
    assert made["name"] == kept["name"]
    assert called_methods(tenant).count(CREATE) == 1


def test_a_create_that_came_to_nothing_is_sent_again(connection: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("dropped", CREATE)

    create(connection)

    assert len(stored(tenant, "Ours")) == 1
    assert called_methods(tenant).count(CREATE) == 2


def test_an_operation_that_is_not_done_is_looked_for(connection: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("rejected_after", CREATE, status=200, reason="operationUndone")

    made = create(connection)

    (kept,) = stored(tenant, "Ours")
    assert made["name"] == kept["name"]
    assert called_methods(tenant).count(CREATE) == 1


def test_an_operation_that_is_never_done_is_not_sent_again(impatient: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("rejected", CREATE, status=200, reason="operationUndone")

    with pytest.raises(Unavailable, match=r"has accepted a new detector\.word_list, but does not show it yet"):
        create(impatient)

    assert called_methods(tenant).count(CREATE) == 1


def test_a_failed_operation_inside_a_good_answer_is_a_failure(connection: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("rejected", CREATE, status=200, reason="operationFailed")

    with pytest.raises(Rejected, match="The operation was aborted"):
        create(connection)

    assert called_methods(tenant).count(CREATE) == 1


def test_a_change_that_is_not_done_is_sent_until_it_is(connection: GoogleWorkspace, tenant: Tenant) -> None:
    made = create(connection)
    tenant.fault("rejected", "cloudidentity.policies.patch", status=200, reason="operationUndone")
    tenant.fault("rejected_after", "cloudidentity.policies.delete", status=200, reason="operationUndone")

    assert connection.policies.patch(made, words("Ours", "three"))
    assert stored(tenant, "Ours")[0]["setting"]["value"]["wordList"] == {"words": ["three"]}

    connection.policies.delete(str(made["name"]))

    assert stored(tenant, "Ours") == []


def test_the_list_is_read_anew_after_a_write(connection: GoogleWorkspace, tenant: Tenant) -> None:
    before = len(connection.policies.list_by_type(WORDS))
    tenant.fault("rejected", CREATE, status=200, reason="operationFailed")
    with pytest.raises(Rejected):
        create(connection)
    create(connection)

    assert len(connection.policies.list_by_type(WORDS)) == before + 1


def test_what_google_does_not_take_is_told_in_its_words(connection: GoogleWorkspace) -> None:
    target = {"orgUnit": connection.units.unit_at("/Staff").policy_id}

    with pytest.raises(Rejected, match=r"policies\.create: Request contains an invalid argument"):
        connection.policies.create("gmail.pop_access", target, {"enablePopAccess": False}, is_it=lambda _: False)
    with pytest.raises(NotFound):
        connection.policies.delete("policies/none")


def test_an_administrator_who_is_not_super_is_told_so(reading: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("refused", "cloudidentity.policies.list")

    with pytest.raises(Refused, match="must name an administrator who is a super administrator"):
        reading.policies.list_by_type(".*")


def test_what_a_failed_operation_says_by_its_code() -> None:
    from connectors.google_workspace.policies import created_policy, require_completed

    with pytest.raises(Conflict):
        created_policy({"done": True, "error": {"code": 6, "message": "exists"}})
    with pytest.raises(Throttled):
        require_completed({"done": True, "error": {"code": 8, "message": "later"}})
    with pytest.raises(Unavailable):
        require_completed({"name": "operations/x"})


def test_lists_of_a_live_tenant_are_held_apart() -> None:
    waits: list[float] = []
    pace = Pace(1.0, sleep=waits.append, clock=lambda: 100.0)

    for _ in range(3):
        pace.wait()

    assert waits == [1.0, 2.0]


def test_a_write_leaves_the_lists_that_it_does_not_concern(connection: GoogleWorkspace) -> None:
    rules, words = connection.policies.list_by_type("rule[.]dlp"), connection.policies.list_by_type(WORDS)

    made = create(connection)
    connection.policies.delete(str(made["name"]))

    assert connection.policies.list_by_type("rule[.]dlp") is rules
    assert connection.policies.list_by_type(WORDS) is not words


def test_what_this_run_wrote_is_known_before_lists_show_it(connection: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("stale", CREATE, reads=policy_pages(tenant))
    made = create(connection)

    shown = {str(one["name"]) for one in connection.policies.with_written(WORDS)}

    assert str(made["name"]) in shown
    assert str(made["name"]) not in {one["name"] for one in connection.policies.list_by_type(WORDS)}
    connection.policies.delete(str(made["name"]))
    assert str(made["name"]) not in {one["name"] for one in connection.policies.with_written(WORDS)}


def test_one_policy_is_read_by_its_name(reading: GoogleWorkspace) -> None:
    (rule,) = reading.policies.list_by_type("rule[.]dlp")

    assert reading.policies.get(str(rule["name"])) == rule
    with pytest.raises(NotFound):
        reading.policies.get("policies/none")
