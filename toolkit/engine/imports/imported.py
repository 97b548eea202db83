"""Import a tenant: choose the kinds of objects, read them, and find the controls that match.

If there is no school file yet, the school gets the name and domains of the tenant.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from toolkit.controls.control import controls
from toolkit.engine.desired_state import cloud_catalogues, read_needed_directories
from toolkit.engine.imports.importing import (
    AnyKind,
    ImportedKind,
    RequestedSettings,
    leave_out_covered_by_controls,
    leave_out_people_from_summary,
    read_tenant_settings,
)
from toolkit.engine.imports.match_controls import MatchedControl, MatchRequest, find_matching_controls
from toolkit.engine.imports.new_school import name_school_after_tenant, school_without_name
from toolkit.engine.ledger_state import LedgerState
from toolkit.engine.prepare_run import check_credentials, open_target
from toolkit.engine.read_tenants import Progress
from toolkit.engine.tenants import open_tenants
from toolkit.errors import Exit, UsageError
from toolkit.ledger.redact import Redactor
from toolkit.messages import did_you_mean
from toolkit.part_modules import BrokenModule
from toolkit.planning.expand import expand
from toolkit.planning.imports.fit_settings import shortest_draft
from toolkit.planning.imports.reverse import IsSecret
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.files import find_files
from toolkit.playbook.load import load
from toolkit.records import dataclass
from toolkit.school.school import School, Tenant
from toolkit.sdk.connector import Connection, Identity, Target, TenantSeen
from toolkit.sdk.directory import EVERYONE, Audience, Scope
from toolkit.sdk.part import ControlContext
from toolkit.sdk.providers import EMULATED, broken_kinds, kinds, providers, realisations
from toolkit.sdk.resource import EVERY, Desired
from toolkit.settings.settings import Settings
from toolkit.values import Json

SECRET_SETTING = re.compile(r"(.*_)?(password|passphrase|secret|shared_key|private_key|api_key|token)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ImportedTenant:
    """A tenant that was read for an import, and the controls that match the tenant's settings."""

    provider: str
    title: str
    tenant: TenantSeen
    school: School
    new_school: bool  # there is no school file yet
    now: datetime
    kinds: Sequence[ImportedKind]
    controls: Sequence[MatchedControl]
    set_by: Mapping[str, Sequence[str]]  # the controls by setting, such as `transport_rule.enabled`
    whole: bool = False  # every kind was read, so controls were matched
    broken_kinds: Sequence[BrokenModule] = ()  # kinds that cannot be loaded, and so were left out

    @property
    def is_empty(self) -> bool:
        """Return whether the tenant has nothing that a playbook could ask for."""
        return not self.controls and not any(read.entries for read in self.kinds)

    @property
    def exit(self) -> Exit:
        """Return exit code 4 if a kind, an object or a person could not be read. Otherwise return 0."""
        return Exit.UNREAD if self.broken_kinds or any(read.unreadable for read in self.kinds) else Exit.AS_WANTED


def check_provider(name: str) -> str:
    """Return a provider's name if there is such a provider. Otherwise raise UsageError with a suggestion."""
    if name not in providers():
        raise UsageError(f"unknown provider {name!r}{did_you_mean(name, providers())}")
    return name


def choose_kinds(provider: str, kind_names: Sequence[str]) -> Mapping[str, AnyKind]:
    """Return the kinds of objects with these names, or all kinds that can be loaded.

    Raise UsageError for an unknown name. A name may begin with the provider, such as `microsoft365.transport_rule`.
    """
    known_kinds = kinds(provider)
    short = [name.removeprefix(f"{provider}.") for name in kind_names]
    for written, name in zip(kind_names, short, strict=True):
        if name not in known_kinds:
            raise UsageError(f"{provider} has no kind {written!r}{did_you_mean(name, known_kinds)}")
    chosen = {name: known_kinds[name] for name in short} if kind_names else dict(known_kinds.items())
    return {f"{provider}.{name}": kind for name, kind in chosen.items()}


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """The request of an import: the kinds of objects to import, and the playbooks that already exist."""

    provider: str
    kinds: Mapping[str, AnyKind]  # by their full names
    school: School
    existing: Playbooks | None
    is_new: bool  # there is no school file yet


def read_for_import(
    settings: Settings, provider: str, names: Sequence[str], output: Path, tenant: str | None, *, progress: Progress
) -> ImportedTenant:
    """Read a tenant for an import. Raise UsageError if the tenant cannot be read, or if `output` is not writable."""
    chosen_kinds = choose_kinds(check_provider(provider), names)
    _refuse_unwritable_folder(output)
    existing = load(output) if output.is_dir() and find_files(output).chosen else None
    known_school = existing.school if existing else school_without_name(provider, _tenant_to_import(settings, tenant))
    tenant_names = {
        *known_school.domains,
        *(name for school_tenant in known_school.tenants.values() for name in (school_tenant.id, school_tenant.domain)),
    }
    if existing and tenant and tenant.casefold() not in {name.casefold() for name in tenant_names}:
        raise UsageError(
            f"--tenant {tenant} is not a tenant of {known_school.name}, the school in {known_school.origin.path}. "
            "Choose another directory"
        )
    if provider not in known_school.tenants:
        raise UsageError(
            f"{known_school.origin.path} does not name a tenant of {provider}. Add it under `tenants:` and run this "
            "again, or import into another directory"
        )
    check_credentials(settings, known_school, Identity.READ)
    with open_target(settings, known_school) as (target, now):
        school = existing.school if existing else name_school_after_tenant(known_school, tenant, target)
        order = ImportRequest(provider, chosen_kinds, school, existing, is_new=existing is None)
        imported = import_tenant(order, target, now, _make_secret_test(settings.redactor), progress)
    return replace(imported, broken_kinds=() if names else broken_kinds(provider))


def _tenant_to_import(settings: Settings, requested_tenant: str | None) -> Tenant:
    if requested_tenant is None and settings.target == "live":
        raise UsageError("there is no school file yet. Name the tenant: --tenant takes its id or one of its domains")
    return Tenant(requested_tenant or EMULATED, requested_tenant or "")


def _refuse_unwritable_folder(folder: Path) -> None:
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise UsageError(f"{folder} cannot be written to. Choose another directory, or ask for write permission")


def _make_secret_test(redactor: Redactor) -> IsSecret:
    """Return a function that returns whether a value is a secret.

    The function knows toolkit's own secrets, and recognises other secrets by their name or form.
    """

    def is_secret(setting: str, value: Json) -> bool:
        named = isinstance(value, str) and bool(value) and bool(SECRET_SETTING.fullmatch(setting))
        return named or redactor.json({setting: value}) != {setting: value}

    return is_secret


def import_tenant(
    request: ImportRequest, target: Target, now: datetime, is_secret: IsSecret, progress: Progress
) -> ImportedTenant:
    """Read a tenant with the reading identity, and find the matching controls.

    The data that controls need from the school's other tenants is also read.
    """
    provider, school = request.provider, request.school
    with open_tenants(school, providers(), target, identity=Identity.READ, read_only=True) as reached:
        if provider in reached.unreached:
            raise reached.unreached[provider]
        connection = reached.connections[provider]
        asked_for = _read_requested_settings(request.existing, reached.connections, progress)
        picture = read_tenant_settings(connection, request.kinds, is_secret, asked_for, progress)
        match_request = MatchRequest(
            provider, school, request.existing, asked_for.addresses, reached.connections, picture, now
        )
        whole = len(request.kinds) == len(kinds(provider)) and not reached.unreached
        fits = (
            tuple(find_matching_controls(match_request)) if whole else ()
        )  # a control is for all kinds, on all clouds
        return ImportedTenant(
            provider=provider,
            title=providers()[provider].title,
            tenant=connection.tenant(),
            school=school,
            new_school=request.is_new,
            now=now,
            kinds=[_leave_out_matched_settings(read, fits) for read in picture.kinds],
            controls=fits,
            set_by=_controls_by_setting(provider, school) if any(read.others for read in picture.kinds) else {},
            whole=whole,
        )


def _controls_by_setting(provider: str, school: School) -> Mapping[str, Sequence[str]]:
    """Return the names of the controls that set each setting, by kind and setting.

    Each control is tried with only its required settings.
    """
    controls_by_setting: defaultdict[str, list[str]] = defaultdict(list)
    for name, control in realisations(provider).items():
        written = shortest_draft(controls()[name], EVERYONE).settings
        realised = control.realise(
            controls()[name].settings.model_validate(written), ControlContext(school, Scope(Audience(EVERYONE)))
        )
        for resource in (resource for part in realised.parts for resource in part.resources):
            for setting in resource.settings:
                if name not in controls_by_setting[f"{resource.kind}.{setting}"]:
                    controls_by_setting[f"{resource.kind}.{setting}"].append(name)
    return controls_by_setting


def _leave_out_matched_settings(
    imported_kind: ImportedKind, matched_controls: Sequence[MatchedControl]
) -> ImportedKind:
    """Return an imported kind without the settings that the matching controls already set."""
    whole = frozenset(address for fit in matched_controls for address in fit.objects)
    common_settings = frozenset(
        path for fit in matched_controls for path in fit.common_settings.get(imported_kind.name, ())
    )
    people = max((fit.people.get(imported_kind.name, 0) for fit in matched_controls), default=0)
    left = leave_out_covered_by_controls(imported_kind, whole, common_settings)
    if imported_kind.personal is None or not people:
        return left
    return replace(left, by_controls=people, personal=leave_out_people_from_summary(imported_kind.personal, people))


def _read_requested_settings(
    existing: Playbooks | None, connections: Mapping[str, Connection], progress: Progress
) -> RequestedSettings:
    if existing is None:
        return RequestedSettings()
    directories = read_needed_directories(existing, connections, LedgerState(), progress)
    desired_objects = expand(existing, cloud_catalogues(list(connections)), controls(), directories).wanted
    every = [desired for desired in desired_objects if isinstance(desired, Desired) and desired.address.name == EVERY]
    return RequestedSettings(
        frozenset(str(desired.address).casefold() for desired in desired_objects),
        {desired.address.kind_path: frozenset(desired.settings) for desired in every},
        Counter(
            desired.address.kind_path
            for desired in desired_objects
            if kinds(desired.address.provider)[desired.address.kind].per_person
        ),
    )
