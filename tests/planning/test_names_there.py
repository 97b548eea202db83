"""A refusal to create names what the tenant has: all of it, or nothing where that was not read."""

import pytest

from tests.cases import KINDS, playbook, resource
from tests.door import Door
from toolkit.planning.draft import Draft, find_obstacle_to_creation
from toolkit.planning.ownership import Ownership
from toolkit.planning.plan_details import Refusal
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Address, Desired, Observed, Origin, Remote


def _fixed(of_kind: str) -> bool:
    provider, _, name = of_kind.partition(".")
    return kinds(provider)[name].fixed and not kinds(provider)[name].per_person


@pytest.mark.parametrize("of_kind", [kind for kind in KINDS if _fixed(kind)])
def test_a_refusal_says_of_no_kind_that_a_tenant_has_none_of_what_it_has(of_kind: str) -> None:
    provider, _, name = of_kind.partition(".")
    kind, origin = kinds(provider)[name], Origin("10.yaml", 6)
    seen = [Observed(Address(provider, name, one), {}, Remote(one, one, {})) for one in ("b", "a")]
    desired = Desired(Address(provider, name, "c"), {}, {}, origin)

    refusal = find_obstacle_to_creation(Draft(there=seen), kind, desired, Ownership())

    assert isinstance(refusal, Refusal)
    assert ("(it has: a, b)" in refusal.reason) == kind.whole
    assert "none)" not in refusal.reason


@pytest.mark.parametrize(
    ("kind", "name", "settings", "says"),
    [
        ("list_moderation", "no-list@example-primary.example", {"moderated": False}, "toolkit cannot create it ("),
        ("remote_domain", "Nowhere", {"auto_forward_enabled": False}, "toolkit cannot create it (it has: Default, "),
    ],
)
def test_a_list_that_is_not_there_is_not_said_to_be_the_only_thing_missing(
    bare_door: Door, kind: str, name: str, settings: dict[str, bool], says: str
) -> None:
    resources = [resource(f"microsoft365.{kind}", name, settings)]
    if kind == "remote_domain":  # the other one is managed too
        resources.append(resource("microsoft365.remote_domain", "Default", settings))
    bare_door.write("10.yaml", playbook(*resources))

    planned = bare_door.toolkit("plan")

    assert planned.exit == 5, planned.out + planned.err
    assert says in planned.out
    assert "it has: none" not in planned.out
