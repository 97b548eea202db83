"""No stored name is renamed: ledgers, scripts, plan files and playbooks of schools hold them."""

import ast
from dataclasses import dataclass

from tests.stored.stored_names import fields_of, keys_of, missing, recorded_names, stored_names

_NOW = stored_names()


def test_no_stored_name_is_gone() -> None:
    assert list(missing(recorded_names(), _NOW)) == [], "names.yaml has names that are stored; give them back"


def test_every_stored_name_is_recorded() -> None:
    added = list(missing(_NOW, recorded_names()))

    assert added == [], "run: python -m tests.stored"


def test_names_are_found_in_every_place() -> None:
    assert "remote_id" in _NOW["tables of the ledger"]["memory"]
    assert {"sent", "was_named"} <= _NOW["entries of the ledger"]["StepBegan"]
    assert "playbooks_digest" in _NOW["plan file"]["WrittenPlan"]
    assert "mode" in _NOW["files of a school"]["mail.disclaimer"]
    assert "in_scope" in _NOW["stored values"]["NothingToCount"]
    assert "people" in _NOW["JSON by field"]["Reach"]
    assert {"reaches_protected", "minutes_late"} <= _NOW["JSON by module"]["toolkit/render/answer.py"]


def test_a_renamed_field_is_missing() -> None:
    before = {"JSON by field": fields_of([_Before])}

    assert list(missing(before, {"JSON by field": fields_of([_RenamedField])})) == [
        "JSON by field: _Before: devices",
        "JSON by field: _Before: people",
    ]
    assert list(missing(before, {"JSON by field": fields_of([_RenamedClass])})) == []


def test_a_renamed_key_is_missing() -> None:
    source = 'def answer(run) -> Body:\n    return {"exit": 0, **row(run, "since", "wait?=until")}\n'
    before = {"JSON by module": {"a.py": frozenset(keys_of(ast.parse(source)))}}
    now = {"JSON by module": {"a.py": frozenset(keys_of(ast.parse(source.replace("since", "unchanged_since"))))}}

    assert before["JSON by module"]["a.py"] == {"exit", "since", "wait"}
    assert list(missing(before, now)) == ["JSON by module: a.py: since"]


@dataclass
class _Before:
    people: int
    devices: int


@dataclass
class _RenamedField:
    persons: int
    devices: int


@dataclass
class _RenamedClass:
    people: int
    devices: int
