"""When people last signed in: shown to whoever asks for it by name, may see it, and has the licence for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.query import Query
from connectors.emulator.service import Principal
from connectors.emulator.store import Store
from connectors.emulator.wire import Body

PROPERTY = "signInActivity"
PERMISSION = "AuditLog.Read.All"
_PLAN = "AADPremiumService"
_LARGEST_PAGE = 120


def allowed(query: Query, store: Store, principal: Principal, *, single: bool) -> Query:
    """Cut the page of whoever asks for it to what Graph gives then; raises GraphError for whoever may not."""
    if PROPERTY not in query.selected:
        return query
    if PERMISSION not in principal.roles:
        raise forbidden()
    refuse_unlicensed(store, principal.tenant_id)
    asked = query.options.get("$top", "")
    if single or (asked.isdigit() and int(asked) <= _LARGEST_PAGE):
        return query
    return replace(query, options={**query.options, "$top": str(_LARGEST_PAGE)})


def forbidden() -> GraphError:
    """Refuse as these reports do whoever may not see them."""
    return GraphError(
        403,
        "Authentication_MSGraphPermissionMissing",
        f"The principal does not have required Microsoft Graph permission(s): {PERMISSION} to call this API. For "
        "more information about Microsoft Graph permissions, please visit "
        "https://learn.microsoft.com/graph/permissions-overview.",
    )


def refuse_unlicensed(store: Store, tenant_id: str) -> None:
    """Raise GraphError as these reports do where the school has no licence for them."""
    if not any(_premium(one) for one in store.all(tenant_id, "organization")):
        raise GraphError(
            403,
            "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
            "Neither tenant is B2C or tenant doesn't have premium license",
        )


def _premium(organization: Body) -> bool:
    plans = organization.get("assignedPlans")
    return any(
        plan.get("service") == _PLAN and plan.get("capabilityStatus") == "Enabled"
        for plan in (plans if isinstance(plans, Sequence) else ())
        if isinstance(plan, Mapping)
    )
