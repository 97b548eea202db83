"""Reading one object of the store before and after it changes."""

from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from tests.extended_emulator.snapshots import SnapshotStore

_PLACE = ("tenant", "things", "key")


@pytest.fixture
def store() -> Iterator[SnapshotStore]:
    """Open an empty store in memory."""
    with closing(SnapshotStore(None)) as store:
        yield store


def test_each_change_and_each_undone_change_shows_in_the_next_read(store: SnapshotStore) -> None:
    assert store.get(*_PLACE) is None

    store.put(*_PLACE, {"n": 1})
    assert store.get(*_PLACE) == {"n": 1}
    store.keep_snapshot("tenant")

    with suppress(ValueError), store.transaction():
        store.put(*_PLACE, {"n": 2})
        assert store.get(*_PLACE) == {"n": 2}
        raise ValueError
    assert store.get(*_PLACE) == {"n": 1}

    store.replace("tenant", "things", {"key": {"n": 3}})
    assert store.get(*_PLACE) == {"n": 3}
    assert store.restore_snapshot("tenant")
    assert store.get(*_PLACE) == {"n": 1}

    store.delete(*_PLACE)
    assert store.get(*_PLACE) is None
    assert store.restore_snapshot("tenant")
    store.forget("tenant")
    assert store.get(*_PLACE) is None


def test_an_object_that_was_read_can_be_changed_without_changing_the_store(store: SnapshotStore) -> None:
    store.put(*_PLACE, {"n": 1})

    (store.get(*_PLACE) or {})["n"] = 2

    assert store.get(*_PLACE) == {"n": 1}
