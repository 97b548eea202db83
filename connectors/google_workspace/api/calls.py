"""A call of an API method, the list of methods that only read, and the smallest scope that each method needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from toolkit.errors import WriteInReadOnlyRun
from toolkit.records import dataclass
from toolkit.values import Body, Json

if TYPE_CHECKING:
    from connectors.google_workspace.api.client import Api
else:
    Api = object  # for modules that only need the type of a client, so that nothing that it imports is loaded

__all__ = ["Api"]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an API method.

    It acts as the person with the address `subject`, or as the administrator if that is None.
    """

    method: str
    parameters: Mapping[str, Json] = field(default_factory=dict)
    body: Body | None = None
    subject: str | None = None

    @property
    def reads(self) -> bool:
        """Return whether the method is known to change nothing. An unlisted method counts as a change."""
        return self.method in READS

    @property
    def creates(self) -> bool:
        """Return whether sending the call twice could create two objects."""
        return self.method in CREATES or self.method.rpartition(".")[2] in ("create", "insert")

    @property
    def scope(self) -> str:
        """Return the smallest scope that the call needs."""
        try:
            return SCOPES[self.method]
        except KeyError:
            raise ValueError(f"{self.method} is not among the methods that this connector calls") from None

    def __str__(self) -> str:
        return self.method + (f" for {self.subject}" if self.subject else "")


def refuse_writes(*calls: Call) -> None:
    """Raise WriteInReadOnlyRun if any of the calls may change something."""
    for call in calls:
        if not call.reads:
            raise WriteInReadOnlyRun(f"{call} could change the tenant. This run only reads, so nothing was sent")


def check_batch(calls: Sequence[Call]) -> None:
    """Raise ValueError if the calls must not be sent in one request.

    Calls that act as several people may only read, and each call must contain the address of its person. If Google ran
    a call as the wrong person, it would refuse the address, but "me" would return the wrong mailbox or calendar.
    """
    if creating := [call for call in calls if call.creates]:
        raise ValueError(f"{creating[0]} cannot be sent in a batch")
    if len({call.scope for call in calls}) > 1:
        raise ValueError("the calls of a batch must be made within one scope")
    if not have_several_subjects(calls):
        return
    if writing := [call for call in calls if not call.reads]:
        raise ValueError(f"{writing[0]} cannot be sent together with calls of other people")
    if unnamed := [call for call in calls if _find_owner_parameter(call) in (None, "me", "primary")]:
        raise ValueError(f"{unnamed[0]} must name the owner of the mailbox or calendar by address")


def have_several_subjects(calls: Iterable[Call]) -> bool:
    """Return whether the calls act as several people."""
    return len({call.subject for call in calls}) > 1


def _find_owner_parameter(call: Call) -> Json:
    return call.parameters.get("userId") or call.parameters.get("calendarId")


READS: Mapping[str, str] = {
    "directory.customers.get": "admin.directory.customer.readonly",
    "directory.domains.list": "admin.directory.domain.readonly",
    "directory.users.list": "admin.directory.user.readonly",
    "directory.users.get": "admin.directory.user.readonly",
    "directory.orgunits.list": "admin.directory.orgunit.readonly",
    "directory.groups.list": "admin.directory.group.readonly",
    "directory.groups.get": "admin.directory.group.readonly",
    "directory.members.list": "admin.directory.group.readonly",
    "directory.chromeosdevices.list": "admin.directory.device.chromeos.readonly",
    "reports.activities.list": "admin.reports.audit.readonly",
    "reports.userUsageReport.get": "admin.reports.usage.readonly",
    "calendar.freebusy.query": "calendar.freebusy",
    "calendar.events.list": "calendar.events.readonly",
    "groupsSettings.groups.get": "apps.groups.settings",
    "cloudidentity.policies.list": "cloud-identity.policies.readonly",
    "cloudidentity.policies.get": "cloud-identity.policies.readonly",
    "cloudidentity.allowlistedDomains.list": "cloud-identity.allowlisteddomains.readonly",
    "cloudidentity.groups.get": "cloud-identity.groups.readonly",
    "cloudidentity.groups.getSecuritySettings": "cloud-identity.groups.readonly",
    "cloudidentity.devices.list": "cloud-identity.devices.readonly",
    "cloudidentity.devices.deviceUsers.list": "cloud-identity.devices.readonly",
    "chromepolicy.customers.policies.resolve": "chrome.management.policy.readonly",
    "chromepolicy.customers.policies.groups.listGroupPriorityOrdering": "chrome.management.policy.readonly",
    "chromepolicy.customers.policySchemas.get": "chrome.management.policy.readonly",
    "gmail.users.settings.sendAs.list": "gmail.settings.basic",
    "gmail.users.settings.sendAs.get": "gmail.settings.basic",
    "gmail.users.settings.filters.list": "gmail.settings.basic",
    "gmail.users.settings.forwardingAddresses.list": "gmail.settings.basic",
    "gmail.users.settings.getAutoForwarding": "gmail.settings.basic",
    "gmail.users.settings.getVacation": "gmail.settings.basic",
    "vault.matters.list": "ediscovery.readonly",
    "vault.matters.holds.list": "ediscovery.readonly",
    "vault.matters.holds.get": "ediscovery.readonly",
    "vault.matters.savedQueries.list": "ediscovery.readonly",
    "vault.matters.exports.list": "ediscovery.readonly",
    "vault.operations.get": "ediscovery.readonly",
}
CHANGES: Mapping[str, str] = {
    "directory.chromeosdevices.patch": "admin.directory.device.chromeos",
    "directory.members.delete": "admin.directory.group.member",
    "groupsSettings.groups.patch": "apps.groups.settings",
    "cloudidentity.groups.updateSecuritySettings": "cloud-identity.groups",
    "cloudidentity.policies.patch": "cloud-identity.policies",
    "cloudidentity.policies.delete": "cloud-identity.policies",
    "cloudidentity.allowlistedDomains.delete": "cloud-identity.allowlisteddomains",
    "chromepolicy.customers.policies.orgunits.batchModify": "chrome.management.policy",
    "chromepolicy.customers.policies.orgunits.batchInherit": "chrome.management.policy",
    "chromepolicy.customers.policies.groups.batchModify": "chrome.management.policy",
    "chromepolicy.customers.policies.groups.batchDelete": "chrome.management.policy",
    "gmail.users.settings.sendAs.patch": "gmail.settings.basic",
    "gmail.users.settings.filters.delete": "gmail.settings.basic",
    "gmail.users.settings.forwardingAddresses.delete": "gmail.settings.sharing",
    "gmail.users.settings.updateAutoForwarding": "gmail.settings.sharing",
    "gmail.users.settings.updateVacation": "gmail.settings.basic",
    "admin.customer.devices.chromeos.batchChangeStatus": "admin.directory.device.chromeos",
    "directory.users.signOut": "admin.directory.user.security",
    "vault.matters.count": "ediscovery",
    "vault.matters.holds.addHeldAccounts": "ediscovery",
    "vault.matters.holds.removeHeldAccounts": "ediscovery",
    "vault.matters.holds.update": "ediscovery",
    "vault.matters.holds.delete": "ediscovery",
}
CREATES: Mapping[str, str] = {
    "directory.members.insert": "admin.directory.group.member",
    "cloudidentity.policies.create": "cloud-identity.policies",
    "cloudidentity.allowlistedDomains.create": "cloud-identity.allowlisteddomains",
    "gmail.users.settings.filters.create": "gmail.settings.basic",
    "gmail.users.messages.send": "gmail.send",
    "vault.matters.create": "ediscovery",
    "vault.matters.holds.create": "ediscovery",
    "vault.matters.savedQueries.create": "ediscovery",
    "vault.matters.exports.create": "ediscovery",
}
SCOPES: Mapping[str, str] = {**READS, **CHANGES, **CREATES}
