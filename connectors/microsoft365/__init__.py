"""The connector to Microsoft 365."""

from connectors.microsoft365.identity import WAYS
from toolkit.sdk.credentials import Provider

PROVIDER = Provider("microsoft365", WAYS, setup="granted_permissions")
