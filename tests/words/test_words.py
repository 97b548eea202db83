"""The language of the code: names and turns that a reader stumbles over may only become fewer, package by package."""

from collections import Counter

import pytest

from tests.words.draw import draw
from tests.words.language import (
    AllowedPlace,
    Hit,
    all_hits,
    allowed_places,
    checked_files,
    count,
    every_hit,
    excess,
    faults,
    lower_counts,
    name_rules,
    package_of,
    recorded_counts,
    turns,
)
from tests.words.passages import Part, Passage, read_module, template_passages

_SHOWN = 40


def test_no_package_has_more_odd_places_than_before() -> None:
    more = excess(count(every_hit()), recorded_counts())

    places = [str(hit) for hit in every_hit() if (package_of(hit.file), hit.part) in more]
    assert more == [], "\n".join(["write one of these in plain words:", *places[:_SHOWN]])


def test_a_count_that_fell_is_recorded() -> None:
    assert lower_counts(count(every_hit()), recorded_counts()) == recorded_counts(), (
        "run: python -m tests.words --lower"
    )


def test_every_allowed_place_is_still_there_and_has_a_reason() -> None:
    places = [hit for file in checked_files() for hit in all_hits(file)] if allowed_places() else []

    assert [place for place in allowed_places() if not any(place.covers(hit) for hit in places)] == []
    assert [place for place in allowed_places() if not place.reason.strip()] == []


@pytest.mark.parametrize(
    "file",
    [
        "README.md",
        ".env.example",
        "toolkit/cli/drift.py",
        "toolkit/board_report/board.html.j2",
        "toolkit/board_report/report.typ",
        "toolkit/board_report/standards.toml",
        "tests/door.py",
    ],
)
def test_the_texts_that_people_meet_are_read(file: str) -> None:
    assert file in checked_files()


_MODULE = '''\
"""The rules of a school."""

LABEL = f"# {1}"  # where the list is empty


class Rule:
    """A rule."""

    told: str


def of_change(one: int) -> str:
    """Give the change. It is told beside the rule."""
    known = "a rule is no group"
    return known
'''


def test_the_passages_of_a_module_are_found() -> None:
    found = {(passage.part, passage.line): faults(passage) for passage in read_module(_MODULE)[0]}

    assert sorted(place for place, fault in found.items() if fault) == sorted(
        [
            (Part.COMMENT, 3),
            (Part.FIELD, 9),
            (Part.FUNCTION, 12),
            (Part.VARIABLE, 12),
            (Part.OPENING, 13),
            (Part.DOCSTRING, 13),
            (Part.VARIABLE, 14),
            (Part.MESSAGE, 14),
        ]
    )


_COMMAND = '''
def due() -> None:
    r"""Apply the due changes.

    \\b
    Exit codes:
      0  every change is made; nothing is left

    The tenant is read first.

    \\b
    Example: toolkit due
    """
'''


def test_a_paragraph_that_click_prints_as_it_is_has_no_sentences() -> None:
    sentences = [passage.text for passage in read_module(_COMMAND)[0] if passage.part is Part.DOCSTRING]

    assert sentences == ["Apply the due changes.", "The tenant is read first."]


_FIELDS = """
class MemoryRow:
    sent: str
    seen: str


class FilterTest:
    told: str
    seen: str


class LoanForm:
    lent: str = Field(description="The date.")
    until_date: str = Field(alias="until", description="The date.")
    left: str = Field(alias="remaining", description="The days.")
"""


def test_a_stored_name_is_no_odd_field() -> None:
    fields = [passage for passage in read_module(_FIELDS)[0] if passage.part is Part.FIELD and faults(passage)]

    assert sorted((passage.owner, passage.text) for passage in fields) == [
        ("FilterTest", "seen"),
        ("LoanForm", "left"),
        ("MemoryRow", "seen"),
    ]


def test_a_participle_is_the_name_of_a_date() -> None:
    passages, _ = read_module("class Copy:\n    exported: date | None = None\n    known: bool = False\n")

    assert [passage.text for passage in passages if passage.part is Part.FIELD] == ["known"]


def test_the_passages_of_templates_are_found() -> None:
    source = '<p>{{ name }} is read beside the rule</p>\n{% if what %}\nasks = "No"  # of one group\n'

    assert list(template_passages(source)) == [
        Passage(Part.MESSAGE, 1, "XX is read beside the ruleX"),
        Passage(Part.COMMENT, 3, "of one group"),
    ]


@pytest.mark.parametrize(
    ("sentence", "turn"),
    [
        ("It lists what is shared.", "what instead of a noun"),
        ("None where the list is empty.", "where as a condition"),
        ("A rule names no group.", "is no"),
        ("It is the one that runs first.", "the one that"),
        ("Supervised devices alone are read.", "alone after a noun"),
        ("The settings and those of the group.", "those of"),
        ("The admin is told.", "is told"),
        ("A value is to be sent.", "is to be"),
        ("That stays so.", "is so"),
        ("It is beside the rule.", "beside"),
        ("It is read: nothing is written.", "clauses joined by a colon or semicolon"),
        ("It is read; the rest is not.", "clauses joined by a colon or semicolon"),
    ],
)
def test_each_turn_is_found(sentence: str, turn: str) -> None:
    assert [each.name for each in turns() if each.is_in(sentence)] == [turn]


@pytest.mark.parametrize(
    "sentence",
    [
        "What does the policy require?",
        "It says what to do.",
        "None if the list is empty.",
        "There is no longer a rule.",
        "It is left alone.",
        "The limit is so long that no run reaches it.",
        "The order is: group, rule, policy.",
    ],
)
def test_plain_sentences_have_no_turn(sentence: str) -> None:
    assert [each.name for each in turns() if each.is_in(sentence)] == []


@pytest.mark.parametrize("name", ["told", "_asked", "of_change", "apart", "widened"])
def test_a_bare_participle_is_an_odd_name(name: str) -> None:
    assert name_rules().is_odd(name)


@pytest.mark.parametrize(
    "name", ["read_directory", "is_expired", "desired", "feed", "overdue_days", "asked_twice", "_"]
)
def test_a_verb_phrase_or_a_noun_is_a_name(name: str) -> None:
    assert not name_rules().is_odd(name)


def test_counts_are_only_lowered() -> None:
    before = {"toolkit/a": {"messages": 3, "comments": 1}, "toolkit/b": {"messages": 2}}
    now = {"toolkit/a": {"messages": 5}, "toolkit/b": {"messages": 1}, "toolkit/c": {"messages": 4}}

    assert lower_counts(now, before) == {"toolkit/a": {"messages": 3}, "toolkit/b": {"messages": 1}}
    assert excess(now, before) == [("toolkit/a", "messages"), ("toolkit/c", "messages")]


def test_an_allowed_place_covers_its_own_words_in_its_own_file() -> None:
    place = AllowedPlace("toolkit/a.py", "what it is", "a quotation")

    assert place.covers(Hit("toolkit/a.py", 1, Part.MESSAGE, "It says what it is", ""))
    assert not place.covers(Hit("toolkit/b.py", 1, Part.MESSAGE, "It says what it is", ""))
    assert not place.covers(Hit("toolkit/a.py", 1, Part.MESSAGE, "It says", ""))


def test_an_allowed_name_covers_no_longer_text() -> None:
    place = AllowedPlace("toolkit/a.py", "told", "a key of a file")

    assert place.covers(Hit("toolkit/a.py", 1, Part.FIELD, "told", ""))
    assert not place.covers(Hit("toolkit/a.py", 1, Part.MESSAGE, "The admin is told", ""))


def test_the_same_lines_are_drawn_again_for_the_same_commit() -> None:
    package = "toolkit/lost"
    drawn = list(draw(package, "a commit"))

    assert Counter(sort for sort, _ in drawn) == {"docstring": 30, "message": 30, "signature": 20}
    assert drawn == list(draw(package, "a commit"))
    assert drawn != list(draw(package, "another commit"))
