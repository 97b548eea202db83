"""The APIs that this connector calls: what each is called, and how much of it may be asked at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One API: its name and version are those of its discovery document."""

    title: str
    name: str
    version: str
    concurrent: int
    pause: float = 0.0  # seconds between two calls on a live tenant
    role: str = ""  # what the administrator must be, where a missing role is why a call is refused


ADMIN = Service(
    title="Admin SDK API",
    name="admin",
    version="directory_v1",
    concurrent=4,  # more at once is answered with quotaExceeded
    role="may read users, groups and organisational units",
)
GROUPS_SETTINGS = Service(
    title="Groups Settings API",
    name="groupssettings",
    version="v1",
    concurrent=4,
    role="may manage groups",
)
GMAIL = Service(title="Gmail API", name="gmail", version="v1", concurrent=8)
CALENDAR = Service(title="Google Calendar API", name="calendar", version="v3", concurrent=8)
REPORTS = Service(
    title="Admin SDK API",
    name="admin",
    version="reports_v1",
    concurrent=1,
    role="may read reports",
)
CLOUD_IDENTITY = Service(
    title="Cloud Identity API",
    name="cloudidentity",
    version="v1",
    concurrent=1,
    pause=1.0,  # no figure is published; what others run without being held back
    role="is a super administrator",
)
CHROMEOS_DEVICES = Service(
    title="Admin SDK API",
    name="admin",
    version="directory_v1",
    concurrent=1,
    role="may manage ChromeOS devices",
)
DEVICES = Service(
    title="Cloud Identity API",
    name="cloudidentity",
    version="v1",
    concurrent=1,  # no figure is published
    role="may manage mobile devices",
)
CHROME_POLICY = Service(
    title="Chrome Policy API",
    name="chromepolicy",
    version="v1",
    concurrent=4,
    pause=0.2,  # of two published figures the lower: five reads a second for each user
    role="may manage Chrome settings",
)
CHROME_POLICY_WRITES = Service(
    title="Chrome Policy API",
    name="chromepolicy",
    version="v1",
    concurrent=1,
    pause=2.0,  # thirty writes a minute for each customer
    role="may manage Chrome settings",
)
VAULT = Service(
    title="Google Vault API",
    name="vault",
    version="v1",
    concurrent=1,
    pause=1.0,  # sixty holds are written a minute for each project; one list of matters counts as ten reads of 120
    role="has a Google Vault licence and its privileges Manage Matters and Manage Holds",
)
