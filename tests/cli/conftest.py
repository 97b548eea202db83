"""A small school for the commands: what they say does not depend on how many people there are."""

from collections.abc import Iterator

import pytest

from tests.emulated import Emulator, Tenant


@pytest.fixture
def tenant(emulator: Emulator) -> Iterator[Tenant]:
    """Open a tenant of few people."""
    tenant = emulator.borrow_tenant(users=24, staff=10)
    yield tenant
    tenant.close()
