"""The time of a tenant: it starts at a fixed instant and moves only when told."""

from datetime import UTC, datetime

from connectors.emulator.store import Store

START = datetime(2026, 11, 10, 9, tzinfo=UTC)  # a Tuesday inside the sample school's autumn term


def now(store: Store, tenant_id: str) -> datetime:
    """Read the time of one tenant."""
    kept = store.get(tenant_id, "clock", "now")
    return datetime.fromisoformat(str(kept["now"])) if kept else START


def text(instant: datetime) -> str:
    """Write an instant as the vendors do: 2026-11-10T09:00:00Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
