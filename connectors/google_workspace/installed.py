"""The vendor's own flow of an installed application, as this connector wants it; loaded when a person signs in."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn, Protocol

from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError
from oauthlib.oauth2 import AccessDeniedError, MismatchingStateError, OAuth2Error
from requests.exceptions import RequestException, SSLError

from connectors.google_workspace.cloud import Cloud
from connectors.google_workspace.transport import raise_passing
from toolkit.errors import SignInRefused, Unavailable
from toolkit.sdk import host_not_found, untrusted_certificate, waiting_time

_HERE = "127.0.0.1"
_SECONDS = 60.0  # for an answer of the sign-in service
# The long name of `email`: Google grants it under this one, and the library takes another name for another scope.
_SCOPES = ("openid", "https://www.googleapis.com/auth/userinfo.email")
_LIBRARIES = ("google_auth_oauthlib", "requests_oauthlib", "oauthlib")
_SILENT = logging.NullHandler()
_DONE = "toolkit has its answer. You may close this window."
_TRUST = "trust the app in admin.google.com > Security > Access and data control > API controls"


class TokenResponse(Protocol):
    """What we use of an answer of requests."""

    status_code: int
    headers: Mapping[str, str]


class Flow(InstalledAppFlow):  # type: ignore[misc]  # the library has no types
    """The flow, which tells by `say` what it would print, and does not wait for ever for the sign-in service."""

    say: Callable[[str], None]

    def authorization_url(self, **options: str) -> tuple[str, str]:
        """Make the address that the person opens, and show it: the flow listens for the answer by now."""
        url, state = super().authorization_url(**options)
        self.say(url)
        return url, state

    def fetch_token(self, **options: object) -> Mapping[str, object]:
        """Exchange the code that the person brought for the tokens."""
        # Named for the request too: else REQUESTS_CA_BUNDLE of the environment counts instead of the session's.
        ca_bundle = self.oauth2session.verify
        tokens: Mapping[str, object] = super().fetch_token(**options, timeout=_SECONDS, verify=ca_bundle)
        return tokens


def ask_for_consent(
    client: Mapping[str, object],
    cloud: Cloud,
    say: Callable[[str], None],
    *,
    within: float,
    scopes: Sequence[str] = (),
    **asked: str,
) -> Mapping[str, object]:
    """Have a person sign in and return the tokens, not verified; SignInRefused where they do not.

    `scopes` are asked for beside who they are. `client` is what the console's file holds under `installed`, `say` is
    told the address to open, `asked` goes into that address, and `within` is how many seconds there are.
    """
    _keep_quiet()
    flow = _flow(client, cloud, say, scopes)
    session = flow.oauth2session
    try:
        flow.run_local_server(
            host=_HERE,
            port=0,
            open_browser=False,  # the second person's would still be signed in as the first
            authorization_prompt_message=None,
            success_message=_DONE,
            timeout_seconds=within,
            access_type="online",  # nothing is asked for that lasts
            prompt="select_account",
            **asked,
        )
        return dict(session.token)
    except WSGITimeoutError as late:
        raise SignInRefused(
            f"Google Workspace: no one signed in within {waiting_time(within)}. What to do: begin again"
        ) from late
    except OAuth2Error as error:
        raise SignInRefused(f"Google refused the sign-in: {_words(error)}") from error
    except RequestException as error:
        _raise_unreachable(str(client["token_uri"]), error)
    except Warning as less:  # the library's words where less was agreed to than asked
        raise SignInRefused("Google refused the sign-in: not all was agreed to. What to do: begin again") from less
    finally:
        session.close()


def _flow(client: Mapping[str, object], cloud: Cloud, say: Callable[[str], None], scopes: Sequence[str]) -> Flow:
    flow: Flow = Flow.from_client_config({"installed": client}, [*_SCOPES, *scopes])
    flow.say = say
    session = flow.oauth2session
    session.verify = str(cloud.ca_file) if cloud.ca_file else True
    session.trust_env = not cloud.emulated
    session.max_redirects = 0  # the code and the client's secret go to Google's own address alone
    session.register_compliance_hook("access_token_response", _raise_if_temporary)
    return flow


def _keep_quiet() -> None:
    """Keep what the libraries log from every log: at its lowest level there are codes and tokens in it."""
    for library in _LIBRARIES:
        logger = logging.getLogger(library)
        logger.addHandler(_SILENT)
        logger.propagate = False


def _raise_if_temporary(response: TokenResponse) -> TokenResponse:
    raise_passing(response.status_code, response.headers)
    return response


def _words(error: OAuth2Error) -> str:
    match error:
        case AccessDeniedError():
            return f"the person declined, or may not use this app. What to do: begin again and agree, or {_TRUST}"
        case MismatchingStateError():
            return "the answer that came is none to this sign-in. What to do: begin again"
        case _:
            description = ": ".join(str(part) for part in (error.error, error.description) if part).rstrip(".")
            return (
                f"{description}. What to do: check the client in the Google Cloud console, which must be a desktop app"
            )


def _raise_unreachable(where: str, error: RequestException) -> NoReturn:
    if isinstance(error, SSLError):
        raise untrusted_certificate(where) from error
    if unresolved := host_not_found(where, error):
        raise unresolved from error
    raise Unavailable(f"{where} gives no answer: {type(error).__name__}") from error
