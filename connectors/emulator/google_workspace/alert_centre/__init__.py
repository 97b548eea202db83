"""The alert centre: the alerts of Google's own rules, and who is notified.

A test may read and change these collections at the control plane:

- `google.alerts`, by id: alerts as Google shows them, without the customer.
- `google.alertFeedback`, by alert id / feedback id: people's feedback on alerts.
- `google.alertSettings`, a single object: who is notified.

Follows https://developers.google.com/workspace/admin/alertcenter/reference/rest/v1beta1/alerts
"""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.administration import etag
from connectors.emulator.google_workspace.api.request import (
    Handler,
    MethodCall,
    page_of,
    read_page,
    refuse_unsupported_parameters,
)
from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.values import customer_id, mapping, text
from connectors.emulator.store import Body, Json

ALERTS, FEEDBACK, SETTINGS = "google.alerts", "google.alertFeedback", "google.alertSettings"
_LARGEST_PAGE = 100


def _check_caller(call: MethodCall) -> None:
    """Refuse a caller who is not an administrator, or who names another customer."""
    caller = mapping(call.caller)
    if not caller.get("isAdmin") or caller.get("suspended"):
        raise errors.forbidden("The caller does not have permission")
    named = call.text("customerId")
    if named and named.removeprefix("C") != _customer(call):
        raise errors.forbidden("The caller does not have permission")


def _customer(call: MethodCall) -> str:
    """Return the customer id as the alert centre writes it, without the C at the beginning."""
    return customer_id(call.tenant_id).removeprefix("C")


def _show_alert(call: MethodCall, alert: Body) -> Body:
    customer: dict[str, Json] = {"customerId": _customer(call)}
    metadata = {**mapping(alert.get("metadata")), **customer, "alertId": alert["alertId"]}
    body: dict[str, Json] = {**customer, **alert, "metadata": {**metadata, "etag": etag(metadata)}}
    return {**body, "etag": etag(body)}


def _list_alerts(call: MethodCall) -> Body:
    _check_caller(call)
    refuse_unsupported_parameters(call, "filter", "orderBy")
    alerts = [alert for alert in call.collection(ALERTS).all() if not alert.get("deleted")]
    alerts.sort(key=lambda alert: text(alert.get("createTime")), reverse=True)
    page = read_page(call.parameters, min(call.number("pageSize", _LARGEST_PAGE), _LARGEST_PAGE))
    shown: list[Json] = [_show_alert(call, alert) for alert in page_of(alerts, page)]
    return {**({"alerts": shown} if shown else {}), **page.next_token(len(alerts))}


def _find_alert(call: MethodCall) -> Body:
    _check_caller(call)
    alert = call.collection(ALERTS).get(call.text("alertId"))
    if alert is None:
        raise errors.not_found()
    return _show_alert(call, alert)


def _list_feedback(call: MethodCall) -> Body:
    refuse_unsupported_parameters(call, "filter")
    key = call.text("alertId")
    if key == "-":  # every alert
        _check_caller(call)
        feedback = call.collection(FEEDBACK).all()
    else:
        feedback = list(call.collection(FEEDBACK).with_prefix(text(_find_alert(call)["alertId"])).values())
    shown: list[Json] = [{"customerId": _customer(call), **entry} for entry in feedback]
    return {"feedback": shown} if shown else {}


def _get_settings(call: MethodCall) -> Body:
    _check_caller(call)
    return next(iter(call.collection(SETTINGS).all()), {})


HANDLERS: Mapping[str, Handler] = {
    "alertcenter.alerts.list": _list_alerts,
    "alertcenter.alerts.get": _find_alert,
    "alertcenter.alerts.getMetadata": lambda call: mapping(_find_alert(call)["metadata"]),
    "alertcenter.alerts.feedback.list": _list_feedback,
    "alertcenter.getSettings": _get_settings,
}
SERVICE = google_api("google alert centre", HANDLERS)
