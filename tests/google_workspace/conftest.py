"""Connections to an emulated Google tenant, closed after each test."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from tests.emulated import Tenant
from tests.google_workspace.connected import connect
from toolkit.sdk.connector import Identity


@pytest.fixture
def connection(tenant: Tenant) -> Iterator[GoogleWorkspace]:
    """Open a connection that may write."""
    with closing(connect(tenant)) as connection:
        yield connection


@pytest.fixture
def reading(tenant: Tenant) -> Iterator[GoogleWorkspace]:
    """Open a connection of a run that only reads, with the identity that only reads."""
    with closing(connect(tenant, identity=Identity.READ, read_only=True)) as connection:
        yield connection
