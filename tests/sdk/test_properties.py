"""Which properties of an answer are known, and what becomes of the others."""

from typing import Any

import pytest

from toolkit.sdk.form import Properties, UnknownProperty, leaves

KNOWN = Properties(
    compared=frozenset({"state", "assignments[].target.groupId"}),
    whole=frozenset({"conditions", "rules[].actions"}),
    ignored={"id": "the service's own id"},
    defaults={"sentTo": "everybody", "enabled": True},
    narrowing=frozenset({"assignments[]", "scope"}),
)


def test_the_leaves_of_an_answer_are_its_single_values_with_their_paths() -> None:
    answer: dict[str, Any] = {
        "a": 1,
        "b": {"c": ["x", "y"], "d": {}, "roles@odata.context": "https://example-primary.example"},
        "e": [{"f": None}, {"f": {"@odata.type": "#group"}}],
        "g": [],
    }

    assert list(leaves(answer)) == [
        ("a", 1), ("b.c", ["x", "y"]), ("b.d", {}), ("e[].f", None), ("e[].f.@odata.type", "#group"), ("g", []),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        {"state": "on", "id": "7", "assignments": [{"target": {"groupId": "1"}}]},
        {"conditions": {"of tomorrow": True}, "rules": [{"actions": {"of tomorrow": [1]}}]},
        {"a": None, "b": False, "c": 0, "d": "", "e": [], "f": {}, "g": {"h": None}},
        {"sentTo": "everybody", "enabled": True},
        {"sentTo": None, "enabled": None},
    ],
    ids=["named", "whole", "nobody set it", "at its default", "null"],
)
def test_what_is_named_or_at_its_default_is_not_unknown(answer: dict[str, Any]) -> None:
    assert KNOWN.unknown(answer) == []


@pytest.mark.parametrize(
    ("answer", "unknown"),
    [
        ({"stateOfTomorrow": "on"}, UnknownProperty("stateOfTomorrow", "on", narrows=False)),
        ({"enabled": False}, UnknownProperty("enabled", False, narrows=False)),
        ({"sentTo": "nobody"}, UnknownProperty("sentTo", "nobody", narrows=False)),
        (
            {"assignments": [{"target": {"groupId": "1", "filterId": "2"}}]},
            UnknownProperty("assignments[].target.filterId", "2", narrows=True),
        ),
        ({"scope": ["pupils"]}, UnknownProperty("scope", ["pupils"], narrows=True)),
        ({"scopes": ["pupils"]}, UnknownProperty("scopes", ["pupils"], narrows=False)),
    ],
)
def test_another_property_is_unknown_and_says_whether_it_narrows(
    answer: dict[str, Any], unknown: UnknownProperty
) -> None:
    assert KNOWN.unknown(answer) == [unknown]


def test_without_a_list_of_what_narrows_everything_does() -> None:
    assert [found.narrows for found in Properties().unknown({"a": 1, "b": {"c": True}})] == [True, True]
