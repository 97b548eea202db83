"""Policies of Outlook on the web: files at other services, private accounts and Bookings pages."""

from typing import ClassVar

from connectors.microsoft365.builtin_objects import CmdletObjects, exchange_kind
from connectors.microsoft365.exchange.service import DEFAULTS, IGNORED
from toolkit.sdk import (
    Effect,
    Properties,
    Spec,
    Switch,
    declare,
    declare_effects,
    switches_off,
)


class OwaMailboxPolicy(Spec):
    """What one policy allows; of its many settings these alone are compared."""

    effects = declare_effects(
        {
            "additional_storage_providers_available": Effect(
                "files at other services, such as a private Dropbox, no longer open in Outlook", switches_off
            ),
            **dict.fromkeys(
                ("personal_account_calendars_enabled", "personal_accounts_enabled"),
                Effect("private accounts no longer work in Outlook", switches_off),
            ),
            "bookings_mailbox_creation_enabled": Effect("people can no longer make Bookings pages", switches_off),
        }
    )

    properties: ClassVar[Properties] = Properties(
        ignored={**IGNORED, "IsDefault": "says whether new mailboxes get it"}, defaults=DEFAULTS, narrowing=frozenset()
    )

    additional_storage_providers_available: Switch = declare(
        "Lets people open and save files at other services, such as a private Dropbox.", False, default=True
    )
    personal_account_calendars_enabled: Switch = declare(
        "Lets people see a calendar of a private account beside the school's.", False, default=True
    )
    personal_accounts_enabled: Switch = declare(
        "Lets people add a private account to the new Outlook beside the school's.", False, default=True
    )
    bookings_mailbox_creation_enabled: Switch = declare(
        "Lets people make Bookings pages, on which anybody may book them.", False, default=True
    )


KIND = exchange_kind(
    "OwaMailboxPolicy",
    "Recipient Policies",
    name="owa_mailbox_policy",
    title="policy of Outlook on the web",
    plural="policies of Outlook on the web",
    spec=OwaMailboxPolicy,
    endpoint=CmdletObjects("OwaMailboxPolicy"),
    sample="""\
- microsoft365.owa_mailbox_policy: "*"
  additional_storage_providers_available: false
""",
)
