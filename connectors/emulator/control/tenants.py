"""Opening and closing tenants, and what concerns one tenant as a whole: clock, latency, faults, requests."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.emulator import clock
from connectors.emulator.control.objects import read_body, tenant_of
from connectors.emulator.emulation import Emulation
from connectors.emulator.tenants import keep_snapshot


def opening_routes(emulation: Emulation) -> list[Route]:
    """Make the routes that open, describe and close a tenant, and put it back to a snapshot."""

    async def open_one(request: Request) -> Response:
        wanted = await read_body(request)
        users, staff, names = (wanted.get(name) for name in ("users", "staff", "school"))
        opened = emulation.open(
            users=users if isinstance(users, int) else None,
            staff=staff if isinstance(staff, int) else None,
            names={key: str(value) for key, value in names.items()} if isinstance(names, Mapping) else None,
            seed=str(wanted.get("seed") or ""),
        )
        return JSONResponse(opened, 201)

    async def one(request: Request) -> Response:
        tenant = tenant_of(request, emulation)
        if request.method == "DELETE":
            emulation.close(tenant)
            return Response(status_code=204)
        return JSONResponse(emulation.describe(tenant))

    async def snapshot(request: Request) -> Response:
        keep_snapshot(emulation.store, tenant_of(request, emulation))
        return Response(status_code=204)

    async def restore(request: Request) -> Response:
        tenant = tenant_of(request, emulation)
        if not emulation.restore(tenant):
            raise HTTPException(409, f"tenant {tenant} has no snapshot")
        return Response(status_code=204)

    return [
        Route("/tenants", open_one, methods=["POST"]),
        Route("/tenants/{tenant}", one, methods=["GET", "DELETE"]),
        Route("/tenants/{tenant}/snapshot", snapshot, methods=["PUT"]),
        Route("/tenants/{tenant}/restore", restore, methods=["POST"]),
    ]


def clock_routes(emulation: Emulation) -> list[Route]:
    """Make the routes of a tenant's own time and of how long its answers take."""
    store = emulation.store

    async def tell(request: Request) -> Response:
        tenant = tenant_of(request, emulation)
        if request.method == "PUT":
            clock.set_now(store, tenant, datetime.fromisoformat(str((await read_body(request)).get("now"))))
        return JSONResponse({"now": clock.text(clock.now(store, tenant))})

    async def latency(request: Request) -> Response:
        milliseconds = (await read_body(request)).get("milliseconds")
        if not isinstance(milliseconds, int | float):
            raise HTTPException(400, "milliseconds must be a number")
        store.put(tenant_of(request, emulation), "latency", "milliseconds", {"milliseconds": milliseconds})
        return JSONResponse({"milliseconds": milliseconds})

    return [Route("/clock", tell, methods=["GET", "PUT"]), Route("/latency", latency, methods=["PUT"])]


def fault_routes(emulation: Emulation) -> list[Route]:
    """Make the routes that arm faults and show what was asked."""

    async def requests(request: Request) -> Response:
        number = int(request.query_params.get("after", "0"))
        tenant, operation = tenant_of(request, emulation), request.query_params.get("until")
        if operation is not None:
            return JSONResponse(await emulation.log.until(tenant, number, operation))
        return JSONResponse(emulation.log.after(tenant, number))

    async def last_request(request: Request) -> Response:
        return JSONResponse({"n": emulation.log.last(tenant_of(request, emulation))})

    async def faults(request: Request) -> Response:
        tenant = tenant_of(request, emulation)
        match request.method:
            case "POST":
                return JSONResponse(asdict(emulation.faults.arm(tenant, await read_body(request))), 201)
            case "DELETE":
                emulation.faults.disarm(tenant)
        return JSONResponse(emulation.faults.listed(tenant))

    return [
        Route("/requests", requests),
        Route("/requests/last", last_request),
        Route("/faults", faults, methods=["GET", "POST", "DELETE"]),
    ]
