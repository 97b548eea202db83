"""A small school for the tests of commands, whose messages do not depend on the number of people."""

from collections.abc import Iterator

import pytest

from tests.emulated import Emulator, Tenant


@pytest.fixture
def tenant(emulator: Emulator) -> Iterator[Tenant]:
    """Lend a tenant of few people."""
    tenant = emulator.borrow_tenant(users=24, staff=10)
    yield tenant
    tenant.close()
