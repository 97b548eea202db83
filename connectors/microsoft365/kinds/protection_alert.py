"""The school's own alerts, in addition to Microsoft's.

Follows https://learn.microsoft.com/powershell/module/exchangepowershell/new-protectionalert
"""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from connectors.microsoft365.exchange.service import DEFAULTS, IGNORED
from connectors.microsoft365.permissions import COMPLIANCE, administrator, global_reader
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, NotFound, Rejected
from toolkit.sdk import (
    ADDRESSES,
    FLAG,
    MANAGED_BY,
    MARK_BEHIND_WORDS,
    TEXT,
    WHOSE_IT_IS,
    WORDS_BEFORE_MARK,
    Effect,
    EffectArea,
    Form,
    Harmless,
    Join,
    Kind,
    Listed,
    MarkedText,
    NameRules,
    ObjectEffects,
    Permissions,
    Properties,
    ReadScope,
    Remote,
    Scale,
    Setting,
    always,
    check_unmarked,
    declare,
    declare_effects,
    flag,
    listed,
    plain_name,
    removes_entries,
    switches_off,
    text,
)
from toolkit.values import Body, Json, Value

_NOUN = "ProtectionAlert"
_DISABLED, _NOTIFIES, _SETTLES = "Disabled", "NotificationEnabled", 30.0
_COMMENT = "Comment"
_MADE_OF = ("Operation", "Severity", "NotifyUser", "Enabled", _COMMENT)
_SET = frozenset({"Enabled", _COMMENT})
"""Properties that the service can change on an existing alert."""
_SIMPLE: Body = {"Category": "ThreatManagement", "ThreatType": "Activity", "AggregationType": "None"}
"""Properties of every alert. An alert for each event requires only an Exchange licence."""


def _read_operation(value: Json) -> Value:
    operations = [text(entry) for entry in listed(value)] if isinstance(value, list) else [text(value)]
    return ", ".join(operations)


_OPERATION = Form("operation", _read_operation, str)


class ProtectionAlert(MarkedText):
    """An alert that sends mail each time an operation appears in the audit log.

    No cmdlet changes the recipients or the operation of an alert, so toolkit deletes the alert and creates it again.
    """

    effects = declare_effects(
        {
            "notify": Effect("some mailboxes no longer get alerts", removes_entries),
            "enabled": Effect("an alert is no longer sent", switches_off),
        },
        {Harmless.RECORD: ("operation", "severity"), Harmless.LABEL: ("comment", "managed_by")},
    )

    properties: ClassVar[Properties] = Properties(
        ignored={
            **IGNORED,
            **dict.fromkeys(("Category", "Description", "Workload"), "A category or description of the alert."),
            **dict.fromkeys(("CreatedBy", "LastModifiedBy"), "The person who created or changed it."),
            "Mode": "Whether the alert is active. `enabled` is compared instead.",
        },
        defaults={
            **DEFAULTS, **_SIMPLE, "IsSystemRule": False, "ReadOnly": False, "Filter": "", "Threshold": 0,
            "TimeWindow": 0,
        },
        narrowing=frozenset({"Filter", "Threshold", "TimeWindow", "ThreatType", "AggregationType"}),
    )  # fmt: skip

    together: ClassVar = (frozenset({"comment", "managed_by"}),)
    marked_text: ClassVar[str] = "comment"

    operation: Annotated[str, Field(min_length=1), Setting(_OPERATION, wire="Operation")] = declare(
        "Audit log operation that triggers the alert.", "New-InboxRule"
    )
    severity: Annotated[Literal["Low", "Medium", "High"], Setting(TEXT, wire="Severity", silence="Low")] = declare(
        "Severity of the alert.", default="Low"
    )
    notify: Annotated[Listed | None, Setting(ADDRESSES, wire="NotifyUser", join=Join.UNION)] = declare(
        "Mailboxes that get the alert.", ["office@example-primary.example"]
    )
    enabled: Annotated[bool, Setting(FLAG, wire="Enabled")] = declare(
        "Whether the alert is enabled and sends mail to the mailboxes in `notify`.", default=True
    )
    comment: Annotated[str | None, AfterValidator(check_unmarked), Setting(WORDS_BEFORE_MARK, wire=_COMMENT)] = declare(
        "Purpose of the alert. Left unchanged if not set.", "Agreed by the governors"
    )
    managed_by: Annotated[
        Literal["toolkit"], Setting(MARK_BEHIND_WORDS, wire=_COMMENT, silence=MANAGED_BY, mark=True)
    ] = declare(WHOSE_IT_IS, default="toolkit")


class ProtectionAlerts:
    """The alerts that administrators created. Microsoft's own alerts are not read."""

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterable[Remote]:
        rows = via.compliance.get(f"Get-{_NOUN}")
        return selection.select_from(_to_remote(row) for row in rows if not flag(row.get("IsSystemRule")))

    def read_by_id(self, via: Microsoft365, identifier: str, name: str) -> Remote:
        """Return the alert with an id.

        toolkit compares the ids, because the service returns all alerts for an unknown id.
        """
        rows = via.compliance.get(f"Get-{_NOUN}", {"Identity": identifier})
        for row in rows:
            if row.get("Guid") == identifier:
                return _to_remote(row)
        raise NotFound(f"Get-{_NOUN}: the alert {name!r} with the id {identifier} does not exist")

    def create(self, via: Microsoft365, name: str, body: Body) -> Remote | None:
        """Create an alert and return it. Its name is compared, because the service may return all alerts for a name."""
        sent = {key: value for key, value in body.items() if key != "Enabled"}
        parameters: Body = {"Name": name, **_SIMPLE, **sent, _DISABLED: not body.get("Enabled", True)}
        row = via.compliance.create(f"New-{_NOUN}", parameters, lambda: _find_by_name(via, name), settles=_SETTLES)
        return _to_remote(row) if row else None

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> Remote | None:
        """Turn an alert on or off, or change its comment. For any other change, delete the alert and create it again.

        If the service refuses the new alert, create the previous alert again. If that fails too, the next run creates
        the missing alert.
        """
        if _SET.issuperset(body) and name == remote.name:
            switched: Body = {_DISABLED: False, _NOTIFIES: True} if body.get("Enabled") else {_DISABLED: True}
            comment: Body = {_COMMENT: body[_COMMENT]} if _COMMENT in body else {}
            sent = {**(switched if "Enabled" in body else {}), **comment}
            via.compliance.change(f"Set-{_NOUN}", {"Identity": remote.id, **sent})
            return None
        kept = {key: remote.body[key] for key in _MADE_OF if key in remote.body}
        self.delete(via, remote)
        try:
            return self.create(via, name, {**kept, **body})
        except Rejected:
            self.create(via, remote.name, kept)
            raise

    def delete(self, via: Microsoft365, remote: Remote) -> None:
        via.compliance.delete(f"Remove-{_NOUN}", {"Identity": remote.id})


def _to_remote(row: Body) -> Remote:
    guid, name = text(row.get("Guid")), text(row.get("Name"))
    if not (guid and name):
        raise BadAnswer(f"Get-{_NOUN} returned an alert without a Guid or Name")
    shown = {key: value for key, value in row.items() if key not in {_DISABLED, _NOTIFIES}}
    works = not flag(row.get(_DISABLED)) and flag(row.get(_NOTIFIES), missing=True)
    return Remote(guid, name.strip("\u200b\ufeff "), {**shown, "Enabled": works})


def _find_by_name(via: Microsoft365, name: str) -> Body | None:
    rows = via.compliance.get(f"Get-{_NOUN}")
    return next((row for row in rows if plain_name(row.get("Name")) == plain_name(name)), None)


KIND = Kind(
    name="protection_alert",
    title="alert",
    plural="alerts",
    spec=ProtectionAlert,
    endpoint=ProtectionAlerts(),
    reference="https://learn.microsoft.com/powershell/module/exchangepowershell/new-protectionalert",
    permissions=Permissions(
        read=global_reader("View-Only Manage Alerts", service=COMPLIANCE),
        write=administrator(COMPLIANCE, "Manage Alerts"),
    ),
    reach=Scale.TENANT,
    settles=_SETTLES,
    sample="""\
- microsoft365.protection_alert: School alert, new rule in an inbox
  operation: New-InboxRule
  severity: Medium
  notify: [office@example-primary.example]
""",
    names=NameRules(same_object=plain_name, not_looked_for="alerts that Microsoft defines"),
    stops=ObjectEffects(
        area=EffectArea.MAIL, deleted=Effect("the [alert|alerts] {name} [is|are] no longer sent", always)
    ),
)
