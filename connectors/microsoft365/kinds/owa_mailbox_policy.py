"""Outlook on the web policies: files at other services, private accounts and Bookings pages."""

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
    """An Outlook on the web policy. toolkit compares only some of the policy's many settings."""

    effects = declare_effects(
        {
            "additional_storage_providers_available": Effect(
                "files at other services, such as a private Dropbox, no longer open in Outlook", switches_off
            ),
            **dict.fromkeys(
                ("personal_account_calendars_enabled", "personal_accounts_enabled"),
                Effect("private accounts no longer work in Outlook", switches_off),
            ),
            "bookings_mailbox_creation_enabled": Effect("people can no longer create Bookings pages", switches_off),
        }
    )

    properties: ClassVar[Properties] = Properties(
        ignored={**IGNORED, "IsDefault": "Whether new mailboxes get the policy automatically."},
        defaults=DEFAULTS,
        narrowing=frozenset(),
    )

    additional_storage_providers_available: Switch = declare(
        "Lets people open and save files in other services, such as a private Dropbox.", False, default=True
    )
    personal_account_calendars_enabled: Switch = declare(
        "Lets people see the calendar of a private account next to the school's calendar.", False, default=True
    )
    personal_accounts_enabled: Switch = declare(
        "Lets people add a private account to the new Outlook, in addition to the school's account.",
        False,
        default=True,
    )
    bookings_mailbox_creation_enabled: Switch = declare(
        "Lets people create Bookings pages, on which anyone may book them.", False, default=True
    )


KIND = exchange_kind(
    "OwaMailboxPolicy",
    "Recipient Policies",
    name="owa_mailbox_policy",
    title="Outlook on the web policy",
    plural="Outlook on the web policies",
    spec=OwaMailboxPolicy,
    endpoint=CmdletObjects("OwaMailboxPolicy"),
    sample="""\
- microsoft365.owa_mailbox_policy: "*"
  additional_storage_providers_available: false
""",
)
