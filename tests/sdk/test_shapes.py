"""Values of an answer by their shape."""

from collections.abc import Callable

import pytest

from toolkit.errors import BadAnswer, Unexpected
from toolkit.sdk.endpoint import flag, listed, mapping, mappings, read_rows, read_safely, text, texts
from toolkit.sdk.form import ADDRESSES, FLAG, HTML, INSTANT, NUMBER, PATTERNS, PROSE, SIZE, SWITCH, TEXT, WORDS, Form
from toolkit.values import Json

ODD: dict[Callable[[Json], object], tuple[Json, ...]] = {
    text: (7, True, ["a"], {"a": 1}),
    flag: (7, "true", ["a"], {"a": 1}),
    mapping: (7, True, "a", ["a"]),
    listed: (7, True, "a", {"a": 1}),
    texts: (7, "a", ["a", 7], [["a"]]),
    mappings: (7, "a", [{}, "a"], {"a": 1}),
}
FORMS = (TEXT, PROSE, HTML, FLAG, SWITCH, NUMBER, SIZE, INSTANT, WORDS, PATTERNS, ADDRESSES)


@pytest.mark.parametrize(("read", "value"), [(read, value) for read, values in ODD.items() for value in values])
def test_a_value_of_another_shape_is_not_taken_for_an_empty_one(read: Callable[[Json], object], value: Json) -> None:
    with pytest.raises(BadAnswer, match="could not be parsed"):
        read(value)

    assert not read(None)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("value", [{"odd": ["odd"]}, [{"odd": 1}]], ids=["object", "objects"])
def test_no_form_takes_an_odd_value_for_a_setting(form: Form, value: Json) -> None:
    with pytest.raises(ValueError, match="odd"):
        form.read(value)


@pytest.mark.parametrize("rows", [None, "odd", {"a": 1}, [{}, "odd", 7, None]])
def test_a_list_with_a_row_that_is_no_object_is_no_list(rows: Json) -> None:
    with pytest.raises(BadAnswer, match="GET /users: "):
        read_rows(rows, "GET /users")


def test_a_value_that_cannot_be_parsed_is_unknown_and_any_other_error_a_defect() -> None:
    def parse() -> int:
        return int("a person's name")

    def fail() -> object:
        return {"name": "text"}["a person's name"]

    with pytest.raises(BadAnswer, match="could not be parsed: ValueError at ") as unparsed:
        read_safely("holds", parse)
    with pytest.raises(Unexpected, match="KeyError at ") as defect:
        read_safely("holds", fail)
    assert "person" not in f"{unparsed.value}{defect.value}"
