"""Sending cmdlets: one session for each thread, its token, and where its answers may come from."""

import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import uuid4

from connectors.microsoft365.cloud import CONNECT_SECONDS, READ_SECONDS, Cloud
from connectors.microsoft365.exchange.commands import Command
from connectors.microsoft365.exchange.service import CmdletService
from connectors.microsoft365.replies import Reply, raise_unreachable, read_reply
from connectors.microsoft365.sign_in import SignIn
from toolkit.sdk.limits import Limits
from toolkit.sdk.links import link_on_root
from toolkit.values import Body

if TYPE_CHECKING:
    import requests


def root_of(base: str, tenant_id: str) -> str:
    """Give where a service at an address runs the cmdlets of one tenant."""
    return f"{base}/adminapi/beta/{tenant_id}"


class ExchangeWire:
    """The way to one tenant's administration service; every answer is given back as it is."""

    def __init__(self, cloud: Cloud, sign_in: SignIn, service: CmdletService, *, base: str, tenant_id: str) -> None:
        self.root = root_of(base, tenant_id)
        self.service = service
        self._base = base
        self._cloud = cloud
        self._sign_in = sign_in
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

    def post(self, url: str, body: Body, headers: Mapping[str, str]) -> Reply:
        """Send one request, and once more with a new token where the service refuses the old one."""
        return self._signed("POST", url, body, headers)

    def get(self, url: str) -> Reply:
        """Ask for an address likewise; a redirect is an answer, and nobody follows it."""
        return self._signed("GET", url, None, {})

    def url(self, command: Command) -> str:
        """Give the address that runs a command."""
        selected = f"?$select={','.join(command.select)}" if command.select else ""
        return f"{self.root}/InvokeCommand{selected}"

    def renew(self) -> None:
        """Have the next request sign in anew."""
        self._sign_in.renew()

    def page(self, link: object, what: str) -> str:
        """Return the address of a list's next page; BadAnswer for a link to anywhere but this service."""
        return link_on_root(link, self.root, what)

    def close(self) -> None:
        """Close every thread's session."""
        for session in self._opened:
            session.close()

    def _signed(self, method: str, url: str, body: Body | None, headers: Mapping[str, str]) -> Reply:
        reply = self._send(method, url, body, headers)
        if reply.status != HTTPStatus.UNAUTHORIZED:
            return reply
        self.renew()
        return self._send(method, url, body, headers)

    def _send(self, method: str, url: str, body: Body | None, headers: Mapping[str, str]) -> Reply:
        import requests

        token = self._sign_in.token(self.service.scope).token

        def signed(request: requests.PreparedRequest) -> requests.PreparedRequest:
            request.headers["Authorization"] = f"Bearer {token}"
            return request

        with self._counting:
            self._sent += 1
        try:
            # As `auth`, since an entry in ~/.netrc would replace a header; `verify`, since REQUESTS_CA_BUNDLE would
            # replace the session's.
            answer = self._session().request(
                method,
                url,
                json=body,
                headers={**headers, "client-request-id": str(uuid4())},
                auth=signed,
                verify=self._cloud.verify,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise_unreachable(self._base, error)
        return read_reply(answer.status_code, answer.headers, answer.content, what=self.service.name)

    def _session(self) -> "requests.Session":
        """Give this thread's session: its cookies lead every call to the same server."""
        from connectors.microsoft365.sessions import open_session

        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = open_session(self._cloud)
            session.headers["connection-id"] = str(uuid4())
            self._own.session = session
            self._opened.append(session)
        return session
