"""What becomes of one object that several entries shape."""

from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, ValidationError

from tests.planning.building import Thing, contribution
from toolkit.planning.contribution import describe_invalid_settings, join_contributions
from toolkit.sdk.form import NUMBER
from toolkit.sdk.spec import Join, Setting, Spec
from toolkit.values import AtLeast, Json, Value


@pytest.mark.parametrize(
    ("setting", "one", "other", "joined"),
    [
        ("words", ["a", "b"], ["B", "c"], ("a", "b", "c")),
        ("words", ["a"], {"contains": ["b"]}, AtLeast(("a", "b"))),
        ("words", {"exactly": ["a"]}, ["b"], ("a", "b")),
        ("entries", ["a"], ["b"], AtLeast(("a", "b"))),
        ("most", 3, 2, 2),
        ("least", 3, 2, 3),
        ("text", "same", "same", "same"),
    ],
)
def test_two_entries_join_as_their_setting_says(setting: str, one: Json, other: Json, joined: Value) -> None:
    wanted, problems = join_contributions([contribution(1, {setting: one}), contribution(2, {setting: other})], Thing)

    assert problems == []
    assert wanted
    assert wanted.settings[setting] == joined


@pytest.mark.parametrize(
    ("setting", "one", "other"), [("text", "a", "b"), ("html", "<p>a</p>", "<p>b</p>"), ("most", 3, None)]
)
def test_two_values_that_must_be_equal_clash_with_both_lines(setting: str, one: Json, other: Json) -> None:
    wanted, (problem,) = join_contributions(
        [contribution(11, {setting: one}), contribution(22, {setting: other})], Thing
    )

    assert wanted is None
    assert (problem.path, problem.line) == ("things.yaml", 22)
    assert "things.yaml:11" in problem.message
    assert setting in problem.message


def test_every_clash_is_told_at_once() -> None:
    one, other = contribution(1, {"text": "a", "html": "a"}), contribution(2, {"text": "b", "html": "b"})

    assert len(join_contributions([one, other], Thing)[1]) == 2


def test_each_setting_keeps_the_line_that_asks_for_it_first() -> None:
    one, other = contribution(1, {"text": "a"}), contribution(2, {"most": 1, "text": "a"}, "mail.other")
    wanted, _ = join_contributions([one, other], Thing)

    assert wanted
    assert {setting: place.line for setting, place in wanted.origins.items()} == {"text": 1, "most": 2}
    assert wanted.made_by == ("mail.tag", "mail.other")


def test_what_nobody_names_has_the_meaning_of_silence_and_no_line() -> None:
    wanted, _ = join_contributions([contribution(1, {"text": "a"})], Thing)

    assert wanted
    assert wanted.settings == {"text": "a", "exception": None}
    assert "exception" not in wanted.origins


class _Limited(Spec):
    limit: Annotated[int, Setting(NUMBER, join=Join.LOWEST_BUT_ZERO)] = 0


@pytest.mark.parametrize(("one", "other", "joined"), [(400, 0, 400), (0, 400, 400), (400, 800, 400), (0, 0, 0)])
def test_zero_that_leaves_a_limit_to_the_service_never_undoes_a_number(one: int, other: int, joined: int) -> None:
    wanted, _ = join_contributions([contribution(1, {"limit": one}), contribution(2, {"limit": other})], _Limited)

    assert wanted
    assert wanted.settings["limit"] == joined


def _even(number: int) -> int:
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number


class _Pair(BaseModel):
    first: Annotated[int, AfterValidator(_even)]
    second: int


def test_a_wrong_setting_is_told_in_the_words_of_our_validator_alone() -> None:
    with pytest.raises(ValidationError) as wrong:
        _Pair.model_validate({"first": 3, "second": 4.5})

    ours, library = describe_invalid_settings(wrong.value)
    assert ours == "first: 3 is odd"
    assert library.startswith("second: Input should be a valid integer")
