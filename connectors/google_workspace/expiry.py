"""Finds expiry dates in Google Workspace. It reads the end of Chromebooks' updates. The console shows other dates.

Follows https://developers.google.com/workspace/admin/directory/reference/rest/v1/chromeosdevices
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from connectors.google_workspace.permissions import needs
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk import ExpiringItem, ExpirySource, text

_GONE = "DEPROVISIONED"


def _count_chromebooks(via: GoogleWorkspace, _now: datetime) -> Iterator[ExpiringItem]:
    """Yield the number of Chromebooks in use, by model and by the date on which their updates end."""
    devices_in_use = (device for device in via.device_lists.chromeos() if text(device.get("status")) != _GONE)
    counted = Counter((text(device.get("model")), text(device.get("autoUpdateThrough"))) for device in devices_in_use)
    for (model, through), count in counted.items():
        # The field is a date. Some devices have a date with a time.
        last = date.fromisoformat(through[:10]) if through else None
        yield ExpiringItem(
            what=f"{count} of {model or 'an unknown model'}",
            ends=last,
            note="" if last else "Google does not show the date on which updates end",
            unknown=last is None,
            count=count,
        )


EXPIRIES = (
    ExpirySource(
        row="chromebook_updates",
        wire="directory.chromeosdevices.list",
        needs=needs("directory.chromeosdevices.list"),
        read=_count_chromebooks,
    ),
    # The list of enrolment tokens has a state and no end date. The licensing API shows people.
    ExpirySource(
        row="chrome_enrolment", wire="Admin console > Devices > Chrome > Enrolment tokens", needs=(), read=None
    ),
    ExpirySource(row="saml_signing", wire="Admin console > Security > SSO with SAML applications", needs=(), read=None),
    ExpirySource(row="licences", wire="Admin console > Billing > Subscriptions", needs=(), read=None),
)
"""The source of each row of the expiry board."""
