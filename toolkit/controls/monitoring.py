"""The control for monitoring alerts that go to the Designated Safeguarding Lead."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from toolkit.controls.alert_record import COLUMNS, TEST, Alert, read_alerts
from toolkit.controls.control import Control, CsvFile, TenantWideSettings
from toolkit.controls.outgoing_mail import Address
from toolkit.sdk import (
    NOTHING_TO_COUNT,
    CheckOccasion,
    Finding,
    Measurement,
    Part,
    Reason,
    ReasonCode,
    Status,
    Things,
    checked,
    day,
    declare,
    manual,
    same_words,
)

MAILBOX, READERS = "address for monitoring alerts", "people who read monitoring alerts"
DELIVERED = "alerts delivered"
LAST_ALERT, TESTS = "last monitoring alert", "test alerts on record"
_FEWEST = 2  # minimum number of people who read alerts


def _check_alerts(text: str) -> str:
    if "\n" in text:  # a text without a new line is still the path
        read_alerts(text)
    return text


class MonitoringAlerts(TenantWideSettings):
    """Whether alerts of the monitoring system reach the Designated Safeguarding Lead, in the holidays too.

    A day without an alert is normal and never a failure. A failed or missing test is a failure. Tell the Designated
    Safeguarding Lead before you test. toolkit does not read messages.
    """

    alert_address: Address = Field(
        description="The mailbox or group that receives the monitoring system's alerts.",
        examples=["safeguarding@example-primary.example"],
    )
    mail_on: Literal["microsoft365", "google_workspace"] = Field(
        description="The cloud with the mailbox or group.", examples=["microsoft365"]
    )
    readers: str = Field(
        description="The role of the people who read the alerts. It needs at least two people.",
        examples=["safeguarding"],
    )
    holiday_cover: Annotated[list[Address], Field(min_length=1)] = Field(
        description="The accounts of people who read the alerts in the holidays.",
        examples=[["deputy@example-primary.example"]],
    )
    alerts_file: Annotated[CsvFile, AfterValidator(_check_alerts)] | None = declare(
        f"A record of alerts without names, a CSV file with the columns {', '.join(COLUMNS)}. Tests have the "
        f"category `{TEST}`.",
        "text/monitoring-alerts.csv",
    )
    alert_sender: Address | None = declare(
        "The address from which the monitoring system sends. Its messages are counted (Microsoft 365).",
        "alerts@monitor.example",
    )
    test_every_days: Annotated[int, Field(ge=1, le=366)] = declare(
        "Days after which a test alert must be raised again.", default=120
    )

    @property
    def counted_roles(self) -> Mapping[str, str]:
        """Return the role of the people who read the alerts, by the name of the setting."""
        return {"readers": self.readers}


def monitoring_parts() -> Iterator[Part]:
    """Yield the parts of the control that are the same on every cloud."""
    reads = "`toolkit check` only reads settings, and reads no messages"
    yield checked(
        MAILBOX,
        "the address exists and accepts mail from outside the school",
        reads,
        "only a test alert shows whether a filter quarantines alerts",
    )
    yield checked(
        READERS,
        "at least two readers and the holiday cover have enabled accounts",
        reads,
        "this does not show whether each reader can open the mailbox",
    )


TRACED_DAYS = 10
_COUNTED = ReasonCode(
    "alerts_traced",
    admin="{count} messages from {sender} were delivered in the last {days} days{last}. No messages is normal if "
    "nothing happened",
    governor="{count} alerts were delivered in the last {days} days. No alerts is normal if nothing happened",
)


def alert_delivery_part() -> Part:
    """Return the part that counts alerts delivered to the address, without reading the messages."""
    reads = "`toolkit check` counts by message trace, without subjects and without a judgement"
    limit = f"a message trace shows the last {TRACED_DAYS} days"
    return checked(DELIVERED, "messages of the monitoring system to the address", reads, limit, needed=False)


class DeliveredAlerts(Measurement):
    """The number of delivered alerts and the date of the last one."""

    delivered: int
    last: date | None


class AlertReaders(Measurement):
    """Counts of people who read alerts and of holiday cover, in total and with an enabled account."""

    readers: int
    cover: int


class RecordedAlerts(Measurement):
    """Counts of alerts in the school's record, in total and unacknowledged."""

    alerts: int
    open: int
    oldest_open: date | None
    silent_days: int | None


def alert_delivery_finding(settings: MonitoringAlerts, received: Sequence[datetime]) -> Finding:
    """Return the finding that counts delivered alerts. The finding neither passes nor fails."""
    last = max(received, default=None)
    last_text = f", the last on {day(last)}" if last else ""
    reason = _COUNTED(
        count=Things(len(received)), sender=settings.alert_sender or "", days=str(TRACED_DAYS), last=last_text
    )
    measurement = DeliveredAlerts(delivered=len(received), last=last.date() if last else None)
    return Finding(DELIVERED, Status.PASS, reason, measurement=measurement)


_ELSEWHERE = same_words("alerts_elsewhere", "the address for alerts is on the school's other cloud")
_NOT_THERE = ReasonCode(
    "alert_address_missing",
    admin="{address} is not a mailbox or group here, so monitoring alerts are lost",
    governor="the address for monitoring alerts does not exist, so the alerts are lost",
)
_CLOSED = ReasonCode(
    "alert_address_closed",
    admin="{address} does not accept all mail from outside, so alerts can be lost: {how}",
    governor="the address for monitoring alerts does not accept all mail from outside the school, so alerts "
    "can be lost",
)
_OPEN = ReasonCode(
    "alert_address_open",
    admin="{address} accepts mail from outside the school",
    governor="the address for monitoring alerts accepts mail from outside the school",
)
_READ_BY = ReasonCode(
    "alert_readers",
    admin="alert readers with an enabled account: {fine} (at least 2 needed), holiday cover with an enabled account: "
    "{cover} of {all}",
    governor="at least two people read monitoring alerts, and the holiday cover has an account",
    lacking="fewer than two people read monitoring alerts, or the holiday cover has no account",
)
_NOT_KNOWN = same_words("alert_readers_unknown", "it is not known who reads monitoring alerts")


def other_cloud_finding(subject: str) -> Finding:
    """Return the finding that the address for alerts is on the school's other cloud."""
    return Finding(subject, Status.PASS, _ELSEWHERE(), measurement=NOTHING_TO_COUNT)


def missing_address_finding(settings: MonitoringAlerts) -> Finding:
    """Return the finding that the address for alerts does not exist."""
    return Finding(MAILBOX, Status.FAIL, _NOT_THERE(address=settings.alert_address))


def alert_address_finding(settings: MonitoringAlerts, how_closed: str) -> Finding:
    """Return the finding about whether the address for alerts accepts mail from outside.

    `how_closed` is "" if it does.
    """
    if how_closed:
        return Finding(MAILBOX, Status.FAIL, _CLOSED(address=settings.alert_address, how=how_closed))
    return Finding(MAILBOX, Status.PASS, _OPEN(address=settings.alert_address))


def alert_readers_finding(settings: MonitoringAlerts, context: CheckOccasion) -> Finding:
    """Return the finding that counts alert readers and holiday cover with an enabled account and a mailbox."""
    readers, everyone = context.counted_people.get("readers"), context.scope.audience.people
    if readers is None:
        return Finding(READERS, Status.UNKNOWN, _NOT_KNOWN())
    live = {person.address.casefold() for person in everyone if person.enabled and person.mailbox}
    fine = {person.address.casefold() for person in readers} & live
    cover = {address.casefold() for address in settings.holiday_cover}
    amiss = len(fine) < _FEWEST or not cover <= live
    measurement = AlertReaders(readers=len(fine), cover=len(cover & live))
    reason = _READ_BY(fine=str(len(fine)), cover=str(len(cover & live)), all=str(len(cover)))
    return Finding(READERS, Status.FAIL if amiss else Status.PASS, reason, measurement=measurement)


_ACKNOWLEDGED = same_words("test_alert_acknowledged", "the test alert of {day} was acknowledged")
_UNHEARD = same_words("test_alert_failed", "no one has acknowledged the test alert of {day}")
_UNTESTED = same_words("test_alert_missing", "no test alert in the last {days} days")
_SEEN = ReasonCode(
    "alerts_on_record",
    admin="; alerts on record: {alerts}; not acknowledged: {open}{oldest}; days since the latest: {silent}",
    governor="",
)
_TO_COME = ReasonCode("alerts_to_come", admin="; not counted because the date is in the future: {count}", governor="")


def test_alert_findings(settings: MonitoringAlerts, today: date) -> Iterator[Finding]:
    """Yield the finding about the latest test alert in the school's record.

    Other alerts, and days without alerts, are only counted.
    """
    if settings.alerts_file is None or "\n" not in settings.alerts_file:
        return
    written = sorted(read_alerts(settings.alerts_file), key=lambda alert: alert.on)
    alerts = [alert for alert in written if alert.on <= today]
    tests = [alert for alert in alerts if alert.test]
    waiting = [alert.on for alert in alerts if alert.is_open(today)]
    silent = (today - alerts[-1].on).days if alerts else 0
    measurement = RecordedAlerts(
        alerts=len(alerts),
        open=len(waiting),
        oldest_open=waiting[0] if waiting else None,
        silent_days=silent if alerts else None,
    )
    counts_text = _SEEN(
        alerts=str(len(alerts)),
        open=str(len(waiting)),
        oldest=f", the oldest from {waiting[0]}" if waiting else "",
        silent=str(silent) if alerts else "none on record",
    )
    status, reason = _test_result(tests[-1] if tests else None, settings, today)
    later = len(written) - len(alerts)
    counts_text = counts_text.then(_TO_COME(count=str(later)) if later else None)
    yield Finding(TESTS, status, reason.then(counts_text), measurement=measurement, has_failed=status is Status.FAIL)


def _test_result(test: Alert | None, settings: MonitoringAlerts, today: date) -> tuple[Status, Reason]:
    if test is None or (today - test.on).days > settings.test_every_days:
        return Status.FAIL, _UNTESTED(days=str(settings.test_every_days))
    written = day(test.on)
    if not test.is_open(today):
        return Status.PASS, _ACKNOWLEDGED(day=written)
    return Status.FAIL, _UNHEARD(day=written)


CONTROLS = (
    Control(
        name="web.monitoring_alerts",
        title="Monitoring alerts for the Designated Safeguarding Lead",
        clauses=("MIS-12",),
        settings=MonitoringAlerts,
        reaches_people=False,
        asks=("monitoring_readers",),
        in_records=test_alert_findings,
        by_people=(
            manual(
                LAST_ALERT,
                "the Designated Safeguarding Lead received the monitoring system's latest alert, a test or a real one",
                "tell the Designated Safeguarding Lead, then raise a test alert in the monitoring system. The "
                "Designated Safeguarding Lead records the date of the alert as `on`, and the end of term as `until`, "
                "under `confirmed:` in a file of attestations",
                "a real alert that arrived counts as well",
                "a day without an alert is normal, and only a failed or missing test is a failure",
            ),
            checked(
                TESTS,
                "the latest test alert in the school's record was acknowledged in time",
                "`toolkit check` reads `alerts_file`, if the playbook has it",
                needed=False,
            ),
        ),
    ),
)
