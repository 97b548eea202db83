"""Every Chrome policy that a playbook can ask for."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.google_workspace.kind_tables import read_table
from connectors.google_workspace.kinds.chrome_policy.rows import Schema, read_schema

_TABLE = read_table(__package__, "policies.toml")
SCHEMAS: Mapping[str, Schema] = MappingProxyType({name: read_schema(name, row, _TABLE) for name, row in _TABLE.items()})
