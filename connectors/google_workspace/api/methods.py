"""Every method that this connector may call, by its id in the discovery document, with the least scope that it needs.

Scopes are written without https://www.googleapis.com/auth/. What is not a read here writes.
"""

from collections.abc import Mapping

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
    "cloudidentity.devices.list": "cloud-identity.devices.readonly",
    "cloudidentity.devices.deviceUsers.list": "cloud-identity.devices.readonly",
    "chromepolicy.customers.policies.resolve": "chrome.management.policy.readonly",
    "chromepolicy.customers.policySchemas.get": "chrome.management.policy.readonly",
    "gmail.users.settings.sendAs.list": "gmail.settings.basic",
    "gmail.users.settings.sendAs.get": "gmail.settings.basic",
    "gmail.users.settings.filters.list": "gmail.settings.basic",
    "gmail.users.settings.forwardingAddresses.list": "gmail.settings.basic",
    "gmail.users.settings.getAutoForwarding": "gmail.settings.basic",
    "gmail.users.settings.getImap": "gmail.settings.basic",
    "gmail.users.settings.getPop": "gmail.settings.basic",
    "gmail.users.settings.getVacation": "gmail.settings.basic",
    "vault.matters.list": "ediscovery.readonly",
    "vault.matters.holds.list": "ediscovery.readonly",
    "vault.matters.holds.get": "ediscovery.readonly",
}
CHANGES: Mapping[str, str] = {
    "groupsSettings.groups.patch": "apps.groups.settings",
    "cloudidentity.policies.patch": "cloud-identity.policies",
    "cloudidentity.policies.delete": "cloud-identity.policies",
    "chromepolicy.customers.policies.orgunits.batchModify": "chrome.management.policy",
    "chromepolicy.customers.policies.orgunits.batchInherit": "chrome.management.policy",
    "chromepolicy.customers.policies.groups.batchModify": "chrome.management.policy",
    "chromepolicy.customers.policies.groups.batchDelete": "chrome.management.policy",
    "gmail.users.settings.sendAs.patch": "gmail.settings.basic",
    "gmail.users.settings.filters.delete": "gmail.settings.basic",
    "gmail.users.settings.forwardingAddresses.delete": "gmail.settings.sharing",
    "gmail.users.settings.updateAutoForwarding": "gmail.settings.sharing",
    "gmail.users.settings.updateImap": "gmail.settings.basic",
    "gmail.users.settings.updatePop": "gmail.settings.basic",
    "gmail.users.settings.updateVacation": "gmail.settings.basic",
    "vault.matters.holds.addHeldAccounts": "ediscovery",
    "vault.matters.holds.removeHeldAccounts": "ediscovery",
    "vault.matters.holds.update": "ediscovery",
    "vault.matters.holds.delete": "ediscovery",
}
CREATES: Mapping[str, str] = {
    "cloudidentity.policies.create": "cloud-identity.policies",
    "gmail.users.settings.filters.create": "gmail.settings.basic",
    "gmail.users.messages.send": "gmail.send",
    "vault.matters.create": "ediscovery",
    "vault.matters.holds.create": "ediscovery",
}
SCOPES: Mapping[str, str] = {**READS, **CHANGES, **CREATES}
