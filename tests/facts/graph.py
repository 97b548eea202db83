"""Microsoft Graph's published types, from `graph_types.yaml`."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from tests.facts.tables import PropertyType, property_types, read_table


@cache
def graph_types() -> Mapping[str, Any]:
    """Return the whole table of types."""
    return read_table("graph_types")


def v1_properties(name: str) -> Mapping[str, PropertyType]:
    """Return a type's own properties in v1.0; none if the table has the type only for beta."""
    return property_types(graph_types()["v1.0"].get(name, {}))


def beta_additions(name: str) -> Mapping[str, PropertyType]:
    """Return a type's own properties in beta that it does not have in v1.0, with TypeScript's scalar types."""
    return property_types(graph_types()["beta"].get(name, {}))


def enumeration_members(name: str) -> frozenset[str]:
    """Return the members of an enumeration in beta."""
    return frozenset(graph_types()["enumerations"][name].split())
