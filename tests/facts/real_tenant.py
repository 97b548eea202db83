"""Objects of a real Microsoft 365 tenant, from `real_tenant.yaml`."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.facts.tables import read_table, unset_properties


def exchange_row(key: str) -> Mapping[str, Any]:
    """Return an object as an Exchange cmdlet returned it, with its unset properties."""
    table = read_table("real_tenant")[key]
    return {**unset_properties(table), **table["others"]}


def property_names(key: str) -> frozenset[str]:
    """Return the names of the properties of objects whose values the table does not have."""
    return frozenset(read_table("real_tenant")[key].split())


def domain() -> Mapping[str, Any]:
    """Return the tenant's domain as Graph returns it."""
    body: Mapping[str, Any] = _to_graph(read_table("real_tenant")["domain_settings"])
    return body


def conditional_access_policies() -> Sequence[Mapping[str, Any]]:
    """Return the tenant's Conditional Access policies as Graph returns them."""
    return [_to_graph(policy) for policy in read_table("real_tenant")["conditional_access_policies"]]


def _to_graph(value: Any) -> Any:
    """Return an object that PowerShell printed with the names of Graph, which begin with a small letter."""
    match value:
        case Mapping():
            return {name[:1].lower() + name[1:]: _to_graph(entry) for name, entry in value.items()}
        case list():
            return [_to_graph(entry) for entry in value]
        case _:
            return value
