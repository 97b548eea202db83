"""No id that a service gives can lead a request to another object."""

import ast
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from googleapiclient.discovery_cache import get_static_doc

import connectors.microsoft365
from connectors.google_workspace.api import services
from connectors.google_workspace.api.calls import SCOPES, Call
from connectors.google_workspace.cloud import Cloud
from connectors.google_workspace.connection import GoogleWorkspace
from connectors.microsoft365.connection import Microsoft365
from tests.cases import KINDS
from tests.emulated import Emulator, Tenant
from tests.google_workspace.connected import connect as connected_to_google
from tests.google_workspace.connected import target_of
from tests.microsoft365.connected import connect as connected_to_microsoft
from toolkit.errors import BadAnswer
from toolkit.sdk.paths import segment
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Remote

HOSTILE = ("../users/victim", "a/b", "?x", "%2e%2e", "%2e%2e%2fusers%2fvictim", "..", ".", "", "a\\b", "a?b=c")
QUOTED = {
    "a#b": "a%23b",
    "#": "%23",
    "a b": "a%20b",
    "a\nb": "a%0Ab",
    "pupil@example-primary.example": "pupil@example-primary.example",
    "guest_example.com#EXT#@school.example": "guest_example.com%23EXT%23@school.example",
}
HARMLESS = "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize("identifier", [*HOSTILE, None, 7, ["a"]])
def test_an_id_that_leads_elsewhere_is_refused(identifier: Any) -> None:
    with pytest.raises(BadAnswer, match="could lead to another object"):
        segment(identifier)


@pytest.mark.parametrize("identifier", QUOTED)
def test_any_other_id_is_one_quoted_segment(identifier: str) -> None:
    assert segment(identifier) == QUOTED[identifier]


def test_every_value_in_a_path_of_microsoft_is_a_segment() -> None:
    places = [place for path in sorted(_FOLDER.rglob("*.py")) for place in _unquoted(path)]

    assert places == []


_FOLDER = Path(connectors.microsoft365.__file__).parent
_PATHS = {
    "cloud.py: host",  # a name of the code
    "graph/wire.py: parts.netloc",  # of a link, which is compared with the service's address
    "legal_holds/cases.py: place",  # a path below the cases, made of segments in purview_search.py
    "person_token.py: self._tenant",  # made a segment when it is set
    "person_token.py: scope",  # a name of the code
    "setup_steps.py: identity",  # of a file's name
    "lost_devices.py: action",
    "intune/client.py: action",
    "legal_holds/cases.py: collection",
    "legal_holds/holds.py: service",  # a mark that people read, as the next
    "legal_holds/holds.py: identifier(hold)",
}
"""Values that are no ids: parts of paths, and words of the code."""


def _unquoted(path: Path) -> Iterator[str]:
    where = path.relative_to(_FOLDER).as_posix()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _ends_a_path(node.left):
            yield f"{where}:{node.lineno}: {ast.unparse(node.right)}"
        if not isinstance(node, ast.JoinedStr) or _is_sentence(node):
            continue
        for before, value in zip(node.values, node.values[1:], strict=False):
            if not isinstance(value, ast.FormattedValue) or not _ends_a_path(before) or _is_fixed(value.value):
                continue
            if f"{where}: {ast.unparse(value.value)}" not in _PATHS:
                yield f"{where}:{node.lineno}: {ast.unparse(value.value)}"


def _is_sentence(node: ast.JoinedStr) -> bool:
    texts = [str(part.value) for part in node.values if isinstance(part, ast.Constant)]
    return any(" " in text for text in texts)


def _ends_a_path(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return text.endswith(("/", "='", "('"))
        case ast.JoinedStr(values=[*_, last]):
            return _ends_a_path(last)
        case _:
            return False


def _is_fixed(value: ast.expr) -> bool:
    """Return whether a value is made one segment, or is a constant of the code."""
    match value:
        case ast.Call(func=ast.Name(id="segment")):
            return True
        case ast.Subscript(value=ast.Name(id=name)) | ast.Name(id=name):
            return name.isupper()
        case _:
            return False


@pytest.fixture(scope="module")
def tenant(emulator: Emulator) -> Iterator[Tenant]:
    tenant = emulator.borrow_tenant(users=12)
    yield tenant
    tenant.close()


@pytest.fixture(scope="module")
def connections(tenant: Tenant) -> Iterator[dict[str, Microsoft365 | GoogleWorkspace]]:
    opened: dict[str, Microsoft365 | GoogleWorkspace] = {
        "microsoft365": connected_to_microsoft(tenant, variables={"TOOLKIT_PATIENCE": "0.01"}),
        "google_workspace": connected_to_google(tenant, TOOLKIT_PATIENCE="0.01"),
    }
    yield opened
    for connection in opened.values():
        connection.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_write_to_an_object_with_a_hostile_id_asks_nothing_else(
    tenant: Tenant, connections: dict[str, Microsoft365 | GoogleWorkspace], kind: str
) -> None:
    connection = connections[kind.partition(".")[0]]
    expected = _operations_for_id(tenant, connection, kind, HARMLESS)

    for identifier in (*HOSTILE, *QUOTED):
        assert _operations_for_id(tenant, connection, kind, identifier) <= expected, identifier


def _operations_for_id(tenant: Tenant, connection: Any, kind: str, identifier: str) -> set[str]:
    """Return the operations that a change and a deletion of an object with this id ask for."""
    provider, _, name = kind.partition(".")
    endpoint = kinds(provider)[name].endpoint
    after = tenant.last_request()
    remote = Remote(identifier, "School", {"id": identifier, "name": identifier})
    with suppress(Exception):  # whatever the endpoint makes of a body that is not a real one
        endpoint.update(connection, remote, "School", {"description": "School"})
    with suppress(Exception):
        endpoint.delete(connection, remote)
    return set(tenant.operations(after))


_SERVICES = {
    "directory": services.ADMIN,
    "admin": services.ADMIN,
    "groupsSettings": services.GROUPS_SETTINGS,
    "gmail": services.GMAIL,
    "calendar": services.CALENDAR,
    "reports": services.REPORTS,
    "cloudidentity": services.CLOUD_IDENTITY,
    "chromepolicy": services.CHROME_POLICY,
    "vault": services.VAULT,
}


@pytest.mark.parametrize("method", sorted(SCOPES))
def test_no_call_of_google_has_a_hostile_id_in_its_path(tenant: Tenant, method: str) -> None:
    service = _SERVICES[method.partition(".")[0]]
    document = services.Document.for_service(service, Cloud.of_target(target_of(tenant)))
    patterns = _patterns(service, method)
    harmless = {name: _fitting(pattern, HARMLESS) for name, pattern in patterns.items()}

    for name, pattern in patterns.items():
        for identifier in HOSTILE:
            if identifier == "a/b" and pattern.endswith("/.*$"):
                continue  # the vendor names what is below, as a segment or several
            with pytest.raises(BadAnswer):
                document.request(Call(method, {**harmless, name: _fitting(pattern, identifier)}))


def _patterns(service: services.Service, method: str) -> dict[str, str]:
    """Return the vendor's pattern of each parameter in the path of a method."""
    resource: Any = json.loads(get_static_doc(service.name, service.version))
    *path, name = method.split(".")[1:]
    for part in path:
        resource = resource["resources"][part]
    parameters = resource["methods"][name].get("parameters", {})
    return {key: one.get("pattern", "") for key, one in parameters.items() if one["location"] == "path"}


def _fitting(pattern: str, identifier: str) -> str:
    if not pattern:
        return identifier
    return pattern.strip("^$").replace("[^/]+", identifier).replace(".*", identifier)
