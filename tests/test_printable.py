"""Text from outside is shown without its control and format characters, and what is escaped can be read back."""

import json
import sys
import unicodedata
from functools import cache

import pytest
from ruamel.yaml import YAML

from toolkit.ledger.redact import Redactor
from toolkit.printable import printable, printable_lines
from toolkit.render.yaml_text import format_yaml


@cache
def _characters() -> tuple[str, str]:
    """Return every hidden and every visible character."""
    hidden, visible = list[str](), list[str]()
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        is_hidden = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        (hidden if is_hidden else visible).append(character)
    return "".join(hidden), "".join(visible)


def test_every_hidden_character_is_escaped_and_every_other_stays() -> None:
    hidden, visible = _characters()
    escaped = printable(hidden)

    assert escaped.isascii()
    assert escaped.isprintable()
    assert printable(visible) == visible


@pytest.mark.parametrize(
    ("character", "value", "text"),
    [
        ("\n", "\\n", "\n"),
        ("\r", "\\u000d", "\\u000d"),
        ("\t", "\\u0009", "\\u0009"),
        ("\x1b", "\\u001b", "\\u001b"),
        ("\u202e", "\\u202e", "\\u202e"),
        ("\u2028", "\\u2028", "\\u2028"),
        ("\ud800", "\\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041", "\\U000e0041"),
    ],
)
def test_only_a_newline_of_our_own_stays(character: str, value: str, text: str) -> None:
    assert printable(f"a{character}b") == f"a{value}b"
    assert printable_lines(f"a{character}b") == f"a{text}b"


def test_json_behind_the_gate_is_read_back_unchanged() -> None:
    hidden, visible = _characters()
    answer = {"name": "-".join(hidden), 'a "quoted\\" key\x7f': ["\\\x7f", "\\u202e", visible]}

    written = printable_lines(json.dumps(Redactor(["a secret of the school"]).json(answer), indent=2))

    assert json.loads(written) == answer


@pytest.mark.parametrize("around", ["{}", "a{}b", "{}: {}", "- {}\n{}", "# {}", " {} ", '"{}\\'])
def test_yaml_holds_no_hidden_character_and_is_read_back_unchanged(around: str) -> None:
    hidden, _ = _characters()
    whole = [character for character in hidden if unicodedata.category(character) != "Cs"]  # no file can hold halves
    for value in [
        *("".join(around.format(*[character] * 2)) for character in whole[:: len(whole) // 30]),
        around.format(*["".join(whole)] * 2),
    ]:
        written = format_yaml({"name": value, "list": [value]})

        assert printable_lines(written) == written
        assert YAML(typ="safe", pure=True).load(written) == {"name": value, "list": [value]}
