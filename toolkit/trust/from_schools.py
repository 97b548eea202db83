"""Write the first files of a trust from the folders of schools that use toolkit already."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.files import find_files
from toolkit.playbook.load import load_school
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.directory import EVERYONE
from toolkit.values import Json

_IDS = {"microsoft365": "tenant_id", "google_workspace": "customer_id"}
_TEXTS = {".html", ".txt", ".md"}
_TREE = ("staff", "pupils", "devices")


@dataclass(frozen=True, slots=True)
class SchoolsFound:
    """The schools of some folders: the keys of trust.yaml that follow from their files, and their equal playbooks."""

    keys: Mapping[str, Json]
    shared: Mapping[str, bytes]  # by path below a school's folder: the content that all schools have
    own_files: Sequence[Path]  # playbooks that only some schools have, or that differ


def read_schools(folders: Sequence[Path]) -> SchoolsFound:
    """Return the tenants and schools of some folders for a trust. Raise UsageError if a short name occurs twice."""
    loaded = {_short_name(folder): load_school(folder) for folder in folders}
    if len(loaded) < len(folders):
        raise UsageError("--school-folder: two folders have schools with the same short name. Change one of them first")
    schools = {name: playbooks.school for name, playbooks in loaded.items()}
    tenants = _name_tenants(schools)
    accounts = dict.fromkeys(account for school in schools.values() for account in school.protected.accounts)
    contents = [dict(_read_playbooks(playbooks)) for playbooks in loaded.values()]
    shared = {
        path: text for path, text in contents[0].items() if all(other.get(path) == text for other in contents[1:])
    }
    return SchoolsFound(
        {
            "tenants": {name: _tenant_keys(schools, tenants, name) for name in dict.fromkeys(tenants.values())},
            "protected": {"accounts": list(accounts)},
            "schools": {name: dict(_school_keys(school, tenants, schools)) for name, school in schools.items()},
        },
        shared,
        [root / path for root, files in zip(folders, contents, strict=True) for path in files if path not in shared],
    )


def _short_name(folder: Path) -> str:
    return load_school(folder).school.short_name


def _read_playbooks(playbooks: Playbooks) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the bytes of each playbook and text of a school, except its school file and private files."""
    texts = (file for file in playbooks.root.rglob("*") if file.suffix in _TEXTS and file.is_file())
    for file in sorted({*find_files(playbooks.root).chosen, *texts}):
        path = file.relative_to(playbooks.root)
        if file != Path(playbooks.school.origin.path) and not {"private", ".toolkit"}.intersection(path.parts):
            yield path.as_posix(), file.read_bytes()


def _name_tenants(schools: Mapping[str, School]) -> Mapping[tuple[str, str], str]:
    """Return the name in `tenants` of each tenant, by provider and id.

    The tenants of a school have the name of the school. A tenant that several schools share, or that has the same
    school as such a tenant, is `main`.
    """
    users: dict[tuple[str, str], list[str]] = {}
    for name, school in schools.items():
        for provider, tenant in school.tenants.items():
            users.setdefault((provider, tenant.id), []).append(name)
    shared = {name for names in users.values() if len(names) > 1 for name in names}
    return {key: "main" if shared.intersection(names) else names[0].lower() for key, names in users.items()}


def _tenant_keys(schools: Mapping[str, School], tenants: Mapping[tuple[str, str], str], tenant_name: str) -> Json:
    keys: dict[str, Json] = {}
    for school in schools.values():
        for provider, tenant in school.tenants.items():
            if tenants[provider, tenant.id] == tenant_name:
                if provider in keys and keys[provider] != {_IDS[provider]: tenant.id, "domain": tenant.domain}:
                    text = f"the schools share some tenants and not others on {provider}. Write trust.yaml by hand"
                    raise UsageError(f"--school-folder: {text}")
                keys[provider] = {_IDS[provider]: tenant.id, "domain": tenant.domain}
    return keys


def _school_keys(
    school: School, tenants: Mapping[tuple[str, str], str], schools: Mapping[str, School]
) -> Iterator[tuple[str, Json]]:
    yield "name", school.name
    yield "domains", list(school.domains)
    for provider, tenant in school.tenants.items():
        sharing = [other for other in schools.values() if provider in other.tenants]
        is_shared = sum(other.tenants[provider].id == tenant.id for other in sharing) > 1
        yield provider, dict(_place_keys(school, provider, tenants[provider, tenant.id], is_shared=is_shared))
    yield from ((key, value) for key, value in (("phone", school.phone), ("website", school.website)) if value)


def _place_keys(school: School, provider: str, tenant: str, *, is_shared: bool) -> Iterator[tuple[str, Json]]:
    """Yield a school's groups and units. A school that shares a tenant needs a group or unit for everyone."""
    yield "tenant", tenant
    if is_shared:
        unit, group = f"/FILL-IN-{school.short_name}", f"fill-in-{school.short_name.lower()}"
        is_google = provider == "google_workspace"
        yield ("unit", unit) if is_google else (EVERYONE, f"{group}@{school.tenants[provider].domain}")
    names = {name: reference for name, role in school.roles.items() if (reference := role.on(provider))}
    yield from ((name, names[name]) for name in _TREE if name in names)
    if others := {name: reference for name, reference in names.items() if name not in _TREE}:
        yield "roles", dict(others)
