"""What Intune answers to a request it refuses: a sentence inside JSON inside the message."""

import json

from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.models import wire_name
from connectors.emulator.microsoft365.graph.routes import segments
from connectors.emulator.service import Call

ZERO = "00000000-0000-0000-0000-000000000000"
_OPERATION = f"Operation ID (for customer support): {ZERO}"


def refused(status: int, code: str, text: str) -> GraphError:
    """Word a refusal as Intune does (github.com/microsoftgraph/microsoft-graph-docs/issues/7746)."""
    return GraphError(status, code, json.dumps({"_version": 3, "Message": f"{text} - {_OPERATION}"}))


def bad(text: str) -> GraphError:
    return refused(400, "BadRequest", text)


def not_found() -> GraphError:
    return refused(404, "ResourceNotFound", "An error has occurred")


def forbidden(permissions: frozenset[str]) -> GraphError:
    """Refuse an application, and name what it would need."""
    scopes = ", ".join(sorted(permissions))
    return refused(
        403,
        "Forbidden",
        f"Application is not authorized to perform this operation. Application must have one of the following "
        f"scopes: {scopes}",
    )


def no_route(call: Call) -> GraphError:
    """Refuse a navigation that the documentation has and the service has not (microsoft-graph-docs/issues/4104)."""
    _, singleton, collection, key, navigation = segments(call.path)
    return GraphError(
        400,
        "No method match route template",
        f"No OData route exists that match template ~/singleton/navigation/key/navigation with http verb "
        f"{call.method} for request /StatelessDeviceConfigurationFEService/{singleton}/{collection}('{key}')/"
        f"{wire_name(navigation)}.",
    )
