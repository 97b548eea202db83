"""The identity that reads has no permission that its requests do not use, by what the vendors publish.

Microsoft's data is in `tests/facts/graph_permissions.yaml`. Google's scopes are in the discovery documents of its
client library. The emulator's own table of permissions has no part in these tests.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from tests.door import Door
from tests.facts.tables import read_table
from tests.granting import APPLICATION, SCOPE, grant, names, printed_permissions
from tests.schools import Schools

MICROSOFT, GOOGLE = "microsoft365", "google_workspace"
COMMANDS = ("drift", "plan", "check", "policy")
_PREFIX = "https://www.googleapis.com/auth/"

APIS = (
    "admin.directory_v1", "admin.reports_v1", "calendar.v3", "chromepolicy.v1", "cloudidentity.v1",
    "cloudidentity.v1beta1", "gmail.v1", "groupssettings.v1", "vault.v1",
)  # fmt: skip
"""The discovery documents with the methods that a read run calls."""

SERVICES: Mapping[str, frozenset[str]] = {
    "exchange": frozenset({"Exchange.ManageAsApp"}),
    "compliance": frozenset({"Exchange.ManageAsApp"}),
    "defender": frozenset({"Ti.ReadWrite.All"}),
}
"""The permission for every request to a service that has only one.

Sources: learn.microsoft.com/powershell/exchange/app-only-auth-powershell-v2, and get-ti-indicators-collection at
learn.microsoft.com/defender-endpoint/api, where Ti.ReadWrite reads only the app's own indicators.
"""

WITHOUT_PAGE = {
    "GET /deviceManagement/depOnboardingSettings",
    "GET /deviceManagement/managedDevices/{id}/deviceCompliancePolicyStates",
    "GET /deviceManagement/settings",
    "GET /directory/deletedItems",
    "GET /reports/emailActivityUserDetail/{range}",  # the address to which Graph redirects, which needs no token
    "POST /users/{id}/getMemberGroups",
}
"""Requests of which no page with application permissions was found, so that nothing is concluded from them."""

NOT_GRANTED = {"GET /admin/exchange/tracing/messageTraces"}
"""What is only asked if it may be: who outside writes to a list. Without it a plan says that this is not known."""

UNPROVEN = {
    "DeviceManagementServiceConfig.Read.All": "GET /deviceManagement/depOnboardingSettings",
}
"""Permissions that only a request without a page needs, with this request."""

UNSEPARATED = {"User.Read.All": "DeviceManagementConfiguration.Read.All"}
"""Permissions whose requests, by Microsoft's data, another permission of the samples would allow too.

Microsoft's page for a list of people names no permission of Intune. So this one is kept until a real tenant shows that
it can go.
"""


@pytest.fixture(scope="module")
def requests(module_schools: Schools) -> Mapping[str, frozenset[str]]:
    """Return the operations that the read run of the samples requested, by service, without signing in."""
    door = module_schools.build({"users": 5, "staff": 4}, samples=True)
    grant(door, "reader", printed_permissions(door, "read"))
    seen: dict[str, set[str]] = {}
    for command in COMMANDS:
        after = door.tenant.last_request()
        assert door.toolkit(command, "--json").exit in {0, 3, 4, 5}  # a first plan is refused: it reaches everyone
        for service, operation in _operations(door, after):
            seen.setdefault(service, set()).add(operation)
    return {service: frozenset(operations) for service, operations in seen.items()}


def _operations(door: Door, after: int) -> Iterator[tuple[str, str]]:
    for request in door.tenant.requests(after):
        for operation in request["operations"]:
            yield request["service"], operation["name"]


@pytest.fixture(scope="module")
def printed(module_schools: Schools) -> Mapping[str, frozenset[str]]:
    """Return the permissions that `toolkit permissions` prints for the identity that reads the samples, by cloud."""
    read = printed_permissions(module_schools.build({"users": 5, "staff": 4}, samples=True), "read")
    return {
        MICROSOFT: frozenset(names(read, MICROSOFT, APPLICATION)),
        GOOGLE: frozenset(names(read, GOOGLE, SCOPE)),
    }


@cache
def published_for_graph() -> Mapping[str, frozenset[str]]:
    """Return the application permissions that Graph accepts, by method and path in lower case."""
    return {
        f"{method} {path}": frozenset(permissions.split())
        for path, methods in read_table("graph_permissions").items()
        for method, permissions in methods.items()
    }


@cache
def published_by_google() -> Mapping[str, frozenset[str]]:
    """Return the scopes that Google accepts, by the id of a method."""
    folder = files("googleapiclient").joinpath("discovery_cache", "documents")
    documents = [json.loads(folder.joinpath(f"{name}.json").read_bytes()) for name in APIS]
    return {
        method["id"]: frozenset(method.get("scopes", ())) for document in documents for method in _methods(document)
    }


def _methods(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from part.get("methods", {}).values()
    for resource in part.get("resources", {}).values():
        yield from _methods(resource)


def accepted_at_microsoft(requests: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    """Return the permissions, any of which Microsoft accepts, by request. Requests without a page are left out."""
    graph = {
        operation: published_for_graph()[_template(operation)]
        for operation in requests["graph"] - WITHOUT_PAGE - NOT_GRANTED
        if operation != "$batch"
    }
    others = {
        f"{service} {operation}": needed
        for service, needed in SERVICES.items()
        for operation in requests[service]
        if not operation.startswith("GET EXO") and operation != "$batch"  # without a token
    }
    return {**graph, **others}


def _template(operation: str) -> str:
    method, _, path = operation.partition(" ")
    return f"{method} {re.sub(r'{[a-z]+}', '{id}', path.lower()) if '{range}' not in path else path.lower()}"


def accepted_at_google(requests: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    """Return the scopes, any of which Google accepts, by the id of each method that was called."""
    called = frozenset[str]().union(*requests.values())
    return {method: scopes for method, scopes in published_by_google().items() if method in called}


def unused(granted: frozenset[str], accepted: Mapping[str, frozenset[str]]) -> set[str]:
    """Return the permissions that no request needs: each request that they allow is allowed by another one too."""
    return {name for name in granted if not any(granted & enough == {name} for enough in accepted.values())}


def test_each_permission_of_the_identity_that_reads_is_needed_by_a_request(
    requests: Mapping[str, frozenset[str]], printed: Mapping[str, frozenset[str]]
) -> None:
    granted = printed[MICROSOFT]

    needless = unused(granted, accepted_at_microsoft(requests))

    assert len(granted) > 15
    assert needless == UNPROVEN.keys() | UNSEPARATED.keys()
    assert set(UNPROVEN.values()) <= requests["graph"] & WITHOUT_PAGE
    assert {*UNSEPARATED.values()} <= granted


def test_each_request_to_microsoft_is_allowed_by_a_permission_that_is_printed(
    requests: Mapping[str, frozenset[str]], printed: Mapping[str, frozenset[str]]
) -> None:
    accepted = accepted_at_microsoft(requests)

    refused = {request for request, enough in accepted.items() if not enough & printed[MICROSOFT]}

    assert len(accepted) > 50
    assert refused == set()
    assert requests["graph"] >= WITHOUT_PAGE | NOT_GRANTED  # a row that nothing requests any more must go


def test_each_scope_of_the_identity_that_reads_is_needed_by_a_method(
    requests: Mapping[str, frozenset[str]], printed: Mapping[str, frozenset[str]]
) -> None:
    assert len(printed[GOOGLE]) > 15
    assert unused(printed[GOOGLE], accepted_at_google(requests)) == set()


def test_each_method_of_google_is_allowed_by_a_scope_that_is_printed(
    requests: Mapping[str, frozenset[str]], printed: Mapping[str, frozenset[str]]
) -> None:
    accepted = accepted_at_google(requests)

    refused = {method for method, enough in accepted.items() if not enough & printed[GOOGLE]}

    assert len(accepted) > 25
    assert refused == set()


def test_a_permission_that_another_one_covers_is_found() -> None:
    accepted = {"GET /users": frozenset({"User.Read.All", "Directory.Read.All"}), "GET /domains": frozenset({"Domain"})}

    assert unused(frozenset({"User.Read.All", "Domain"}), accepted) == set()
    assert unused(frozenset({"User.Read.All", "Directory.Read.All", "Domain"}), accepted) == {
        "User.Read.All",
        "Directory.Read.All",
    }
