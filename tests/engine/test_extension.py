"""The engine names no feature: it knows replies and holds by toolkit/engine/extension.py alone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from toolkit.canaries.run import CanaryChanges
from toolkit.features import extensions
from toolkit.holds.run import HoldsResult
from toolkit.lost.session import NothingLost
from toolkit.render.line import Section
from toolkit.replies.run import RepliesResult

ROOT = Path(__file__).parents[2]
GENERIC = ("toolkit/engine/*.py", "toolkit/engine/apply/*.py", "toolkit/planning/*.py")
OF_ONE_COMMAND = {"retention_start.py", "rollover.py"}
"""Modules of toolkit/engine that no other run uses."""

NAMES = {"away", "due", "held", "hold", "holds", "overdue"}
"""Words that no name in code may have; in texts they are plain English."""

OWN_NAME = re.compile(r"due_changes?")
"""The engine's own name for a change that is due because a date has passed, whatever the feature."""

WORDS = re.compile(
    r"(?<![a-z])(absences?|legal.holds?|out.of.office|outofoffice|reminders?|reply|replies)(?![a-z])", re.IGNORECASE
)
"""Words that no text may have either."""

ALLOWED = {
    # What waits for a window of the school; `Kind.mail.holds_up` is about mail that is delayed.
    ("toolkit/engine/run_report.py", "held_back"),
    ("toolkit/planning/compare.py", "holds_up"),
    # Exceptions that ended and whose settings are still in place.
    ("toolkit/engine/policy.py", "overdue_exceptions"),
    ("toolkit/engine/judged_school.py", "overdue_exceptions"),
    # For how long something is not done that time alone has changed.
    ("toolkit/planning/due_change.py", "DUE_EVERY"),
    # A placeholder for sdk/signals, the vocabulary of what controls rest on.
    ("toolkit/planning/needs.py", "Due"),
    ("toolkit/planning/needs.py", "due"),
    # `toolkit permissions` prints what reading the calendars for this control takes.
    ("toolkit/planning/needs.py", "replies"),
    ("toolkit/planning/needs.py", "OutOfOffice"),
}


def test_no_generic_module_of_the_engine_names_a_feature() -> None:
    paths = [path for pattern in GENERIC for path in ROOT.glob(pattern) if path.name not in OF_ONE_COMMAND]
    found = {(str(path.relative_to(ROOT)), word) for path in paths for word in _features(path.read_text())}

    assert len(paths) > 50
    assert sorted(found - ALLOWED) == []
    assert sorted(ALLOWED - found) == []


def test_every_feature_shows_what_it_adds() -> None:
    sections: list[Section] = [RepliesResult(), HoldsResult()]

    nothing: list[object] = [extension.empty_result() for extension in extensions(None)]
    assert nothing == [*sections, NothingLost(), CanaryChanges()]


def _features(source: str) -> Iterator[str]:
    for name in _names(ast.parse(source)):
        if NAMES & set(re.findall(r"[a-z]+", OWN_NAME.sub("", name.casefold()))):
            yield name
    yield from (match.group() for match in WORDS.finditer(source))


def _names(module: ast.Module) -> Iterator[str]:
    """Give every name that a module imports, defines or uses."""
    for node in ast.walk(module):
        match node:
            case ast.ImportFrom(module=str(name), names=names):
                yield from (name, *(alias.name for alias in names))
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.Name(id=name) | ast.arg(arg=name):
                yield _with_words_apart(name)
            case ast.Attribute(attr=name) | ast.keyword(arg=str(name)) | ast.alias(name=name):
                yield _with_words_apart(name)


def _with_words_apart(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
