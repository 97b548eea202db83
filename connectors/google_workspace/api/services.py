"""The APIs that this connector calls, and requests to them, made from the vendor's discovery documents."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol, cast

from connectors.google_workspace.api.calls import Call
from connectors.google_workspace.cloud import Cloud
from toolkit.errors import BadAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One API: its name and version are those of its discovery document."""

    title: str
    name: str
    version: str
    concurrent: int
    pause: float = 0.0  # seconds between two calls on a live tenant
    role: str = ""  # what the administrator must be, where a missing role is why a call is refused


ADMIN = Service(
    title="Admin SDK API",
    name="admin",
    version="directory_v1",
    concurrent=4,  # more at once is answered with quotaExceeded
    role="may read users, groups and organisational units",
)
GROUPS_SETTINGS = Service(
    title="Groups Settings API",
    name="groupssettings",
    version="v1",
    concurrent=4,
    role="may manage groups",
)
GMAIL = Service(title="Gmail API", name="gmail", version="v1", concurrent=8)
CALENDAR = Service(title="Google Calendar API", name="calendar", version="v3", concurrent=8)
REPORTS = Service(
    title="Admin SDK API",
    name="admin",
    version="reports_v1",
    concurrent=1,
    role="may read reports",
)
CLOUD_IDENTITY = Service(
    title="Cloud Identity API",
    name="cloudidentity",
    version="v1",
    concurrent=1,
    pause=1.0,  # no figure is published; what others run without being held back
    role="is a super administrator",
)
CHROMEOS_DEVICES = Service(
    title="Admin SDK API",
    name="admin",
    version="directory_v1",
    concurrent=1,
    role="may manage ChromeOS devices",
)
DEVICES = Service(
    title="Cloud Identity API",
    name="cloudidentity",
    version="v1",
    concurrent=1,  # no figure is published
    role="may manage mobile devices",
)
CHROME_POLICY = Service(
    title="Chrome Policy API",
    name="chromepolicy",
    version="v1",
    concurrent=4,
    pause=0.2,  # of two published figures the lower: five reads a second for each user
    role="may manage Chrome settings",
)
CHROME_POLICY_WRITES = Service(
    title="Chrome Policy API",
    name="chromepolicy",
    version="v1",
    concurrent=1,
    pause=2.0,  # thirty writes a minute for each customer
    role="may manage Chrome settings",
)
VAULT = Service(
    title="Google Vault API",
    name="vault",
    version="v1",
    concurrent=1,
    pause=1.0,  # sixty holds are written a minute for each project; one list of matters counts as ten reads of 120
    role="has a Google Vault licence and its privileges Manage Matters and Manage Holds",
)


_SILENT = logging.NullHandler()


class Request(Protocol):
    """What we use of the vendor's request."""

    headers: dict[str, str]

    def execute(self, *, http: object, num_retries: int) -> object: ...


class Batch(Protocol):
    """What we use of the vendor's batch."""

    def add(self, request: Request, *, request_id: str) -> None: ...

    def execute(self, *, http: object) -> None: ...


class Document:
    """An API whose resources are made once: making one again costs more than sending a request."""

    def __init__(self, service: Service, cloud: Cloud) -> None:
        self._service = service
        self._cloud = cloud
        self._resources: dict[tuple[str, ...], Any] = {}
        self._making = Lock()

    def request(self, call: Call) -> Request:
        """Make the request of a call; TypeError for a parameter that its method does not have.

        BadAnswer for a next page of a list that has no pages: an answer named it.
        """
        _, *path = call.method.split(".")
        body = {} if call.body is None else {"body": call.body}
        method = getattr(self._resource(*path[:-1]), path[-1])
        try:
            return cast(Request, method(**call.parameters, **body))
        except TypeError as unknown:
            if "pageToken" not in call.parameters:
                raise
            raise BadAnswer(f"{call}: the answer names a next page, and this list has only one") from unknown

    def batch(self, answered: Callable[[str, object, Exception | None], None]) -> Batch:
        """Make a batch that gives each part's answer, or its error, by the part's id."""
        return cast(Batch, self._resource().new_batch_http_request(callback=answered))

    def _resource(self, *path: str) -> Any:
        with self._making:
            return self._made(path)

    def _made(self, path: tuple[str, ...]) -> Any:
        if path not in self._resources:
            self._resources[path] = getattr(self._made(path[:-1]), path[-1])() if path else self._opened()
        return self._resources[path]

    def _opened(self) -> Any:
        import httplib2
        from googleapiclient.discovery import build_from_document
        from googleapiclient.discovery_cache import get_static_doc

        # What goes wrong is told once, by us; without a handler Python writes the library's warning to stderr.
        logging.getLogger("googleapiclient").addHandler(_SILENT)
        found = json.loads(get_static_doc(self._service.name, self._service.version))
        found.pop("mtlsRootUrl", None)  # else an environment variable leads calls there
        found["rootUrl"] = self._cloud.address(found["rootUrl"])
        # Every request is given what to send it through; without one here the library would look for credentials.
        options = {"universe_domain": "googleapis.com"}
        return build_from_document(found, http=httplib2.Http(), client_options=options)
