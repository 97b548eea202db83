"""A SQLite connection that a test leaves open fails that test."""

import sqlite3
from contextlib import closing

import pytest

from tests.open_connections import no_connection_left_open


def test_an_open_connection_fails_and_the_message_names_the_place_that_opened_it() -> None:
    place = r"(?s)SQLite connections still open: 1\. .*test_open_connections\.py"
    with pytest.raises(AssertionError, match=place), no_connection_left_open():
        sqlite3.connect(":memory:")


def test_a_closed_connection_passes() -> None:
    with no_connection_left_open(), closing(sqlite3.connect(":memory:")) as database:
        database.execute("SELECT 1")
