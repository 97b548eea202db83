"""Signs in to a tenant as an application, and returns access tokens."""

import logging
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from connectors.microsoft365.cloud import CONNECT_SECONDS, READ_SECONDS, Cloud
from connectors.microsoft365.identity import Ambient, Application, Attended, Certificate, Secret
from connectors.microsoft365.refusals import read_refusal
from toolkit.errors import SignInRefused, UsageError
from toolkit.private_files import refuse_shared_key
from toolkit.school.school import Tenant

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import CertificateCredential, ClientSecretCredential, DefaultAzureCredential

    from connectors.microsoft365.person_token import PersonCredential

    Credential: TypeAlias = CertificateCredential | ClientSecretCredential | DefaultAzureCredential | PersonCredential

_SILENT = logging.NullHandler()
_ADVICE: Mapping[str, str] = {
    "AADSTS7000215": "set the client secret's value (not its id), without spaces around it",
    "AADSTS7000222": "make a new client secret in Entra ID > App registrations > Certificates & secrets",
    "AADSTS700016": "check the client id, and that an administrator consented to the app in this tenant",
    "AADSTS700027": "upload this certificate to the app in Entra ID > App registrations > Certificates & secrets",
    "AADSTS700024": "check this computer's clock",
    "AADSTS90002": "check the tenant's id in the school file",
    "AADSTS900021": "check the tenant's id in the school file",
    "AADSTS53003": "a Conditional Access policy blocks the app. Allow the app in the policy",
    "AADSTS500011": "the tenant does not have this service. Check its licences",
}


def network_settings(cloud: Cloud) -> Mapping[str, Any]:
    """Return the network settings for the vendor's credential classes. Also turn off the vendor's warnings."""
    from azure.core.pipeline.transport import RequestsTransport

    from connectors.microsoft365.transports import open_session

    for library in ("azure.identity", "msal"):
        # toolkit reports errors itself. Without a handler, Python writes the library's warnings to stderr.
        logging.getLogger(library).addHandler(_SILENT)
    connections = {
        "connection_verify": cloud.verify,
        "use_env_settings": cloud.trust_environment,
        "connection_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
    }
    return {
        "authority": cloud.authority,
        "disable_instance_discovery": cloud.emulated,
        **connections,
        "transport": RequestsTransport(session=open_session(cloud), **connections),
    }


class SignIn:
    """The access tokens of an application. Nothing is sent to the sign-in service before a token is needed."""

    def __init__(self, application: Application, tenant: Tenant, cloud: Cloud) -> None:
        self.application = application
        self._tenant = tenant
        self._cloud = cloud
        self._credential: Credential | None = None
        self._one_at_a_time = Lock()

    def __str__(self) -> str:
        return f"app {self.application.client_id} in tenant {self._tenant.domain} ({self._tenant.id})"

    def token(self, scope: str, *, claims: str | None = None, continuous: bool = False) -> "AccessToken":
        """Return an access token for a scope.

        A valid token is reused. Raise SignInRefused or Unavailable if there is none. With `continuous`, the service can
        revoke the token at once (continuous access evaluation). `claims` is the claims challenge that such a service
        sends.
        """
        from azure.core.exceptions import ClientAuthenticationError

        tenant = {"tenant_id": self._tenant.id} if isinstance(self.application, Ambient) else {}
        with self._one_at_a_time:
            self._credential = self._credential or self._open_credential()
            try:
                return self._credential.get_token(scope, claims=claims, enable_cae=continuous, **tenant)
            except ClientAuthenticationError as error:
                # MSAL repeats a failure from memory for a minute. A new credential sends a new request.
                self._forget()
                self._raise_refused(error)

    def renew(self) -> None:
        """Forget the access tokens, so that the next call gets a new token."""
        with self._one_at_a_time:
            self._forget()

    def close(self) -> None:
        """Forget the access tokens. If a person is signing in at this moment, do not wait for that."""
        if self._one_at_a_time.acquire(blocking=False):
            self._forget()
            self._one_at_a_time.release()

    def _forget(self) -> None:
        if self._credential:
            self._credential.close()
        self._credential = None

    def _open_credential(self) -> "Credential":
        from azure.identity import CertificateCredential, ClientSecretCredential, DefaultAzureCredential

        network = network_settings(self._cloud)
        try:
            match self.application:
                case Secret(client_id, secret):
                    return ClientSecretCredential(self._tenant.id, client_id, secret, retry_total=0, **network)
                case Certificate(client_id, path, password):
                    refuse_shared_key(path)
                    return CertificateCredential(
                        self._tenant.id, client_id, str(path), password=password, retry_total=0, **network
                    )
                case Ambient():
                    # Retries of az and of managed identities are local to this machine, so they are left on.
                    return DefaultAzureCredential(additionally_allowed_tenants=[self._tenant.id], **network)
                case Attended(sign_in=attended):
                    from connectors.microsoft365.person_token import stored_credential

                    return stored_credential(attended, self._tenant.id, self._cloud)
        except (OSError, ValueError, TypeError) as unusable:
            raise UsageError(f"{self} cannot sign in: {unusable}{_explain_certificate(self.application)}") from unusable

    def _raise_refused(self, error: "ClientAuthenticationError") -> NoReturn:
        refusal = read_refusal(error, self._cloud.authority, hide=self._remove_secret)
        numbered = f"{refusal.number}: {refusal.text} What to do: {refusal.advice(_ADVICE)}"
        unnumbered = f"{refusal.text} What to do: {self._choose_advice()}"
        beginning = f"Microsoft refuses to sign in {self}"
        raise SignInRefused(f"{beginning}: {numbered if refusal.number else unnumbered}") from error

    def _choose_advice(self) -> str:
        if isinstance(self.application, Ambient):
            return "give this machine a managed identity, or sign in with az login"
        return "check the tenant's id in the school file"

    def _remove_secret(self, text: str) -> str:
        match self.application:
            case Secret(secret=hidden) | Certificate(password=str(hidden)):
                return text.replace(hidden, "***") if hidden else text
            case _:
                return text


def _explain_certificate(application: Application) -> str:
    if isinstance(application, Certificate):
        return (
            f". {application.path} must be a PEM file with the certificate and its private key. If it has a password, "
            "set that too"
        )
    return ""
