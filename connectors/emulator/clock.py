"""A tenant's clock. It starts at a fixed instant and moves only when told to."""

from datetime import UTC, datetime

from connectors.emulator.store import Store

START = datetime(2026, 11, 10, 9, tzinfo=UTC)  # a Tuesday inside the sample school's autumn term


def now(store: Store, tenant_id: str) -> datetime:
    kept = store.get(tenant_id, "clock", "now")
    return datetime.fromisoformat(str(kept["now"])) if kept else START


def move(store: Store, tenant_id: str, instant: datetime) -> datetime:
    """Move a tenant's time forward and return the new time.

    Raise ValueError for an earlier time, or for a time without a time zone.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    before = now(store, tenant_id)
    if instant < before:
        raise ValueError(f"{text(instant)} is before {text(before)}: a tenant's clock never goes back")
    store.put(tenant_id, "clock", "now", {"now": instant.astimezone(UTC).isoformat()})
    return instant


def text(instant: datetime) -> str:
    """Return an instant as text in the vendors' form, such as 2026-11-10T09:00:00Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
