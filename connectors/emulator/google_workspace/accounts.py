"""The applications that may sign in: two service accounts with delegation, an OAuth client for administrators, and an
OAuth client with which people identify themselves.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from secrets import token_urlsafe

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from connectors.emulator.data_files import from_template, read_data
from connectors.emulator.google_workspace.people import USERS
from connectors.emulator.google_workspace.values import numeric_id, texts
from connectors.emulator.school import School
from connectors.emulator.store import Body, Json, Store
from connectors.emulator.tenants import all_tenants

_PLACE = ("", "keys")
_CERTIFICATE = "google certificate"
_YEARS = timedelta(days=3650)


def private_pem(store: Store, name: str) -> str:
    """Read a private key as PEM. Create the key at its first use."""
    return _read_or_create_secret(store, f"google {name}", _new_pem)


def private_key(store: Store, name: str) -> RSAPrivateKey:
    """Return a private key. Create the key at its first use."""
    return _parse_key(private_pem(store, name))


def certificate_pem(store: Store, name: str) -> str:
    """Return the certificate of a signing key. Clients verify id tokens with the certificate."""
    return _read_or_create_secret(store, f"{_CERTIFICATE} {name}", lambda: _new_certificate(private_key(store, name)))


def token_secret(store: Store) -> str:
    """Return the secret that signs access tokens. Only the emulator reads these tokens."""
    return _read_or_create_secret(store, "google secret", lambda: token_urlsafe(48))


def _read_or_create_secret(store: Store, name: str, make: Callable[[], str]) -> str:
    stored = store.get(*_PLACE, name)
    if stored is not None:
        return str(stored["text"])
    made = make()
    entry: Body = {"text": made}
    store.put(*_PLACE, name, entry)
    return made


def _new_pem() -> str:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _new_certificate(key: RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.system.gserviceaccount.com")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + _YEARS)
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


@lru_cache(maxsize=8)
def _parse_key(pem: str) -> RSAPrivateKey:
    # The key is our own, so that the check of its primes, 40 ms, is left out.
    key = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    return key


SERVICE_ACCOUNTS = "google.serviceAccounts"  # by client id
DELEGATION = "google.delegation"  # the console's list: by client id, its scopes
CLIENTS = "google.oauthClients"  # by client id, with the refresh token of an administrator
SIGN_IN_CLIENTS = "google.signInClients"  # by client id, each with the ids of the people who may sign in with it
APPLICATIONS = (SERVICE_ACCOUNTS, CLIENTS, SIGN_IN_CLIENTS)
PROJECTS = "google.enabledApis"  # by host name. A host with enabled: false answers accessNotConfigured.
ADMINISTRATOR = "workspace-admin"  # whom the service accounts act for, before the @
TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 (an address)
_SIGN_IN = ("School Business Manager", "Deputy Head Teacher")  # the latter leads on safeguarding
_SERVICES = (
    "admin", "alertcenter", "calendar-json", "chromepolicy", "cloudidentity", "gmail", "groupssettings", "licensing",
    "vault",
)  # fmt: skip


def seed_accounts(school: School) -> dict[str, dict[str, Body]]:
    """Return the applications of a new tenant: a service account that can write, another that can only read, and two
    OAuth clients.
    """
    project = "toolkit-" + school.tenant_id[:8]
    ids = {name: numeric_id(school.identifier("service account", name)) for name in ("writer", "reader")}
    accounts: dict[str, Body] = {
        key: {
            "name": name,
            "client_id": key,
            "client_email": f"{name}@{project}.iam.gserviceaccount.com",
            "project_id": project,
            "disabled": False,
        }
        for name, key in ids.items()
    }
    client_id = f"{numeric_id(school.identifier('oauth client'))[:12]}-toolkit.apps.googleusercontent.com"
    client: Body = {
        "client_id": client_id,
        "client_secret": "GOCSPX-" + token_urlsafe(21),
        "refresh_token": "1//03" + token_urlsafe(60),
        "user_id": numeric_id(school.identifier("google", ADMINISTRATOR)),
        "scopes": INTERACTIVE,
    }
    sign_in = _sign_in_client(school)
    return {
        SERVICE_ACCOUNTS: accounts,
        DELEGATION: {
            ids["writer"]: {"client_id": ids["writer"], "scopes": WRITER},
            ids["reader"]: {"client_id": ids["reader"], "scopes": READER},
        },
        CLIENTS: {client_id: client},
        SIGN_IN_CLIENTS: {str(sign_in["client_id"]): sign_in},
        PROJECTS: {f"{name}.googleapis.com": {"enabled": True} for name in _SERVICES},
    }


def _sign_in_client(school: School) -> dict[str, Json]:
    return {
        "client_id": f"{numeric_id(school.identifier('sign-in client'))[:12]}-sign-in.apps.googleusercontent.com",
        "client_secret": "GOCSPX-" + token_urlsafe(21),
        "people": [numeric_id(person.id) for person in school.people if person.job_title in _SIGN_IN],
    }


def key_files(store: Store, tenant_id: str) -> dict[str, Body]:
    """Return the service accounts by name, each as the key file that the Google Cloud console creates."""
    return {str(account["name"]): _key_file(store, account) for account in store.all(tenant_id, SERVICE_ACCOUNTS)}


def _key_file(store: Store, account: Body) -> Body:
    name, email = str(account["name"]), str(account["client_email"])
    return from_template(
        __file__, "key_file", project=account["project_id"], name=name, key=private_pem(store, name), email=email,
        client_id=account["client_id"],
    )  # fmt: skip


def describe_clients(store: Store, tenant_id: str) -> list[Body]:
    """Return the clients with which administrators sign in, the oldest first."""
    return [_describe_client(client) for client in store.all(tenant_id, CLIENTS)]


def describe_named_clients(store: Store, tenant_id: str) -> dict[str, Body]:
    """Return the clients that were granted to other programs, by the name of the program."""
    rows = store.all(tenant_id, CLIENTS)
    return {str(client["name"]): _describe_client(client) for client in rows if client.get("name")}


def _describe_client(client: Body) -> Body:
    shown = ("client_id", "client_secret", "refresh_token", "scopes")
    return {**{name: client[name] for name in shown}, "token_uri": TOKEN_URI}


def sign_in_client(store: Store, tenant_id: str) -> Body | None:
    """Return the client with which people sign in, in the console's file format, with the people who may use it."""
    client = next(iter(store.all(tenant_id, SIGN_IN_CLIENTS)), None)
    if client is None:
        return None
    installed = from_template(__file__, "installed", client_id=client["client_id"], secret=client["client_secret"])
    users = (store.get(tenant_id, USERS, key) for key in texts(client["people"]))
    return {"installed": installed, "people": [user["primaryEmail"] for user in users if user]}


def find_service_account(store: Store, email: str) -> tuple[str, Body] | None:
    """Return the service account that has this address, and its tenant's id. None if there is none."""
    return _find_in_any_tenant(store, SERVICE_ACCOUNTS, "client_email", email)


def find_client(store: Store, client_id: str) -> tuple[str, Body] | None:
    """Return the administrator's client that has this id, and its tenant's id. None if there is none."""
    return _find_in_any_tenant(store, CLIENTS, "client_id", client_id)


def find_sign_in_client(store: Store, client_id: str) -> tuple[str, Body] | None:
    """Return the sign-in client that has this id, and its tenant's id. None if there is none."""
    return _find_in_any_tenant(store, SIGN_IN_CLIENTS, "client_id", client_id)


def _find_in_any_tenant(store: Store, collection: str, name: str, value: str) -> tuple[str, Body] | None:
    if not value:
        return None
    last = store.found_last.get((collection, value))
    for tenant_id in (*([last] if last else ()), *all_tenants(store)):
        if body := store.find(tenant_id, collection, name, value):
            store.found_last[collection, value] = tenant_id
            return tenant_id, body
    return None


_PREFIX = "https://www.googleapis.com/auth/"
_SCOPES = read_data(Path(__file__).parent / "scopes.json")  # some of a reader write too: no narrower one reads as much
READER = tuple(_PREFIX + scope for scope in _SCOPES["reader"])
WRITER = (*READER, *(_PREFIX + scope for scope in _SCOPES["writer"]))
# The scopes that an administrator grants to a command-line tool such as GAM.
INTERACTIVE = (
    "openid", _PREFIX + "userinfo.email", _PREFIX + "userinfo.profile", _PREFIX + "apps.groups.settings",
    *(_PREFIX + scope for scope in _SCOPES["writer"] if not scope.startswith("gmail.")),
)  # fmt: skip
