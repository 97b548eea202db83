"""Connections for the tests of holds."""

from collections.abc import Iterator

import pytest

from connectors.microsoft365.connection import Microsoft365
from tests.emulated import Tenant
from tests.microsoft365.legal_holds.people import (
    reconnect,
)


@pytest.fixture
def connection(tenant: Tenant) -> Iterator[Microsoft365]:
    """A connection that has the tenant's time and expects that reads show every write."""
    connection = reconnect(tenant)
    yield connection
    connection.close()


@pytest.fixture
def connections_to_close() -> Iterator[list[Microsoft365]]:
    """A list whose connections are closed after the test."""
    connections: list[Microsoft365] = []
    yield connections
    for connection in connections:
        connection.close()
