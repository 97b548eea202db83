"""One API as its discovery document describes it; the vendor's library makes the requests from it, nothing is asked."""

import json
import logging
from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol, cast

from connectors.google_workspace.api.calls import Call
from connectors.google_workspace.api.services import Service
from connectors.google_workspace.cloud import Cloud
from toolkit.errors import BadAnswer

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
