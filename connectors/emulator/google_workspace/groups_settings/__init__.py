"""The Groups Settings API, with all else that stands at www.googleapis.com: certificates and the list of APIs."""

from connectors.emulator.cloud import Seed
from connectors.emulator.google_workspace.api.errors import Wording
from connectors.emulator.google_workspace.api.service import GoogleApi
from connectors.emulator.google_workspace.groups_settings.defaults import SETTINGS, default_settings
from connectors.emulator.google_workspace.groups_settings.settings import API, HANDLERS
from connectors.emulator.google_workspace.identifiers import group_id
from connectors.emulator.google_workspace.oauth import SERVICE as OAUTH
from connectors.emulator.school import School

__all__ = ["SERVICE", "seed"]


def seed(school: School) -> Seed:
    """Make the settings of every group; shared mailboxes are collaborative inboxes that the public may write to."""
    inbox = {**default_settings(), "enableCollaborativeInbox": "true", "whoCanPostMessage": "ANYONE_CAN_POST"}
    return {
        SETTINGS: {
            **{group_id(group.id): default_settings() for group in school.groups},
            **{group_id(box.id): inbox for box in school.shared},
        }
    }


SERVICE = GoogleApi(
    name="google groups settings",
    hosts=("www.googleapis.com", "groupssettings.googleapis.com"),
    roots=("/groups/v1", "/discovery/v1"),
    api=API,
    project_host="groupssettings.googleapis.com",
    handlers=HANDLERS,
    wording=Wording(reasons=True, statuses=False),
    most_in_batch=1000,
    others=(
        ("admin", "directory_v1"),
        ("admin", "reports_v1"),
        ("calendar", "v3"),
        ("chromepolicy", "v1"),
        ("cloudidentity", "v1"),
        ("gmail", "v1"),
        ("vault", "v1"),
    ),
    beside=OAUTH,
)
