"""Under which ids runs found the groups and units that the playbooks name."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from toolkit.ledger.database import reading
from toolkit.ledger.entries import RunEnded, read_entry
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.projection_store import Stored
from toolkit.ledger.tables import ENTRY, MEMORY, RUN
from toolkit.sdk.address import Address
from toolkit.values import canonical_text


def bound(ledger: Ledger, provider: str, name: str) -> str | None:
    """Give the id under which a run found a group or unit last; None where none ever did."""
    key = f"{provider}:{name}"
    query = (
        select(ENTRY.c.text)
        .join(RUN, RUN.c.ended == ENTRY.c.n)
        .where(ENTRY.c.text.contains(f"{canonical_text(key)}:", autoescape=True))
        .order_by(ENTRY.c.n.desc())
        .limit(1)
    )
    ledger.make()
    with reading(ledger.engine) as connection:
        text = connection.execute(query).scalar_one_or_none()
    ended = read_entry(text) if text else None
    return ended.groups.get(key) if isinstance(ended, RunEnded) else None


def groups_then(ledger: Ledger, addresses: Collection[Address]) -> Mapping[Address, Mapping[str, str]]:
    """Give the ids of groups and units by provider:name, as the run that wrote each of some objects last had them."""
    query = select(MEMORY.c.address, RUN.c.ended).join(RUN, RUN.c.run == MEMORY.c.run)
    named = {str(address): address for address in addresses}
    found: dict[int, Mapping[str, str]] = {}
    ledger.make()
    with reading(ledger.engine) as connection:
        stored = Stored(connection)
        ends = {row["address"]: row["ended"] for row in connection.execute(query).mappings()}
        for n in {ends[address] for address in named if ends.get(address)}:
            ended = stored.entry(n)
            found[n] = ended.groups if isinstance(ended, RunEnded) else {}
    return {address: found.get(ends.get(text) or 0, {}) for text, address in named.items()}
