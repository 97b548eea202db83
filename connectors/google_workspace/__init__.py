"""The connector to Google Workspace."""

from connectors.google_workspace.cloud import PERSON, WAYS
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk import Provider

PROVIDER: Provider[GoogleWorkspace] = Provider("google_workspace", WAYS, setup="setup_steps", person=PERSON)
