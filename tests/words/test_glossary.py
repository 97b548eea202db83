"""One word for one thing: what docs/words.md says not to write is in no text that a user reads."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

import pytest

from tests.words.passages import REPOSITORY, files, texts

PAGE = REPOSITORY / "docs" / "words.md"
_ROWS = PAGE.read_text(encoding="utf-8").partition("## One word for one thing")[2]
NOT = {
    word: row[1]
    for row in re.findall(r"^\| (.+?) \| (.+?) \|$", _ROWS, re.MULTILINE)[1:]
    for word in row[1].split(", ")
}
_READ = re.compile(
    r"README\.md|CHANGELOG\.md|\.env\.example|(docs|changes)/.*\.md|playbooks/.*|toolkit/.*\.(j2|yaml)"
    r"|toolkit/(cli|render|notices|board_report|drift|holds|replies|planning|engine|playbook|controls)/.*\.py"
)


@cache
def _texts() -> Sequence[tuple[str, str]]:
    return list(_read())


def _read() -> Iterator[tuple[str, str]]:
    for file in files():
        if _READ.fullmatch(file) and file != "docs/words.md":
            yield from ((file, text) for _, text in texts(file) if " " in text)  # one word alone is a key or a name


def test_the_glossary_has_a_table_of_words_that_are_not_used() -> None:
    assert len(NOT) > 10
    assert {"README.md", "docs/recipes.md", "toolkit/cli/apply.py"} <= {file for file, _ in _texts()}


@pytest.mark.parametrize("word", NOT)
def test_a_word_that_the_glossary_replaces_is_in_no_text(word: str) -> None:
    pattern = re.compile(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", re.IGNORECASE)

    assert [f"{file}: {found[0]}" for file, text in _texts() for found in pattern.finditer(text)] == []


def test_every_term_of_the_glossary_is_explained_once() -> None:
    tables = PAGE.read_text(encoding="utf-8").partition("## One word for one thing")[0]
    terms = re.findall(r"^\| ([a-z][^|]*?) \| [^|]+ \|$", tables, re.MULTILINE)

    assert len(terms) == len(set(terms)) + terms.count("word") - 1 > 50
