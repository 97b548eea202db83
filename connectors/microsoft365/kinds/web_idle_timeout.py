"""How long a browser may be idle before the web apps of Microsoft 365 sign people out: one policy for everybody."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from connectors.microsoft365.audit_log import DIRECTORY
from connectors.microsoft365.builtin_objects import ONLY
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, NotFound
from toolkit.sdk import (
    MANAGED_BY,
    MARK_BEHIND_WORDS,
    TEXT,
    WHOSE_IT_IS,
    Effect,
    EffectArea,
    Form,
    Harmless,
    Join,
    Kind,
    NameRules,
    ObjectEffects,
    Permissions,
    Properties,
    Remote,
    Scale,
    Setting,
    Spec,
    UnknownProperty,
    Wanted,
    declare,
    declare_effects,
    flag,
    lowers,
    mark_in,
    segment,
    text,
    text_in,
    with_mark,
    without_mark,
)
from toolkit.values import Body, Json, Settings, Value, as_value

SETTLES = 10.0
_PATH = "/policies/activityBasedTimeoutPolicies"
_POLICY, _APPLICATIONS, _TIMEOUT = "ActivityBasedTimeoutPolicy", "ApplicationPolicies", "WebSessionIdleTimeout"
_EVERY_APPLICATION = "default"
_SAID, _MARK = "description", "managed_by"
_READ = ("ApplicationId", _TIMEOUT)
_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.0+)?")


def _minutes(value: Json) -> Value:
    """Read minutes, or a span as 01:00:00; one that is no whole number of minutes stays the text that it is."""
    if value is None or value == "":
        return None
    if isinstance(value, int):
        return value
    span = _SPAN.fullmatch(text_in(value))
    if not span or span[4] != "00":
        return str(value)
    days, hours, minutes = (int(part or 0) for part in span.groups()[:3])
    return (days * 24 + hours) * 60 + minutes


class WebIdleTimeout(Spec):
    """When the web apps sign out who does nothing; it holds for sessions that begin after a change."""

    effects = declare_effects(
        {"minutes": Effect("people on the web are signed out sooner", lowers)}, {Harmless.LABEL: ("managed_by",)}
    )

    properties: ClassVar[Properties] = Properties(
        ignored={
            "id": "identifies the object",
            "displayName": "is a name that no one is shown",
            _SAID: "says what it is for; the mark behind that is compared",
            f"definition.{_POLICY}.Version": "says how the definition is written",
        },
        defaults={"isOrganizationDefault": True},
    )

    minutes: Annotated[
        int, Field(ge=5, le=1440), Setting(Form("minutes", _minutes), wire=_TIMEOUT, join=Join.LOWEST)
    ] = declare("Says after how many minutes without a click they do so, 5 to 1440.", 60, default=60)
    managed_by: Annotated[Literal["toolkit"], Setting(MARK_BEHIND_WORDS, wire=_SAID, silence=MANAGED_BY, mark=True)] = (
        declare(WHOSE_IT_IS, default="toolkit")
    )

    @classmethod
    def observed(cls, body: Body, names: object = None) -> Settings:  # noqa: ARG003 - Spec's
        """Read a policy, whose definition is JSON inside a text."""
        _, applications = _read(body)
        minutes = _minutes(_of_every_application(applications).get(_TIMEOUT))
        return {"minutes": minutes, "managed_by": mark_in(_said(body))}

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """List what is not compared, also inside the definition, such as the timeout of one application alone."""
        policy, applications = _read(body)
        ours = _of_every_application(applications)
        rest = [
            {name: value for name, value in one.items() if one is not ours or name not in _READ} for one in applications
        ]
        inside = {**policy, _APPLICATIONS: [one for one in rest if one]}
        return super().unknown({**body, "definition": {_POLICY: inside}})

    @classmethod
    def body(cls, settings: Settings, names: object = None) -> Body:  # noqa: ARG003 - Spec's
        """Write the span and the mark; the endpoint puts them into the definition and the description."""
        wire: dict[str, Json] = {_TIMEOUT: _span(int(str(settings["minutes"])))} if "minutes" in settings else {}
        return wire | ({_MARK: TEXT.write(settings["managed_by"])} if "managed_by" in settings else {})


class _DefaultPolicy:
    """The policy that is the organisation's default, which is made where there is none."""

    def read(self, via: Microsoft365, wanted: Wanted) -> Iterable[Remote]:  # noqa: ARG002 - there is but one
        return [_remote(row) for row in via.graph.pages(_PATH) if flag(row.get("isOrganizationDefault"))]

    def read_by_id(self, via: Microsoft365, identifier: str, name: str) -> Remote:
        """Read the policy by its id. NotFound if it is gone, or not the default any more."""
        row = via.graph.get(f"{_PATH}/{segment(identifier)}")
        if not flag(row.get("isOrganizationDefault")):
            raise NotFound(f"GET {_PATH}: {name} is not the organisation's default any more")
        return _remote(row)

    def create(self, via: Microsoft365, name: str, body: Body) -> Remote:  # noqa: ARG002 - Endpoint's
        wire: Body = {
            "displayName": "Idle timeout of web apps",
            "isOrganizationDefault": True,
            **_properties({}, body),
        }
        return _remote(via.graph.create(_PATH, wire, lambda: _default(via), settles=SETTLES))

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - likewise
        via.graph.send("PATCH", f"{_PATH}/{segment(remote.id)}", _properties(remote.body, body))

    def delete(self, via: Microsoft365, remote: Remote) -> None:
        via.graph.delete(f"{_PATH}/{segment(remote.id)}")


def _default(via: Microsoft365) -> Body | None:
    return next((row for row in via.graph.pages(_PATH) if flag(row.get("isOrganizationDefault"))), None)


def _remote(row: Body) -> Remote:
    if not row.get("id"):
        raise BadAnswer(f"{_PATH}: the answer shows a policy that has no id")
    return Remote(text(row["id"]), ONLY, row)


def _read(body: Body) -> tuple[Body, list[Body]]:
    """Take a definition apart: what is in it, and its entry for each application."""
    match body.get("definition"):
        case [str(written)]:
            whole = json.loads(written)
        case None | []:
            whole = {}
        case _:
            raise BadAnswer(f"{_PATH}: a policy holds more than one definition, or none that is text")
    inside = whole.get(_POLICY) if isinstance(whole, Mapping) else None
    policy: Body = inside if isinstance(inside, Mapping) else {}
    listed = policy.get(_APPLICATIONS)
    return policy, [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _of_every_application(applications: Iterable[Body]) -> Body:
    return next((one for one in applications if one.get("ApplicationId") == _EVERY_APPLICATION), {})


def _properties(before: Body, body: Body) -> Body:
    """Give the properties that change: the definition, and the description where its mark does."""
    timeout = {name: value for name, value in body.items() if name != _MARK}
    wire: dict[str, Json] = {"definition": [_written(before, timeout)]} if timeout else {}
    if _MARK in body:
        wire[_SAID] = with_mark(without_mark(_said(before)), as_value(body[_MARK]))
    return wire


def _said(body: Body) -> str:
    return text(body.get(_SAID) or "")


def _written(before: Body, body: Body) -> str:
    """Write a definition; what it says of single applications, and whatever else, stays."""
    policy, applications = _read(before)
    others = [one for one in applications if one.get("ApplicationId") != _EVERY_APPLICATION]
    changed = {**_of_every_application(applications), "ApplicationId": _EVERY_APPLICATION, **body}
    return json.dumps({_POLICY: {"Version": 1, **policy, _APPLICATIONS: [changed, *others]}}, separators=(",", ":"))


def _span(minutes: int) -> str:
    """Write minutes as a span; of 24 hours and more the days stand before a dot, or they would be read as days."""
    days, rest = divmod(minutes, 24 * 60)
    return (f"{days}." if days else "") + f"{rest // 60:02}:{rest % 60:02}:00"


KIND = Kind(
    name="web_idle_timeout",
    title="idle timeout of web apps",
    spec=WebIdleTimeout,
    endpoint=_DefaultPolicy(),
    reference="https://learn.microsoft.com/graph/api/resources/activitybasedtimeoutpolicy",
    reach=Scale.TENANT,
    permissions=Permissions(
        read=(graph("Policy.Read.All", "Policy.ReadWrite.ApplicationConfiguration"),),
        write=(graph("Policy.ReadWrite.ApplicationConfiguration"),),
    ),
    settles=SETTLES,
    logged=DIRECTORY,
    sample="""\
- microsoft365.web_idle_timeout:
  minutes: 60
""",
    names=NameRules(only=ONLY),
    stops=ObjectEffects(area=EffectArea.ACCOUNTS, deleted=Harmless.RELAXES),
)
