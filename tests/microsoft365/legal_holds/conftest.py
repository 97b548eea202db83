"""Connections for the tests of holds."""

from collections.abc import Iterator

import pytest

from connectors.microsoft365.connection import Microsoft365
from tests.emulated import Tenant
from tests.microsoft365.legal_holds.people import (
    reconnected,
)


@pytest.fixture
def connection(tenant: Tenant) -> Iterator[Microsoft365]:
    """Open a connection that knows the tenant's time, and that reads have heard of every write."""
    connection = reconnected(tenant)
    yield connection
    connection.close()


@pytest.fixture
def opened() -> Iterator[list[Microsoft365]]:
    """Collect connections to be closed after the test."""
    connections: list[Microsoft365] = []
    yield connections
    for connection in connections:
        connection.close()
