"""The holds on a mailbox: litigation hold, case holds, retention policies, and the month of delay after a release.

Services share holds through these collections, because Exchange shows on a mailbox the holds that Graph and the
compliance endpoint have made:

- `graph.legalHolds`, by case id / hold id.
- `graph.userSources`, by case id / hold id / source id.
- `compliance.retentionPolicies` and `compliance.retentionRules`, by Guid.
- `exchange.delayHolds`, by mailbox Guid: {"until": ...}.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.emulator import clock
from connectors.emulator.store import Body, Json, Store

MAILBOXES, DELAYS = "exchange.mailboxes", "exchange.delayHolds"
CASES, HOLDS = "graph.ediscoveryCases", "graph.legalHolds"
USER_SOURCES, SITE_SOURCES = "graph.userSources", "graph.siteSources"
POLICIES, RULES = "compliance.retentionPolicies", "compliance.retentionRules"
APPLIES = timedelta(hours=24)  # Microsoft promises a case hold and a retention policy within a day
_DELAY = timedelta(days=30)
_KEEPING = ("Keep", "KeepAndDelete")


@dataclass(frozen=True, slots=True)
class Preserving:
    """All holds of a tenant that keep mail, at one moment."""

    by_address: Mapping[str, Sequence[str]]  # marks of InPlaceHolds, by address in lower case
    everywhere: bool  # a retention policy keeps the mail of every mailbox
    delayed_mailboxes: frozenset[str]  # Guids of mailboxes

    def marks(self, mailbox: Body) -> list[Json]:
        """Return the value of InPlaceHolds for a mailbox."""
        return [*as_sequence(mailbox.get("InPlaceHolds")), *self.by_address.get(_mailbox_address(mailbox), ())]

    def keeps(self, mailbox: Body) -> bool:
        """Return whether a hold keeps a mailbox, as Get-Mailbox would show it."""
        shown = (
            mailbox.get(name) for name in ("LitigationHoldEnabled", "DelayHoldApplied", "ComplianceTagHoldApplied")
        )
        return self.everywhere or any(shown) or bool(mailbox.get("InPlaceHolds"))


def read_preserving_holds(store: Store, tenant_id: str, now: datetime) -> Preserving:
    """Return the holds on mail at a moment."""
    marks: dict[str, list[str]] = {}
    holds = store.all_by_key(tenant_id, HOLDS)
    for key, source in store.all_by_key(tenant_id, USER_SOURCES).items():
        hold = holds.get(key.rpartition("/")[0], {})
        if hold.get("isEnabled") and is_applied(source, now):
            marks.setdefault(str(source["email"]).lower(), []).append(f"UniH{hold['id']}")
    policies = _policies_that_keep(store, tenant_id, now)
    for policy in policies:
        mark = f"mbx{str(policy['Guid']).replace('-', '')}:2"
        for name in _location_names(policy):
            marks.setdefault(name, []).append(mark)
    delays = store.all_by_key(tenant_id, DELAYS)
    return Preserving(
        by_address=marks,
        everywhere=any("all" in _location_names(policy) for policy in policies),
        delayed_mailboxes=frozenset(
            key for key, kept in delays.items() if now < datetime.fromisoformat(str(kept["until"]))
        ),
    )


def is_applied(source: Body, now: datetime) -> bool:
    """Return whether a hold on a source has been applied."""
    return now >= datetime.fromisoformat(str(source["createdDateTime"])) + APPLIES


def is_distributed(policy: Body, now: datetime) -> bool:
    """Return whether a retention policy has reached its locations since its last change."""
    return now >= datetime.fromisoformat(str(policy["WhenChanged"])) + APPLIES


def delay_entry(now: datetime) -> Body:
    """Return the delay that is stored when a hold is released. It lasts a month."""
    return {"until": (now + _DELAY).isoformat()}


def begin_delay(store: Store, tenant_id: str, address: str) -> None:
    """Begin the delay for the mailbox with an address, if there is one."""
    mailbox = store.find(tenant_id, MAILBOXES, "PrimarySmtpAddress", address)
    if mailbox:
        store.put(tenant_id, DELAYS, str(mailbox["Guid"]), delay_entry(clock.now(store, tenant_id)))


def as_sequence(value: Json) -> Sequence[Json]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _policies_that_keep(store: Store, tenant_id: str, now: datetime) -> list[Body]:
    ruled = {
        str(rule["Policy"]) for rule in store.all(tenant_id, RULES) if rule["RetentionComplianceAction"] in _KEEPING
    }
    policies = store.all(tenant_id, POLICIES)
    return [
        policy for policy in policies if policy["Enabled"] and policy["Guid"] in ruled and is_distributed(policy, now)
    ]


def _location_names(policy: Body) -> list[str]:
    places = as_sequence(policy.get("ExchangeLocation"))
    return [str(place["Name"]).lower() for place in places if isinstance(place, Mapping)]


def _mailbox_address(mailbox: Body) -> str:
    return str(mailbox.get("PrimarySmtpAddress") or "").lower()
