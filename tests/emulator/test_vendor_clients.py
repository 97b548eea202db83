"""Microsoft's own libraries, unmodified, against the emulator."""

import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CertificateCredential, ClientSecretCredential
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.middleware.options import ResponseHandlerOption, RetryHandlerOption
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph_core import GraphClientFactory  # type: ignore[import-untyped]

from tests.emulated import GRAPH, Tenant
from tests.event_loop import run_apart


def _credential(tenant: Tenant, **changes: str) -> ClientSecretCredential:
    application = {**tenant.applications["reader"], **changes}
    return ClientSecretCredential(
        tenant.tenant_id, application["client_id"], application["client_secret"], **_where(tenant)
    )


def _where(tenant: Tenant) -> dict[str, Any]:
    url, ca_file = tenant.emulator.url, tenant.emulator.ca_file
    return {"authority": url, "connection_verify": ca_file, "disable_instance_discovery": True}


def test_a_client_secret_signs_in(tenant: Tenant) -> None:
    token = _credential(tenant).get_token(f"{GRAPH}/.default")

    assert token.expires_on > datetime.now(UTC).timestamp() + 3500


def test_a_client_that_knows_only_the_vendors_hosts_signs_in_through_the_proxy(tenant: Tenant) -> None:
    application, proxies = tenant.applications["reader"], {"https": tenant.emulator.proxy}
    credential = ClientSecretCredential(
        tenant.tenant_id, application["client_id"], application["client_secret"],
        connection_verify=tenant.emulator.ca_file, proxies=proxies,
    )  # fmt: skip

    assert credential.get_token(f"{GRAPH}/.default").token


def test_a_wrong_client_secret_is_refused(tenant: Tenant) -> None:
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215: Invalid client secret provided"):
        _credential(tenant, client_secret="wrong").get_token(f"{GRAPH}/.default")


def test_a_registered_certificate_signs_in(tenant: Tenant) -> None:
    certificate, key = _certificate()
    tenant.control("PUT", "/applications/reader", {"certificate": certificate.decode()})

    token = _with_certificate(tenant, key + certificate).get_token(f"{GRAPH}/.default")

    assert token.token


def test_a_certificate_that_nobody_registered_is_refused(tenant: Tenant) -> None:
    registered, _ = _certificate()
    other, key = _certificate()
    tenant.control("PUT", "/applications/reader", {"certificate": registered.decode()})

    with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        _with_certificate(tenant, key + other).get_token(f"{GRAPH}/.default")


def test_the_graph_sdk_reads_through_its_own_request_adapter(tenant: Tenant) -> None:
    async def read() -> httpx.Response:
        context = ssl.create_default_context(cafile=tenant.emulator.ca_file)
        connections = httpx.AsyncHTTPTransport(verify=context)
        client = httpx.AsyncClient(transport=connections, trust_env=False)
        retries = {RetryHandlerOption.get_key(): RetryHandlerOption(max_retries=0)}
        http = GraphClientFactory.create_with_default_middleware(client=client, options=retries)
        scopes = [f"{GRAPH}/.default"]
        signed = AzureIdentityAuthenticationProvider(_credential(tenant), scopes=scopes, allowed_hosts=["127.0.0.1"])
        adapter = GraphRequestAdapter(signed, client=http)
        adapter.base_url = f"{tenant.emulator.url}/graph.microsoft.com/v1.0"
        request = RequestInformation(Method.GET, "{+baseurl}/organization", {"baseurl": adapter.base_url})
        request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        async with connections:  # the factory puts its middleware between client and transport and closes neither
            response: Any = await adapter.send_primitive_async(request, "bytes", {})
        assert isinstance(response, httpx.Response)
        return response

    answer = run_apart(read())

    assert answer.status_code == 200
    assert answer.json()["value"][0]["id"] == tenant.tenant_id


def _with_certificate(tenant: Tenant, pem: bytes) -> CertificateCredential:
    client_id = tenant.applications["reader"]["client_id"]
    return CertificateCredential(tenant.tenant_id, client_id, certificate_data=pem, **_where(tenant))


def _certificate() -> tuple[bytes, bytes]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "toolkit")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .sign(key, SHA256())
        .public_bytes(Encoding.PEM)
    )
    return certificate, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
