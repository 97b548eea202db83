"""An object of JSON with a key twice is a bad answer of every client, whichever of its values the client would keep."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing

import pytest

from connectors.google_workspace.api.calls import Call
from connectors.google_workspace.connection import GoogleWorkspace
from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.exchange.command import Command
from connectors.microsoft365.graph.service import GraphRequest
from tests.emulated import Tenant
from tests.google_workspace.connected import connect as connected_to_google
from tests.microsoft365.connected import connect as connected_to_microsoft
from tests.schools import few_people
from toolkit.errors import BadAnswer, answered

pytestmark = few_people

_SCHOOL = Call("directory.customers.get", {"customerKey": "my_customer"})


def _in_a_batch(at: GoogleWorkspace) -> Sequence[object]:
    users = Call("directory.users.list", {"customer": "my_customer"})
    return [answered(one) for one in at._admin.batch([users, users])]


OF_MICROSOFT: Mapping[str, tuple[str, Callable[[Microsoft365], object]]] = {
    "Graph": ("GET /groups", lambda at: at.graph.pages("/groups")),
    "a batch of Graph": (
        "GET /groups",
        lambda at: answered(at.graph.batch([GraphRequest("GET", "/groups"), GraphRequest("GET", "/users")])[0]),
    ),
    "Exchange": ("Get-TransportRule", lambda at: at.exchange.get("Get-TransportRule")),
    "a batch of Exchange": (
        "Get-TransportRule",
        lambda at: answered(at.exchange.run_many([Command("Get-TransportRule"), Command("Get-RemoteDomain")])[0]),
    ),
    "Security & Compliance": ("Get-ProtectionAlert", lambda at: at.compliance.get("Get-ProtectionAlert")),
    "Defender": ("GET /api/indicators", lambda at: at.defender.indicators()),
}
OF_GOOGLE: Mapping[str, tuple[str, Callable[[GoogleWorkspace], object]]] = {
    "Google": ("directory.customers.get", lambda at: at._admin.read(_SCHOOL)),
    "a list of Google": ("cloudidentity.policies.list", lambda at: at.policies.list_by_type("rule[.]dlp")),
    "a batch of Google": ("directory.users.list", _in_a_batch),
}
_TWICE = "has the key '.*' twice in one object"


@pytest.mark.parametrize("client", OF_MICROSOFT)
def test_no_client_of_microsoft_takes_a_key_twice(tenant: Tenant, client: str) -> None:
    operation, read = OF_MICROSOFT[client]
    tenant.fault("hostile", operation, reason="repeated keys")

    with closing(connected_to_microsoft(tenant)) as connection, pytest.raises(BadAnswer, match=_TWICE):
        read(connection)


@pytest.mark.parametrize("client", OF_GOOGLE)
def test_no_client_of_google_takes_a_key_twice(tenant: Tenant, client: str) -> None:
    operation, read = OF_GOOGLE[client]
    tenant.fault("hostile", operation, reason="repeated keys")

    with closing(connected_to_google(tenant)) as connection, pytest.raises(BadAnswer, match=_TWICE):
        read(connection)
