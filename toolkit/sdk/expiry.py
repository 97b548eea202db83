"""The rows of the expiry board, such as certificates, and the connectors' sources of expiry dates."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from toolkit.records import dataclass
from toolkit.sdk.permission import Permission

DAYS = (60, 30, 14)
"""By default, the number of days before its end from which an item is shown as ending soon."""
IT_SUPPORT, SUPPLIER, OFFICE = "IT support", "the supplier, with IT support", "School Business Manager"


@dataclass(frozen=True, slots=True)
class ExpiryRow:
    """A type of item that expires, such as a certificate, with the role that must renew it and the consequence if no
    one does.
    """

    title: str
    acts: str
    stops: str
    days: tuple[int, ...] = DAYS


ROWS: Mapping[str, ExpiryRow] = {
    "apple_push": ExpiryRow(
        "Apple push certificate", IT_SUPPORT, "every iPad must be enrolled again. Renew it with the same Apple account"
    ),
    "apple_enrolment": ExpiryRow("Apple enrolment token", IT_SUPPORT, "new iPads no longer enrol"),
    "apple_apps": ExpiryRow("Apple apps and books token", IT_SUPPORT, "apps are no longer installed or updated"),
    "android_binding": ExpiryRow("managed Google Play", IT_SUPPORT, "Android apps are no longer approved or updated"),
    "android_enrolment": ExpiryRow("Android enrolment token", IT_SUPPORT, "new Android devices no longer enrol"),
    "chrome_enrolment": ExpiryRow("Chrome enrolment token", IT_SUPPORT, "new Chrome browsers no longer enrol"),
    "app_credentials": ExpiryRow("app secret or certificate", SUPPLIER, "the app can no longer sign in"),
    "saml_signing": ExpiryRow("SAML signing certificate", SUPPLIER, "single sign-on to the app stops"),
    "chromebook_updates": ExpiryRow("Chromebook updates", OFFICE, "no more security updates", (365, 180, 60)),
    "windows_support": ExpiryRow("Windows version", IT_SUPPORT, "no more security updates", (180, 60, 30)),
    "licences": ExpiryRow("licence", OFFICE, "people lose the service, and later the data"),
    "recorded": ExpiryRow("recorded date", OFFICE, ""),
}
"""Every row by its name, in the order of the board."""
RECORDED = "recorded"
"""The row for dates that a school records itself because no service shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiringItem:
    """An item with its expiry date, from a tenant or a register."""

    what: str
    ends: datetime | date | None = None  # a date includes the whole day, and None means that the item does not expire
    note: str = ""
    wrong: bool = False  # it does not work now, whatever its end date is
    unknown: bool = False  # its end date could not be read
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpirySource:
    """A connector's source of expiry dates for a row of the expiry board.

    Defined in EXPIRIES of connectors/<provider>/expiry.
    """

    row: str
    wire: str  # the requests, in the vendor's notation
    needs: tuple[Permission, ...]
    read: Callable[[Any, datetime], Iterable[ExpiringItem]] | None  # from a connection, at a time
