"""The control plane for tests: stored objects, and a tenant's opening, clock, latency, faults and requests."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from secrets import token_urlsafe
from uuid import NAMESPACE_DNS, uuid4, uuid5

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from connectors.emulator import clock
from connectors.emulator.audit_log import APPLICATIONS, BY_HAND, Doer, note
from connectors.emulator.control_plane import read_body, read_json
from connectors.emulator.emulation import Emulation
from connectors.emulator.grants import apply_grants, read_grant
from connectors.emulator.seeds import find_seed
from connectors.emulator.store import Body, Store
from connectors.emulator.tenants import find_tenant, open_tenant
from tests.extended_emulator.faults import Faults
from tests.extended_emulator.log import Log
from tests.extended_emulator.snapshots import SnapshotStore


def tenant_of(request: Request, emulation: Emulation) -> str:
    """Return the id of the tenant in the path, or raise a 404."""
    tenant = find_tenant(emulation.store, request.path_params["tenant"])
    if tenant is None:
        raise HTTPException(404, f"there is no tenant {request.path_params['tenant']}")
    return str(tenant["tenant_id"])


_APPLICATIONS = "applications"
_TECHNICIAN = "it.support"  # the default author of an edit, before the @


def routes(emulation: Emulation, faults: Faults, log: Log) -> list[BaseRoute]:
    """Return the routes below /_emulator that only tests use."""

    async def register(request: Request) -> Response:
        pid = faults.processes.register((await read_body(request)).get("pid"))
        return JSONResponse({"pid": pid}, 201)

    async def requests_without_tenant(request: Request) -> Response:
        return JSONResponse(log.after("", int(request.query_params.get("after", "0"))))

    inside = [
        *clock_routes(emulation),
        *fault_routes(emulation, faults, log),
        *application_routes(emulation),
        *object_routes(emulation),
    ]
    return [
        Route("/requests", requests_without_tenant),
        Route("/clients", register, methods=["POST"]),
        *opening_routes(emulation),
        Mount("/tenants/{tenant}", routes=inside),
    ]


def object_routes(emulation: Emulation) -> list[Route]:
    """Return the routes below one tenant that read and write its stored objects."""
    store = emulation.store

    async def collections(request: Request) -> Response:
        return JSONResponse(store.collections(tenant_of(request, emulation)))

    async def collection(request: Request) -> Response:
        tenant, name = tenant_of(request, emulation), request.path_params["collection"]
        body = _read_objects(await read_json(request)) if request.method == "PUT" else {}
        with _by_hand(request, store, tenant):
            if request.method in {"PUT", "DELETE"}:
                store.replace(tenant, name, body)
        return JSONResponse(store.all_by_key(tenant, name))

    async def one(request: Request) -> Response:
        tenant, name, key = tenant_of(request, emulation), request.path_params["collection"], request.path_params["key"]
        stored = store.get(tenant, name, key)
        if request.method != "PUT" and stored is None:
            raise HTTPException(404, f"there is no {key} in {name}")
        body = await read_body(request) if request.method in {"PUT", "PATCH"} else {}
        with _by_hand(request, store, tenant):
            match request.method:
                case "PUT":
                    store.put(tenant, name, key, body)
                case "PATCH":
                    store.put(tenant, name, key, {**(stored or {}), **body})
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
    """Return the routes that set the permissions of an application or grant an identity to another program."""
    store = emulation.store

    async def application(request: Request) -> Response:
        tenant, name = tenant_of(request, emulation), request.path_params["name"]
        if request.method == "PUT":
            changes = await read_body(request)
            before = store.get(tenant, _APPLICATIONS, name) or _new(name)
            store.put(tenant, _APPLICATIONS, name, {**before, **changes})
        stored = store.get(tenant, _APPLICATIONS, name)
        if stored is None:
            raise HTTPException(404, f"there is no application {name}")
        return JSONResponse(stored)

    async def grant(request: Request) -> Response:
        """Create an identity for another program, and describe the tenant."""
        tenant, client = tenant_of(request, emulation), request.path_params["name"]
        granted = read_grant(client, str((await read_body(request))["scopes"]), emulation.providers)
        apply_grants([granted], store, emulation.providers, tenant)
        return JSONResponse(emulation.describe(tenant))

    return [
        Route("/applications/{name}", application, methods=["GET", "PUT"]),
        Route("/grants/{name}", grant, methods=["PUT"]),
    ]


@contextmanager
def _by_hand(request: Request, store: Store, tenant: str) -> Iterator[None]:
    """Record who makes the edits of the block: ?by= names a person by an address, or an application."""
    with store.transaction():
        with store.record_changes() as touched:
            yield
        if touched:
            technician = f"{_TECHNICIAN}@{(find_tenant(store, tenant) or {}).get('domain')}"
            by = request.query_params.get("by", technician)
            note(store, tenant, _by_name(store, tenant, by), BY_HAND, touched)


def _by_name(store: Store, tenant: str, name: str) -> Doer:
    """Return the author of an edit: a person for an address, or an application of that name."""
    if "@" in name:
        return Doer(name, person=True)
    client_id = str(uuid5(NAMESPACE_DNS, name))
    store.put(tenant, APPLICATIONS, client_id, {"client_id": client_id, "name": name})
    return Doer(name, person=False, application_id=client_id)


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


def _read_objects(value: object) -> Mapping[str, Body]:
    if not isinstance(value, dict) or not all(isinstance(body, dict) for body in value.values()):
        raise HTTPException(400, "a collection is a JSON object of objects by their keys, in their order")
    return value


def opening_routes(emulation: Emulation) -> list[Route]:
    """Return the routes that open, describe, close and restore a tenant."""
    store = emulation.store
    assert isinstance(store, SnapshotStore)

    async def open_one(request: Request) -> Response:
        options = await read_body(request)
        users, staff, names = (options.get(name) for name in ("users", "staff", "school"))
        place = options.get("place")  # of the tenant in its seed
        seed = find_seed(str(options.get("seed") or ""))[place if isinstance(place, int) else 0]
        tenant = open_tenant(
            emulation.store,
            emulation.providers,
            users=users if isinstance(users, int) else emulation.users,
            staff=staff if isinstance(staff, int) else None,
            names={key: str(value) for key, value in names.items()} if isinstance(names, Mapping) else None,
            school=seed.make_school(str(uuid4())),
            change=seed.change,
        )
        return JSONResponse(emulation.describe(tenant), 201)

    async def one(request: Request) -> Response:
        tenant = tenant_of(request, emulation)
        if request.method == "DELETE":
            emulation.close(tenant)
            return Response(status_code=204)
        return JSONResponse(emulation.describe(tenant))

    async def snapshot(request: Request) -> Response:
        store.keep_snapshot(tenant_of(request, emulation))
        return Response(status_code=204)

    async def restore(request: Request) -> Response:
        tenant = tenant_of(request, emulation)
        emulation.extension.forget(tenant)
        if not store.restore_snapshot(tenant):
            raise HTTPException(409, f"tenant {tenant} has no snapshot")
        return Response(status_code=204)

    return [
        Route("/tenants", open_one, methods=["POST"]),
        Route("/tenants/{tenant}", one, methods=["GET", "DELETE"]),
        Route("/tenants/{tenant}/snapshot", snapshot, methods=["PUT"]),
        Route("/tenants/{tenant}/restore", restore, methods=["POST"]),
    ]


def clock_routes(emulation: Emulation) -> list[Route]:
    """Return the routes for a tenant's clock and for the delay of its responses."""
    store = emulation.store

    async def tell(request: Request) -> Response:
        tenant = tenant_of(request, emulation)
        if request.method == "PUT":
            instant = datetime.fromisoformat(str((await read_body(request)).get("now")))
            if instant.tzinfo is None:
                raise ValueError(f"{instant} has no time zone")
            store.put(tenant, "clock", "now", {"now": instant.astimezone(UTC).isoformat()})
        return JSONResponse({"now": clock.text(clock.now(store, tenant))})

    async def latency(request: Request) -> Response:
        milliseconds = (await read_body(request)).get("milliseconds")
        if not isinstance(milliseconds, int | float):
            raise HTTPException(400, "milliseconds must be a number")
        store.put(tenant_of(request, emulation), "latency", "milliseconds", {"milliseconds": milliseconds})
        return JSONResponse({"milliseconds": milliseconds})

    return [Route("/clock", tell, methods=["GET", "PUT"]), Route("/latency", latency, methods=["PUT"])]


def fault_routes(emulation: Emulation, armed: Faults, log: Log) -> list[Route]:
    """Return the routes that arm faults and list the recorded requests."""

    async def requests(request: Request) -> Response:
        number = int(request.query_params.get("after", "0"))
        tenant, operation = tenant_of(request, emulation), request.query_params.get("until")
        if operation is not None:
            return JSONResponse(await log.until(tenant, number, operation))
        return JSONResponse(log.after(tenant, number))

    async def last_request(request: Request) -> Response:
        return JSONResponse({"n": log.last(tenant_of(request, emulation))})

    async def faults(request: Request) -> Response:
        tenant = tenant_of(request, emulation)
        match request.method:
            case "POST":
                return JSONResponse(asdict(armed.arm(tenant, await read_body(request))), 201)
            case "DELETE":
                armed.disarm(tenant)
        return JSONResponse(armed.list_faults(tenant))

    return [
        Route("/requests", requests),
        Route("/requests/last", last_request),
        Route("/faults", faults, methods=["GET", "POST", "DELETE"]),
    ]
