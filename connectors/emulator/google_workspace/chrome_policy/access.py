"""Who may use the Chrome Policy API, and what its lists have in common."""

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import MethodCall
from connectors.emulator.google_workspace.identifiers import customer_id
from connectors.emulator.google_workspace.values import mapping
from connectors.emulator.wire import Json

_DEFAULT_PAGE, _LONGEST_PAGE = 100, 1000


def check_caller(asked: MethodCall, customer: str) -> None:
    """Refuse whoever is no administrator of the customer that a call names."""
    caller = mapping(asked.caller)
    own = ("customers/my_customer", f"customers/{customer_id(asked.tenant_id)}")
    if not caller.get("isAdmin") or caller.get("suspended") or customer not in own:
        raise errors.forbidden("The caller does not have permission")


def page_size(wanted: Json) -> int:
    """Read how long a page may be; a longer one than Google gives is cut to that."""
    if not isinstance(wanted, int) or wanted == 0:
        return _DEFAULT_PAGE
    if wanted < 0:
        raise errors.invalid_argument()
    return min(wanted, _LONGEST_PAGE)
