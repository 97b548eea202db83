"""Connections to an emulated tenant, closed after each test."""

from collections.abc import Iterator

import pytest

from connectors.microsoft365.connection import Microsoft365
from tests.emulated import Emulator, Tenant
from tests.microsoft365.connected import connected
from toolkit.sdk.connector import Identity


@pytest.fixture
def connection(tenant: Tenant) -> Iterator[Microsoft365]:
    """Open a connection that may write."""
    connection = connected(tenant)
    yield connection
    connection.close()


@pytest.fixture
def reading(tenant: Tenant) -> Iterator[Microsoft365]:
    """Open a connection of a run that only reads, with the identity that only reads."""
    connection = connected(tenant, identity=Identity.READ, read_only=True)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def large_tenant(emulator: Emulator) -> Iterator[Tenant]:
    """Open one tenant of more people than a page holds."""
    tenant = emulator.borrow_tenant(users=1100)
    yield tenant
    tenant.close()
