"""The APIs that this connector calls, and requests to them, made from the vendor's discovery documents."""

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
from toolkit.sdk import RepeatedKey, whole_segment, without_repeated_keys


@dataclass(frozen=True, slots=True)
class Service:
    """One API: its name and version are those of its discovery document."""

    title: str
    name: str
    version: str
    concurrent: int
    pause: float = 0.0  # seconds between two calls on a live tenant
    role: str = ""  # what the administrator must be, where a missing role is why a call is refused


_SDK, _IDENTITY, _CHROME = "Admin SDK API", "Cloud Identity API", "Chrome Policy API"
_READER, _MANAGER = "may read users, groups and organisational units", "may manage Chrome settings"
_HOLDER = "has a Google Vault licence and its privileges Manage Matters and Manage Holds"

# Of the directory more at once is answered with quotaExceeded.
ADMIN = Service(_SDK, "admin", "directory_v1", concurrent=4, role=_READER)
GROUPS_SETTINGS = Service("Groups Settings API", "groupssettings", "v1", concurrent=4, role="may manage groups")
GMAIL = Service("Gmail API", "gmail", "v1", concurrent=8)
CALENDAR = Service("Google Calendar API", "calendar", "v3", concurrent=8)
REPORTS = Service(_SDK, "admin", "reports_v1", concurrent=1, role="may read reports")
# For Cloud Identity no figure is published; the pause is what others run with and are not held back.
CLOUD_IDENTITY = Service(_IDENTITY, "cloudidentity", "v1", concurrent=1, pause=1.0, role="is a super administrator")
CHROMEOS_DEVICES = Service(_SDK, "admin", "directory_v1", concurrent=1, role="may manage ChromeOS devices")
GROUPS = Service(_IDENTITY, "cloudidentity", "v1", concurrent=1, role="may manage groups")
DEVICES = Service(_IDENTITY, "cloudidentity", "v1", concurrent=1, role="may manage mobile devices")
# Of two published figures for reads the lower: five a second for each user; and thirty writes a minute for a customer.
CHROME_POLICY = Service(_CHROME, "chromepolicy", "v1", concurrent=4, pause=0.2, role=_MANAGER)
CHROME_POLICY_WRITES = Service(_CHROME, "chromepolicy", "v1", concurrent=1, pause=2.0, role=_MANAGER)
# Sixty holds are written a minute for each project; one list of matters counts as ten reads of 120.
VAULT = Service("Google Vault API", "vault", "v1", concurrent=1, pause=1.0, role=_HOLDER)


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

    @classmethod
    def for_service(cls, service: Service, cloud: Cloud) -> "Document":
        """Give the one of a service, which all that share its name and version have together."""
        return _DOCUMENTS.setdefault((service.name, service.version, cloud.root), cls(service, cloud))

    def __init__(self, service: Service, cloud: Cloud) -> None:
        self._service = service
        self._cloud = cloud
        self._resources: dict[tuple[str, ...], Any] = {}
        self._in_path: dict[tuple[str, ...], Mapping[str, str]] = {}  # patterns of parameters, by method
        self._making = Lock()

    def request(self, call: Call) -> Request:
        """Make the request of a call; TypeError for a parameter that its method does not have.

        BadAnswer for a next page of a list that has no pages, and for an id that would be another path than the
        method's: an answer named them.
        """
        _, *path = call.method.split(".")
        body = {} if call.body is None else {"body": call.body}
        method = getattr(self._resource(*path[:-1]), path[-1])
        _check_path(call, self._in_path[*path])
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
            return self._cached_resource(path)

    def _cached_resource(self, path: tuple[str, ...]) -> Any:
        if path not in self._resources:
            self._resources[path] = getattr(self._cached_resource(path[:-1]), path[-1])() if path else self._build()
        return self._resources[path]

    def _build(self) -> Any:
        import httplib2
        from googleapiclient.discovery import build_from_document
        from googleapiclient.discovery_cache import get_static_doc

        # What goes wrong is told once, by us; without a handler Python writes the library's warning to stderr.
        logging.getLogger("googleapiclient").addHandler(_SILENT)
        document = json.loads(get_static_doc(self._service.name, self._service.version))
        document.pop("mtlsRootUrl", None)  # else an environment variable leads calls there
        document["rootUrl"] = self._cloud.address(document["rootUrl"])
        self._in_path = dict(_path_parameters(document))
        # Every request is given what to send it through; without one here the library would look for credentials.
        options = {"universe_domain": "googleapis.com"}
        return build_from_document(document, http=httplib2.Http(), client_options=options, model=_strict_model())


def _strict_model() -> Any:
    """Return the library's reader of answers, which keeps the last of two equal keys, as one that refuses both."""
    from googleapiclient.model import JsonModel

    model = JsonModel()
    read = model.deserialize

    def deserialize(content: bytes) -> object:
        try:
            json.loads(content, object_pairs_hook=without_repeated_keys)
        except RepeatedKey as repeated:
            return repeated  # raised here, it would end the whole batch that the answer is a part of
        except (ValueError, RecursionError):
            pass  # those who read the answer judge what is no JSON
        return read(content)

    model.deserialize = deserialize
    return model


def _path_parameters(resource: Mapping[str, Any], *above: str) -> Iterator[tuple[tuple[str, ...], Mapping[str, str]]]:
    """Yield each method with the pattern of each parameter that its path holds, "" if the vendor names none."""
    for name, method in resource.get("methods", {}).items():
        parameters = method.get("parameters", {}).items()
        yield (
            (*above, name),
            {key: parameter.get("pattern", "") for key, parameter in parameters if parameter.get("location") == "path"},
        )
    for name, inner in resource.get("resources", {}).items():
        yield from _path_parameters(inner, *above, name)


def _check_path(call: Call, in_path: Mapping[str, str]) -> None:
    for name in in_path.keys() & call.parameters.keys():
        value, pattern = call.parameters[name], in_path[name]
        if not pattern:
            whole_segment(value)
            continue
        if not isinstance(value, str) or "#" in value or not re.fullmatch(pattern, value):
            raise BadAnswer(f"{call}: {str(value)[:60]!r} is not a {name} that Google has")
        for part in value.split("/"):
            whole_segment(part)


_DOCUMENTS: dict[tuple[str, str, str], Document] = {}
"""By name, version and where the cloud is."""
