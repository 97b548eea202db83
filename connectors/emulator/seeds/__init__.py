"""Seeds: files of rows that change the school of a new tenant or add to it, so that it resembles a real, untidy school.

A file is a list of rows, or a list of `tenants`, each with a name, a domain, the schools of a trust (see
trust_schools.py) and `rows` of its own. Each row names a collection of the store and the values to `set`. They are
set in every object with the values of `over`, or in a copy of the first object with the values of `like`. A copy or a
new object may have a `key` of its own. A new object of Graph may have a `type`, whose other properties then have
their defaults. Objects are merged at every level. Lists and plain values are replaced. In strings, `{domain}` and
similar names are replaced, and `{key:groups:displayName=All staff}` is the key of an object in another collection.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter
from ruamel.yaml import YAML

from connectors.emulator.data_files import change_texts, fill_names
from connectors.emulator.microsoft365.graph.bodies import fill_omitted
from connectors.emulator.microsoft365.graph.models import BETA, model
from connectors.emulator.school import School
from connectors.emulator.store import Body, Json, Store
from connectors.emulator.trust_schools import TrustTenant, make_trust

_FILES = Path(__file__).parent
_SHOWN_IF_SET = frozenset({"deviceStatuses", "deviceStatusOverview", "deviceSettingStateSummaries", "userStatuses"})
_KEY = re.compile(r"\{key:([\w.]+):(\w+)=([^}]*)\}")


@dataclass(frozen=True, slots=True)
class TenantSeed:
    """A tenant of a seed. Without `trust_tenant`, its school is the school that is asked for."""

    trust_tenant: TrustTenant | None = None
    rows: Sequence[Body] = ()

    def make_school(self, tenant_id: str = "") -> School | None:
        """Return the trust of the seed in the tenant of the seed or another, or None if the seed has no trust."""
        return make_trust(self.trust_tenant, tenant_id) if self.trust_tenant else None

    def change(self, store: Store, school: School) -> None:
        """Apply the rows to a school in the store. Raise ValueError if a row has no effect."""
        _apply_rows(self.rows, store, school)


def find_seed(name: str) -> Sequence[TenantSeed]:
    """Return the tenants of a seed. A seed named "" has one tenant without rows. Raise ValueError if it is unknown."""
    files = {path.stem: path for path in _FILES.glob("*.yaml")}
    if not name:
        return (TenantSeed(),)
    if name not in files:
        raise ValueError(f"unknown seed {name!r}. The seeds are: {', '.join(sorted(files))}")
    written = YAML(typ="safe", pure=True).load(files[name])
    if isinstance(written, list):
        return (TenantSeed(rows=written),)
    return [_read_tenant(entry) for entry in written["tenants"]]


def _read_tenant(entry: Body) -> TenantSeed:
    described = {name: value for name, value in entry.items() if name != "rows"}
    rows = cast("Sequence[Body]", entry.get("rows", ()))
    return TenantSeed(TypeAdapter(TrustTenant).validate_python(described), rows)


def _apply_rows(rows: Sequence[Body], store: Store, school: School) -> None:
    for row in rows:
        for key, body in _changed_objects(row, store, school):
            store.put(school.tenant_id, str(row["collection"]), key, body)


def _changed_objects(row: Body, store: Store, school: School) -> Iterator[tuple[str, Body]]:
    """Return the objects that a row changes or creates, by key."""
    filled = _as_object(change_texts(row, lambda text: _fill_names(text, store, school)))
    collection, values = str(filled["collection"]), _as_object(filled["set"])
    if "over" in filled:
        for key, body in _find_objects(store, school, collection, _as_object(filled["over"])):
            yield key, _merge_objects(body, values)
        return
    key = str(filled.get("key") or school.identifier(collection, str(values)))
    if "like" not in filled:
        declared_properties = model(str(filled.get("type")), BETA)
        yield key, fill_omitted(values, declared_properties, without=_SHOWN_IF_SET) if declared_properties else values
        return
    (old, body), *_ = _find_objects(store, school, collection, _as_object(filled["like"]))
    yield key, _merge_objects(_as_object(change_texts(body, lambda text: text.replace(old, key))), values)


def _find_objects(store: Store, school: School, collection: str, values: Body) -> Sequence[tuple[str, Body]]:
    """Return the objects that have the given values.

    Raise ValueError if there are none, so that every row has an effect.
    """
    rows = store.all_by_key(school.tenant_id, collection).items()
    matches = [(key, body) for key, body in rows if _has_values(body, values)]
    if not matches:
        raise ValueError(f"{collection} has no object with {values}")
    return matches


def _has_values(body: Json, values: Json) -> bool:
    if isinstance(body, Mapping) and isinstance(values, Mapping):
        return all(name in body and _has_values(body[name], value) for name, value in values.items())
    return body == values


def _fill_names(text: str, store: Store, school: School) -> str:
    return _KEY.sub(
        lambda match: _find_objects(store, school, match[1], {match[2]: match[3]})[0][0], fill_names(text, school)
    )


def _merge_objects(original: Body, changes: Body) -> Body:
    merged = dict(original)
    for name, value in changes.items():
        held = merged.get(name)
        merged[name] = (
            _merge_objects(held, value) if isinstance(held, Mapping) and isinstance(value, Mapping) else value
        )
    return merged


def _as_object(value: Json) -> Body:
    assert isinstance(value, Mapping)
    return value
