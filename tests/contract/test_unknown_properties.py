"""A property that no list of a kind names: drift by name where it narrows what an object does, elsewhere a remark."""

import pytest

from tests.cases import playbook, resource
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

RULES, DOMAINS = "exchange.transportRules", "exchange.remoteDomains"


@pytest.fixture
def applied(bare_door: Door) -> Door:
    """Apply one mail rule and one remote domain."""
    rule = resource(
        "microsoft365.transport_rule", "Office", {"from_scope": "NotInOrganization", "prepend_subject": "x "}
    )
    domain = resource("microsoft365.remote_domain", "Default", {"auto_forward_enabled": False})
    bare_door.write("10-mail.yaml", playbook(rule, domain))
    assert bare_door.toolkit("apply", "--yes").exit == 0
    return bare_door


def key_of(door: Door, collection: str, name: str) -> str:
    """Return the key of a stored object by its name."""
    return next(key for key, body in door.tenant.objects(collection).items() if body["Name"] == name)


def test_an_unknown_property_of_a_rule_is_drift_by_its_name_and_never_written(applied: Door) -> None:
    applied.tenant.patch(RULES, key_of(applied, RULES, "Office"), ContentMatchesPrompt=["asks for a password"])

    drift = applied.toolkit("drift", "--json")
    assert drift.exit == 3
    assert {(found["path"], found["what"]) for found in drift.json["findings"]} == {
        ("ContentMatchesPrompt", "different"),
        ("Conditions", "different"),  # which names the class in use
    }
    assert "ContentMatchesPrompt: - asks for a password" in applied.toolkit("drift").out
    assert [applied.toolkit(*command).exit for command in (["plan"], ["apply", "--yes"])] == [0, 0]
    assert applied.toolkit("drift").exit == 3


def test_what_is_recorded_as_known_is_no_drift(applied: Door) -> None:
    applied.tenant.patch(RULES, key_of(applied, RULES, "Office"), ContentMatchesPrompt=["asks for a password"])
    until = ("--until", "2026-12-18", "--reason", "Tried by the trust", "--by", "Head Teacher")

    for found in applied.toolkit("drift", "--json").json["findings"]:
        accepted = applied("accept", found["id"], applied.playbooks, *until, "--yes")
        assert accepted.exit == 0, accepted.err

    assert applied.toolkit("drift").exit == 0
    applied.tenant.patch(RULES, key_of(applied, RULES, "Office"), ContentMatchesPrompt=["asks for a bank account"])
    again = applied.toolkit("drift", "--json")
    assert (again.exit, [found["path"] for found in again.json["findings"]]) == (3, ["ContentMatchesPrompt"])


def test_an_unknown_property_elsewhere_is_a_remark_that_is_made_once(applied: Door) -> None:
    applied.tenant.patch(DOMAINS, key_of(applied, DOMAINS, "Default"), PropertyOfTomorrow="on")

    drift = applied.toolkit("drift")

    assert drift.exit == 0
    assert drift.out.count("PropertyOfTomorrow") == 1
    assert "is set in 1 object" in drift.out
