"""Mail rules in playbooks and in the tenant."""

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.cases import playbook, resource
from tests.door import CommandResult, Door

STORED = "exchange.transportRules"
KIND = "microsoft365.transport_rule"


def rule(name: str, **settings: object) -> str:
    """Return a rule for a playbook. Without settings, it marks the subject."""
    return resource(KIND, name, settings or {"prepend_subject": f"[{name}] "})


def write_rules(door: Door, *rules: str, file: str = "10-rules", mode: str = "enforce") -> None:
    """Write a playbook with rules. The first rule is at line 6."""
    door.write(f"{file}.yaml", playbook(*rules, slug=file, mode=mode))


def apply(door: Door, *options: str) -> CommandResult:
    """Apply the playbooks, and check that the run succeeds."""
    answer = door.toolkit("apply", "--yes", "--json", *options)
    assert answer.exit == 0, answer.out + answer.err
    return answer


def add_rule_by_hand(door: Door, name: str, **wire: object) -> str:
    """Add a rule below all others, as an administrator in the portal would, and return its Guid."""
    guid = str(uuid5(NAMESPACE_URL, name))
    door.tenant.put(STORED, guid, {"Guid": guid, "Name": name, "State": "Enabled", "Mode": "Enforce", **wire})
    return guid


def stored_rule(door: Door, name: str) -> dict[str, Any]:
    """Return the only stored rule of a name."""
    (body,) = [body for body in door.tenant.objects(STORED).values() if body["Name"] == name]
    return body


def rule_order(door: Door) -> list[str]:
    """Return the names of all rules, from first to last."""
    return [body["Name"] for body in door.tenant.objects(STORED).values()]


def arrange_rules(door: Door, names: Sequence[str]) -> None:
    """Move the named rules to the top, as an administrator would. The others stay below them."""
    objects = door.tenant.objects(STORED)
    places = {name: place for place, name in enumerate(names)}
    keys = sorted(objects, key=lambda key: places.get(objects[key]["Name"], len(places)))
    door.tenant.control("PUT", f"/objects/{STORED}", {key: objects[key] for key in keys})


def planned_changes(answer: CommandResult) -> list[tuple[str, str]]:
    """Return the action and the name of each planned change."""
    return [(change["action"], change["address"].partition("[")[2][:-1]) for change in answer.json["changes"]]
