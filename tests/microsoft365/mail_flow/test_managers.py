"""Managers of people are read from Graph, and only if a mail rule names the manager of a sender or recipient."""

from connectors.microsoft365.mail_flow.managers import add_managers
from tests.emulated import Tenant
from tests.microsoft365.connected import connect
from toolkit.sdk import MailDirectory, MailObject
from toolkit.sdk.connector import Identity

MANAGED, MANAGER, ALONE = (f"{name}@example-primary.example" for name in ("gwen.greenhalgh", "amara.ashdown", "office"))
STRANGER = "parent@home.example"
RULE = MailObject("Approval", {"moderate_message_by_manager": True})
DIRECTORY = MailDirectory(frozenset({"example-primary.example"}))


def _set_manager(tenant: Tenant) -> None:
    keys = {body["mail"]: key for key, body in tenant.objects("users").items() if body.get("mail")}
    tenant.patch("users", keys[MANAGED], manager=keys[MANAGER])


def test_a_manager_is_known_by_address_and_people_without_a_manager_have_none(tenant: Tenant) -> None:
    _set_manager(tenant)
    connection = connect(tenant, identity=Identity.READ, read_only=True)

    directory = add_managers(connection, DIRECTORY, [RULE], [MANAGED, MANAGER, ALONE, STRANGER])
    connection.close()

    assert [directory.find_manager(person) for person in (MANAGED, MANAGER, ALONE, STRANGER)] == [MANAGER, "", "", ""]


def test_no_manager_is_read_without_a_rule_that_names_managers(tenant: Tenant) -> None:
    connection = connect(tenant, identity=Identity.READ, read_only=True)

    directory = add_managers(connection, DIRECTORY, [MailObject("Other", {"quarantine": True})], [MANAGED])
    connection.close()

    assert directory is DIRECTORY
    assert tenant.operations() == []


def test_a_manager_that_graph_refuses_is_unknown(tenant: Tenant) -> None:
    tenant.fault("refused", "GET /users/{id}/manager")
    connection = connect(tenant, identity=Identity.READ, read_only=True)

    directory = add_managers(connection, DIRECTORY, [RULE], [MANAGED])
    connection.close()

    assert directory.find_manager(MANAGED) is None
    assert directory.unread_managers.keys() == {MANAGED}
