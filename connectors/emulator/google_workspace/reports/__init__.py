"""The Admin SDK's Reports API: when people last used their mail, some days late, and what administrators changed.

What a test may read and change at the control plane:

    reports.lastUse     by person's id: {"mail": ..., "login": ...}, instants; one that is missing was never
    reports.lag         days: {"accounts": 2, "gmail": 3}, how many days late each application's figures are
"""

from types import MappingProxyType

from connectors.emulator.activity import last_seen
from connectors.emulator.clock import text
from connectors.emulator.cloud import Seed
from connectors.emulator.google_workspace.api.errors import Wording
from connectors.emulator.google_workspace.api.service import GoogleApi
from connectors.emulator.google_workspace.identifiers import number
from connectors.emulator.google_workspace.reports import activities
from connectors.emulator.google_workspace.reports.user_usage import HANDLERS, LAST_USE
from connectors.emulator.school import School


def seed(school: School) -> Seed:
    """Make what the reports of a new tenant are written from."""
    seen = {number(key): text(instant) for key, instant in last_seen(school).items()}
    return {LAST_USE: {key: {"mail": instant, "login": instant} for key, instant in seen.items()}}


SERVICE = GoogleApi(
    name="google reports",
    hosts=("admin.googleapis.com",),
    roots=("/admin/reports", "/batch/admin/reports_v1"),
    api=("admin", "reports_v1"),
    project_host="admin.googleapis.com",
    handlers={**HANDLERS, **activities.HANDLERS},
    wording=Wording(reasons=True, statuses=False),
    most_in_batch=1000,
    notes=MappingProxyType(
        {
            "reports.userUsageReport.get": "accounts:last_login_time and gmail:timestamp_last_...; no filters",
            "reports.activities.list": "what all administrators did to policies and groups' settings; nothing is late",
        }
    ),
)
