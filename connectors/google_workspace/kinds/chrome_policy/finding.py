"""Finds the policies that are set at a unit itself: each namespace of every unit is read once.

What is set for groups is not looked for: that would be a request for each namespace and group of the school.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from connectors.google_workspace.kinds.chrome_policy.names import check_name
from connectors.google_workspace.kinds.chrome_policy.table import SCHEMAS
from toolkit.sdk.shapes import mapping, text

if TYPE_CHECKING:
    from connectors.google_workspace.connection import GoogleWorkspace
    from toolkit.values import Body

_UNIT, _APP = "orgunits/", "app_id"


def names_there(via: GoogleWorkspace) -> Iterator[str]:
    """Name what is set at the units, from the top one down, as a playbook names it."""
    schemas = {schema.full_name: name for name, schema in SCHEMAS.items()}
    namespaces = sorted({schema.namespace for schema in SCHEMAS.values()})
    for path, unit in sorted(via.units.all().items()):
        target = _UNIT + unit.id
        for row in (row for namespace in namespaces for row in via.chrome.resolved(target, namespace)):
            name = schemas.get(text(mapping(row.get("value")).get("policySchema")))
            if name and text(mapping(row.get("sourceKey")).get("targetResource")) == target:
                app = _app(row)
                named = f"{name} {app} @ {path}" if app else f"{name} @ {path}"
                if check_name(named) is None:
                    yield named


def _app(row: Body) -> str:
    return text(mapping(mapping(row.get("targetKey")).get("additionalTargetKeys")).get(_APP))
