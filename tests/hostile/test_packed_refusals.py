"""A refusal whose body is not packed as it says: the status counts, on every way to a service."""

from collections.abc import Callable
from contextlib import closing

import pytest

from tests.emulated import Tenant
from tests.google_workspace.connected import connect as connected_to_google
from tests.microsoft365.connected import connect as connected_to_microsoft
from tests.schools import few_people
from toolkit.errors import BadAnswer, Refused, ServiceError, Throttled, Unavailable

pytestmark = few_people


def _exchange(tenant: Tenant) -> object:
    with closing(connected_to_microsoft(tenant, variables={"TOOLKIT_PATIENCE": "0.2"})) as connection:
        return connection.exchange.get("Get-RemoteDomain")


def _graph(tenant: Tenant) -> object:
    with closing(connected_to_microsoft(tenant, variables={"TOOLKIT_PATIENCE": "0.2"})) as connection:
        return connection.graph.get("/organization")


def _google(tenant: Tenant) -> object:
    with closing(connected_to_google(tenant, TOOLKIT_PATIENCE="0.2")) as connection:
        return connection.tenant()


WAYS = {"Get-RemoteDomain": _exchange, "GET /organization": _graph, "directory.customers.get": _google}


@pytest.mark.parametrize("operation", WAYS)
@pytest.mark.parametrize(("status", "error"), [(403, Refused), (429, Throttled), (503, Unavailable)])
def test_the_status_counts(tenant: Tenant, operation: str, status: int, error: type[ServiceError]) -> None:
    if (operation, status) == ("directory.customers.get", 403):
        error = BadAnswer  # Google words each of its refusals, so that this is not one of them
    read: Callable[[Tenant], object] = WAYS[operation]
    tenant.fault("hostile", operation, reason=f"NUL bytes as gzip with {status}", times=1000)

    with pytest.raises(error) as raised:
        read(tenant)

    assert "unpacked" not in str(raised.value)


@pytest.mark.parametrize("operation", WAYS)
def test_an_answer_with_rows_that_cannot_be_unpacked_is_an_error(tenant: Tenant, operation: str) -> None:
    tenant.fault("hostile", operation, reason="NUL bytes as gzip with 200", times=1000)

    with pytest.raises(BadAnswer, match="cannot be decompressed"):
        WAYS[operation](tenant)
