"""Editing stored objects directly, in the vendors' own names, as somebody at the portal might have."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from secrets import token_urlsafe
from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.emulator.audit_log import BY_HAND, TECHNICIAN, by_name, note
from connectors.emulator.emulation import Emulation
from connectors.emulator.store import Store
from connectors.emulator.tenants import find_tenant
from connectors.emulator.wire import Body, Json


async def read_json(request: Request) -> Json:
    """Read a JSON value; an empty body is an empty object."""
    try:
        value: Json = json.loads(await request.body() or b"{}")
    except ValueError as bad:
        raise HTTPException(400, f"the body is no JSON: {bad}") from bad
    return value


async def read_body(request: Request) -> Body:
    """Read a JSON object."""
    body = await read_json(request)
    if not isinstance(body, dict):
        raise HTTPException(400, "the body must be a JSON object")
    return body


def tenant_of(request: Request, emulation: Emulation) -> str:
    """Read the tenant that a path names; 404 where there is none."""
    tenant = find_tenant(emulation.store, request.path_params["tenant"])
    if tenant is None:
        raise HTTPException(404, f"there is no tenant {request.path_params['tenant']}")
    return str(tenant["tenant_id"])


_APPLICATIONS = "applications"


def object_routes(emulation: Emulation) -> list[Route]:
    """Make the routes below one tenant that read and write its stored objects."""
    store = emulation.store

    async def collections(request: Request) -> Response:
        return JSONResponse(store.collections(tenant_of(request, emulation)))

    async def collection(request: Request) -> Response:
        tenant, name = tenant_of(request, emulation), request.path_params["collection"]
        body = _keyed(await read_json(request)) if request.method == "PUT" else {}
        with _by_hand(request, store, tenant):
            if request.method in {"PUT", "DELETE"}:
                store.replace(tenant, name, body)
        return JSONResponse(store.keyed(tenant, name))

    async def one(request: Request) -> Response:
        tenant, name, key = tenant_of(request, emulation), request.path_params["collection"], request.path_params["key"]
        known = store.get(tenant, name, key)
        if request.method != "PUT" and known is None:
            raise HTTPException(404, f"there is no {key} in {name}")
        body = await read_body(request) if request.method in {"PUT", "PATCH"} else {}
        with _by_hand(request, store, tenant):
            match request.method:
                case "PUT":
                    store.put(tenant, name, key, body)
                case "PATCH":
                    store.put(tenant, name, key, {**(known or {}), **body})
                case "DELETE":
                    store.delete(tenant, name, key)
                    return Response(status_code=204)
        return JSONResponse(store.get(tenant, name, key))

    return [
        Route("/objects", collections),
        Route("/objects/{collection}", collection, methods=["GET", "PUT", "DELETE"]),
        Route("/objects/{collection}/{key:path}", one, methods=["GET", "PUT", "PATCH", "DELETE"]),
    ]


def application_routes(emulation: Emulation) -> list[Route]:
    """Make the routes that grant and revoke what an application may do; an unknown name makes a new one."""
    store = emulation.store

    async def application(request: Request) -> Response:
        tenant, name = tenant_of(request, emulation), request.path_params["name"]
        if request.method == "PUT":
            wanted = await read_body(request)
            store.put(tenant, _APPLICATIONS, name, {**(store.get(tenant, _APPLICATIONS, name) or _new(name)), **wanted})
        known = store.get(tenant, _APPLICATIONS, name)
        if known is None:
            raise HTTPException(404, f"there is no application {name}")
        return JSONResponse(known)

    return [Route("/applications/{name}", application, methods=["GET", "PUT"])]


@contextmanager
def _by_hand(request: Request, store: Store, tenant: str) -> Iterator[None]:
    """Attribute what is changed meanwhile: ?by= names a person by an address, or an application."""
    with store.transaction():
        with store.noting() as touched:
            yield
        if touched:
            technician = f"{TECHNICIAN}@{(find_tenant(store, tenant) or {}).get('domain')}"
            by = request.query_params.get("by", technician)
            note(store, tenant, by_name(store, tenant, by), BY_HAND, touched)


def _new(name: str) -> Body:
    return {
        "name": name,
        "client_id": str(uuid4()),
        "object_id": str(uuid4()),
        "client_secret": token_urlsafe(30),
        "secret_expires": None,
        "certificate": None,
        "roles": [],
        "directory_roles": [],
    }


def _keyed(value: object) -> Mapping[str, Body]:
    if not isinstance(value, dict) or not all(isinstance(body, dict) for body in value.values()):
        raise HTTPException(400, "a collection is a JSON object of objects by their keys, in their order")
    return value
