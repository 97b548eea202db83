"""The idle timeout: the time without use after which Microsoft 365 web apps sign people out.

It is the same for everyone.
"""

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
    ReadScope,
    Remote,
    Scale,
    Setting,
    Spec,
    UnknownProperty,
    declare,
    declare_effects,
    flag,
    lowers,
    parse_mark,
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
_DESCRIPTION, _MARK = "description", "managed_by"
_READ = ("ApplicationId", _TIMEOUT)
_SPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.0+)?")


def _read_minutes(value: Json) -> Value:
    """Return the minutes in a number or in a time span such as 01:00:00. A span with seconds is returned as text."""
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
    """The time without use after which web apps sign a person out. A change applies to sessions that begin after it."""

    effects = declare_effects(
        {"minutes": Effect("people on the web are signed out sooner", lowers)}, {Harmless.LABEL: ("managed_by",)}
    )

    properties: ClassVar[Properties] = Properties(
        ignored={
            "id": "The id of the policy.",
            "displayName": "A name that people do not see.",
            _DESCRIPTION: "The purpose of the policy. The mark after it is compared.",
            f"definition.{_POLICY}.Version": "The version of the definition's format.",
        },
        defaults={"isOrganizationDefault": True},
    )

    minutes: Annotated[
        int, Field(ge=5, le=1440), Setting(Form("minutes", _read_minutes), wire=_TIMEOUT, join=Join.LOWEST)
    ] = declare("Minutes of inactivity before people are signed out, 5 to 1440.", 60, default=60)
    managed_by: Annotated[
        Literal["toolkit"], Setting(MARK_BEHIND_WORDS, wire=_DESCRIPTION, silence=MANAGED_BY, mark=True)
    ] = declare(WHOSE_IT_IS, default="toolkit")

    @classmethod
    def observed(cls, body: Body) -> Settings:
        """Return the settings of a policy. They are in its definition, which is a text with JSON."""
        _, applications = _read_definition(body)
        minutes = _read_minutes(_find_default_entry(applications).get(_TIMEOUT))
        return {"minutes": minutes, "managed_by": parse_mark(_format_description(body))}

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """Return the properties that toolkit does not compare, including properties inside the definition."""
        policy, applications = _read_definition(body)
        default_entry = _find_default_entry(applications)
        rest = [
            {
                name: value
                for name, value in application.items()
                if application is not default_entry or name not in _READ
            }
            for application in applications
        ]
        inside = {**policy, _APPLICATIONS: [entry for entry in rest if entry]}
        return super().unknown({**body, "definition": {_POLICY: inside}})

    @classmethod
    def body(cls, settings: Settings) -> Body:
        """Return the time span and the mark. The endpoint puts both into the definition and the description."""
        wire: dict[str, Json] = {_TIMEOUT: _format_span(int(str(settings["minutes"])))} if "minutes" in settings else {}
        return wire | ({_MARK: TEXT.write(settings["managed_by"])} if "managed_by" in settings else {})


class _DefaultPolicy:
    """The tenant's default policy for idle timeouts. toolkit creates the policy if there is none."""

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote]:  # noqa: ARG002 - there is but one
        return [_to_remote(row) for row in via.graph.pages(_PATH) if flag(row.get("isOrganizationDefault"))]

    def read_by_id(self, via: Microsoft365, identifier: str, name: str) -> Remote:
        """Return the default policy. Raise NotFound if the policy is deleted, or another policy is now the default."""
        row = via.graph.get(f"{_PATH}/{segment(identifier)}")
        if not flag(row.get("isOrganizationDefault")):
            raise NotFound(f"GET {_PATH}: {name} is no longer the organisation's default")
        return _to_remote(row)

    def create(self, via: Microsoft365, name: str, body: Body) -> Remote:  # noqa: ARG002 - Endpoint's
        wire: Body = {
            "displayName": "Idle timeout of web apps",
            "isOrganizationDefault": True,
            **_to_changed_properties({}, body),
        }
        return _to_remote(via.graph.create(_PATH, wire, lambda: _read_default_policy(via), settles=SETTLES))

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - likewise
        via.graph.send("PATCH", f"{_PATH}/{segment(remote.id)}", _to_changed_properties(remote.body, body))

    def delete(self, via: Microsoft365, remote: Remote) -> None:
        via.graph.delete(f"{_PATH}/{segment(remote.id)}")


def _read_default_policy(via: Microsoft365) -> Body | None:
    return next((row for row in via.graph.pages(_PATH) if flag(row.get("isOrganizationDefault"))), None)


def _to_remote(row: Body) -> Remote:
    if not row.get("id"):
        raise BadAnswer(f"{_PATH}: the response has a policy without an id")
    return Remote(text(row["id"]), ONLY, row)


def _read_definition(body: Body) -> tuple[Body, list[Body]]:
    """Return the content of a policy's definition, and its entries for single applications."""
    match body.get("definition"):
        case [str(written)]:
            whole = json.loads(written)
        case None | []:
            whole = {}
        case _:
            raise BadAnswer(f"{_PATH}: a policy has several definitions, or a definition that is not text")
    inside = whole.get(_POLICY) if isinstance(whole, Mapping) else None
    policy: Body = inside if isinstance(inside, Mapping) else {}
    listed = policy.get(_APPLICATIONS)
    return policy, [entry for entry in listed if isinstance(entry, Mapping)] if isinstance(listed, list) else []


def _find_default_entry(applications: Iterable[Body]) -> Body:
    return next(
        (application for application in applications if application.get("ApplicationId") == _EVERY_APPLICATION), {}
    )


def _to_changed_properties(before: Body, body: Body) -> Body:
    timeout = {name: value for name, value in body.items() if name != _MARK}
    wire: dict[str, Json] = {"definition": [_format_definition(before, timeout)]} if timeout else {}
    if _MARK in body:
        wire[_DESCRIPTION] = with_mark(without_mark(_format_description(before)), as_value(body[_MARK]))
    return wire


def _format_description(body: Body) -> str:
    return text(body.get(_DESCRIPTION) or "")


def _format_definition(before: Body, body: Body) -> str:
    """Return a policy's definition as text, with a new timeout for all applications. The rest of it is unchanged."""
    policy, applications = _read_definition(before)
    others = [application for application in applications if application.get("ApplicationId") != _EVERY_APPLICATION]
    changed = {**_find_default_entry(applications), "ApplicationId": _EVERY_APPLICATION, **body}
    return json.dumps({_POLICY: {"Version": 1, **policy, _APPLICATIONS: [changed, *others]}}, separators=(",", ":"))


def _format_span(minutes: int) -> str:
    """Return minutes as a time span. From 24 hours, it has days before a dot, because 24:00:00 would mean 24 days."""
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
