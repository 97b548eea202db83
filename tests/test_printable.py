"""Text from outside is shown without its control and format characters, and what is escaped can be read back."""

import json
import sys
import unicodedata

import pytest
from ruamel.yaml import YAML

from toolkit.ledger.redact import Redactor
from toolkit.printable import printable, printable_lines
from toolkit.render.yaml_text import dumped

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]
HIDDEN = [character for character in EVERY if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
VISIBLE = "".join(sorted(set(EVERY) - set(HIDDEN)))
WHOLE = [character for character in HIDDEN if unicodedata.category(character) != "Cs"]
"""Halves of characters are left out: no file can hold them."""


def test_every_hidden_character_is_escaped_and_every_other_stays() -> None:
    escaped = printable("".join(HIDDEN))

    assert escaped.isascii()
    assert escaped.isprintable()
    assert printable(VISIBLE) == VISIBLE


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
    answer = {"name": "-".join(HIDDEN), 'a "quoted\\" key\x7f': ["\\\x7f", "\\u202e", VISIBLE]}

    written = printable_lines(json.dumps(Redactor(["a secret of the school"]).json(answer), indent=2))

    assert json.loads(written) == answer


@pytest.mark.parametrize("around", ["{}", "a{}b", "{}: {}", "- {}\n{}", "# {}", " {} ", '"{}\\'])
def test_yaml_holds_no_hidden_character_and_is_read_back_unchanged(around: str) -> None:
    for value in [
        *("".join(around.format(*[character] * 2)) for character in WHOLE),
        around.format(*["".join(WHOLE)] * 2),
    ]:
        written = dumped({"name": value, "list": [value]})

        assert printable_lines(written) == written
        assert YAML(typ="safe", pure=True).load(written) == {"name": value, "list": [value]}
