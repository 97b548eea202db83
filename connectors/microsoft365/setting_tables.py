"""Objects that a tenant has once, as tables: a row is a property, and properties that belong together share a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import Field, create_model

from toolkit.sdk.form import Form
from toolkit.sdk.kind import NameRules
from toolkit.sdk.spec import Setting, Spec
from toolkit.values import Json


@dataclass(frozen=True, slots=True)
class TableProperty:
    """One property of what a service shows at its source; behind a dot, of an object inside it."""

    object: str  # the name in a playbook
    name: str  # the setting in a playbook; no two properties of a table have the same
    source: str  # a path of Graph, or the noun of a pair of cmdlets of Exchange
    property: str
    takes: Any
    form: Form
    default: Json  # what Microsoft gives a new tenant
    meaning: str
    example: Json = None  # where the default shows nothing
    nullable: bool = False  # the service shows null where no one chose anything


Table = Sequence[TableProperty]


def by_object(table: Table) -> Mapping[str, Table]:
    """Give the rows of each object."""
    return {name: [row for row in table if row.object == name] for name in dict.fromkeys(row.object for row in table)}


def model_of(name: str, module: str, about: str, table: Table) -> type[Spec]:
    """Make the spec of a table."""
    fields: dict[str, Any] = {row.name: _declared(row) for row in table}
    if len(fields) < len(table):
        raise ValueError(f"two properties of {name} have the same name: give each a name of its own")
    return create_model(name, __base__=Spec, __doc__=about, __module__=module, **fields)


def _declared(row: TableProperty) -> tuple[Any, Any]:
    default = f", which is {str(row.default).lower()} in a new tenant" if row.default is not None else ""
    example = row.default if row.example is None else row.example
    about = f"{row.meaning} Of `{row.object}`: {row.property}{default}."
    return Annotated[(row.takes, Setting(row.form, wire=row.property))], Field(
        default=row.default, description=about, examples=[example]
    )


def name_rules(table: Table, service: str = "Microsoft Graph") -> NameRules:
    """Check names of objects, and that an object has a setting."""
    rows = by_object(table)

    def check(name: str) -> str | None:
        close = get_close_matches(name, rows, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(rows)}"
        return None if name in rows else f"{service} has no settings named {name!r}; {hint}"

    def check_setting(name: str, setting: str) -> str | None:
        known = [row.name for row in rows.get(name, ())]
        return None if not known or setting in known else f"{name} has no setting {setting}; it has: {', '.join(known)}"

    return NameRules(check=check, check_setting=check_setting)
