"""Reading a tenant as a person who signs in by clients that Microsoft publishes, without an app of the school."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.microsoft365 import PROVIDER
from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.person_token import CLIENTS, SCOPES
from tests.emulated import Emulator, Tenant
from tests.microsoft365.connected import target_of
from toolkit.controls.control import controls
from toolkit.errors import Refused, SignInRefused, WriteInReadOnlyRun
from toolkit.planning.imports.fit_settings import shortest_draft
from toolkit.school.school import Tenant as OfSchool
from toolkit.sdk.connector import AttendedSignIn, Identity
from toolkit.sdk.directory import EVERYONE
from toolkit.sdk.permission import Sort
from toolkit.sdk.providers import check_needs, kinds

GRAPH_CLIENT, EXCHANGE_CLIENT = (client.client_id for client in CLIENTS)


@pytest.fixture(scope="module")
def small(emulator: Emulator) -> Iterator[Tenant]:
    """Open one tenant for all of these tests: signing in changes nothing in it."""
    tenant = emulator.borrow_tenant(users=40)
    yield tenant
    tenant.close()


@pytest.fixture
def attended() -> AttendedSignIn:
    return AttendedSignIn(lambda text: pytest.fail(f"the emulator needs no browser: {text}"))


def _connected(tenant: Tenant, attended: AttendedSignIn) -> Microsoft365:
    target = replace(target_of(tenant), attended_sign_in=attended)
    school = OfSchool(tenant.tenant_id, tenant.domain)
    connection = PROVIDER.connect(target, school, identity=Identity.READ, read_only=True)
    assert isinstance(connection, Microsoft365)
    return connection


def _make_reader(tenant: Tenant) -> str:
    """Make one person the only Global Reader, and return their address."""
    roles = {role["displayName"]: key for key, role in tenant.objects("directoryRoles").items()}
    person = next(user for user in tenant.objects("users").values() if user.get("jobTitle") == "SENDCo")
    tenant.put("members", roles["Global Reader"], {"members": [person["id"]]})
    return str(person["userPrincipalName"])


def test_a_global_reader_reads_each_service_that_has_a_client_and_no_other(
    small: Tenant, attended: AttendedSignIn
) -> None:
    _make_reader(small)
    before = small.last_request()

    connection = _connected(small, attended)
    assert connection.tenant().id == small.tenant_id
    assert connection.exchange.get("Get-AcceptedDomain")
    assert connection.compliance.get("Get-RetentionCompliancePolicy")
    with pytest.raises(Refused, match="does not publish a client"):
        connection.defender.indicators()
    connection.close()
    again = _connected(small, attended)  # the same command: no one signs in again
    assert again.tenant().id == small.tenant_id
    again.close()

    asked = [operation for request in small.requests(before) for operation in request["operations"]]
    pages = [one for one in asked if one["name"] == "GET /{tenant}/oauth2/v2.0/authorize"]
    assert len(pages) == 2 * len(CLIENTS)  # the page, and the choice on it
    assert not [one["name"] for one in asked if one["write"]]


def test_a_role_of_no_one_reads_nothing(small: Tenant, attended: AttendedSignIn) -> None:
    roles = {role["displayName"]: key for key, role in small.objects("directoryRoles").items()}
    held = {name: small.read_object("members", key) for name, key in roles.items()}
    for key in roles.values():
        small.put("members", key, {"members": []})

    connection = _connected(small, attended)
    with pytest.raises(SignInRefused, match=r"by Microsoft Graph Command Line Tools: AADSTS65004"):
        connection.tenant()  # the page offers no one, so the person gives up
    connection.close()

    for name, key in roles.items():
        small.put("members", key, held[name])


def test_a_refused_second_sign_in_leaves_what_the_first_can_read(small: Tenant, attended: AttendedSignIn) -> None:
    _make_reader(small)
    users = list(small.objects("users"))
    disabled = {"name": "x", "client_id": EXCHANGE_CLIENT, "object_id": "x", "client_secret": "x", "public": False}
    small.put("applications", "disabled", {**disabled, "assigned": users, "roles": [], "directory_roles": []})

    connection = _connected(small, attended)
    assert connection.tenant().id == small.tenant_id
    refused = r"by Microsoft Exchange REST API .* What to do: "
    with pytest.raises(Refused, match=refused):
        connection.exchange.get("Get-AcceptedDomain")
    with pytest.raises(Refused, match=refused):
        connection.compliance.get("Get-RetentionCompliancePolicy")
    connection.close()
    small.delete("applications", "disabled")


def test_nothing_is_written_although_the_token_could(small: Tenant, attended: AttendedSignIn) -> None:
    connection = _connected(small, attended)
    before = small.last_request()
    with pytest.raises(WriteInReadOnlyRun):
        connection.exchange.change("Set-OrganizationConfig", {"MailTipsAllTipsEnabled": True})
    assert small.requests(before) == []
    connection.close()


def test_the_permissions_asked_for_are_those_of_kinds_and_checks_that_only_read() -> None:
    asked = {
        name: control.settings.model_validate(shortest_draft(control, EVERYONE).settings)
        for name, control in controls().items()
    }
    needed = {one for kind in kinds("microsoft365").values() if not kind.per_person for one in kind.permissions.read}
    needed |= {one for name, needs in check_needs("microsoft365").items() for one in needs(asked[name])}
    names = {one.name for one in needed if one.sort is Sort.APPLICATION and one.of == "Microsoft Graph"}
    assert all(".Read." in scope for scope in SCOPES)
    assert not set(SCOPES) - names - {"Organization.Read.All", "User.Read.All"}, "asked for and used by nothing"
    assert names - set(SCOPES) == {"eDiscovery.Read.All"}  # cases are open to their members only, whatever is agreed to
