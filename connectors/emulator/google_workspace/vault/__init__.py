"""The Vault API: matters, their collaborators and holds, saved searches, counts and exports. It has no retention rules.

A test may read and change these collections at the control plane:

- `google.vaultMatters`, by id: matters as Google shows them in full.
- `google.vaultHolds`, by matter id / hold id: holds as Google shows them in full.
- `google.vaultSavedQueries`, by matter id / search id: saved searches as Google shows them.
- `google.vaultExports`, by matter id / export id: exports as Google shows them.
- `google.vaultCounts`, by id: the operations that count search results.
"""

from collections.abc import Mapping
from hashlib import md5
from uuid import uuid4

from connectors.emulator import clock
from connectors.emulator.data_files import from_template
from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.people import COUNTS, EXPORTS, HOLDS, MATTERS, SAVED_QUERIES
from connectors.emulator.google_workspace.values import mapping, numeric_id, org_unit_id, text, texts
from connectors.emulator.google_workspace.vault import holds, matters
from connectors.emulator.google_workspace.vault.matters import (
    InMatter,
    Privilege,
    check_open,
    require_matter,
    require_privilege,
)
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json

_LONGEST_PAGE = 100
_MESSAGES = 12  # in the mailbox of each account
_SEARCH = Privilege.MANAGE_SEARCHES


def _read_query(call: MethodCall) -> tuple[Body, list[str]]:
    """Return a query of mail and the addresses of its accounts. Other types of query are not emulated."""
    query = mapping(call.body.get("query"))
    addresses = texts(mapping(query.get("accountInfo")).get("emails"))
    if (query.get("corpus"), query.get("method")) != ("MAIL", "ACCOUNT") or not query.get("dataScope") or not addresses:
        raise errors.invalid_argument("The query needs a corpus, a data scope, a method and accounts.")
    for address in addresses:
        if people.find_user(call.store, call.tenant_id, address) is None:
            raise errors.invalid_argument(f"Account {address} does not exist.")
    return query, addresses


def _save_query(call: MethodCall, matter: Body) -> Body:
    """Save a search. Several searches may have the same name."""
    check_open(matter)
    saved: Body = {
        "savedQueryId": uuid4().hex[:13],
        "displayName": _read_required_name(call, "displayName"),
        "query": _read_query(call)[0],
        "matterId": matter["matterId"],
        "createTime": clock.text(call.now),
    }
    call.collection(SAVED_QUERIES).put(f"{matter['matterId']}/{saved['savedQueryId']}", saved)
    return saved


def _create_export(call: MethodCall, matter: Body) -> Body:
    """Create an export. Several exports may have the same name."""
    check_open(matter)
    query, addresses = _read_query(call)
    message_count = str(_MESSAGES * len(addresses))
    key, name = f"exportly-{uuid4()}", _read_required_name(call, "name")
    content = f"{name}\n".encode()  # no mail is in it
    export: Body = {
        "id": key,
        "name": name,
        "matterId": matter["matterId"],
        "query": query,
        "exportOptions": call.body.get("exportOptions"),
        "status": "COMPLETED",
        "stats": {"exportedArtifactCount": message_count, "totalArtifactCount": message_count},
        "createTime": clock.text(call.now),
        "cloudStorageSink": {
            "files": [
                {
                    "bucketName": "exportly",
                    "objectName": f"{key}/{matter['matterId']}/{name}-1.zip",
                    "size": str(len(content)),
                    "md5Hash": md5(content, usedforsecurity=False).hexdigest(),
                }
            ]
        },
    }
    call.collection(EXPORTS).put(f"{matter['matterId']}/{export['id']}", export)
    return export


def _read_required_name(call: MethodCall, field: str) -> str:
    name = text(call.body.get(field))
    if not name:
        raise errors.invalid_argument(f"{field} is required.")
    return name


def _start_count(call: MethodCall, matter: Body) -> Body:
    check_open(matter)
    _, addresses = _read_query(call)
    key = uuid4().hex
    counted = {"totalCount": str(_MESSAGES * len(addresses))}
    call.collection(COUNTS).put(key, {"name": f"operations/{key}", "done": True, "response": counted})
    return {"name": f"operations/{key}"}


def _get_operation(call: MethodCall) -> Body:
    operation = call.collection(COUNTS).get(call.text("name").removeprefix("operations/"))
    if operation is None:
        raise errors.not_found()
    return operation


def _list_handler(collection: str, property_name: str) -> InMatter:
    def answer(call: MethodCall, matter: Body) -> Body:
        size = call.number("pageSize", _LONGEST_PAGE)
        if not 0 < size <= _LONGEST_PAGE:
            raise errors.invalid_argument("page_size must be between 0 and 100.")
        rows = list(call.collection(collection).with_prefix(text(matter["matterId"])).values())
        page = read_page(call.parameters, size)
        shown: list[Json] = list(page_of(rows, page))
        return {**({property_name: shown} if shown else {}), **page.next_token(len(rows))}

    return answer


HANDLERS: Mapping[str, Handler] = {
    "vault.matters.count": require_matter(_SEARCH, _start_count),
    "vault.matters.savedQueries.create": require_matter(_SEARCH, _save_query),
    "vault.matters.savedQueries.list": require_matter(_SEARCH, _list_handler(SAVED_QUERIES, "savedQueries")),
    "vault.matters.exports.create": require_matter(Privilege.MANAGE_EXPORTS, _create_export),
    "vault.matters.exports.list": require_matter(Privilege.MANAGE_EXPORTS, _list_handler(EXPORTS, "exports")),
    "vault.operations.get": require_privilege(_SEARCH, _get_operation),
}


SERVICE = google_api("google vault", {**matters.HANDLERS, **holds.HANDLERS, **HANDLERS})


_OWNER, _UNIT = "breakglass", "/Service accounts"


def seed(school: School) -> Seed:
    """Return the matters and holds of a new tenant."""
    matter_id = school.identifier("vault matter", "2026-A")
    hold_id = school.identifier("vault hold", "2026-A").replace("-", "")[:13]
    owner = numeric_id(school.identifier("account", _OWNER))
    matter = from_template(__file__, "matter", id=matter_id, owner=owner)
    hold = from_template(__file__, "hold", id=hold_id, unit=org_unit_id(school.tenant_id, _UNIT))
    return {MATTERS: {matter_id: matter}, HOLDS: {f"{matter_id}/{hold_id}": hold}}
