"""Reading what a request to the control plane says."""

import json

from starlette.exceptions import HTTPException
from starlette.requests import Request

from connectors.emulator.emulation import Emulation
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
