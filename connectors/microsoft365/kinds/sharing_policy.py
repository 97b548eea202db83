"""Exchange sharing policies, which decide who outside the school may see calendars and contacts."""

import re
from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from connectors.microsoft365.builtin_objects import CmdletObjects, exchange_kind
from connectors.microsoft365.exchange.service import DEFAULTS, IGNORED
from toolkit.sdk import (
    PATTERNS,
    Effect,
    Exactly,
    Join,
    Listed,
    Properties,
    Setting,
    Spec,
    Switch,
    declare,
    declare_effects,
    removes_entries,
    switches_off,
    written_entries,
)

_CALENDAR = "CalendarSharingFreeBusy(?:Simple|Detail|Reviewer)"
_ENTRY = re.compile(
    rf"(?:\*|Anonymous|[\w-]+(?:\.[\w-]+)+):(?:{_CALENDAR}|ContactsSharing|{_CALENDAR}, ContactsSharing)"
)


def _check_entries(value: Listed | None) -> Listed | None:
    if value is None or value == Exactly(exactly=[]):
        raise ValueError("a sharing policy must name a domain. To end all sharing, write enabled: false")
    for entry in written_entries(value):
        if not _ENTRY.fullmatch(entry):
            raise ValueError(
                f"{entry!r} is not a domain with the information to share. Write a domain, * or Anonymous, a colon, "
                "and CalendarSharingFreeBusySimple, ...Detail or ...Reviewer, ContactsSharing, or both with a comma"
            )
    return value


class SharingPolicy(Spec):
    """The information that mailboxes may share with people outside.

    Default Sharing Policy applies to mailboxes without another policy. When a policy ends sharing, people outside lose
    access to calendars: a nursery that books a room, governors, a parent. No API counts these people. Ask first, and
    begin with `mode: check`.
    """

    effects = declare_effects(
        {
            "enabled": Effect("people outside no longer see the school's calendars", switches_off, meets_outside=True),
            "domains": Effect(
                "some organisations no longer see the school's calendars", removes_entries, meets_outside=True
            ),
        }
    )

    properties: ClassVar[Properties] = Properties(
        ignored={**IGNORED, "Default": "Whether the policy applies to all mailboxes without another policy."},
        defaults=DEFAULTS,
    )

    enabled: Switch = declare("Whether the policy's mailboxes may share anything outside.", False, default=True)
    domains: Annotated[
        Listed | None,
        AfterValidator(_check_entries),
        Setting(replace(PATTERNS, name="list, compared without regard to order"), at_least=True, join=Join.UNION),
    ] = declare(
        (
            "The information to share, as DOMAIN:INFORMATION. * is every organisation, and Anonymous is anyone with a "
            "link."
        ),
        ["partner.example:CalendarSharingFreeBusySimple"],
    )


KIND = exchange_kind(
    "SharingPolicy",
    "Federated Sharing",
    name="sharing_policy",
    title="calendar sharing policy",
    plural="calendar sharing policies",
    spec=SharingPolicy,
    endpoint=CmdletObjects("SharingPolicy"),
    sample="""\
- microsoft365.sharing_policy: Default Sharing Policy
  enabled: false
""",
)
