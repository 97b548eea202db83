"""Reports on the use of mail, person by person: a file to fetch, and two days late."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from hashlib import md5
from io import StringIO

from connectors.emulator import clock
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.outlook.mailbox import has_mailbox
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body

USE, REPORT_SETTINGS = "outlook.mailUse", "outlook.reportSettings"
_PERMISSIONS = frozenset({"Reports.Read.All"})
_LAG, _KEPT = timedelta(days=2), 28  # days
_PERIODS = ("D7", "D30", "D90", "D180")
_COLUMNS = (
    "Report Refresh Date", "User Principal Name", "Display Name", "Is Deleted", "Deleted Date", "Last Activity Date",
    "Send Count", "Receive Count", "Read Count", "Meeting Created Count", "Meeting Interacted Count",
    "Assigned Products", "Report Period",
)  # fmt: skip
_FILE = "/reports/emailActivityUserDetail"


def actions() -> Sequence[Action]:
    """List the report, the file it leads to, and whether names are concealed in it."""
    settings = frozenset({"ReportSettings.Read.All", "ReportSettings.ReadWrite.All"})
    return (
        Action(
            "GET", "/reports/getEmailActivityUserDetail/{range}", _PERMISSIONS, _lead,
            notes="period='D7' or date=2026-11-08; leads to the file", forbid=errors.no_reports,
        ),
        Action(
            "GET", _FILE + "/{range}", _PERMISSIONS, _file,
            notes="stands for the file's own host, so it wants the token again; counts are 0",
            forbid=errors.no_reports,
        ),
        Action("GET", "/admin/reportSettings", settings, _settings, notes="read only"),
    )  # fmt: skip


def _lead(asking: ActionRequest) -> Answer:
    _, period = _read_range(asking)
    place = f"{asking.call.base}/{asking.version}{_FILE}/{period}"
    return Answer(status=302, headers={"Location": place})


def _read_range(asking: ActionRequest) -> tuple[date, str]:
    """Read which day the report ends on, and what names it; raises GraphError."""
    last = (clock.now(asking.store, asking.tenant_id) - _LAG).date()
    name, _, value = asking.keys[0].partition("=")
    value = (value or name).strip("'")
    if value in _PERIODS:
        return last, value
    try:
        day = date.fromisoformat(value)
    except ValueError as bad:
        raise errors.bad_request(f"Invalid value '{value}': the period is one of {', '.join(_PERIODS)}.") from bad
    if not last - timedelta(days=_KEPT) <= day <= last:
        raise errors.bad_request(f"The report is available for the {_KEPT} days before {last}.")
    return day, value


def _file(asking: ActionRequest) -> Answer:
    day, period = _read_range(asking)
    written = StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(_COLUMNS)
    rows.writerows(_rows(asking, day, period))
    return Answer(body=b"\xef\xbb\xbf" + written.getvalue().encode(), headers={"Content-Type": "text/csv"})


def _rows(asking: ActionRequest, day: date, period: str) -> Iterator[Sequence[str]]:
    concealed = _report_settings(asking)["displayConcealedNames"]
    use = asking.store.keyed(asking.tenant_id, USE)
    for person in asking.store.all(asking.tenant_id, "users"):
        if has_mailbox(person):
            names = [str(person["userPrincipalName"]), str(person["displayName"])]
            shown = [_concealed(name) for name in names] if concealed else names
            last = _last_use(use.get(str(person["id"])), day)
            yield [
                day.isoformat(), *shown, "False", "", last, "0", "0", "0", "0", "0", "", period.removeprefix("D"),
            ]  # fmt: skip


def _last_use(use: Body | None, day: date) -> str:
    if use is None:
        return ""
    return min(datetime.fromisoformat(str(use["lastActivityDateTime"])).date(), day).isoformat()


def _concealed(name: str) -> str:
    return md5(name.encode(), usedforsecurity=False).hexdigest().upper()


def _settings(asking: ActionRequest) -> Answer:
    return Answer(body={**asking.context("admin/reportSettings", single=True), **_report_settings(asking)})


def _report_settings(asking: ActionRequest) -> Body:
    kept = asking.store.get(asking.tenant_id, REPORT_SETTINGS, "settings") or {}
    return {"displayConcealedNames": True, **kept}
