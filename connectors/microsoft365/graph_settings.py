"""Objects of a table that Graph shows at its paths."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from connectors.microsoft365.setting_tables import Table, by_object
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, Rejected, ServiceError, SignInRefused
from toolkit.sdk.endpoint import FixedObjects, NamedOnly, Wanted, Write
from toolkit.sdk.resource import Remote
from toolkit.sdk.shapes import mapping
from toolkit.values import Body, Json

Rewrite = Callable[[Microsoft365, Body], Body]


def _as_it_is(_via: Microsoft365, shown: Body) -> Body:
    return shown


def _patch(via: Microsoft365, path: str, _before: Body, changed: Body) -> None:
    via.graph.send("PATCH", path, nested(changed))


class GraphSettings(FixedObjects):
    """The objects of a table: one request reads a path; `send` is given a path, what an object was, what changes."""

    none_created = "Microsoft Graph has no settings named {name!r}"
    none_deleted = "the settings {name!r} are changed, never deleted"

    def __init__(
        self,
        table: Table,
        rewrite: Rewrite = _as_it_is,
        send: Callable[[Microsoft365, str, Body, Body], None] = _patch,
    ) -> None:
        self._rows = by_object(table)
        self._rewrite = rewrite
        self._send = send

    def read(self, via: Microsoft365, wanted: Wanted) -> Iterator[Remote]:
        """Read those that are named, or all; only the properties of the table are compared."""
        names = [name for name in self._rows if not isinstance(wanted, NamedOnly) or name in wanted.names]
        answers = {path: via.graph.get(path) for path in sorted({self._rows[name][0].source for name in names})}
        for name in names:
            rows = self._rows[name]
            yield Remote(name, name, self._rewrite(via, _shown(rows, answers[rows[0].source])))

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        self._send(via, self._rows[remote.name][0].source, remote.body, body)

    def write_many(self, via: Microsoft365, writes: Sequence[Write]) -> Sequence[Remote | ServiceError]:
        """Change objects one after the other, as the table has them, and read each back."""
        names = list(self._rows)
        ordered = sorted(range(len(writes)), key=lambda place: names.index(writes[place].name))
        outcomes = {place: self._written(via, writes[place]) for place in ordered}
        return [outcomes[place] for place in range(len(writes))]

    def _written(self, via: Microsoft365, write: Write) -> Remote | ServiceError:
        if write.remote is None:
            return Rejected(self.none_created.format(name=write.name))
        sent = False
        try:
            self.update(via, write.remote, write.name, write.body)
            sent = True
            (remote,) = self.read(via, NamedOnly(frozenset({write.name})))
        except SignInRefused:
            raise
        except ServiceError as error:
            return BadAnswer(f"sent, and could not be read back: {error}") if sent else error
        return remote


def _shown(rows: Table, answer: Body) -> Body:
    shown: dict[str, Json] = {}
    for row in rows:
        holder, _, inside = row.property.rpartition(".")
        held = mapping(answer.get(holder)) if holder else answer
        if inside not in held or (held[inside] is None and not row.nullable):
            raise BadAnswer(f"GET {row.source}: the answer does not show {row.property}")
        shown[row.property] = held[inside]
    return shown


def nested(body: Body) -> Body:
    """Put properties into the objects that hold them."""
    sent: dict[str, Any] = {}
    for name, value in body.items():
        holder, _, inside = name.rpartition(".")
        (sent.setdefault(holder, {}) if holder else sent)[inside] = value
    return sent
