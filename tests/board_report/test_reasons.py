"""Reasons are values: no text of one is taken apart, and an admin's wording changes no report for governors."""

import ast
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import connectors
import toolkit
from tests.board_report.reading import OF_THE_ADMIN, OF_THE_TRADE
from tests.board_report.school import export_of
from tests.verdicts.school import part_rows
from toolkit.board_report.document import document
from toolkit.board_report.pack import Pack
from toolkit.board_report.plain_language import gap_text, place_plainly
from toolkit.board_report.writers import as_json
from toolkit.engine.policy import PolicyReport
from toolkit.sdk.reason import About, ControlName, Reason, ReasonCode, Things, admin_text

ROOT = Path(__file__).parents[2]
TAKES_APART = {
    "startswith", "endswith", "partition", "rpartition", "split", "rsplit", "removeprefix", "removesuffix", "replace",
}  # fmt: skip
_FIELD = re.compile(r"\{\w+\}")
PATTERNS = {"search", "match", "fullmatch", "sub", "split", "findall"}
STILL_SEARCHED = {
    "connectors/google_workspace/per_person.py",  # whether a service's answer names the person already
}
"""Where the text of a reason is still searched; the list may only get shorter."""
RENDERERS = {"admin_text", "plainly", "briefly"}
_NAMES_ONE = re.compile(rf"\b(?:reason|because|{'|'.join(sorted(RENDERERS))})\b")


@cache
def _codes() -> Sequence[ReasonCode]:
    """Return every code that a module declares, whether it stands alone, is filled in or is in a table."""
    found: dict[int, ReasonCode] = {}
    for package in (toolkit, connectors):
        for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "emulator" not in info.name and not info.name.endswith("__main__"):
                for value in vars(importlib.import_module(info.name)).values():
                    found |= {id(code): code for code in _within(value)}
    return list(found.values())


def _within(value: object) -> Iterator[ReasonCode]:
    match value:
        case ReasonCode():
            yield value
        case Reason():
            yield value.code
            yield from (code for _, param in value.params for code in _within(param))
        case Mapping():
            yield from (code for each in value.values() for code in _within(each))
        case tuple():
            yield from (code for each in value for code in _within(each))


def test_each_code_is_declared_once() -> None:
    assert len(_codes()) > 100
    assert [code for code, times in Counter(one.code for one in _codes()).items() if times > 1] == []


@pytest.fixture
def other_words() -> Iterator[None]:
    """Change the admin's wording of every code for the time of a test."""
    before = {id(code): code.admin for code in _codes()}
    for code in _codes():
        object.__setattr__(code, "admin", "x")
    yield
    for code in _codes():
        object.__setattr__(code, "admin", before[id(code)])


def _report(directory: Path) -> tuple[str, PolicyReport]:
    export = export_of(directory)
    return as_json(document(export, Pack.GOVERNORS)), export.report


def test_another_wording_for_admins_changes_no_byte_of_the_report(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    before, report = _report(tmp_path / "playbooks")
    quoted = admin_text(report.statuses[0].because[0])
    (tmp_path / "playbooks").rename(tmp_path / "before")

    request.getfixturevalue("other_words")
    after, changed = _report(tmp_path / "playbooks")

    assert after == before
    assert admin_text(changed.statuses[0].because[0]) == "x" != quoted


def test_governors_read_words_of_their_own() -> None:
    assert [one.code for one in _codes() if OF_THE_TRADE.search(_FIELD.sub("", one.governor))] == []
    assert {one.code for one in _codes() if not one.governor} == {
        "people_named", "accounts_listed", "devices_listed", "leavers_named", "without_reply",
        "protected_accounts_registered", "rights_listed", "alerts_on_record", "alerts_to_come",
        "devices_of_other_kinds", "website_accounts_listed", "editors_without_account",
    }  # fmt: skip


def test_governors_read_no_word_of_the_admin_in_any_reason() -> None:
    texts = {code.code: _FIELD.sub("", f"{code.governor} {code.lacking}") for code in _codes()}

    assert len(texts) > 300
    assert {name: text for name, text in texts.items() if OF_THE_ADMIN.search(text)} == {}


def test_governors_read_the_name_of_each_part_without_words_of_the_trade() -> None:
    names = {place_plainly(About(row.part)).removesuffix(" on ") for row in part_rows()}

    assert len(names) > 100
    assert [name for name in names if OF_THE_TRADE.search(name)] == []


def test_what_is_lacking_agrees_with_one_thing() -> None:
    plural, seen = re.compile(r"\b(are|were|(?<!to )have|do|they|them)\b"), 0
    for code in (one for one in _codes() if one.lacking):
        fields = [(name, forms) for _, name, forms, _ in Formatter().parse(code.lacking) if name]
        counted = {name for name, forms in fields if forms or name == "short"}
        one = gap_text(code(**{name: Things(1, 12) if name in counted else "x" for name, _ in fields}))
        assert not (fields and plural.search(one)), one
        seen += bool(counted)
    assert seen > 15


def test_a_reason_makes_no_text_of_itself() -> None:
    reason = ReasonCode("made_here", admin="{about}: a", governor="b")(about=About("x"), control=ControlName("y"))

    with pytest.raises(TypeError, match="use a renderer"):
        f"{reason}"
    assert "__str__" not in vars(Reason)


def test_no_text_of_a_reason_is_taken_apart() -> None:
    found = {
        str(path.relative_to(ROOT))
        for folder in ("toolkit", "connectors")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "emulator" not in path.parts and _NAMES_ONE.search(source := path.read_text())
        for node in ast.walk(ast.parse(source))
        if _takes_apart(node)
    }

    assert found == STILL_SEARCHED


@pytest.mark.parametrize(
    "written",
    ["fact.reason.startswith('x')", "re.sub('a', 'b', one.reason)", "plainly(r).partition(': ')", "x in admin_text(r)"],
)
def test_what_takes_a_reason_apart_is_seen(written: str) -> None:
    tree = ast.parse(written)

    assert any(_takes_apart(node) for node in ast.walk(tree))


def _takes_apart(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in TAKES_APART and _is_text(value):
            return True
        case ast.Call(func=ast.Attribute(attr=name), args=args) if name in PATTERNS:
            return any(map(_is_text, args))
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[text]):
            return _is_text(text)
    return False


def _is_text(node: ast.AST) -> bool:
    """Return whether an expression is a reason, or the text of one."""
    match node:
        case ast.Attribute(attr="reason" | "because") | ast.Name(id="reason"):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in RENDERERS
    return False
