"""Mail rules as the playbooks ask for them, and as they stand in the tenant."""

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.cases import playbook, resource
from tests.door import Answered, Door

STORED = "exchange.transportRules"
KIND = "microsoft365.transport_rule"


def rule(name: str, **settings: object) -> str:
    """Ask for a rule; it marks the subject unless it does something else."""
    return resource(KIND, name, settings or {"prepend_subject": f"[{name}] "})


def ask(door: Door, *rules: str, file: str = "10-rules", mode: str = "enforce") -> None:
    """Write a playbook that asks for rules; the first stands at line 6."""
    door.write(f"{file}.yaml", playbook(*rules, slug=file, mode=mode))


def apply(door: Door, *options: str) -> Answered:
    """Apply, which has to go well."""
    answer = door.toolkit("apply", "--yes", "--json", *options)
    assert answer.exit == 0, answer.out + answer.err
    return answer


def by_hand(door: Door, name: str, **wire: object) -> str:
    """Make a rule as somebody at the portal would, after all others; give its Guid."""
    guid = str(uuid5(NAMESPACE_URL, name))
    door.tenant.put(STORED, guid, {"Guid": guid, "Name": name, "State": "Enabled", "Mode": "Enforce", **wire})
    return guid


def stored(door: Door, name: str) -> dict[str, Any]:
    """Read the one stored rule of a name."""
    (found,) = [body for body in door.tenant.objects(STORED).values() if body["Name"] == name]
    return found


def order(door: Door) -> list[str]:
    """List the names of all rules, first to last."""
    return [body["Name"] for body in door.tenant.objects(STORED).values()]


def arrange(door: Door, names: Sequence[str]) -> None:
    """Put the rules into another order by hand; those not named stay last."""
    objects = door.tenant.objects(STORED)
    places = {name: place for place, name in enumerate(names)}
    keys = sorted(objects, key=lambda key: places.get(objects[key]["Name"], len(places)))
    door.tenant.control("PUT", f"/objects/{STORED}", {key: objects[key] for key in keys})


def changes(answer: Answered) -> list[tuple[str, str]]:
    """List what a plan would do: the action and the name."""
    return [(one["action"], one["address"].partition("[")[2][:-1]) for one in answer.json["changes"]]
