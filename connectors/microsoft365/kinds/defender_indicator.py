"""Indicators of Defender for Endpoint: hosts that managed devices may not reach, or may in spite of everything."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from connectors.microsoft365.intune.policy import Marked, described, is_ours, shown_mark
from connectors.microsoft365.permissions import INDICATORS
from connectors.microsoft365.via import Microsoft365
from toolkit.catalogue.guard import covered
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
    Remote,
    Scale,
    Setting,
    UnknownProperty,
    Wanted,
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
# What an import may say, so that it has to be said again of an indicator that is there: the rest goes back to nothing.
_KEPT = (
    "indicatorValue", "indicatorType", "action", "title", "description", "application", "severity",
    "recommendedActions", "expirationTime", "rbacGroupNames", "generateAlert", "educateUrl", "bypassDurationHours",
    "mitreTechniques",
)  # fmt: skip


def _moment(written: str | None) -> str | None:
    if written is None:
        return None
    try:
        instant = datetime.fromisoformat(written)
    except ValueError as error:
        raise ValueError(f"{written!r} is not a date and time; write one as 2027-07-31T23:59:00+01:00") from error
    if instant.tzinfo is None:
        raise ValueError(f"{written!r} says no time zone; write it with its offset, as 2027-07-31T23:59:00+01:00")
    return written


class DefenderIndicator(Marked):
    """What becomes of connections to one host and all hosts below it, on devices that Defender watches."""

    effects = declare_effects(
        {
            "action": Effect("blocked sites no longer open", becomes("Block")),
            "device_groups": CONDITION,
        },
        {Harmless.LABEL: ("title",), Harmless.RECORD: ("severity",), Harmless.RELAXES: ("expires",)},
    )

    properties: ClassVar[Properties] = Properties(
        ignored={
            "id": "identifies the object",
            "indicatorValue": "is the name of the object",
            **dict.fromkeys(
                ("source", "sourceType", "createdBy", "createdByDisplayName", "createdBySource", "lastUpdatedBy"),
                "says who made or changed it; what was changed is compared",
            ),
            **dict.fromkeys(
                ("creationTimeDateTimeUtc", "lastUpdateTime"),
                "says when it was made or changed; what was changed is compared",
            ),
            "category": "is a number by which the portal sorts indicators",
            "rbacGroupIds": "identifies the device groups, whose names are compared",
        },
        defaults={"indicatorType": _TYPE},
        narrowing=frozenset({"application", "indicatorType"}),
    )

    action: Annotated[Literal["Block", "Warn", "Audit", "Allowed"], Setting(TEXT, wire="action", silence="Block")] = (
        declare(
            "Says what happens: the connection is blocked, people are warned and may go on, it is only recorded (with "
            "an alert each time), or it is allowed whatever else blocks it.",
            "Warn",
            default="Block",
        )
    )
    title: Annotated[str, Field(min_length=1), Setting(TEXT, wire="title")] = declare(
        "Names it in the portal and in alerts; by default, the host.", "Chat", default=""
    )
    severity: Annotated[
        Literal["Informational", "Low", "Medium", "High"], Setting(TEXT, wire="severity", silence="Informational")
    ] = declare("Says how grave its alerts are.", "Low", default="Informational")
    expires: Annotated[
        str | None,
        AfterValidator(_moment),
        Within("written with its offset from UTC, as 2027-07-31T23:59:00+01:00"),
        Setting(INSTANT, wire="expirationTime", silence=None),
    ] = declare("Says when Defender forgets it; without it, never.", "2027-07-31T23:59:00+01:00")
    device_groups: Annotated[Listed | None, Setting(PATTERNS, wire="rbacGroupNames", silence=None)] = declare(
        "Lists the device groups of Defender for which it holds; without any, for all devices. Groups of people are "
        "none of them.",
        ["Staff laptops"],
    )

    @classmethod
    def observed(cls, body: Body, names: object = None) -> Settings:  # noqa: ARG003 - Spec's
        """Read an indicator, whose description may hold the mark."""
        mark = shown_mark(body)
        return {
            name: setting.form.read(mark[name] if name in mark else body.get(setting.wire))
            for name, setting in cls.table().items()
        }

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """List what is not compared; one that only records has to raise alerts."""
        audits = body.get("action") == "Audit"
        return [one for one in super().unknown(body) if not (audits and one.path == "generateAlert")]

    @classmethod
    def body(cls, settings: Settings, names: object = None) -> Body:  # noqa: ARG003 - Spec's
        """Put settings on the wire; those of the mark by their own names, since two of them make one description."""
        table, mark = cls.table(), Marked.table()
        return {
            name if name in mark else table[name].wire: table[name].form.write(value)
            for name, value in settings.items()
        }


class Indicators:
    """The indicators whose value is a host; those of files, addresses and certificates are left alone."""

    def read(self, via: Microsoft365, wanted: Wanted) -> Iterable[Remote]:
        return wanted.among(_seen(row) for row in via.defender.indicators() if row.get("indicatorType") == _TYPE)

    def read_by_id(self, via: Microsoft365, identifier: str, name: str) -> Remote:
        """Read the indicator of a host: the service shows none by its id. NotFound if it is gone."""
        for row in via.defender.indicators(of_value=name):
            if row.get("indicatorType") == _TYPE and text(row.get("indicatorValue")).lower() == name:
                return _seen(row)
        raise NotFound(f"GET /api/indicators: there is no indicator for {name}, which had the id {identifier}")

    def create(self, via: Microsoft365, name: str, body: Body) -> Remote:
        return self._write(via, Write(name, body, None))

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> Remote:
        return self._write(via, Write(name, body, remote))

    def delete(self, via: Microsoft365, remote: Remote) -> None:
        via.defender.delete_indicator(remote.id)

    def write_many(self, via: Microsoft365, writes: Sequence[Write]) -> Sequence[Remote | RequestFailed]:
        """Write many; the answers name the hosts alone, so what is there now has to be read."""
        new = [write for write in writes if write.remote is None]
        there = [write for write in writes if write.remote is not None]
        answers = [
            *via.defender.create_indicators([_whole(write) for write in new], settles=_SETTLES),
            *via.defender.replace_indicators([_whole(write) for write in there]),
        ]
        outcomes = {write.name: answer for write, answer in zip([*new, *there], answers, strict=True)}
        return [_outcome(write, outcomes[write.name]) for write in writes]

    def _write(self, via: Microsoft365, write: Write) -> Remote:
        (answer,) = self.write_many(via, [write])
        return answered(answer)


def _outcome(write: Write, answer: Body | RequestFailed) -> Remote | RequestFailed:
    return answer if isinstance(answer, RequestFailed) else Remote(str(answer.get("id")), write.name, {})


def _seen(row: Body) -> Remote:
    return Remote(text(row["id"]), text(row["indicatorValue"]).lower(), row)


def _whole(write: Write) -> Body:
    """Write an indicator as it is to be, with what it was where nothing is asked."""
    before = write.remote.body if write.remote else {}
    kept = {name: before[name] for name in _KEPT if before.get(name) is not None}
    named = {name: value for name, value in write.body.items() if name not in Marked.table()}
    asked: dict[str, Json] = {"title": write.name, **kept, **named, **described(before, write.body)}
    only_records = asked["action"] == "Audit"
    alerts = asked.get("generateAlert") is True and before.get("action") != "Audit"
    return {
        **asked,
        "indicatorValue": write.name,
        "indicatorType": _TYPE,
        "rbacGroupNames": asked.get("rbacGroupNames") or [],
        "generateAlert": only_records or alerts,  # one that only records is refused without alerts
    }


def _check_name(name: str) -> str | None:
    if not _HOST.fullmatch(name.lower()):
        return f"{name!r} is not a host; write one as web.whatsapp.com, which includes all below it"
    if name != name.lower():
        return f"write it in lower case, as {name.lower()}"
    if need := covered(name):
        return (
            f"this would reach {need}, which has to stay open; toolkit writes no indicator of it, not even one that "
            "allows it"
        )
    return None


def _promotion(observed: Observed, settings: Settings) -> str | None:
    if observed.settings.get("action") == "Audit" and settings.get("action") in {"Block", "Warn"}:
        return "begins to act: until now it only recorded"
    return None


KIND = Kind(
    name="defender_indicator",
    title="indicator of Defender",
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
    lifecycle=Lifecycle(most=15_000, promotion=_promotion),
    stops=ObjectEffects(
        area=EffectArea.DEVICES,
        deleted=Effect("{name} is no longer allowed in spite of other rules", always, only_if={"action": ("Allowed",)}),
    ),
)
