"""The connector to Google Workspace."""

from connectors.google_workspace.cloud import WAYS
from toolkit.sdk.credentials import Provider

PROVIDER = Provider("google_workspace", WAYS, setup="permissions")
