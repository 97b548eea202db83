"""Sending to Defender: one session for each thread, its token, and where its answers may come from."""

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING

from connectors.microsoft365.cloud import CONNECT_SECONDS, READ_SECONDS, Cloud
from connectors.microsoft365.defender.requests import DefenderRequest
from connectors.microsoft365.replies import Reply, raise_unreachable, read_reply
from connectors.microsoft365.sign_in import SignIn
from toolkit.errors import Refused, SignInRefused
from toolkit.sdk.limits import Limits
from toolkit.sdk.links import path_below

if TYPE_CHECKING:
    import requests

SCOPE = "https://api.securitycenter.microsoft.com/.default"
_NOT_IN_TENANT = "AADSTS500011"


class DefenderWire:
    """The way to one tenant's Defender; every answer is given back as it is."""

    def __init__(self, cloud: Cloud, sign_in: SignIn, *, scope: str = SCOPE) -> None:
        self.root = cloud.defender
        self._cloud = cloud
        self._sign_in = sign_in
        self._scope = scope
        self._own = threading.local()
        self._opened: list[requests.Session] = []
        self._counting = threading.Lock()
        self._sent = 0

    @property
    def limits(self) -> Limits:
        return self._cloud.limits

    @property
    def sent(self) -> int:
        """Count the requests sent so far."""
        return self._sent

    def send(self, request: DefenderRequest) -> Reply:
        """Send one request, and once more with a new token where the service refuses the old one."""
        reply = self._send(request)
        if reply.status != HTTPStatus.UNAUTHORIZED:
            return reply
        self._sign_in.renew()
        return self._send(request)

    def page(self, link: object, what: str) -> str:
        """Return the path of a list's next page; BadAnswer for a link to anywhere but this service."""
        return path_below(link, self.root, what)

    def close(self) -> None:
        """Close every thread's session."""
        for session in self._opened:
            session.close()

    def _send(self, request: DefenderRequest) -> Reply:
        import requests

        token = self._token()

        def signed(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
            prepared.headers["Authorization"] = f"Bearer {token}"
            return prepared

        with self._counting:
            self._sent += 1
        try:
            # As `auth`, since an entry in ~/.netrc would replace a header; `verify`, since REQUESTS_CA_BUNDLE would
            # replace the session's.
            answer = self._session().request(
                request.method,
                self.root + request.path,
                json=request.body,
                auth=signed,
                verify=self._cloud.verify,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise_unreachable(self.root, error)
        return read_reply(answer.status_code, answer.headers, answer.content, what="Defender")

    def _token(self) -> str:
        """Sign in; a tenant that has no Defender lacks this service alone, and nothing is wrong with the app."""
        try:
            return self._sign_in.token(self._scope).token
        except SignInRefused as refused:
            if _NOT_IN_TENANT not in str(refused):
                raise
            raise Refused(f"this tenant has no Defender for Endpoint, or no licence of it: {refused}") from refused

    def _session(self) -> "requests.Session":
        from connectors.microsoft365.sessions import open_session

        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = open_session(self._cloud)
            self._own.session = session
            self._opened.append(session)
        return session
