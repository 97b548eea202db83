"""Data protection rules of a real Google Workspace tenant, from `google_dlp_rules.yaml`."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.facts.tables import read_table


def dlp_rules() -> Iterator[Mapping[str, Any]]:
    """Return the value of each rule, without its policy."""
    table = read_table("google_dlp_rules")
    yield table["by_an_administrator"]
    for triggers, rules in ((2, table["rules"]), (1, table["drive"])):
        for likelihood, names in rules.items():
            for detector, name in names.items():
                yield _rule(table["default"], triggers, detector=detector, likelihood=likelihood, name=name)


def _rule(shape: Mapping[str, Any], triggers: int, **words: str) -> Mapping[str, Any]:
    condition = shape["condition"]["contentCondition"].format(**words)
    action = {app: does for app, does in shape["action"].items() if app != "gmailAction" or triggers > 1}
    return {
        **shape,
        "displayName": shape["displayName"].format(**words),
        "description": shape["description"].format(**words),
        "triggers": shape["triggers"][:triggers],
        "condition": {"contentCondition": condition},
        "action": action,
    }
