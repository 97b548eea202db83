"""Running cmdlets over the wire."""

from collections.abc import Callable

import pytest

from tests.emulated import Tenant
from tests.emulator.exchange.asking import Exchange


@pytest.fixture
def exchange(tenant: Tenant) -> Exchange:
    return Exchange(tenant)


@pytest.fixture
def as_reader(tenant: Tenant) -> Callable[..., Exchange]:
    """Return a function that grants directory roles to the reading application and connects it."""

    def reader(*directory_roles: str, roles: tuple[str, ...] = ("Exchange.ManageAsApp",)) -> Exchange:
        tenant.grant("reader", roles=roles, directory_roles=directory_roles)
        return Exchange(tenant, "reader")

    return reader
