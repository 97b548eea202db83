"""Reads a tenant for an import, and writes the files of it."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.cli._run import needed, targeted
from toolkit.cli._settings import Settings, own_redactor, read_settings
from toolkit.cli._terminal import talking
from toolkit.engine.imports.imported import Imported, ImportRequest, import_tenant, known_provider, wanted_kinds
from toolkit.engine.imports.new_school import nameless, seen_school
from toolkit.engine.tenants import EMULATED
from toolkit.errors import UsageError
from toolkit.planning.imports.reverse import IsSecret
from toolkit.playbook.files import find_files
from toolkit.playbook.load import load
from toolkit.render.imports.import_yaml import imported_files
from toolkit.sdk.connector import Identity
from toolkit.sdk.school import Tenant
from toolkit.values import Json

_SECRET = re.compile(r"(.*_)?(password|passphrase|secret|shared_key|private_key|api_key|token)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ImportedTenant:
    """What was read, and on which target."""

    imported: Imported
    target: str


def imported(provider: str, kinds: Sequence[str], output: Path, tenant: str | None) -> ImportedTenant:
    """Read a tenant; UsageError for what cannot be read, or could not be written afterwards."""
    settings = read_settings()
    wanted = wanted_kinds(known_provider(provider), kinds)
    _refuse_unwritable(output)
    there = load(output) if _has_playbooks(output) else None
    asked = there.school if there else nameless(provider, _tenant(settings, tenant))
    if provider not in asked.tenants:
        raise UsageError(
            f"{asked.origin.path} names no tenant of {provider}: add one under `tenants:` and run this again, or "
            "import into a directory of its own"
        )
    needed(settings, asked, Identity.READ)
    with targeted(settings, asked) as (target, now), talking() as talk:
        school = there.school if there else seen_school(asked, tenant, target)
        is_new = there is None
        found = import_tenant(
            ImportRequest(provider, wanted, school, there, is_new), target, now=now, is_secret=_secrets(), progress=talk
        )
    return ImportedTenant(found, settings.target)


def _tenant(settings: Settings, named: str | None) -> Tenant:
    if named is None and settings.target == "live":
        raise UsageError("there is no school file yet: say which tenant, with --tenant and its id or a domain of it")
    return Tenant(named or EMULATED, named or "")


def _has_playbooks(output: Path) -> bool:
    return output.is_dir() and bool(find_files(output).chosen)


def _refuse_unwritable(output: Path) -> None:
    there = next(path for path in (output, *output.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"{output} cannot be written to: choose another directory, or ask for leave to write there")


def _secrets() -> IsSecret:
    """Give what says whether a setting is a secret: by its name, or because it looks like one or is one of our own."""
    redactor = own_redactor()

    def is_secret(setting: str, value: Json) -> bool:
        named = isinstance(value, str) and bool(value) and bool(_SECRET.fullmatch(setting))
        return named or redactor.json({setting: value}) != {setting: value}

    return is_secret


def write_files(found: Imported, output: Path) -> Sequence[Path]:
    """Write every file, none where one of them is there already; UsageError says which."""
    files = {} if found.empty else imported_files(found)
    taken = [str(output / name) for name in files if (output / name).exists()]
    if taken:
        more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise UsageError(
            f"{taken[0]}{more} would be written, and what is there is never overwritten: move or delete what is to be "
            "made anew, name only kinds that have no file yet, or choose another directory. No file was written"
        )
    redactor = own_redactor()
    try:
        for name, text in files.items():
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            with (output / name).open("x", encoding="utf-8") as file:
                file.write(redactor.text(text))
    except OSError as error:
        raise UsageError(f"{output} cannot be written to: {error.strerror}") from error
    return [output / name for name in files]
