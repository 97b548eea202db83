"""The sources of a hold: mailboxes, with or without their OneDrive, and sites."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from uuid import uuid4

from connectors.emulator import clock
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.ediscovery.objects import (
    PATH,
    action,
    author_of_change,
    find_hold,
    now,
    read_texts,
    required_text,
    store_key,
    without_dates,
)
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.reading import list_answer, single_answer
from connectors.emulator.microsoft365.retention_rules import (
    MAILBOXES,
    SITE_SOURCES,
    USER_SOURCES,
    begin_delay,
    is_applied,
)
from connectors.emulator.service import Answer
from connectors.emulator.store import Body, Json
from connectors.emulator.tenants import find_tenant

_PATH = PATH + "/{id}/legalHolds/{id}"
_INCLUDED = ("mailbox", "site")


def actions() -> Sequence[Action]:
    groups = action("GET", _PATH + "/unifiedGroupSources", _refuse_groups, "answers 400, as the real service does")
    return (
        *_source_actions("userSources", USER_SOURCES, user_source),
        *_source_actions("siteSources", SITE_SOURCES, _site_source),
        groups,
    )


def _source_actions(name: str, collection: str, made: Callable[[ActionRequest], Body]) -> Iterator[Action]:
    path = f"{_PATH}/{name}"
    yield action(
        "GET", path, partial(_list_sources, name, collection), "$select, $filter, $top. A source is applied a day later"
    )
    yield action("POST", path, partial(_add_source, name, collection, made))
    yield action("GET", path + "/{id}", partial(_get_source, name, collection), "$select")
    yield action("DELETE", path + "/{id}", partial(_remove_source, collection))


def _list_sources(name: str, collection: str, request: ActionRequest) -> Answer:
    find_hold(request)
    sources = request.store.with_prefix(request.tenant_id, collection, f"{store_key(request, 2)}/").values()
    return list_answer(request, _context_path(request, name), [_source_body(request, source) for source in sources])


def _get_source(name: str, collection: str, request: ActionRequest) -> Answer:
    return single_answer(
        request, _context_path(request, name), _source_body(request, _find_source(request, collection))
    )


def _add_source(name: str, collection: str, make: Callable[[ActionRequest], Body], request: ActionRequest) -> Answer:
    find_hold(request)
    made: Body = {**make(request), "createdBy": author_of_change(request), "createdDateTime": now(request)}
    key = f"{store_key(request, 2)}/{str(made['id']).lower()}"
    if request.store.get(request.tenant_id, collection, key):
        raise GraphError(409, "Conflict", f"The hold already has the source '{made['displayName']}'.")
    request.store.put(request.tenant_id, collection, key, made)
    return single_answer(request, _context_path(request, name), _source_body(request, made), status=201)


def _remove_source(collection: str, request: ActionRequest) -> Answer:
    source = _find_source(request, collection)
    request.store.delete(request.tenant_id, collection, store_key(request, 3))
    if "email" in source:
        begin_delay(request.store, request.tenant_id, str(source["email"]))
    return Answer(status=204)


def user_source(request: ActionRequest) -> Body:
    """Return a source for a mailbox. The dot before the address of an inactive mailbox is optional."""
    body = read_texts(request, ("email", "includedSources"))
    address = required_text(body, "email").removeprefix(".")
    included = [name.strip() for name in required_text(body, "includedSources").split(",")]
    if not set(included) <= set(_INCLUDED):
        raise errors.bad_request(f"The value of 'includedSources' must be one of {', '.join(_INCLUDED)}.")
    mailbox = request.store.find(request.tenant_id, MAILBOXES, "PrimarySmtpAddress", address)
    if mailbox is None:
        raise errors.bad_request(f"A mailbox with the address '{address}' does not exist.")
    account = str(mailbox["ExternalDirectoryObjectId"])
    active = request.store.get(request.tenant_id, "users", account) is not None
    alias = str(mailbox["PrimarySmtpAddress"]).partition("@")[0].replace(".", "_")
    site = f"https://{_tenant_name(request)}-my.sharepoint.example/personal/{alias}/"
    return {
        "id": account if active else address.lower(),  # the id of an inactive mailbox is not a GUID
        "displayName": mailbox["DisplayName"],
        "email": mailbox["PrimarySmtpAddress"],
        "includedSources": ",".join(name for name in _INCLUDED if name in included),
        "siteWebUrl": site if "site" in included else None,
    }


def _site_source(request: ActionRequest) -> Body:
    site = request.body().get("site")
    address = required_text(site, "webUrl") if isinstance(site, Mapping) else ""
    if not address.startswith("https://"):
        raise errors.bad_request("The property 'site' needs the address of a site as its 'webUrl'.")
    held = request.store.with_prefix(request.tenant_id, SITE_SOURCES, f"{store_key(request, 2)}/").values()
    existing = next((source for source in held if _source_address(source) == address.rstrip("/").lower()), None)
    key = str(existing["id"]) if existing else str(uuid4())
    title = address.rstrip("/").rpartition("/")[2]
    return {"id": key, "displayName": title, "site": {"id": key, "webUrl": address}}


def _source_address(source: Body) -> str:
    site = source.get("site")
    return str(site.get("webUrl")).rstrip("/").lower() if isinstance(site, Mapping) else ""


def _source_body(request: ActionRequest, source: Body) -> dict[str, Json]:
    held = is_applied(source, clock.now(request.store, request.tenant_id))
    return {**without_dates(source), "holdStatus": "applied" if held else "applying"}


def _find_source(request: ActionRequest, collection: str) -> Body:
    find_hold(request)
    source = request.store.get(request.tenant_id, collection, store_key(request, 3))
    if source is None:
        raise errors.not_found(request.key)
    return source


def _refuse_groups(request: ActionRequest) -> Answer:
    find_hold(request)
    raise errors.bad_request("The request is not supported.")


def _context_path(request: ActionRequest, name: str) -> str:
    return f"{PATH.strip('/')}('{request.keys[0]}')/legalHolds('{request.keys[1]}')/{name}"


def _tenant_name(request: ActionRequest) -> str:
    tenant = find_tenant(request.store, request.tenant_id) or {}
    return str(tenant.get("initial_domain")).partition(".")[0]
