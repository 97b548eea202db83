"""The settings of the kind, made from the table: one group of fields for each setting of the console."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import create_model

from connectors.google_workspace.kinds.policy_setting.fields import declared
from connectors.google_workspace.kinds.policy_setting.rows import PolicyField, SettingType
from connectors.google_workspace.kinds.policy_setting.table import TYPES
from toolkit.sdk.spec import Spec

_ABOUT = """What the admin console holds for a unit, compared and reported; no API of Google's sets it."""


def made_from(types: Iterable[SettingType]) -> type[Spec]:
    """Make the spec; a field that several settings have is one field of all of them."""
    groups = tuple(_groups(types))
    # Pydantic lists the fields of the last of its bases first.
    return create_model("PolicySetting", __base__=groups[::-1], __doc__=_ABOUT, __module__=__name__)


def _groups(types: Iterable[SettingType]) -> Iterator[type[Spec]]:
    fields: dict[str, PolicyField] = {}
    owners: dict[str, list[SettingType]] = {}
    for one in types:
        for field in one.fields:
            if fields.setdefault(field.name, field) != field:
                raise ValueError(f"{one.name}: another setting has another field that is called {field.name}")
            owners.setdefault(field.name, []).append(one)
    together: dict[tuple[str, ...], list[str]] = {}
    for name, having in owners.items():
        together.setdefault(tuple(one.name for one in having), []).append(name)
    for names in together.values():
        yield _group(owners[names[0]], [fields[name] for name in names])


def _group(owners: Sequence[SettingType], fields: Iterable[PolicyField]) -> type[Spec]:
    title = "; ".join(dict.fromkeys(one.title for one in owners))
    places = "; ".join(dict.fromkeys(one.console for one in owners))
    about = f"Of {', '.join(f'`{one.name}`' for one in owners)}; Admin console > {places}."
    definitions: dict[str, Any] = {field.name: declared(field) for field in fields}
    return create_model(title, __base__=Spec, __doc__=about, __module__=__name__, **definitions)


PolicySetting = made_from(TYPES.values())
