"""The region of a tenant is found by one thread while others send: each request goes to one address, whole."""

from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from azure.core.credentials import AccessToken

from connectors.microsoft365.cloud import Cloud
from connectors.microsoft365.connection import EXCHANGE_CONCURRENT
from connectors.microsoft365.exchange.client import CmdletTenant, Exchange
from connectors.microsoft365.exchange.command import Command
from connectors.microsoft365.exchange.service import EXCHANGE
from connectors.microsoft365.http import ServiceWire
from connectors.microsoft365.identity import emulated_application
from connectors.microsoft365.sign_in import SignIn
from tests.emulated import Tenant
from tests.microsoft365.connected import target_of
from toolkit.school.school import Tenant as School
from toolkit.sdk.calls import Caller
from toolkit.sdk.connector import Identity

EVERY = {"ResultSize": "Unlimited"}
REGION, SHARED = "eur05b.outlook.office365.com", "outlook.office365.com"


class WaitingSignIn(SignIn):
    """Lets another thread act while one request waits for its token."""

    meanwhile: Callable[[], object] | None = None

    def token(self, scope: str, *, claims: str | None = None, continuous: bool = False) -> AccessToken:
        act, self.meanwhile = self.meanwhile, None
        if act:
            other = Thread(target=act)
            other.start()
            other.join()
        return super().token(scope, claims=claims, continuous=continuous)


@pytest.fixture
def sign_in(tenant: Tenant) -> Iterator[WaitingSignIn]:
    application = emulated_application(tenant.description["microsoft365"], Identity.READ)
    sign_in = WaitingSignIn(application, School(tenant.tenant_id, tenant.domain), Cloud.of_target(target_of(tenant)))
    yield sign_in
    sign_in.close()


@pytest.fixture
def exchange(tenant: Tenant, sign_in: WaitingSignIn) -> Iterator[Exchange]:
    cloud = Cloud.of_target(target_of(tenant))
    wire = ServiceWire(cloud, sign_in, EXCHANGE, root=cloud.exchange)
    caller = Caller("Exchange", concurrent=EXCHANGE_CONCURRENT, deadline=5, first_wait=0.01)
    exchange = Exchange(wire, caller, CmdletTenant(tenant.tenant_id, lambda: tenant.initial_domain), read_only=True)
    yield exchange
    exchange.close()


def test_a_batch_goes_to_the_address_of_its_parts_though_the_region_is_found_meanwhile(
    tenant: Tenant, sign_in: WaitingSignIn, exchange: Exchange
) -> None:
    sign_in.meanwhile = lambda: exchange.get("Get-RemoteDomain", EVERY)

    answers = exchange.run_many([Command("Get-RemoteDomain"), Command("Get-TransportRule")])

    assert all(isinstance(answer, list) for answer in answers), answers
    hosts = [str(one["url"]).split("/")[1] for one in tenant.requests() if one["service"] == "exchange"]
    assert hosts == [SHARED, REGION, SHARED]  # the look-up, the list, the batch
