"""How a field of a Spec gives its setting a name, for people and for the service."""

from typing import Annotated, Any

import pytest
from pydantic import Field

from toolkit.sdk.form import TEXT, WORDS
from toolkit.sdk.spec import Contains, Exactly, Listed, Setting, Spec, Wire, written_entries

Text = Annotated[str | None, Setting(TEXT)]


class Letter(Spec):
    """Settings whose names need more than their field."""

    from_: Annotated[str | None, Setting(TEXT)] = Field(default=None, alias="from")
    scl_over: Annotated[Text, Wire("SCLOver")] = None


def test_a_setting_called_like_a_word_of_python_keeps_its_name() -> None:
    assert Letter.desired({"from": "office"}) == {"from": "office"}
    assert Letter.body({"from": "office"}) == {"From": "office"}
    assert Letter.observed({"From": "office"}) == {"from": "office", "scl_over": None}


def test_a_field_names_the_wire_beside_a_shared_setting() -> None:
    assert Letter.body({"scl_over": "5"}) == {"SCLOver": "5"}


def test_an_empty_text_is_unset() -> None:
    assert Letter.observed({"From": ""})["from"] is None


@pytest.mark.parametrize("written", [["a"], Exactly(exactly=["a"]), Contains(contains=["a"])])
def test_entries_are_found_however_a_list_is_written(written: Listed) -> None:
    assert written_entries(written) == ["a"]


def test_a_list_that_is_null_has_no_entries() -> None:
    nothing: Any = None
    assert written_entries(nothing) == []
    assert WORDS.read(nothing) is None
