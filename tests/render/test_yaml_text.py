"""YAML that is written is read back as the same values."""

from pathlib import Path

import pytest

from toolkit.render.yaml_text import format_yaml, yaml_comment_lines
from toolkit.values import Json
from toolkit.yaml.node import plain_table
from toolkit.yaml.source import read_source

TEXTS = [
    "plain words", "true", "Null", "~", "007", "12", "1.5", "0x1f", ".inf", "2026-11-10", "2026-11-10T09:00:00Z",
    "10:30",
    "a: b", "ends:", "- a", "# no comment", "a # b", "*", "'", '"', "@x", "%x", "`x`", "{a}", "[a]", "&a", "!a", "|",
    ">",
    " led", "trailing ", "two\nlines", "two\n\nlines\n", "\n", "tab\tin it", "a\\b", "ünï", "\u00a0", "x" * 300,
    "y " * 200, "<p>a: b</p>\n<p>c</p>", "?", "-", "=", "<<", "yes", "on",
]  # fmt: skip


@pytest.mark.parametrize("value", [{"key": text, "list": [text, "b"], "deep": [{"a": text}]} for text in TEXTS])
def test_any_text_is_read_back_as_itself(tmp_path: Path, value: Json) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "\n".join(yaml_comment_lines("a reason\nwith: two lines")) + "\n" + format_yaml(value), encoding="utf-8"
    )

    assert plain_table(read_source(path, relative="a.yaml").root) == value


def test_numbers_flags_and_null_stay_what_they_are(tmp_path: Path) -> None:
    value: Json = {"a": 1, "b": True, "c": None, "d": [1, 2], "e": {"f": False}}
    path = tmp_path / "a.yaml"
    path.write_text(format_yaml(value))

    assert plain_table(read_source(path, relative="a.yaml").root) == value
