"""A YAML file that is no playbook is refused with its line and plain words, before anything is built of it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from toolkit.errors import PlaybookError
from toolkit.yaml.node import line_of, plain
from toolkit.yaml.source import read_source

Refused = Callable[[Mapping[str, str | bytes]], list[str]]
HEAD = "playbook: x\n"

BAD = {
    "empty": ("", 1, "the file is empty: delete it, or begin with `playbook:`"),
    "only a comment": ("# soon\n", 1, "the file is empty: delete it, or begin with `playbook:`"),
    "only null": ("---\n~\n", 1, "the file is empty: delete it, or begin with `playbook:`"),
    "an empty table": ("{}\n", 1, "a file must begin with a key for its type, such as `playbook:`"),
    "a list": ("- playbook\n", 1, "a file must begin with a key for its type, such as `playbook:`"),
    "a word": ("playbook\n", 1, "a file must begin with a key for its type, such as `playbook:`"),
    "latin-1": (HEAD.encode() + "title: Café\n".encode("latin-1"), 2, "is not UTF-8 text (byte 0xE9): save the file"),
    "utf-16": (HEAD.encode("utf-16"), 1, "is not UTF-8 text (byte 0xFF): save the file as UTF-8"),
    "a NUL": (HEAD + "title: a\0b\n", 2, "a character that is not allowed in text (U+0000): delete it"),
    "an escaped NUL": (HEAD + 'title: "a\\0b"\n', 2, "an escape for a character that is not allowed in text (U+0000)"),
    "half a character": (HEAD + 'title: "\\ud800"\n', 2, "an escape for a character that is not allowed in text"),
    "an impossible escape": (HEAD + 'title: "\\U99999999"\n', 2, "not valid YAML: an escape sequence in double quotes"),
    "too large": (HEAD + "# " + "x" * 2_000_000, 1, "is larger than 1 MB: a playbook is a page or two"),
    "a tab below a key": (HEAD + "resources:\n\t- a\n", 3, "tab used for indentation: use spaces"),
    "a tab after spaces": (HEAD + "resources:\n  \t- a\n", 3, "tab used for indentation: use spaces"),
    "a tab in a flow list": (HEAD + "clauses: [EML-18,\n\tEML-19]\n", 3, "tab used for indentation: use spaces"),
    "a tab before a value": (HEAD + "title:\tx\n", 2, "unexpected tab: use spaces"),
    "a sign that needs quotes": (HEAD + "title: @x\n", 2, "a value cannot begin with @: put it in quotes"),
    "an anchor": (HEAD + "title: &a x\n", 2, "`&a` marks a part of the file to repeat: delete it"),
    "an alias": (HEAD + "title: *a\n", 2, "`*a` repeats another part of the file: write that part out"),
    "a merge key": (HEAD + "<<: {title: x}\n", 2, "`<<` copies another part of the file: write that part out in full"),
    "a tag": (HEAD + "title: !!python/object:os.system x\n", 2, "a type written with ! is not supported: delete it"),
    "a tag on a key": (HEAD + "!x title: x\n", 2, "a type written with ! is not supported: delete it"),
    "two documents": (HEAD + "---\nplaybook: y\n", 2, "a second document begins with ---: a file can have only one"),
    "a directive": ("%YAML 1.1\n---\n" + HEAD, 2, "a line above begins with %, which is not supported: delete it"),
    "a key twice": (HEAD + "title: a\nowner: b\ntitle: c\n", 4, "`title` is written twice, first in line 2"),
    "yes as a key": (HEAD + "yes: a\n", 2, "`yes` cannot be a key without quotes: put it in quotes"),
    "a number as a key": (HEAD + "12: a\n", 2, "`12` cannot be a key without quotes: put it in quotes"),
    "null as a key": (HEAD + "~: a\n", 2, "`~` cannot be a key without quotes: put it in quotes"),
    "a list as a key": (HEAD + "? [a]\n: b\n", 2, "a key must be a word, not a list or a table"),
    "not a number": (HEAD + "title: .nan\n", 2, ".nan is not a number that can be used"),
    "infinity": (HEAD + "title: -.inf\n", 2, "-.inf is not a number that can be used"),
    "an overflow": (HEAD + "title: 1e999\n", 2, "a number as large as this cannot be used."),
    "65 bits": (HEAD + "title: 9223372036854775808\n", 2, "a number of more than 64 bits cannot be used"),
    "a long number": (HEAD + f"title: {'9' * 5000}\n", 2, "a number of more than 64 bits cannot be used"),
    "a quote that ends in a later line": (
        HEAD + 'title: "a\nclauses: [a]\nowner: "b"\n',
        4,
        "the indentation does not fit the lines above, or the quotation mark of line 2 is not closed",
    ),
    "an apostrophe in single quotes": (
        HEAD + "title: 'the school's mail'\n",
        2,
        "text after a closing quotation mark: in single quotes, write an apostrophe twice",
    ),
    "quotes of a word processor": (
        HEAD + "title: “School mail”\n",
        2,
        "`“School mail”` is in typographic quotation marks: write \" or ' instead",
    ),
    "a long dash": (
        HEAD + "controls:\n  – mail.label: {}\n",
        3,
        "the line begins with a long dash, as word processors write it: write a hyphen",
    ),
    "a no-break space": (
        HEAD + "controls:\n\u00a0 - mail.label: {}\n",
        3,
        "the line begins with a no-break space: write spaces",
    ),
    "two colons": (HEAD + "title: a: b\n", 2, "unexpected colon: check this line and the one above, or quote the text"),
    "no colon": (HEAD + "title\nowner: x\n", 2, "a key without a colon, or text that needs quotes"),
    "an open quotation mark": (HEAD + "title: 'x\nowner: y\n", 2, "a quotation mark is opened here and never closed"),
    "an open list": (HEAD + "clauses: [a\nowner: y\n", 2, "a list opened with [ here is not closed, or lacks a comma"),
    "an open table": (HEAD + "a: {b: 1\nowner: y\n", 2, "a table opened with { here is not closed, or lacks a comma"),
    "an end too early": (HEAD + "clauses: [\n", 3, "a list or table opened with [ or { is never closed"),
    "an outdented line": (HEAD + "resources:\n  - a\n - b\n", 4, "the indentation does not fit the lines above"),
    "a Windows path": (HEAD + 'title: "C:\\school"\n', 2, "a backslash in double quotes: use single quotes, or write"),
}


@pytest.mark.parametrize(("content", "line", "message"), BAD.values(), ids=BAD)
def test_a_file_that_is_no_playbook_is_refused_with_its_line(
    refused: Refused, content: str | bytes, line: int, message: str
) -> None:
    problems = refused({"10-x.yaml": content})

    assert problems[0].startswith(f"playbooks/10-x.yaml:{line}: {message}")


BOMBS = {
    "nested aliases": HEAD
    + "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    "an alias of itself": HEAD + "a: &a [*a]\n",
    "many brackets": HEAD + "a: " + "[" * 900_000,
    "many dashes": HEAD + "a:\n  " + "- " * 400_000,
    "many braces": HEAD + "a: " + "{a: " * 200_000,
    "many question marks": HEAD + "? " * 400_000,
    "many anchors": HEAD + "".join(f"k{n}: &a{n} x\n" for n in range(40_000)),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_file_made_to_exhaust_the_reader_is_refused(refused: Refused, bomb: str) -> None:
    problems = refused({"10-x.yaml": bomb})

    assert 1 <= len(problems) <= 100


def test_nesting_ends_at_forty_levels(refused: Refused) -> None:
    problems = refused({"10-x.yaml": HEAD + "a: " + "[" * 40 + "]" * 40})

    assert problems == ["playbooks/10-x.yaml:2: nested more than 40 levels deep"]


def test_every_mistake_of_a_file_is_told_at_once(refused: Refused) -> None:
    problems = refused({"10-x.yaml": HEAD + "a: *b\nc: !d e\nc: 1\n? yes\n"})

    assert [problem.split(":")[1] for problem in problems] == ["2", "3", "4", "5"]


VALUES = {
    "dates stay text": ("2026-11-25", "2026-11-25"),
    "times stay text": ("2026-11-25T07:00:00+00:00", "2026-11-25T07:00:00+00:00"),
    "yes is a word": ("yes", "yes"),
    "off is a word": ("off", "off"),
    "true is a flag": ("true", True),
    "nothing is null": ("", None),
    "a tilde is null": ("~", None),
    "a quoted number is text": ("'12'", "12"),
    "a whole number": ("-12", -12),
    "an octal number": ("0o17", 15),
    "a hexadecimal number": ("0x1F", 31),
    "a telephone number keeps its zero": ("01632960000", "01632960000"),
    "a time of day is text": ("12:30", "12:30"),
    "a decimal": ("1.5e1", 15.0),
    "the largest number": ("9223372036854775807", 9223372036854775807),
    "block text keeps its tabs": ("|\n  \tx\n  y\n", "\tx\ny\n"),
    "quoted text over lines": ("'x\n\n  y'", "x\ny"),
    "a list": ("[1, {b: c}]", [1, {"b": "c"}]),
    "Windows line ends": ("|\r\n  x\r\n  y\r\n", "x\ny\n"),
}


@pytest.mark.parametrize(("written", "value"), VALUES.values(), ids=VALUES)
def test_a_word_means_what_yaml_1_2_says(tmp_path: Path, written: str, value: object) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(f"\ufeffa: {written}".encode())

    source = read_source(file, relative="x.yaml")

    assert plain(source.root) == {"a": value}


def test_every_value_knows_its_line(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("# a comment\na:\n  - b: 1\n    c: |\n      long\n      text\n  - d\n\ne: f\n")

    root = read_source(file, relative="x.yaml").root

    assert line_of(root, ("a", 0, "c"), otherwise=0) == 4
    assert line_of(root, ("a", 1), otherwise=0) == 7
    assert line_of(root, ("e",), otherwise=0) == 9
    assert line_of(root, ("a", 7, "x"), otherwise=0) == 2


def test_a_file_that_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match=r"gone\.yaml:1: cannot be read: No such file"):
        read_source(tmp_path / "gone.yaml", relative="gone.yaml")
