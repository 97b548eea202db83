"""Detectors: the lists of words, or the regular expressions, that data protection rules look for."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, model_validator

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.detectors import EXPRESSION, RULES, TYPES, WORD_LIST, condition_of, references
from connectors.google_workspace.marked_policies import (
    NESTING,
    SETTLES,
    MarkedPolicies,
    check_name,
    reaches,
    unit_doubts,
    unit_path,
)
from connectors.google_workspace.ownership_marker import IGNORED, UNIT, Placement, is_ours
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.policies import type_of, value_of
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import Rejected
from toolkit.sdk import (
    PATTERNS,
    TEXT,
    Desired,
    Doubt,
    Effect,
    EffectArea,
    Harmless,
    Kind,
    Listed,
    NameRules,
    ObjectEffects,
    Permissions,
    Properties,
    Scale,
    Setting,
    Within,
    adds_entries,
    declare,
    declare_effects,
    mapping,
    text,
    written_entries,
)
from toolkit.values import Body, Value

# Parts that match literally: escaped signs and classes of characters.
_LITERAL = re.compile(
    r"\\Q(?:(?!\\E).)*+(?:\\E|\Z)|\\[^1-9]|\[\^?+\]?+(?:\\.|\[:\^?\w+:\]|[^\]\\])*+(?:\]|\\?\Z)", re.DOTALL
)
# Google uses RE2, which has no look-around, back references or possessive quantifiers.
_NOT_IN_RE2 = re.compile(r"\(\?(?:[=!>]|<[=!])|\\[1-9]|\(\?P=|[*+?}]\+")
# Parts that only RE2 has, replaced by Python's.
_RE2 = (
    (re.compile(r"\\Q.*?\\E"), "x"),
    (re.compile(r"\\[pP](?:\{\^?\w+\}|[A-Z])"), r"\\w"),
    (re.compile(r"\\z"), r"\\Z"),
    (re.compile(r"\[:\^?\w+:\]"), "a-z"),
    (re.compile(r"\(\?[imsU-]+\)"), ""),
)


def _check_words(value: Listed | None) -> Listed | None:
    if value is None:
        return None
    entries = written_entries(value)
    if not entries or not all(entry.strip() for entry in entries):
        raise ValueError("a list of words must have words, none of them empty")
    return value


def _check_expression(value: str | None) -> str | None:
    """Raise ValueError for a regular expression that Google cannot read.

    One that only Python cannot read is accepted.
    """
    if value is None:
        return None
    if not value.strip():
        raise ValueError("an empty expression matches everything")
    if unsupported := _NOT_IN_RE2.search(_LITERAL.sub("x", value)):
        raise ValueError(
            f"{unsupported[0]!r} is not supported by Google's regular expressions (RE2). Write it in another way"
        )
    python_form = value
    for pattern, replacement in _RE2:
        python_form = pattern.sub(replacement, python_form)
    try:
        re.compile(python_form)
    except re.error as error:
        raise ValueError(f"the regular expression {value!r} is not valid: {error}") from error
    return value


def _matches_differently(before: Value, after: Value) -> bool:
    """Return whether a detector matches other texts after a change."""
    return before is not None and (adds_entries(before, after) or (isinstance(after, str) and after != before))


class Detector(Placement):
    """A detector: a list of words, or a regular expression. Data protection rules refer to a detector by its name.

    A list cannot become an expression, and an expression cannot become a list. A detector must stay in its unit while
    rules refer to it.
    """

    effects = declare_effects(
        {
            "words": Effect("more messages and files meet the data protection rules", _matches_differently),
            "expression": Effect("more messages and files meet the data protection rules", _matches_differently),
        }
    )

    properties: ClassVar[Properties] = Properties(
        compared=frozenset(
            {
                UNIT,
                "setting.value.description",
                "setting.value.wordList.words",
                "setting.value.regularExpression.expression",
            }
        ),
        ignored=IGNORED,
    )

    words: Annotated[
        Listed | None,
        AfterValidator(_check_words),
        Setting(PATTERNS, wire="wordList.words"),
        Within("words or phrases, none of them empty"),
    ] = declare("Lists the words or phrases to look for.", ["child protection plan", "placement order"])
    expression: Annotated[
        str | None,
        AfterValidator(_check_expression),
        Setting(TEXT, wire="regularExpression.expression"),
        Within("a regular expression in RE2, without look-around and back references"),
    ] = declare("Gives the regular expression to look for.", "[0-9]{2}-[0-9]{6}")

    @model_validator(mode="after")
    def _check_type(self) -> Self:
        if (self.words is None) == (self.expression is None):
            raise ValueError("a detector needs `words` or an `expression`, but not both")
        return self

    @classmethod
    def to_settings(cls, value: Body, related_values: Body) -> Body:  # noqa: ARG003 - Placement's
        return {
            "words": mapping(value.get("wordList")).get("words"),
            "expression": mapping(value.get("regularExpression")).get("expression"),
        }


class _Values:
    """Converts a detector's settings to the value of a policy, and back."""

    types = TYPES

    def type_of(self, settings: Body) -> str:
        return EXPRESSION if settings.get("expression") else WORD_LIST

    def put(self, via: GoogleWorkspace, value: Body, settings: Body) -> Body:  # noqa: ARG002 - Values'
        placed = {"wordList": ("words", "words"), "regularExpression": ("expression", "expression")}
        changed = {
            holder: {**mapping(value.get(holder)), key: settings[name]}
            for holder, (key, name) in placed.items()
            if settings.get(name) is not None
        }
        if value and any(holder not in value for holder in changed):
            raise Rejected(_explain_type_refusal(text(value.get("displayName"))))
        return {**value, **changed}

    def related_values(self, via: GoogleWorkspace, policy: Body) -> Body:  # noqa: ARG002 - Values'
        return {}

    def check_move(self, via: GoogleWorkspace, policy: Body) -> None:
        if rules := _find_referring_rules(via, text(policy.get("name"))):
            raise Rejected(_explain_move_refusal(text(value_of(policy).get("displayName")), rules))


def _doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield doubts about missing units, and about detectors that would have to change their type."""
    yield from unit_doubts(via, desired)
    existing = {text(value_of(policy).get("displayName")): policy for policy in via.policies.list_by_type(TYPES)}
    for resource in desired:
        policy, name = existing.get(resource.address.name), resource.address.name
        if policy is None:
            continue
        desired_type = EXPRESSION if resource.settings.get("expression") is not None else WORD_LIST
        if desired_type != type_of(policy):
            yield Doubt(name, "words" if desired_type == WORD_LIST else "expression", _explain_type_refusal(name))
        moves = resource.settings.get("unit") != unit_path(via, policy)
        if moves and (rules := _find_referring_rules(via, text(policy.get("name")))):
            yield Doubt(name, "unit", _explain_move_refusal(name, rules))


def _find_referring_rules(via: GoogleWorkspace, identifier: str) -> list[str]:
    """Return the names of the data protection rules that refer to a detector."""
    return [
        text(value_of(rule).get("displayName"))
        for rule in via.policies.with_written(RULES)
        if identifier in {reference.name for reference in references(condition_of(rule))}
    ]


def _explain_type_refusal(name: str) -> str:
    return (
        f"Google cannot change the type of a detector, and {name!r} already has the other type. Give the new "
        "detector another name, and use that name in the rules"
    )


def _explain_move_refusal(name: str, rules: Sequence[str]) -> str:
    return (
        f"in another unit the detector would get another id, but {', '.join(map(repr, rules))} refers to the id of "
        f"{name!r}. Give the new detector another name, use that name in the rules, and then remove the old detector"
    )


KIND = Kind(
    name="detector",
    title="detector",
    plural="detectors",
    spec=Detector,
    endpoint=MarkedPolicies(_Values()),
    reference="https://cloud.google.com/identity/docs/concepts/overview-policies",
    permissions=Permissions(
        read=needs("cloudidentity.policies.list", "directory.orgunits.list"),
        write=needs("cloudidentity.policies.create"),
    ),
    settles=SETTLES,
    logged=ADMIN,
    sample="""\
- google_workspace.detector: Safeguarding words
  words: [child protection plan, placement order]
""",
    reach=Scale.UNIT,
    targets=reaches,
    nesting=NESTING,
    is_ours=is_ours,
    doubts=_doubts,
    names=NameRules(check=check_name),
    stops=ObjectEffects(area=EffectArea.MAIL, deleted=Harmless.RELAXES),
)
