"""The connector to Microsoft 365."""

from connectors.microsoft365.identity import PERSON, WAYS
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk import Provider

PROVIDER: Provider[Microsoft365] = Provider("microsoft365", WAYS, setup="setup_steps", person=PERSON)
