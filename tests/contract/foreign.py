"""Edits of unmanaged settings and objects: other settings of managed objects, unmanaged objects, and the rest."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.cases import Place, Stored
from tests.contract.sampled import Managed, Steps, at, leaves, mark, paths, with_at
from toolkit.sdk.providers import kinds


@dataclass(frozen=True)
class UnmanagedEdit:
    """One edit of an unmanaged setting or object."""

    kind: str  # a kind, or the collection
    description: str
    collection: str
    objects: Mapping[str, Any]  # the collection after the edit

    def __str__(self) -> str:
        return f"{self.collection} {self.description}"


IDENTITY = frozenset(
    "id Id Guid Identity name Name displayName DisplayName @odata.type Policy policySchema targetKey type policyQuery"
    " IsDefault isOrganizationDefault DomainName indicatorValue indicatorType packageId bundleId appIdentifier"
    " sendAsEmail isPrimary DistinguishedName templateId settingCount IsValid isVerified WhenCreated"
    " WhenChanged RuleConfigurationUnsupportedReason platforms technologies email RecipientTypeDetails IsSystemRule"
    " IsBuiltInProtection".split()
)
"""Properties that identify an object, and properties that only the service writes. They are never edited."""

OF_EACH = ("domain_allowlist", "group_members", "member_restriction")
"""Kinds whose other objects belong to the same list, or decide who is in a group of the playbooks."""

SHARED = frozenset({"assignments", "scheduledActionsForRule", "settings", "action", "conditions", "grantControls"})
"""Properties that hold several settings of a kind. An edit of them may change a managed setting."""

READ_IN_SILENCE = {
    "compliance.retentionPolicies": frozenset({"SkypeLocation", "SkypeLocationException"}),  # these places are kept too
    "domains": frozenset({"authenticationType"}),  # a federated domain has its passwords elsewhere
    "intune.deviceManagement": frozenset({"isScheduledActionEnabled"}),  # if disabled, our settings have no effect
}
"""Properties that a kind reads even if playbooks do not name them, so that an edit of them is drift."""

REST = {
    "exchange.mailboxes": ("RetainDeletedItemsFor", "SingleItemRecoveryEnabled", "RetentionComment", "RetentionUrl"),
    "exchange.organizationConfig": ("FocusedInboxOn",),
    "exchange.outboundConnectors": ("Comment", "TlsSettings", "UseMXRecord"),
    "google.chromeosDevices": ("osVersion",),
    "google.customers": ("phoneNumber", "language", "alternateEmail"),
    "google.devices": ("osVersion", "lastSyncTime"),
    "google.groups": ("description",),
    "google.orgunits": ("description",),
    "google.users": ("lastLoginTime", "changePasswordAtNextLogin", "ipWhitelisted"),
    "groups": ("description", "visibility"),
    "intune.assignmentFilters": ("rule", "description"),
    "intune.managedDevices": ("deviceName", "complianceState", "androidSecurityPatchLevel"),
    "intune.roleScopeTags": ("description",),
    "organization": ("businessPhones", "city", "preferredLanguage"),
    "sharepoint.settings": ("idleSessionSignOut", "isLoopEnabled", "deletedUserPersonalSiteRetentionPeriodInDays"),
    "users": ("officeLocation", "mobilePhone", "usageLocation", "preferredLanguage"),
}
"""Unmanaged properties in the rest of a tenant. Names, members and units are left out because toolkit reads them."""


def unmanaged_edits(resources: Sequence[Managed], desired: Collection[str], stored: Stored) -> Iterator[UnmanagedEdit]:
    """Yield edits of everything unmanaged, each under the kind of the edited object.

    If a playbook manages a setting in one unit, no unit's setting counts as unmanaged, because units below inherit it.
    """
    for resource in resources:
        yield from _other_settings(resource, stored)
    places = {resource.place for resource in resources}
    for kind, collection in dict.fromkeys((resource.kind, resource.place[0]) for resource in resources):
        for key in stored[collection]:
            theirs = (collection, key) not in places and _setting(key, stored[collection][key]) not in desired
            if theirs and kind.partition(".")[2] not in OF_EACH:
                yield from _other_object(kind, collection, key, stored)
    for collection, names in REST.items():
        for key in stored[collection]:
            for name in names:
                yield from _edits(collection, (collection, key), (name,), stored)


def _setting(key: str, body: Mapping[str, Any]) -> str:
    """Return the name that playbooks use for a unit's setting, in Chrome or in another policy; "" for anything else."""
    setting = body.get("setting")
    if isinstance(setting, Mapping):
        return str(setting["type"]).removeprefix("settings/")
    return key.partition("/chrome.")[2].replace("/", " ")


def _edits(kind: str, place: Place, path: Steps, stored: Stored) -> Iterator[UnmanagedEdit]:
    """Yield edits of a property."""
    collection, key = place
    body = stored[collection][key]
    for label, value in _values(at(body, path)):
        changed = {**stored[collection], key: with_at(body, path, value)}
        yield UnmanagedEdit(kind, f"{key} {'.'.join(path)} {label}", collection, changed)


def _other_settings(resource: Managed, stored: Stored) -> Iterator[UnmanagedEdit]:
    """Yield edits of each property of a managed object that playbooks do not name and that has no default to keep."""
    collection, key = resource.place
    managed = (path for setting, (_, path) in paths(resource.kind).items() if setting in resource.desired)
    named = {*managed, mark(resource.kind)}
    for path in leaves(stored[collection][key]):
        inside = any(path[: len(other)] == other or other[: len(path)] == path for other in named if other)
        read = IDENTITY | SHARED | READ_IN_SILENCE.get(collection, frozenset())
        if not inside and not {*path} & read and resource.kind.partition(".")[2] not in WHOLE:
            edits = _edits(f"{resource.kind} settings", resource.place, path, stored)
            yield from (deed for deed in edits if not _narrows(resource.kind, deed.objects[key]))


def _narrows(kind: str, body: Mapping[str, Any]) -> bool:
    """Return whether an object has an unknown property that narrows a desired setting, which is a finding."""
    provider, _, name = kind.partition(".")
    return any(setting.narrows for setting in kinds(provider)[name].spec.unknown(body))


WHOLE = (
    "automatic_reply", "chromebook_label", "consent_setting", "dkim_signing", "domain_allowlist", "exchange_setting",
    "files_protection", "forwarding", "group_footer", "message_encryption", "report_submission", "sharing_setting",
    "signature", "vacation",
)  # fmt: skip
"""Kinds in whose objects every stored property matters to a managed setting."""


def _other_object(kind: str, collection: str, key: str, stored: Stored) -> Iterator[UnmanagedEdit]:
    """Yield edits, a copy and the deletion of an unmanaged object."""
    body = stored[collection][key]
    objects = stored[collection]
    yield UnmanagedEdit(
        f"{kind} objects", f"{key} deleted", collection, {k: body for k, body in objects.items() if k != key}
    )
    if copy := _copy(body):
        yield UnmanagedEdit(
            f"{kind} objects", f"{key} copied", collection, {**objects, str(copy.get("id", copy.get("Guid"))): copy}
        )
    for path in leaves(body):
        if not {*path} & (IDENTITY | READ_IN_SILENCE.get(collection, frozenset())) and path[-1] not in STOPS:
            yield from _edits(f"{kind} objects", (collection, key), path, stored)


def _copy(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a copy of an object under another name, or an empty object if it does not have an id and a name."""
    identifier = next((name for name in ("id", "Guid") if name in body), "")
    name = next((name for name in ("displayName", "name", "Name", "indicatorValue") if name in body), "")
    return {**body, identifier: COPIED, name: f"copy.{body[name]}"} if identifier and name else {}


COPIED = "0c091ed0-0000-4000-8000-000000000001"

STOPS = (
    "StopRuleProcessing", "DeleteMessage", "RedirectMessageTo", "Quarantine", "ModerateMessageByUser",
    "ModerateMessageByManager", "RejectMessageReasonText", "RejectMessageEnhancedStatusCode",
)  # fmt: skip
"""Properties with which an unmanaged rule above ours defeats it, which is a finding."""


def _values(value: Any) -> Iterator[tuple[str, Any]]:
    match value:
        case bool():
            yield "the other way", not value
        case int():
            yield "one more", value + 1
        case "Unlimited":
            yield "a number", "120"
        case str() if value.isdecimal():
            yield "one more", str(int(value) + 1)
        case str():
            yield "other words", f"{value} by hand"
        case [*items] if all(isinstance(entry, str) for entry in items):
            yield "one entry more", [*items, "by.hand.example"]
    if value and not isinstance(value, list):
        yield "null", None
