"""How the settings of a rule stand in the value of its policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from connectors.google_workspace.detectors import RULES, Detectors, condition_of, references
from connectors.google_workspace.kinds.dlp_rule import actions, alerts, condition
from connectors.google_workspace.kinds.dlp_rule.rule import TRIGGER
from connectors.google_workspace.marked_policies import unit_doubts
from toolkit.sdk.kind import Doubt
from toolkit.sdk.resource import Desired
from toolkit.sdk.shapes import listed, mapping, text
from toolkit.values import Body, Json

if TYPE_CHECKING:
    from connectors.google_workspace.connection import GoogleWorkspace


class RuleValues:
    """A rule's settings, put into the whole value that Google wants with every change."""

    types = RULES

    def type_of(self, settings: Body) -> str:  # noqa: ARG002 - rules are of one type
        return "rule.dlp"

    def put(self, via: GoogleWorkspace, value: Body, settings: Body) -> Body:
        """Give a value with settings put in, detectors by their ids; Rejected names a detector that is not there."""
        changed: dict[str, Json] = dict(value)
        if "state" in settings:
            changed["state"] = settings["state"]
        if "triggers" in settings:
            changed["triggers"] = [TRIGGER + str(one) for one in listed(settings["triggers"])]
        if "condition" in settings:
            wire = condition.on_the_wire(via, text(settings["condition"]))
            changed["condition"] = {**mapping(value.get("condition")), "contentCondition": wire}
        changed["action"] = actions.put(mapping(value.get("action")), settings)
        return alerts.put(changed, settings)

    def beside(self, via: GoogleWorkspace, policy: Body) -> Body:
        """Give the names of the detectors that a rule looks for."""
        written = condition_of(policy)
        return {"detectors": Detectors(via).names_in(written)} if list(references(written)) else {}

    def check_move(self, via: GoogleWorkspace, policy: Body) -> None:
        """Nothing refers to a rule."""


def doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Look for the units and the detectors that rules name."""
    yield from unit_doubts(via, desired)
    yield from condition.doubts(via, desired)
