"""Defender for Endpoint indicators. They block or allow connections from managed devices to a host."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from connectors.microsoft365.intune.policy import Marked, is_ours, shown_mark, to_description
from connectors.microsoft365.permissions import INDICATORS
from connectors.microsoft365.via import Microsoft365
from toolkit.catalogue.guard import find_blocked_host
from toolkit.errors import NotFound, RequestFailed, answered
from toolkit.sdk import (
    CONDITION,
    INSTANT,
    PATTERNS,
    TEXT,
    Effect,
    EffectArea,
    Harmless,
    Kind,
    Lifecycle,
    Listed,
    NameRules,
    ObjectEffects,
    Observed,
    Permissions,
    Properties,
    ReadScope,
    Remote,
    Scale,
    Setting,
    UnknownProperty,
    Within,
    Write,
    always,
    becomes,
    declare,
    declare_effects,
    text,
)
from toolkit.values import Body, Json, Settings

_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")
_TYPE = "DomainName"
_SETTLES = 10.0
# Properties that an import can set. A change sends the present values again, since Defender clears missing ones.
_KEPT = (
    "indicatorValue", "indicatorType", "action", "title", "description", "application", "severity",
    "recommendedActions", "expirationTime", "rbacGroupNames", "generateAlert", "educateUrl", "bypassDurationHours",
    "mitreTechniques",
)  # fmt: skip


def _check_moment(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a date and time. Write one such as 2027-07-31T23:59:00+01:00") from error
    if instant.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone. Write it with its offset, such as 2027-07-31T23:59:00+01:00")
    return value


class DefenderIndicator(Marked):
    """An indicator: the action for connections to a host and its subdomains, from devices with Defender."""

    effects = declare_effects(
        {
            "action": Effect("blocked sites no longer open", becomes("Block")),
            "device_groups": CONDITION,
        },
        {Harmless.LABEL: ("title",), Harmless.RECORD: ("severity",), Harmless.RELAXES: ("expires",)},
    )

    properties: ClassVar[Properties] = Properties(
        ignored={
            "id": "The id of the indicator.",
            "indicatorValue": "The name of the indicator.",
            **dict.fromkeys(
                ("source", "sourceType", "createdBy", "createdByDisplayName", "createdBySource", "lastUpdatedBy"),
                "The person or app that created or changed the indicator. The settings are compared instead.",
            ),
            **dict.fromkeys(
                ("creationTimeDateTimeUtc", "lastUpdateTime"),
                "A timestamp. The settings are compared instead.",
            ),
            "category": "A number by which the portal sorts indicators.",
            "rbacGroupIds": "The ids of the device groups. Their names are compared instead.",
        },
        defaults={"indicatorType": _TYPE},
        narrowing=frozenset({"application", "indicatorType"}),
    )

    action: Annotated[Literal["Block", "Warn", "Audit", "Allowed"], Setting(TEXT, wire="action", silence="Block")] = (
        declare(
            "Action for a connection: Block blocks it, Warn warns people and lets them continue, Audit "
            "only records it with an alert, and Allowed allows it even if something else blocks it.",
            "Warn",
            default="Block",
        )
    )
    title: Annotated[str, Field(min_length=1), Setting(TEXT, wire="title")] = declare(
        "Title in the portal and in alerts. The default is the host.", "Chat", default=""
    )
    severity: Annotated[
        Literal["Informational", "Low", "Medium", "High"], Setting(TEXT, wire="severity", silence="Informational")
    ] = declare("Severity of the alerts.", "Low", default="Informational")
    expires: Annotated[
        str | None,
        AfterValidator(_check_moment),
        Within("with the offset from UTC, for example 2027-07-31T23:59:00+01:00"),
        Setting(INSTANT, wire="expirationTime", silence=None),
    ] = declare(
        "Date and time when the indicator expires. Without it the indicator never expires.", "2027-07-31T23:59:00+01:00"
    )
    device_groups: Annotated[Listed | None, Setting(PATTERNS, wire="rbacGroupNames", silence=None)] = declare(
        "Defender device groups that the indicator applies to. Without them it applies to all devices. "
        "Groups of people are not device groups.",
        ["Staff laptops"],
    )

    @classmethod
    def observed(cls, body: Body) -> Settings:
        """Return the settings of an indicator, with the mark from its description."""
        mark = shown_mark(body)
        return {
            name: setting.form.read(mark[name] if name in mark else body.get(setting.wire))
            for name, setting in cls.table().items()
        }

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """Return the properties that toolkit does not compare, except the alert, which every Audit indicator has."""
        audits = body.get("action") == "Audit"
        return [
            unknown_property
            for unknown_property in super().unknown(body)
            if not (audits and unknown_property.path == "generateAlert")
        ]

    @classmethod
    def body(cls, settings: Settings) -> Body:
        """Return settings under the service's names.

        The text and the mark keep their names, because they form the description.
        """
        table, mark = cls.table(), Marked.table()
        return {
            name if name in mark else table[name].wire: table[name].form.write(value)
            for name, value in settings.items()
        }


class Indicators:
    """The indicators for hosts in the tenant. Indicators for files, IP addresses and certificates are not read."""

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote]:
        return selection.select_from(
            _to_remote(row) for row in via.defender.indicators() if row.get("indicatorType") == _TYPE
        )

    def read_by_id(self, via: Microsoft365, identifier: str, name: str) -> Remote:
        """Return the indicator for a host.

        It is found by the host's name, because the service cannot return one indicator by id. Raise NotFound if the
        indicator no longer exists.
        """
        for row in via.defender.indicators(of_value=name):
            if row.get("indicatorType") == _TYPE and text(row.get("indicatorValue")).lower() == name:
                return _to_remote(row)
        raise NotFound(f"GET /api/indicators: the indicator for {name}, with the id {identifier}, does not exist")

    def create(self, via: Microsoft365, name: str, body: Body) -> Remote:
        return self._write(via, Write(name, body, None))

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> Remote:
        return self._write(via, Write(name, body, remote))

    def delete(self, via: Microsoft365, remote: Remote) -> None:
        via.defender.delete_indicator(remote.id)

    def write_many(self, via: Microsoft365, writes: Sequence[Write]) -> Sequence[Remote | RequestFailed]:
        """Create and replace indicators.

        The caller must read them back, because the responses contain only the hosts.
        """
        new = [write for write in writes if write.remote is None]
        existing = [write for write in writes if write.remote is not None]
        responses = [
            *via.defender.create_indicators([_to_complete_indicator(write) for write in new], settles=_SETTLES),
            *via.defender.replace_indicators([_to_complete_indicator(write) for write in existing]),
        ]
        outcomes = {write.name: response for write, response in zip([*new, *existing], responses, strict=True)}
        return [_to_outcome(write, outcomes[write.name]) for write in writes]

    def _write(self, via: Microsoft365, write: Write) -> Remote:
        (response,) = self.write_many(via, [write])
        return answered(response)


def _to_outcome(write: Write, response: Body | RequestFailed) -> Remote | RequestFailed:
    return response if isinstance(response, RequestFailed) else Remote(str(response.get("id")), write.name, {})


def _to_remote(row: Body) -> Remote:
    return Remote(text(row["id"]), text(row["indicatorValue"]).lower(), row)


def _to_complete_indicator(write: Write) -> Body:
    """Return the complete indicator to send. A property that the playbook does not set keeps its present value."""
    before = write.remote.body if write.remote else {}
    kept = {name: before[name] for name in _KEPT if before.get(name) is not None}
    named = {name: value for name, value in write.body.items() if name not in Marked.table()}
    properties: dict[str, Json] = {"title": write.name, **kept, **named, **to_description(before, write.body)}
    only_records = properties["action"] == "Audit"
    alerts = properties.get("generateAlert") is True and before.get("action") != "Audit"
    return {
        **properties,
        "indicatorValue": write.name,
        "indicatorType": _TYPE,
        "rbacGroupNames": properties.get("rbacGroupNames") or [],
        "generateAlert": only_records or alerts,  # Defender refuses Audit without alerts
    }


def _check_name(name: str) -> str | None:
    if not _HOST.fullmatch(name.lower()):
        return f"{name!r} is not a host. Write one such as web.whatsapp.com, which includes its subdomains"
    if name != name.lower():
        return f"write it in lower case: {name.lower()}"
    if need := find_blocked_host(name):
        return (
            f"this would affect {need}, which must stay open. toolkit never writes an indicator for this host, not "
            "even to allow it"
        )
    return None


def _describe_promotion(observed: Observed, settings: Settings) -> str | None:
    if observed.settings.get("action") == "Audit" and settings.get("action") in {"Block", "Warn"}:
        return "the indicator begins to act: until now it only recorded"
    return None


KIND = Kind(
    name="defender_indicator",
    title="Defender indicator",
    plural="indicators",
    spec=DefenderIndicator,
    endpoint=Indicators(),
    reference="https://learn.microsoft.com/defender-endpoint/api/ti-indicator",
    permissions=Permissions(read=(INDICATORS,), write=(INDICATORS,)),
    settles=_SETTLES,
    reach=Scale.DEVICE,
    sample="""\
- microsoft365.defender_indicator: web.whatsapp.com
  action: Block
  title: Chat
  description: Agreed by the governors
""",
    is_ours=is_ours,
    names=NameRules(
        identifies=True, check=_check_name, not_looked_for="indicators of addresses, URLs, files and certificates"
    ),
    lifecycle=Lifecycle(most=15_000, promotion=_describe_promotion),
    stops=ObjectEffects(
        area=EffectArea.DEVICES,
        deleted=Effect("other rules may block {name} again", always, only_if={"action": ("Allowed",)}),
    ),
)
