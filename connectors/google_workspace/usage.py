"""Reads when people last used their mail, from Google's reports, which are some days late.

Follows https://developers.google.com/workspace/admin/reports/reference/rest/v1/userUsageReport/get
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from connectors.google_workspace.api.answers import to_rows
from connectors.google_workspace.api.calls import Api, Call
from toolkit.errors import BadAnswer, Rejected
from toolkit.records import dataclass
from toolkit.sdk import day
from toolkit.values import Body

_MAIL = "gmail:timestamp_last_access"
_FIELDS = "nextPageToken,warnings(code,data),usageReports(entity(profileId),parameters(name,datetimeValue))"
_LATE = timedelta(days=2)  # reports have not been seen sooner
_TRIES = 6  # how many days further back
_NOT_IN_YET = re.compile(r"later than (\d{4}-\d{2}-\d{2}) is not yet available")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Usage:
    """Google's reports about the use of accounts."""

    reports: Api

    def last_mail(self, now: datetime) -> "LastMail":
        """Return when each person last opened their mail. Raise BadAnswer if no recent report is complete."""
        last = now.astimezone(UTC).date() - _LATE
        for _ in range(_TRIES):
            try:
                answer = self.reports.read(_make_report_call(last, maxResults=1))
            except Rejected as refused:
                last = _find_last_reported_day(refused, before=last)
                continue
            if _is_complete(answer):
                return LastMail(last, dict(self._read_last_use(last)))
            last -= timedelta(days=1)
        since = day(last + timedelta(days=1))
        raise BadAnswer(f"Google has no complete report of mail use since {since}")

    def _read_last_use(self, day: date) -> Iterator[tuple[str, datetime | None]]:
        for row in self.reports.pages(_make_report_call(day, maxResults=1000), "usageReports"):
            entity = row.get("entity")
            times = [
                parameter.get("datetimeValue")
                for parameter in to_rows(_make_report_call(day), row, "parameters")
                if _is_last_mail_use(parameter)
            ]
            if isinstance(entity, Mapping) and times:
                instant = _parse_instant(times[0])
                yield str(entity.get("profileId")), None if instant == _NEVER else instant


@dataclass(frozen=True, slots=True)
class LastMail:
    """The times at which people last opened their mail, up to a date. It is unknown for people who are not listed."""

    as_of: date  # the last date of the report
    last_opened: Mapping[str, datetime | None]  # by the person's id; None means never


def _make_report_call(day: date, **more: int) -> Call:
    parameters: Body = {"userKey": "all", "date": day.isoformat(), "parameters": _MAIL, "fields": _FIELDS, **more}
    return Call("reports.userUsageReport.get", parameters)


def _is_complete(answer: Body) -> bool:
    """Return whether a report exists and does not warn that data about mail is missing."""
    warnings = to_rows(_make_report_call(date.min), answer, "warnings")
    return bool(answer.get("usageReports")) and not any("gmail" in _find_application(warning) for warning in warnings)


def _find_application(warning: Body) -> str:
    """Return the name of the application in a warning, or "gmail" if the warning names none."""
    applications = [
        str(entry.get("value"))
        for entry in to_rows(_make_report_call(date.min), warning, "data")
        if entry.get("key") == "application"
    ]
    return " ".join(applications) or "gmail"


def _find_last_reported_day(refused: Rejected, *, before: date) -> date:
    """Return the last date with a report, which Google's refusal of a later date names."""
    match = _NOT_IN_YET.search(str(refused))
    last = date.fromisoformat(match[1]) if match else before
    if last >= before:
        raise refused
    return last


def _is_last_mail_use(parameter: Body) -> bool:
    return parameter.get("name") == _MAIL and bool(parameter.get("datetimeValue"))


def _parse_instant(value: object) -> datetime:
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except ValueError as invalid_time:
        raise BadAnswer(f"a Google report has {value!r} instead of a time") from invalid_time
