"""Signing in as a service account: for an administrator, for each person, and one clear line for who may not."""

import json
from pathlib import Path
from typing import Any

import pytest
from google.auth import crypt
from google.auth.exceptions import TransportError

from connectors.google_workspace import PROVIDER
from connectors.google_workspace.cloud import Ambient, Cloud, KeyFile, ServiceAccount, emulated_account
from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.sign_in import SEPARATE_SCOPE, SignIn
from connectors.google_workspace.transport import Transport
from tests.emulated import Emulator
from tests.emulated import Tenant as Emulated
from tests.google_workspace.connected import SCOPE, connect, delegate, google_details, target_of, teacher, tokens, users
from toolkit.errors import BadAnswer, Refused, SignInRefused, Throttled, Unavailable, UsageError
from toolkit.school.school import Tenant
from toolkit.sdk.connector import Identity, Target

USERS = "admin.directory.user.readonly"
LIVE = Tenant("C01abc234", "example-primary.example")


def signed_in(tenant: Emulated, account: ServiceAccount) -> str:
    """Sign in as the account's administrator and give the token."""
    cloud = Cloud.of_target(target_of(tenant))
    transport = Transport(cloud)
    try:
        return SignIn(account, cloud, transport).token(USERS, account.administrator)
    finally:
        transport.close()


def write_key(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "key.json"
    path.touch(mode=0o600)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_service_account_signs_in_with_its_key_file(tenant: Emulated, tmp_path: Path) -> None:
    path = write_key(tmp_path, google_details(tenant)["service_accounts"]["reader"])

    assert signed_in(tenant, KeyFile(path, google_details(tenant)["administrator"])).startswith("ya29.")


@pytest.mark.parametrize("content", ["no JSON", "[]", {"type": "service_account"}, {"client_email": "a@b.example"}])
def test_a_file_that_is_no_key_is_a_mistake_in_the_settings(tenant: Emulated, tmp_path: Path, content: object) -> None:
    path = write_key(tmp_path, content)

    with pytest.raises(UsageError, match=r"key\.json cannot be used .* the JSON file of a service account's key"):
        signed_in(tenant, KeyFile(path, "a@b.example"))


def test_a_file_that_is_not_there_is_a_mistake_in_the_settings(tenant: Emulated, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.json cannot be used"):
        signed_in(tenant, KeyFile(tmp_path / "none.json", "a@b.example"))


def test_one_token_for_one_person_and_one_scope(connection: GoogleWorkspace, tenant: Emulated) -> None:
    mailbox = connection.gmail(teacher(tenant)["id"])
    before = tokens(tenant)

    mailbox.send_as()
    mailbox.filters()
    mailbox.change_send_as(mailbox.address, {"signature": "Regards"})

    assert tokens(tenant) == before + 1


def test_a_token_that_a_service_refuses_is_renewed_once(connection: GoogleWorkspace, tenant: Emulated) -> None:
    connection.tenant()
    tenant.fault("expired_token", "directory.users.list")

    assert connection.accounts.all()
    assert tokens(tenant) == 3


def test_a_token_that_is_refused_again_ends_the_run(connection: GoogleWorkspace, tenant: Emulated) -> None:
    tenant.fault("expired_token", "directory.users.list", times=2)

    with pytest.raises(SignInRefused, match="refuses the access token"):
        connection.accounts.all()


def test_a_scope_that_is_not_delegated_is_named_with_the_place_to_add_it(
    reading: GoogleWorkspace, tenant: Emulated
) -> None:
    delegate(tenant, "reader", without=USERS)

    with pytest.raises(Refused) as raised:
        reading.accounts.all()

    client_id = google_details(tenant)["service_accounts"]["reader"]["client_id"]
    assert raised.value.missing == SCOPE + USERS
    assert "unauthorized" in str(raised.value)
    assert f"Domain-wide delegation, add this scope to the client id {client_id}" in str(raised.value)


def test_a_missing_scope_leaves_what_needs_another_readable(reading: GoogleWorkspace, tenant: Emulated) -> None:
    delegate(tenant, "reader", without="cloud-identity.policies.readonly")

    with pytest.raises(Refused, match=r"cloud-identity\.policies\.readonly"):
        reading.policies.list_by_type(".*")
    assert reading.accounts.all()


def test_an_administrator_who_is_suspended_signs_nobody_in(reading: GoogleWorkspace, tenant: Emulated) -> None:
    address = google_details(tenant)["administrator"]
    (key,) = (one["id"] for one in users(tenant) if one["primaryEmail"] == address)
    tenant.patch("google.users", key, suspended=True)

    with pytest.raises(SignInRefused, match=r"is suspended or archived\. What to do: .* TOOLKIT_GOOGLE_ADMIN"):
        reading.tenant()


def test_an_administrator_who_is_unknown_signs_nobody_in(tenant: Emulated, tmp_path: Path) -> None:
    path = write_key(tmp_path, google_details(tenant)["service_accounts"]["reader"])

    with pytest.raises(SignInRefused, match=r"has no account nobody@.*\. What to do: .* TOOLKIT_GOOGLE_ADMIN"):
        signed_in(tenant, KeyFile(path, "nobody@example-primary.example"))


def test_a_key_that_is_not_the_accounts_any_more_is_told_without_it(tenant: Emulated, tmp_path: Path) -> None:
    accounts = google_details(tenant)["service_accounts"]
    path = write_key(tmp_path, {**accounts["reader"], "private_key": accounts["writer"]["private_key"]})

    with pytest.raises(SignInRefused, match=r"Invalid JWT Signature\. What to do: the key was deleted") as raised:
        signed_in(tenant, KeyFile(path, "a@b.example"))

    assert "PRIVATE KEY" not in str(raised.value)


def test_a_disabled_service_account_is_told(reading: GoogleWorkspace, tenant: Emulated) -> None:
    key = str(google_details(tenant)["service_accounts"]["reader"]["client_id"])
    tenant.patch("google.serviceAccounts", key, disabled=True)

    with pytest.raises(SignInRefused, match="enable the service account in the Google Cloud console"):
        reading.tenant()


@pytest.mark.parametrize("fault", ["throttled", "unavailable", "dropped"])
def test_a_sign_in_that_fails_in_passing_is_tried_again_by_us_alone(
    reading: GoogleWorkspace, tenant: Emulated, fault: str
) -> None:
    tenant.fault(fault, "POST /token", seconds=0.01)

    reading.tenant()

    assert tokens(tenant) == 2


def test_a_sign_in_that_stays_throttled_is_given_up_in_time(tenant: Emulated) -> None:
    tenant.fault("throttled", "POST /token", times=9, seconds=5)
    connection = connect(tenant, TOOLKIT_PATIENCE="1")

    with pytest.raises(Throttled, match="asks to wait 5 s"):
        connection.tenant()
    connection.close()


def test_a_machine_signs_for_a_service_account_without_a_key(tenant: Emulated, monkeypatch: pytest.MonkeyPatch) -> None:
    key = google_details(tenant)["service_accounts"]["writer"]
    local: Any = crypt.RSASigner.from_service_account_info(key)
    monkeypatch.setattr("google.auth.default", lambda **_: (object(), None))
    monkeypatch.setattr("google.auth.iam.Signer", lambda _request, _credentials, _email: local)

    assert signed_in(tenant, Ambient(key["client_email"], google_details(tenant)["administrator"])).startswith("ya29.")


def test_a_machine_that_may_not_sign_is_told_which_role_it_lacks(
    tenant: Emulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unable:
        def __init__(self, *_: object) -> None:
            self.key_id = None

        def sign(self, _message: bytes) -> bytes:
            raise TransportError("Error calling the IAM signBlob API: Permission 'iam.serviceAccounts.signBlob' denied")

    monkeypatch.setattr("google.auth.default", lambda **_: (object(), None))
    monkeypatch.setattr("google.auth.iam.Signer", Unable)

    with pytest.raises(Refused, match="may not sign for toolkit@project") as raised:
        signed_in(tenant, Ambient("toolkit@project.example", "a@b.example"))
    assert raised.value.missing == "Service Account Token Creator on toolkit@project.example"


def test_a_machine_without_credentials_is_told_how_to_get_some(
    tenant: Emulated, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")

    with pytest.raises(UsageError, match="no Google credentials that can sign for toolkit@project"):
        signed_in(tenant, Ambient("toolkit@project.example", "a@b.example"))


def test_the_emulator_is_reached_whatever_proxy_the_environment_names(
    tenant: Emulated, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    connection = connect(tenant)

    assert connection.tenant().id == google_details(tenant)["customer_id"]
    connection.close()


def test_live_a_proxy_of_the_environment_and_a_ca_file_are_used(
    tenant: Emulated, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The emulator's proxy leads Google's own host names to it, as a school's web filter would."""
    assert emulator.proxy
    monkeypatch.setenv("HTTPS_PROXY", emulator.proxy)
    variables = {
        "TOOLKIT_GOOGLE_AUTH": "key",
        "TOOLKIT_GOOGLE_KEY_FILE": str(write_key(tmp_path, google_details(tenant)["service_accounts"]["reader"])),
        "TOOLKIT_GOOGLE_ADMIN": google_details(tenant)["administrator"],
    }
    target = Target(name="live", variables=variables, ca_file=Path(emulator.ca_file))
    connection = PROVIDER.connect(target, LIVE, identity=Identity.READ, read_only=True)

    assert connection.tenant().id == google_details(tenant)["customer_id"]
    assert connection.directory(people=True, groups=[f"all-staff@{tenant.domain}"]).unknown == {}
    connection.close()


def test_a_certificate_that_is_not_trusted_is_told_with_what_to_do(
    tenant: Emulated, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert emulator.proxy
    monkeypatch.setenv("HTTPS_PROXY", emulator.proxy)
    variables = {
        "TOOLKIT_GOOGLE_AUTH": "key",
        "TOOLKIT_GOOGLE_KEY_FILE": str(write_key(tmp_path, google_details(tenant)["service_accounts"]["reader"])),
        "TOOLKIT_GOOGLE_ADMIN": google_details(tenant)["administrator"],
    }
    target = Target(name="live", variables=variables)
    connection = PROVIDER.connect(target, LIVE, identity=Identity.READ, read_only=True)

    with pytest.raises(BadAnswer, match="set TOOLKIT_CA_FILE"):
        connection.tenant()
    connection.close()


def test_live_nothing_answers_behind_a_proxy_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tenant: Emulated
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    variables = {
        "TOOLKIT_GOOGLE_AUTH": "key",
        "TOOLKIT_GOOGLE_KEY_FILE": str(write_key(tmp_path, google_details(tenant)["service_accounts"]["reader"])),
        "TOOLKIT_GOOGLE_ADMIN": "a@b.example",
        "TOOLKIT_PATIENCE": "0",
    }
    target = Target(name="live", variables=variables)
    connection = PROVIDER.connect(target, LIVE, identity=Identity.READ, read_only=True)

    with pytest.raises(Unavailable, match="does not respond"):
        connection.tenant()
    connection.close()


@pytest.mark.parametrize("identifier", ["emulated", LIVE.id])
def test_an_unknown_tenant_stands_for_the_emulators_first(tenant: Emulated, identifier: str) -> None:
    school = Tenant(identifier, "any.example")
    connection = PROVIDER.connect(target_of(tenant), school, identity=Identity.READ, read_only=True)

    assert connection.tenant().id == google_details(tenant)["customer_id"]
    connection.close()


def test_a_separate_account_signs_in_for_forwarding_and_for_nothing_else(tenant: Emulated) -> None:
    delegate(tenant, "writer", without=SEPARATE_SCOPE)
    key = str(google_details(tenant)["service_accounts"]["reader"]["client_id"])
    tenant.patch("google.delegation", key, scopes=[SCOPE + SEPARATE_SCOPE])
    cloud = Cloud.of_target(target_of(tenant))
    transport = Transport(cloud)
    writer, separate = (
        emulated_account(google_details(tenant), identity) for identity in (Identity.WRITE, Identity.READ)
    )
    alone = SignIn(writer, cloud, transport)
    both = SignIn(writer, cloud, transport, SignIn(separate, cloud, transport))
    try:
        with pytest.raises(Refused, match=SEPARATE_SCOPE):
            alone.token(SEPARATE_SCOPE, writer.administrator)
        forwarding, people = (both.token(scope, writer.administrator) for scope in (SEPARATE_SCOPE, USERS))
    finally:
        transport.close()

    assert forwarding != people
    with pytest.raises(Refused):  # the separate account may do nothing else
        signed_in(tenant, separate)
