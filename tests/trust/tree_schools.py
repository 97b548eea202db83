"""A trust for tests over the emulator's seed `trust`, whose schools have the names of trees."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.door import Door, open_door
from tests.emulated import Emulator, Tenant

_HEAD = """\
trust: Harbour Learning Trust
id: k4v7m2qd
tenants:
  main:
{clouds}base: base/
mode: enforce
{decides}schools:
"""
_CLOUDS = {
    "microsoft365": "    microsoft365: {{tenant_id: {tenant_id}, domain: {domain}}}\n",
    "google_workspace": "    google_workspace: {{customer_id: {customer_id}, domain: {domain}}}\n",
}
_SCHOOL = "  {name}:\n    name: {title} Primary School\n    domains: [{tree}.example]\n"
_MICROSOFT = (
    "    microsoft365: {{everyone: {tree}-all@{domain}, staff: {tree}-staff@{domain}, pupils: {tree}-{pupils}}}\n"
)
_GOOGLE = "    google_workspace: {{unit: /{title}{more}}}\n"


@contextmanager
def open_tree_door(emulator: Emulator, folder: Path) -> Iterator[Door]:
    """Open a tenant with the seed `trust`, and run commands on it from a folder."""
    tenant = emulator.open_tenant(seed="trust")
    yield open_door(tenant, folder, samples=False)
    tenant.close()


def write_trust(
    folder: Path,
    tenant: Tenant,
    schools: Sequence[str],
    rules: str,
    *,
    clouds: Sequence[str] = ("microsoft365",),
    decides: str = "",
    own: Mapping[str, str] | None = None,
    more_on_google: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Path:
    """Write a trust of the schools, with rules for all and `own` rules by school, and return its folder."""
    names = {"tenant_id": tenant.tenant_id, "customer_id": tenant.customer_id, "domain": tenant.domain}
    lines = [_HEAD.format(clouds="".join(_CLOUDS[cloud].format(**names) for cloud in clouds), decides=decides)]
    for school in schools:
        tree, title = school.lower(), school.title()
        more = (more_on_google or {}).get(school, "")
        values = {
            "pupils": f"pupils@{tenant.domain}",
            "name": school,
            "title": title,
            "tree": tree,
            "more": f", {more}" if more else "",
            **names,
        }
        lines.append(_SCHOOL.format(**values))
        lines += [text.format(**values) for cloud, text in _PLACES.items() if cloud in clouds]
        lines += [f"    folder: schools/{tree}\n"] if school in (own or {}) else []
    (folder / "base").mkdir(parents=True, exist_ok=True)
    (folder / "trust.yaml").write_text("".join(lines))
    (folder / "base" / "10.yaml").write_text(rules)
    for school, text in (own or {}).items():
        (folder / "schools" / school.lower()).mkdir(parents=True, exist_ok=True)
        (folder / "schools" / school.lower() / "10.yaml").write_text(text)
    for name, text in (texts or {}).items():
        (folder / "base" / name).write_text(text)
    return folder


_PLACES = {"microsoft365": _MICROSOFT, "google_workspace": _GOOGLE}
