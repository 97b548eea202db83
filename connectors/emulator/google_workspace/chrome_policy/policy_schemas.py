"""policySchemas: list and get."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.paging import page_of, read_page
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.chrome_policy.access import check_caller, page_size
from connectors.emulator.google_workspace.chrome_policy.described import shown
from connectors.emulator.google_workspace.chrome_policy.known import SCHEMAS
from connectors.emulator.google_workspace.identifiers import customer_id
from connectors.emulator.google_workspace.values import text
from connectors.emulator.wire import Body, Json

_FIELD = re.compile(r"^\s*(?:name|schemaName)\s*[=:]\s*")


def _list(asked: MethodCall) -> Body:
    check_caller(asked, asked.text("parent"))
    page = read_page(asked.parameters, page_size(asked.parameters.get("pageSize")))
    wanted = _FIELD.sub("", asked.text("filter")).strip("\"' ").lower()
    rows = [one for one in _every(asked) if _fits(one, wanted)]
    found: dict[str, Json] = {"policySchemas": list(page_of(rows, page))} if rows else {}
    return {**found, **page.next_token(len(rows))}


def _get(asked: MethodCall) -> Body:
    customer, _, name = asked.text("name").partition("/policySchemas/")
    check_caller(asked, customer)
    if name not in SCHEMAS:
        raise errors.not_found()
    return shown(SCHEMAS[name], _customer(asked))


def _every(asked: MethodCall) -> list[Body]:
    return [shown(one, _customer(asked)) for one in SCHEMAS.values()]


def _customer(asked: MethodCall) -> str:
    return f"customers/{customer_id(asked.tenant_id)}"


def _fits(schema: Body, wanted: str) -> bool:
    """Say whether a schema is searched for: by its name with stars, or by a part of its name or description."""
    name, description = text(schema["schemaName"]).lower(), text(schema["policyDescription"]).lower()
    if "*" in wanted:
        return fnmatchcase(name, wanted)
    return wanted in name or wanted in description


HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {"chromepolicy.customers.policySchemas.list": _list, "chromepolicy.customers.policySchemas.get": _get}
)
