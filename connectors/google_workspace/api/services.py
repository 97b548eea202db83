"""The APIs that toolkit calls. Their requests are built from Google's discovery documents."""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any, Protocol, cast

from connectors.google_workspace.api.calls import Call
from connectors.google_workspace.cloud import Cloud
from toolkit.errors import BadAnswer
from toolkit.records import dataclass
from toolkit.sdk import RepeatedKey, to_unquoted_segment, without_repeated_keys


@dataclass(frozen=True, slots=True)
class Service:
    """A Google API, with the name and version of its discovery document."""

    title: str
    name: str
    version: str
    concurrent: int
    pause: float = 0.0  # seconds between two calls on a live tenant
    role: str = ""  # the administrator's missing role, if that is why a call is refused


_SDK, _IDENTITY, _CHROME = "Admin SDK API", "Cloud Identity API", "Chrome Policy API"
_READER, _MANAGER = "may read users, groups and organisational units", "may manage Chrome settings"
_HOLDER = "has a Google Vault licence and its privileges Manage Matters and Manage Holds"

# The directory refuses more concurrent calls with quotaExceeded.
ADMIN = Service(_SDK, "admin", "directory_v1", concurrent=4, role=_READER)
GROUPS_SETTINGS = Service("Groups Settings API", "groupssettings", "v1", concurrent=4, role="may manage groups")
GMAIL = Service("Gmail API", "gmail", "v1", concurrent=8)
CALENDAR = Service("Google Calendar API", "calendar", "v3", concurrent=8)
REPORTS = Service(_SDK, "admin", "reports_v1", concurrent=1, role="may read reports")
# Google publishes no limit for Cloud Identity. Other programs run with this pause and are not throttled.
CLOUD_IDENTITY = Service(_IDENTITY, "cloudidentity", "v1", concurrent=1, pause=1.0, role="is a super administrator")
CHROMEOS_DEVICES = Service(_SDK, "admin", "directory_v1", concurrent=1, role="may manage ChromeOS devices")
GROUPS = Service(_IDENTITY, "cloudidentity", "v1", concurrent=1, role="may manage groups")
DEVICES = Service(_IDENTITY, "cloudidentity", "v1", concurrent=1, role="may manage mobile devices")
# Google publishes two limits for reads. This is the lower: 5 a second for a user. Writes: 30 a minute for a customer.
CHROME_POLICY = Service(_CHROME, "chromepolicy", "v1", concurrent=4, pause=0.2, role=_MANAGER)
CHROME_POLICY_WRITES = Service(_CHROME, "chromepolicy", "v1", concurrent=1, pause=2.0, role=_MANAGER)
# A project may write 60 holds a minute. One list of matters counts as 10 of 120 reads.
VAULT = Service("Google Vault API", "vault", "v1", concurrent=1, pause=1.0, role=_HOLDER)


_SILENT = logging.NullHandler()


class Request(Protocol):
    """The attributes that toolkit uses of a request in Google's library."""

    headers: dict[str, str]
    method: str
    uri: str

    def execute(self, *, http: object, num_retries: int) -> object: ...


class Batch(Protocol):
    """The attributes that toolkit uses of a batch in Google's library."""

    def add(self, request: Request, *, request_id: str) -> None: ...

    def execute(self, *, http: object) -> None: ...


class Document:
    """Builds the requests of an API.

    The builders are created once, because this takes longer than sending a request.
    """

    @classmethod
    def for_service(cls, service: Service, cloud: Cloud) -> "Document":
        """Return the document of a service. Services with the same name and version share a document."""
        return _DOCUMENTS.setdefault((service.name, service.version, cloud.root), cls(service, cloud))

    def __init__(self, service: Service, cloud: Cloud) -> None:
        self._service = service
        self._cloud = cloud
        self._resources: dict[tuple[str, ...], Any] = {}
        self._in_path: dict[tuple[str, ...], Mapping[str, str]] = {}  # patterns of parameters, by method
        self._making = Lock()

    def request(self, call: Call) -> Request:
        """Return the request for a call. Raise TypeError if the method has no such parameter.

        Raise BadAnswer if an earlier response led to an invalid call: a next page of a list that has only one page, or
        an id that would change the path.
        """
        _, *path = call.method.split(".")
        body = {} if call.body is None else {"body": call.body}
        method = getattr(self._find_resource(*path[:-1]), path[-1])
        _check_path(call, self._in_path[*path])
        try:
            return cast(Request, method(**call.parameters, **body))
        except TypeError as unknown:
            if "pageToken" not in call.parameters:
                raise
            raise BadAnswer(f"{call}: the response names a next page, but this list has only one") from unknown

    def batch(self, answered: Callable[[str, object, Exception | None], None]) -> Batch:
        """Return an empty batch. When it is sent, `answered` gets the id of each part with its response or error."""
        return cast(Batch, self._find_resource().new_batch_http_request(callback=answered))

    def _find_resource(self, *path: str) -> Any:
        with self._making:
            return self._find_cached_resource(path)

    def _find_cached_resource(self, path: tuple[str, ...]) -> Any:
        if path not in self._resources:
            self._resources[path] = (
                getattr(self._find_cached_resource(path[:-1]), path[-1])() if path else self._build_resource()
            )
        return self._resources[path]

    def _build_resource(self) -> Any:
        import httplib2
        from googleapiclient.discovery import build_from_document
        from googleapiclient.discovery_cache import get_static_doc

        # toolkit reports errors itself. Without a handler, Python would write the library's warning to stderr.
        logging.getLogger("googleapiclient").addHandler(_SILENT)
        document = json.loads(get_static_doc(self._service.name, self._service.version))
        document.pop("mtlsRootUrl", None)  # otherwise an environment variable could redirect calls
        document["rootUrl"] = self._cloud.address(document["rootUrl"])
        self._in_path = dict(_list_path_parameters(document))
        # Every request gets its own transport. Without this one, the library would look for credentials.
        options = {"universe_domain": "googleapis.com"}
        return build_from_document(document, http=httplib2.Http(), client_options=options, model=_create_strict_model())


def _create_strict_model() -> Any:
    """Return a parser for responses that rejects JSON with a repeated key, unlike the library's own parser."""
    from googleapiclient.model import JsonModel

    model = JsonModel()
    read = model.deserialize

    def deserialize(content: bytes) -> object:
        try:
            json.loads(content, object_pairs_hook=without_repeated_keys)
        except RepeatedKey as repeated:
            return repeated  # if raised here, the error would end the whole batch
        except (ValueError, RecursionError):
            pass  # the reader of the response decides about text that is not JSON
        return read(content)

    model.deserialize = deserialize
    return model


def _list_path_parameters(
    resource: Mapping[str, Any], *above: str
) -> Iterator[tuple[tuple[str, ...], Mapping[str, str]]]:
    """Yield each method of a resource, with the patterns of its path parameters, or "" for a parameter without one."""
    for name, method in resource.get("methods", {}).items():
        parameters = method.get("parameters", {}).items()
        yield (
            (*above, name),
            {key: parameter.get("pattern", "") for key, parameter in parameters if parameter.get("location") == "path"},
        )
    for name, inner in resource.get("resources", {}).items():
        yield from _list_path_parameters(inner, *above, name)


def _check_path(call: Call, in_path: Mapping[str, str]) -> None:
    for name in in_path.keys() & call.parameters.keys():
        value, pattern = call.parameters[name], in_path[name]
        if not pattern:
            to_unquoted_segment(value)
            continue
        if not isinstance(value, str) or "#" in value or not re.fullmatch(pattern, value):
            raise BadAnswer(f"{call}: {str(value)[:60]!r} is not a valid {name}")
        for part in value.split("/"):
            to_unquoted_segment(part)


_DOCUMENTS: dict[tuple[str, str, str], Document] = {}
"""The documents by name, version and address of the cloud."""
