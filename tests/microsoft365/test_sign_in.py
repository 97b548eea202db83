"""Signing in: who may, and one clear line for who may not."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import responses
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.x509.oid import NameOID

from connectors.microsoft365 import PROVIDER
from connectors.microsoft365.cloud import Cloud
from connectors.microsoft365.identity import Application, Certificate, Secret
from connectors.microsoft365.sign_in import SignIn
from tests.emulated import Tenant as Emulated
from tests.microsoft365.connected import connect, target_of
from toolkit.errors import BadAnswer, SignInRefused, Unavailable, UsageError
from toolkit.school.school import Tenant
from toolkit.sdk.connector import Identity, Target

SCOPE = "https://graph.microsoft.com/.default"
LIVE = Tenant("11111111-2222-3333-4444-555555555555", "example-primary.example")
AUTHORITY = f"https://login.microsoftonline.com/{LIVE.id}"


def signed_in(tenant: Emulated, application: Application) -> str:
    sign_in = SignIn(application, Tenant(tenant.tenant_id, tenant.domain), Cloud.of_target(target_of(tenant)))
    try:
        return sign_in.token(SCOPE).token
    finally:
        sign_in.close()


def refusal(application: Application, tenant: Tenant = LIVE) -> str:
    """Sign in live, where `responses` answers, and give the line that says why it is refused."""
    sign_in = SignIn(application, tenant, Cloud.of_target(Target(name="live", variables={})))
    with pytest.raises(SignInRefused) as raised:
        sign_in.token(SCOPE)
    sign_in.close()
    return str(raised.value)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Write a key and its certificate, the password of which is `open`."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "toolkit")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    signed = builder.sign(key, SHA256())
    path = tmp_path / "app.pem"
    path.touch(mode=0o600)
    encrypted = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open"))
    path.write_bytes(encrypted + signed.public_bytes(Encoding.PEM))
    return path


def test_an_application_signs_in_with_a_secret(tenant: Emulated) -> None:
    writer = tenant.applications["writer"]

    assert signed_in(tenant, Secret(writer["client_id"], writer["client_secret"]))


def test_an_application_signs_in_with_a_certificate(tenant: Emulated, certificate: Path) -> None:
    tenant.control("PUT", "/applications/writer", {"certificate": certificate.read_text()})

    assert signed_in(tenant, Certificate(tenant.applications["writer"]["client_id"], certificate, "open"))


def test_a_certificate_that_is_not_registered_is_refused(tenant: Emulated, certificate: Path) -> None:
    with pytest.raises(SignInRefused, match=r"AADSTS700027.*upload this certificate"):
        signed_in(tenant, Certificate(tenant.applications["writer"]["client_id"], certificate, "open"))


@pytest.mark.parametrize("password", [None, "wrong"])
def test_a_certificate_that_cannot_be_opened_is_a_mistake_in_the_settings(
    tenant: Emulated, certificate: Path, password: str | None
) -> None:
    with pytest.raises(UsageError, match=r"cannot sign in: .*app\.pem must be a PEM file"):
        signed_in(tenant, Certificate("app", certificate, password))


def test_a_certificate_that_is_not_there_is_a_mistake_in_the_settings(tenant: Emulated, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot sign in: .*none\.pem must be a PEM file"):
        signed_in(tenant, Certificate("app", tmp_path / "none.pem"))


def test_a_wrong_secret_is_told_in_one_line_without_it(tenant: Emulated) -> None:
    client_id = tenant.applications["writer"]["client_id"]

    with pytest.raises(SignInRefused) as raised:
        signed_in(tenant, Secret(client_id, "not-the-secret"))

    line = str(raised.value)
    assert line.startswith(f"Microsoft refuses to sign in app {client_id} in tenant {tenant.domain}")
    assert "AADSTS7000215: Invalid client secret provided." in line
    assert "What to do: set the client secret's value (not its id)" in line
    assert "\n" not in line
    assert "not-the-secret" not in line


def test_a_sign_in_that_gets_no_answer_is_tried_again(tenant: Emulated) -> None:
    tenant.fault("unavailable", "POST /{tenant}/oauth2/v2.0/token", seconds=0.01)
    connection = connect(tenant)

    assert connection.tenant().id == tenant.tenant_id
    connection.close()


def test_the_emulator_is_reached_whatever_proxy_the_environment_names(
    tenant: Emulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    connection = connect(tenant)

    assert connection.tenant().id == tenant.tenant_id
    assert connection.exchange.get("Get-TransportRule", {})
    connection.close()


def test_live_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    variables = {
        "TOOLKIT_MICROSOFT365_AUTH": "secret",
        "TOOLKIT_MICROSOFT365_CLIENT_ID": "app",
        "TOOLKIT_MICROSOFT365_CLIENT_SECRET": "hush",
        "TOOLKIT_PATIENCE": "0",
    }
    target = Target(name="live", variables=variables)
    connection = PROVIDER.connect(target, LIVE, identity=Identity.READ, read_only=True)

    with pytest.raises(Unavailable, match="proxy"):
        connection.tenant()
    connection.close()


def test_a_certificate_of_the_server_that_is_not_trusted_is_told_with_what_to_do(
    tenant: Emulated, tmp_path: Path, certificate: Path
) -> None:
    other = tmp_path / "other.pem"
    pem = certificate.read_text()
    other.write_text(pem[pem.index("-----BEGIN CERTIFICATE") :])
    target = target_of(tenant)
    assert target.emulator
    elsewhere = Target(name="emulator", variables={}, emulator={**target.emulator, "ca_file": str(other)})
    connection = PROVIDER.connect(
        elsewhere, Tenant(tenant.tenant_id, tenant.domain), identity=Identity.READ, read_only=True
    )

    with pytest.raises(BadAnswer, match="set TOOLKIT_CA_FILE"):
        connection.tenant()
    connection.close()


def test_the_word_emulated_stands_for_the_emulators_first_tenant(tenant: Emulated) -> None:
    school = Tenant("emulated", "any.example")
    connection = PROVIDER.connect(target_of(tenant), school, identity=Identity.READ, read_only=True)

    assert connection.tenant().id == tenant.tenant_id
    connection.close()


def test_a_tenant_that_the_emulator_does_not_have_leads_to_its_first_one(tenant: Emulated) -> None:
    connection = PROVIDER.connect(target_of(tenant), LIVE, identity=Identity.READ, read_only=True)

    assert connection.tenant().id == tenant.tenant_id
    connection.close()


@responses.activate
def test_a_tenant_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _clear_proxies(monkeypatch)
    words = f"AADSTS90002: Tenant '{LIVE.id}' not found. Check to make sure you have the correct tenant ID."
    body = {"error": "invalid_tenant", "error_description": words, "error_codes": [90002]}
    responses.get(re.compile(r"https://login\.microsoftonline\.com/.*"), json=body, status=400)

    assert f"AADSTS90002: Tenant '{LIVE.id}' not found. What to do: check the tenant's id" in refusal(
        Secret("app", "hush")
    )


@responses.activate
@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("AADSTS7000222: The provided client secret keys for app 'a.b' are expired. Visit the Azure portal.",
         "AADSTS7000222: The provided client secret keys for app 'a.b' are expired. What to do: make a new"),
        ("AADSTS700016: Application with identifier 'app' was not found in the directory 'Example'. This can happen",
         "was not found in the directory 'Example'. What to do: check the client id"),
        ("AADSTS99999: Something new about hush. More.",
         "AADSTS99999: Something new about ***. What to do: see https://login.microsoftonline.com/error?code=99999"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_by_number_and_first_sentence(words: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _clear_proxies(monkeypatch)
    configuration = {"authorization_endpoint": f"{AUTHORITY}/authorize", "token_endpoint": f"{AUTHORITY}/token"}
    responses.get(f"{AUTHORITY}/v2.0/.well-known/openid-configuration", json=configuration)
    responses.get("https://login.microsoftonline.com/common/discovery/instance", json={"metadata": []})
    responses.post(
        f"{AUTHORITY}/token", json={"error": "invalid_client", "error_description": f"{words} Trace ID: 1"}, status=401
    )

    assert told in refusal(Secret("app", "hush"))


def _clear_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
