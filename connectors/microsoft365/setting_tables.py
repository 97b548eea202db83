"""Tables of settings that a tenant has once, and an endpoint for tables whose settings have a Graph path.

A row is a property. Rows with the same object name belong together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import Field, create_model

from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, Rejected, RequestFailed, ServiceError
from toolkit.records import dataclass
from toolkit.sdk import (
    FixedObjects,
    Form,
    NamedOnly,
    NameRules,
    ReadScope,
    Remote,
    Setting,
    SettingEffect,
    Spec,
    Write,
    mapping,
)
from toolkit.values import Body, Json


@dataclass(frozen=True, slots=True)
class TableProperty:
    """A row of a table: a property of an object in the service.

    A dot in the property's name leads to a nested object.
    """

    object: str  # the name in a playbook
    name: str  # the setting in a playbook, unique in its table
    source: str  # a path of Graph, or the noun of a pair of Exchange cmdlets
    property: str
    takes: Any
    form: Form
    default: Json  # Microsoft's value in a new tenant
    meaning: str
    example: Json = None  # for properties whose default is not a useful example
    nullable: bool = False  # the service shows null for a value that was never set
    effect: SettingEffect | None = None  # required for every property


Table = Sequence[TableProperty]


def by_object(table: Table) -> Mapping[str, Table]:
    return {name: [row for row in table if row.object == name] for name in dict.fromkeys(row.object for row in table)}


def model_of(name: str, module: str, about: str, table: Table) -> type[Spec]:
    """Return the spec class for the settings in a table."""
    fields: dict[str, Any] = {row.name: _spec_field(row) for row in table}
    if len(fields) < len(table):
        raise ValueError(f"two properties of {name} have the same name. Give each its own name")
    spec = create_model(name, __base__=Spec, __doc__=about, __module__=module, **fields)
    spec.effects = {row.name: row.effect for row in table if row.effect is not None}
    return spec


def _spec_field(row: TableProperty) -> tuple[Any, Any]:
    default = f", which is {str(row.default).lower()} in a new tenant" if row.default is not None else ""
    example = row.default if row.example is None else row.example
    about = f"{row.meaning} Of `{row.object}`: {row.property}{default}."
    return Annotated[(row.takes, Setting(row.form, wire=row.property))], Field(
        default=row.default, description=about, examples=[example]
    )


def name_rules(table: Table, service: str = "Microsoft Graph") -> NameRules:
    """Return the rules that check which names of objects and settings a playbook uses."""
    rows = by_object(table)

    def check(name: str) -> str | None:
        close = get_close_matches(name, rows, n=1)
        hint = f"Did you mean {close[0]!r}?" if close else f"The names are {', '.join(rows)}"
        return None if name in rows else f"{service} has no settings named {name!r}. {hint}"

    def check_setting(name: str, setting: str) -> str | None:
        settings = [row.name for row in rows.get(name, ())]
        return (
            None
            if not settings or setting in settings
            else f"{name} has no setting {setting}. Its settings are {', '.join(settings)}"
        )

    return NameRules(check=check, check_setting=check_setting)


Rewrite = Callable[[Microsoft365, Body], Body]


def _unchanged(_via: Microsoft365, body: Body) -> Body:
    return body


def _patch(via: Microsoft365, path: str, _before: Body, changed: Body) -> None:
    via.graph.send("PATCH", path, to_nested(changed))


class GraphSettings(FixedObjects):
    """The endpoint for the objects of a table. One request reads each path.

    `rewrite` converts the body of a response. `send` gets the path, the object before the change, and the changes.
    """

    none_created = "Microsoft Graph has no settings named {name!r}"
    none_deleted = "the settings {name!r} cannot be deleted, only changed"

    def __init__(
        self,
        table: Table,
        rewrite: Rewrite = _unchanged,
        send: Callable[[Microsoft365, str, Body, Body], None] = _patch,
    ) -> None:
        self._rows = by_object(table)
        self._rewrite = rewrite
        self._send = send

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterator[Remote]:
        """Read the selected objects. Properties that are not in the table are left out."""
        names = [name for name in self._rows if not isinstance(selection, NamedOnly) or name in selection.names]
        responses = {path: via.graph.get(path) for path in sorted({self._rows[name][0].source for name in names})}
        for name in names:
            rows = self._rows[name]
            yield Remote(name, name, self._rewrite(via, _table_properties(rows, responses[rows[0].source])))

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        self._send(via, self._rows[remote.name][0].source, remote.body, body)

    def write_many(self, via: Microsoft365, writes: Sequence[Write]) -> Sequence[Remote | RequestFailed]:
        """Change objects in the order of the table, and read each back."""
        names = list(self._rows)
        ordered = sorted(range(len(writes)), key=lambda place: names.index(writes[place].name))
        outcomes = {place: self._write(via, writes[place]) for place in ordered}
        return [outcomes[place] for place in range(len(writes))]

    def _write(self, via: Microsoft365, write: Write) -> Remote | RequestFailed:
        if write.remote is None:
            return Rejected(self.none_created.format(name=write.name))
        sent = False
        try:
            self.update(via, write.remote, write.name, write.body)
            sent = True
            (remote,) = self.read(via, NamedOnly(frozenset({write.name})))
        except ServiceError as error:
            return BadAnswer(f"the change was sent but could not be read back: {error}") if sent else error
        return remote


def _table_properties(rows: Table, response: Body) -> Body:
    properties: dict[str, Json] = {}
    for row in rows:
        parent_name, _, name = row.property.rpartition(".")
        parent = mapping(response.get(parent_name)) if parent_name else response
        if name not in parent or (parent[name] is None and not row.nullable):
            raise BadAnswer(f"GET {row.source}: the response does not show {row.property}")
        properties[row.property] = parent[name]
    return properties


def to_nested(body: Body) -> Body:
    """Return a body with nested objects instead of names with dots, such as `a.b`."""
    result: dict[str, Any] = {}
    for name, value in body.items():
        parent, _, child = name.rpartition(".")
        (result.setdefault(parent, {}) if parent else result)[child] = value
    return result
