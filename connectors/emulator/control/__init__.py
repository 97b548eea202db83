"""The control plane: everything a test or a person may do to the emulator that no vendor's service offers."""

from importlib.metadata import version

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from connectors.emulator import clock
from connectors.emulator.control.guard import Guard
from connectors.emulator.control.objects import application_routes, object_routes
from connectors.emulator.control.reading import read_body
from connectors.emulator.control.tenants import clock_routes, fault_routes, opening_routes
from connectors.emulator.emulation import Emulation

CONTROL = "/_emulator"


def control_plane(emulation: Emulation, token: str) -> ASGIApp:
    """Make the application that answers requests below /_emulator that carry the token."""
    inside = [
        *clock_routes(emulation),
        *fault_routes(emulation),
        *application_routes(emulation),
        *object_routes(emulation),
    ]
    below = [*_server_routes(emulation), *opening_routes(emulation), Mount("/tenants/{tenant}", routes=inside)]
    plane = Starlette(
        routes=[Mount(CONTROL, routes=below)],
        exception_handlers={HTTPException: _refuse, ValueError: _refuse},
    )
    return Guard(plane, token)


def _server_routes(emulation: Emulation) -> list[Route]:
    async def show(request: Request) -> Response:
        del request
        installed, now = version("school-policy-toolkit"), clock.text(clock.START)
        told = {"version": installed, "now": now, "tenants": emulation.tenants()}
        return JSONResponse(told)

    async def reset(request: Request) -> Response:
        return JSONResponse(emulation.reset(str((await read_body(request)).get("seed") or "")))

    async def register(request: Request) -> Response:
        pid = emulation.faults.processes.register((await read_body(request)).get("pid"))
        return JSONResponse({"pid": pid}, 201)

    async def unnamed(request: Request) -> Response:
        return JSONResponse(emulation.log.after("", int(request.query_params.get("after", "0"))))

    return [
        Route("/", show),
        Route("/requests", unnamed),
        Route("/reset", reset, methods=["POST"]),
        Route("/clients", register, methods=["POST"]),
    ]


async def _refuse(request: Request, problem: Exception) -> Response:
    del request
    if isinstance(problem, HTTPException):
        return JSONResponse({"error": problem.detail}, problem.status_code)
    return JSONResponse({"error": str(problem)}, 400)
