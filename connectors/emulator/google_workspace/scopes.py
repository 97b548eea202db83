"""The scopes that the seeded applications were given."""

_PREFIX = "https://www.googleapis.com/auth/"
_READS = (
    "admin.directory.customer.readonly", "admin.directory.device.chromeos.readonly",
    "admin.directory.device.mobile.readonly", "admin.directory.domain.readonly", "admin.directory.group.readonly",
    "admin.directory.group.member.readonly", "admin.directory.orgunit.readonly",
    "admin.directory.rolemanagement.readonly", "admin.directory.user.readonly", "admin.reports.audit.readonly",
    "admin.reports.usage.readonly",
    "calendar.events.readonly", "calendar.freebusy",
    "chrome.management.policy.readonly", "cloud-identity.devices.readonly", "cloud-identity.policies.readonly",
    "ediscovery.readonly",
)  # fmt: skip
# These read and write: no narrower scope reads a person's settings without the mail, or a group's settings at all.
_READS_AND_WRITES = ("apps.groups.settings", "gmail.settings.basic")
_WRITES = (
    "admin.directory.customer", "admin.directory.device.chromeos", "admin.directory.device.mobile",
    "admin.directory.domain", "admin.directory.group", "admin.directory.group.member", "admin.directory.orgunit",
    "admin.directory.rolemanagement", "admin.directory.user", "admin.directory.user.security",
    "chrome.management.policy", "cloud-identity.devices", "cloud-identity.policies", "ediscovery", "gmail.send",
    "gmail.settings.sharing",
)  # fmt: skip

READER = tuple(_PREFIX + scope for scope in (*_READS, *_READS_AND_WRITES))
WRITER = (*READER, *(_PREFIX + scope for scope in _WRITES))
# What an administrator agreed to who set up a command-line tool such as GAM.
INTERACTIVE = (
    "openid", _PREFIX + "userinfo.email", _PREFIX + "userinfo.profile", _PREFIX + "apps.groups.settings",
    *(_PREFIX + scope for scope in _WRITES if not scope.startswith("gmail.")),
)  # fmt: skip
