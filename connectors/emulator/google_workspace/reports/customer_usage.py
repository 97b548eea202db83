"""The usage report on the whole customer: the number of accounts, and how many are suspended or enrolled."""

from collections.abc import Callable, Mapping

from connectors.emulator.google_workspace.api.administration import check_customer, etag
from connectors.emulator.google_workspace.api.request import MethodCall
from connectors.emulator.google_workspace.people import USERS
from connectors.emulator.google_workspace.reports.usage_days import last_day, late_warning, requested_day
from connectors.emulator.google_workspace.values import customer_id
from connectors.emulator.store import Body, Json

_ACCOUNT_COUNTS: Mapping[str, Callable[[Body], bool]] = {
    "accounts:num_users": lambda _: True,
    "accounts:num_suspended_users": lambda user: user.get("suspended") is True,
    "accounts:num_users_2sv_enrolled": lambda user: user.get("isEnrolledIn2Sv") is True,
    "accounts:num_users_2sv_enforced": lambda user: user.get("isEnforcedIn2Sv") is True,
    "accounts:num_users_2sv_not_enrolled": lambda user: user.get("isEnrolledIn2Sv") is not True,
}


def get_customer_report(call: MethodCall) -> Body:
    """Return the report on the whole customer: counts of accounts. A parameter that is not counted is left out."""
    if call.text("customerId"):
        check_customer(call, "customerId")
    day = requested_day(call)
    named = [parameter for parameter in call.text("parameters").split(",") if parameter] or list(_ACCOUNT_COUNTS)
    late = day > last_day(call, "accounts")
    users = call.collection(USERS).all()
    counts: list[Json] = [
        {"name": name, "intValue": str(sum(map(_ACCOUNT_COUNTS[name], users)))}
        for name in named
        if name in _ACCOUNT_COUNTS and not late
    ]
    entity: Body = {"type": "CUSTOMER", "customerId": customer_id(call.tenant_id)}
    body: dict[str, Json] = {"date": day.isoformat(), "entity": entity, "parameters": counts}
    reports: dict[str, Json] = {
        "usageReports": [] if late else [{"kind": "admin#reports#usageReport", **body, "etag": etag(body)}]
    }
    warnings: dict[str, Json] = {"warnings": [late_warning(day, "accounts")]} if late else {}
    return {"kind": "admin#reports#usageReports", "etag": etag(reports), **warnings, **reports}
