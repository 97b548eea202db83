"""Administrators' roles and who has them."""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api.request import Handler, MethodCall, read_page
from connectors.emulator.google_workspace.directory.serialise import check_customer, paged, shown
from connectors.emulator.wire import Body

ROLES = "google.roles"  # by id
ASSIGNMENTS = "google.roleAssignments"  # by id
_LONGEST_ROLES = 100


def _list(asked: MethodCall) -> Body:
    check_customer(asked)
    rows = [shown("role", one) for one in asked.collection(ROLES).all()]
    return paged("roles", "items", rows, read_page(asked.parameters, asked.number("maxResults", _LONGEST_ROLES)))


HANDLERS: Mapping[str, Handler] = {
    "directory.roles.list": _list,
}
