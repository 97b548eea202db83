"""Stores emulated tenants in one SQLite file. Every object is a JSON document in a named, ordered collection."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Body: TypeAlias = Mapping[str, Json]

_SCHEMA = """
create table if not exists object (
    tenant text not null, collection text not null, id text not null, position integer not null, body text not null,
    primary key (tenant, collection, id)
) without rowid;
create index if not exists object_in_order on object (tenant, collection, position);
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """One object that a write changed, with its new value, or its last value if it was removed."""

    tenant: str
    collection: str
    key: str
    body: Body
    new: bool = False
    gone: bool = False
    changed: tuple[str, ...] = ()  # the keys of a known body that have another value now


class Store:
    """JSON documents by tenant, collection and id. A change is on disk when its transaction ends."""

    def __init__(self, path: Path | None) -> None:
        """Open the store in the file at a path. Without a path, everything stays in memory."""
        self._database = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        # The log survives a killed process. Only a power cut may lose the last change.
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = normal")
        self._database.executescript(_SCHEMA)
        self._touched: list[Touched] | None = None
        self._read: dict[tuple[str, str, str], str | None] = {}  # texts that `get` read since the last change
        self._changes = 0
        self.found_last: dict[tuple[str, str], str] = {}
        """The tenant in which a value of a collection was found last, which is searched first the next time."""

    @contextmanager
    def record_changes(self) -> Iterator[list[Touched]]:
        """Record each object that is changed inside the `with` block."""
        touched: list[Touched] = []
        self._touched = touched
        try:
            yield touched
        finally:
            self._touched = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Combine the changes inside the `with` block. Either all of them are stored, or none."""
        if self._database.in_transaction:
            yield
            return
        self._database.execute("begin immediate")
        whole = False
        try:
            yield
            whole = True
        finally:
            self._database.execute("commit" if whole else "rollback")
            if not whole:
                self._read.clear()

    def all(self, tenant: str, collection: str) -> list[dict[str, Json]]:
        rows = self._database.execute(
            "select body from object where tenant = ? and collection = ? order by position", (tenant, collection)
        )
        return [json.loads(body) for (body,) in rows]

    def all_by_key(self, tenant: str, collection: str) -> dict[str, dict[str, Json]]:
        """Return the objects of a collection with their keys, in order."""
        rows = self._database.execute(
            "select id, body from object where tenant = ? and collection = ? order by position", (tenant, collection)
        )
        return {key: json.loads(body) for key, body in rows}

    def get(self, tenant: str, collection: str, key: str) -> dict[str, Json] | None:
        place = (tenant, collection, key)
        if self._changes != self._database.total_changes:
            self._changes = self._database.total_changes
            self._read.clear()
        if place not in self._read:
            query = "select body from object where tenant = ? and collection = ? and id = ?"
            row = self._database.execute(query, place).fetchone()
            self._read[place] = row[0] if row else None
        text = self._read[place]
        return None if text is None else json.loads(text)

    def find(self, tenant: str, collection: str, name: str, value: str) -> dict[str, Json] | None:
        """Return the first object with a property of this value, ignoring case."""
        row = self._database.execute(
            """select body from object where tenant = ? and collection = ?
               and lower(json_extract(body, '$."' || ? || '"')) = lower(?) order by position limit 1""",
            (tenant, collection, name, value),
        ).fetchone()
        return json.loads(row[0]) if row else None

    def with_prefix(self, tenant: str, collection: str, prefix: str) -> dict[str, dict[str, Json]]:
        """Return the objects of a collection whose keys have the same beginning, with their keys, in order."""
        rows = self._database.execute(
            "select id, body from object where tenant = ? and collection = ? and id >= ? and id < ? order by position",
            (tenant, collection, prefix, prefix + "\U0010ffff"),
        )
        return {key: json.loads(body) for key, body in rows}

    def read_range(self, tenant: str, collection: str, *, start: int, count: int) -> list[dict[str, Json]]:
        """Return at most `count` objects of a collection, in order, from the position `start`."""
        rows = self._database.execute(
            "select body from object where tenant = ? and collection = ? order by position limit ? offset ?",
            (tenant, collection, count, start),
        )
        return [json.loads(body) for (body,) in rows]

    def keys(self, tenant: str, collection: str) -> set[str]:
        rows = self._database.execute("select id from object where tenant = ? and collection = ?", (tenant, collection))
        return {key for (key,) in rows}

    def count(self, tenant: str, collection: str) -> int:
        rows = self._database.execute(
            "select count(*) from object where tenant = ? and collection = ?", (tenant, collection)
        )
        return int(rows.fetchone()[0])

    def put(self, tenant: str, collection: str, key: str, body: Body) -> None:
        """Store one object. A new object goes to the end of its collection, and an existing object keeps its place."""
        self._note(tenant, collection, key, body)
        self._database.execute(
            """insert into object values (?, ?, ?,
                   (select coalesce(max(position), -1) + 1 from object where tenant = ? and collection = ?), ?)
               on conflict (tenant, collection, id) do update set body = excluded.body""",
            (tenant, collection, key, tenant, collection, json.dumps(body)),
        )

    def delete(self, tenant: str, collection: str, key: str) -> bool:
        """Remove one object, and return whether it existed."""
        self._note(tenant, collection, key, None)
        gone = self._database.execute(
            "delete from object where tenant = ? and collection = ? and id = ?", (tenant, collection, key)
        )
        return gone.rowcount > 0

    def replace(self, tenant: str, collection: str, bodies: Mapping[str, Body]) -> None:
        """Replace a whole collection, in the given order."""
        for key in [*(self.keys(tenant, collection) - bodies.keys()), *bodies] if self._touched is not None else ():
            self._note(tenant, collection, key, bodies.get(key))
        with self.transaction():
            self._database.execute("delete from object where tenant = ? and collection = ?", (tenant, collection))
            self._database.executemany(
                "insert into object values (?, ?, ?, ?, ?)",
                [
                    (tenant, collection, key, place, json.dumps(body))
                    for place, (key, body) in enumerate(bodies.items())
                ],
            )

    def _note(self, tenant: str, collection: str, key: str, after: Body | None) -> None:
        if self._touched is None:
            return
        before = self.get(tenant, collection, key)
        if before != (None if after is None else json.loads(json.dumps(after))):
            body = after if after is not None else before or {}
            new, gone = before is None, after is None
            both = () if new or gone else {**(before or {}), **body}
            changed = tuple(name for name in both if (before or {}).get(name) != body.get(name))
            self._touched.append(Touched(tenant, collection, key, body, new=new, gone=gone, changed=changed))

    def collections(self, tenant: str) -> list[str]:
        rows = self._database.execute("select distinct collection from object where tenant = ? order by 1", (tenant,))
        return [name for (name,) in rows]

    def forget(self, tenant: str) -> None:
        """Remove a tenant with all its objects."""
        self._database.execute("delete from object where tenant = ?", (tenant,))

    def close(self) -> None:
        self._database.close()
