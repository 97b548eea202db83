"""The sign-in flow of Google's library for an installed application, with toolkit's settings.

The library is loaded when a person signs in.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn, Protocol

from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError
from oauthlib.oauth2 import AccessDeniedError, MismatchingStateError, OAuth2Error
from requests.exceptions import RequestException, SSLError

from connectors.google_workspace.cloud import Cloud
from connectors.google_workspace.transport import raise_temporary
from toolkit.errors import SignInRefused, Unavailable
from toolkit.sdk import host_not_found_error, untrusted_certificate_error, waiting_time_text

_HERE = "127.0.0.1"
_SECONDS = 60.0  # for a response of the sign-in service
# Google grants `email` under its long name, and the library rejects another name as another scope.
_SCOPES = ("openid", "https://www.googleapis.com/auth/userinfo.email")
_LIBRARIES = ("google_auth_oauthlib", "requests_oauthlib", "oauthlib")
_SILENT = logging.NullHandler()
_DONE = "Sign-in is complete. You may close this window."
_TRUST = "trust the app in admin.google.com > Security > Access and data control > API controls"


class TokenResponse(Protocol):
    """The attributes that toolkit uses of a response in the library `requests`."""

    status_code: int
    headers: Mapping[str, str]


class Flow(InstalledAppFlow):  # type: ignore[misc]  # the library has no types
    """A sign-in flow that gives the address to open to `say`, and waits only a limited time for Google."""

    say: Callable[[str], None]

    def authorization_url(self, **options: str) -> tuple[str, str]:
        """Return the address that the person must open, after showing it. The flow already waits for the redirect."""
        url, state = super().authorization_url(**options)
        self.say(url)
        return url, state

    def fetch_token(self, **options: object) -> Mapping[str, object]:
        """Exchange the person's code for tokens."""
        # `verify` is set for the request too, because REQUESTS_CA_BUNDLE would otherwise override the session's value.
        ca_bundle = self.oauth2session.verify
        tokens: Mapping[str, object] = super().fetch_token(**options, timeout=_SECONDS, verify=ca_bundle)
        return tokens


def ask_for_consent(
    client: Mapping[str, object],
    cloud: Cloud,
    say: Callable[[str], None],
    *,
    timeout_seconds: float,
    scopes: Sequence[str] = (),
    **asked: str,
) -> Mapping[str, object]:
    """Let a person sign in, and return the tokens, which are not verified. Raise SignInRefused if no one signs in.

    `client` is the content of `installed` in the console's JSON file. `scopes` are requested in addition to the
    identity. `say` receives the address to open, `asked` has more parameters for that address, and the sign-in must end
    within `timeout_seconds`.
    """
    _turn_off_library_logs()
    flow = _create_flow(client, cloud, say, scopes)
    session = flow.oauth2session
    try:
        flow.run_local_server(
            host=_HERE,
            port=0,
            open_browser=False,  # the second person's browser would still be signed in as the first
            authorization_prompt_message=None,
            success_message=_DONE,
            timeout_seconds=timeout_seconds,
            access_type="online",  # no lasting access is requested
            prompt="select_account",
            **asked,
        )
        return dict(session.token)
    except WSGITimeoutError as late:
        raise SignInRefused(
            f"Google Workspace: no one signed in within {waiting_time_text(timeout_seconds)}. Try again"
        ) from late
    except OAuth2Error as error:
        raise SignInRefused(f"Google refused the sign-in: {_describe_error(error)}") from error
    except RequestException as error:
        _raise_unreachable(str(client["token_uri"]), error)
    except Warning as less:  # the library raises this if the person agrees to fewer scopes than requested
        raise SignInRefused(
            "Google refused the sign-in, because not all permissions were accepted. Try again"
        ) from less
    finally:
        session.close()


def _create_flow(client: Mapping[str, object], cloud: Cloud, say: Callable[[str], None], scopes: Sequence[str]) -> Flow:
    flow: Flow = Flow.from_client_config({"installed": client}, [*_SCOPES, *scopes])
    flow.say = say
    session = flow.oauth2session
    session.verify = str(cloud.ca_file) if cloud.ca_file else True
    session.trust_env = not cloud.emulated
    session.max_redirects = 0  # the code and the client's secret go only to Google's own address
    session.register_compliance_hook("access_token_response", _raise_if_temporary)
    return flow


def _turn_off_library_logs() -> None:
    """Turn off the logs of the libraries, because their debug messages contain codes and tokens."""
    for library in _LIBRARIES:
        logger = logging.getLogger(library)
        logger.addHandler(_SILENT)
        logger.propagate = False


def _raise_if_temporary(response: TokenResponse) -> TokenResponse:
    raise_temporary(response.status_code, response.headers)
    return response


def _describe_error(error: OAuth2Error) -> str:
    match error:
        case AccessDeniedError():
            return f"the person declined, or may not use this app. Try again and agree, or {_TRUST}"
        case MismatchingStateError():
            return "the browser returned the response to another sign-in. Try again"
        case _:
            description = ": ".join(str(part) for part in (error.error, error.description) if part).rstrip(".")
            return f"{description}. Check the client in the Google Cloud console, which must be a desktop app"


def _raise_unreachable(where: str, error: RequestException) -> NoReturn:
    if isinstance(error, SSLError):
        raise untrusted_certificate_error(where) from error
    if unresolved := host_not_found_error(where, error):
        raise unresolved from error
    raise Unavailable(f"{where} does not respond: {type(error).__name__}") from error
