"""The shards of the soak: each test is in one, and a soak that was stopped goes on with what is left."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak import COLLECTED, ROOT, SHARDS, collect_soak_tests, keep, remaining_shards, shards_of


def test_each_soak_test_is_in_one_shard_and_no_shard_is_empty(pytestconfig: pytest.Config) -> None:
    names = pytestconfig.stash.get(COLLECTED, None) or collect_soak_tests()
    shards = {name: shards_of(name) for name in names}

    assert {name: of for name, of in shards.items() if len(of) != 1} == {}
    assert {shard for of in shards.values() for shard in of} == set(SHARDS)


def test_what_has_passed_is_not_left_for_the_same_commit_and_is_for_another(tmp_path: Path) -> None:
    record = tmp_path / "soak.json"
    first, second, *rest = SHARDS

    keep("aaa", second, record)
    keep("aaa", first, record)

    assert remaining_shards("aaa", record) == rest
    assert remaining_shards("bbb", record) == list(SHARDS)


def test_a_tree_with_changes_keeps_nothing(tmp_path: Path) -> None:
    record = tmp_path / "soak.json"

    keep(None, "kill", record)

    assert not record.exists()
    assert remaining_shards(None, record) == list(SHARDS)


def test_a_shard_that_there_is_not_is_refused_with_the_names_of_all() -> None:
    command = [sys.executable, "-m", "tests.soak", "kills"]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert f"there is no shard kills; the shards are {', '.join(SHARDS)}" in ended.stderr
