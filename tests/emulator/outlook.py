"""Short calls of Graph for Outlook: addresses, times and settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from requests import Response

from tests.emulated import Tenant

NOVEMBER = ("2026-11-09T00:00:00", "2026-11-23T00:00:00")


def at(instant: str, zone: str = "UTC") -> dict[str, str]:
    """Return a dateTimeTimeZone."""
    return {"dateTime": instant, "timeZone": zone}


@dataclass(frozen=True)
class Outlook:
    """Mailboxes in one tenant."""

    tenant: Tenant

    def address(self, name: str) -> str:
        return f"{name}@{self.tenant.domain}"

    def key(self, name: str) -> str:
        """Return a person's id."""
        users = self.tenant.objects("users").values()
        return next(str(user["id"]) for user in users if user["userPrincipalName"] == self.address(name))

    def ask(self, name: str, path: str, *, method: str = "GET", application: str = "reader", body: object = None,
            **headers: str) -> Response:  # fmt: skip
        """Send a request about a person's mailbox."""
        place = f"/v1.0/users/{self.address(name)}/{path}"
        return self.tenant.graph(place, method=method, application=application, body=body, **headers)

    def schedules(self, *names: str, window: tuple[str, str] = NOVEMBER, interval: int = 60, **headers: str) -> Any:
        """Request the free and busy times of people, through the office's mailbox."""
        body = {
            "schedules": [self.address(name) for name in names],
            "startTime": at(window[0], "Europe/London"),
            "endTime": at(window[1], "Europe/London"),
            "availabilityViewInterval": interval,
        }
        return self.ask("office", "calendar/getSchedule", method="POST", body=body, **headers)

    def schedule(self, name: str, **wanted: Any) -> dict[str, Any]:
        (schedule,) = self.schedules(name, **wanted).json()["value"]
        return cast("dict[str, Any]", schedule)

    def view(self, name: str, options: str = "", window: tuple[str, str] = NOVEMBER, **headers: str) -> Response:
        """Request the entries of a person's calendar."""
        path = f"calendarView?startDateTime={quote(window[0])}&endDateTime={quote(window[1])}{options}"
        return self.ask(name, path, **headers)

    def replies(self, name: str, **headers: str) -> dict[str, Any]:
        answer = self.ask(name, "mailboxSettings/automaticRepliesSetting", **headers)
        assert answer.ok, answer.text
        return cast("dict[str, Any]", answer.json())

    def change(self, name: str, replies: Mapping[str, object], application: str = "writer") -> Response:
        """Change a person's automatic replies."""
        body = {"automaticRepliesSetting": replies}
        return self.ask(name, "mailboxSettings", method="PATCH", application=application, body=body)


def refused(answer: Response) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    return answer.status_code, str(answer.json()["error"]["code"])
