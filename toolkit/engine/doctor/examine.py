"""Examine this computer and the school's tenants, and test assumptions that no live tenant has confirmed yet."""

import os
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from stat import S_IMODE
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from toolkit.engine.doctor.diagnosis import Diagnosis, DiagnosisState
from toolkit.engine.doctor.tenant_access import cloud_heading, examine_tenants
from toolkit.engine.first_run import READ, FactState, FirstRun, SeenFact, test_vendor_facts
from toolkit.engine.prepare_run import (
    check_credentials,
    find_credential_mistakes,
    find_missing_credentials,
    new_run_id,
    open_ledger,
    open_target,
)
from toolkit.engine.tenants import open_tenants
from toolkit.errors import LedgerUnreachable, UsageError
from toolkit.playbook.entries import Playbooks
from toolkit.private_files import OTHERS, make_private_folder
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.connector import Identity
from toolkit.sdk.credentials import SEPARATE_IDENTITIES, separate_variables
from toolkit.sdk.providers import facts, load_every_part, providers
from toolkit.sdk.reason import reason_of
from toolkit.settings.env_file import find_refusal
from toolkit.settings.settings import Settings
from toolkit.settings.synced_folders import sync_warning
from toolkit.settings.tracked_secrets import GitSearch, find_tracked_secrets
from toolkit.settings.verified_file import Verification

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_OF_AN_IDENTITY = tuple(f"TOOLKIT_{identity.upper()}_" for identity in Identity)


def examine_computer_and_tenants(
    settings: Settings, playbooks: Playbooks, only_identity: Identity | None = None
) -> Iterator[Diagnosis]:
    """Examine this computer and the tenants, and yield each diagnosis as soon as it is known.

    Raise ToolkitError if the tenants cannot be examined. `only_identity` is the identity to examine. The default is
    every identity that has credentials. If a `.env` file for live tenants has not been allowed yet, its settings are
    ignored, because they could direct requests to another server.
    """
    if settings.target == "live" and (refused := _diagnose_refused_env_file(settings)):
        yield _diagnose_variables(settings.variables)
        yield refused
        yield from _diagnose_tracked_secrets(find_tracked_secrets(settings))
        unused = "toolkit examines the state, ledger, certificates and tenants after you have allowed this `.env`"
        yield Diagnosis("everything else", DiagnosisState.UNKNOWN, unused)
        return
    with open_ledger(settings) as ledger:
        yield from examine_computer(
            Machine(
                live=settings.target == "live",
                directory=settings.directory,
                env_file=settings.folder.env_file,
                variables=list(settings.variables),
                proxies=[name for name in os.environ if name.upper() in _PROXIES],
                ca_file=settings.ca_file,
                ledger=ledger,
                git=find_tracked_secrets(settings),
            )
        )
    if playbooks.school.schedule:
        yield from _diagnose_separate_identities(settings.variables)
    identities = [only_identity] if only_identity else _identities_to_examine(settings, playbooks.school)
    unready = _diagnose_unready_clouds(settings, playbooks.school, identities)
    yield from unready.values()
    if identities == [Identity.READ] and not only_identity:
        yield _diagnose_absent_write_identity()
    with open_target(settings, playbooks.school) as (target, _):
        yield from examine_tenants(playbooks, target, identities, unready)


def _diagnose_separate_identities(variables: Mapping[str, str]) -> Iterator[Diagnosis]:
    """Yield a warning for each separate identity whose credentials are on the computer that runs scheduled jobs."""
    for name, act in SEPARATE_IDENTITIES.items():
        if names := separate_variables(variables, name):
            sentence = f"this computer runs scheduled jobs, which need no identity that {act}: {', '.join(names)}"
            advice = "set these variables only on the computer of the person who runs the command"
            yield Diagnosis("separate identities", DiagnosisState.WARNING, sentence, advice)


def _diagnose_refused_env_file(settings: Settings) -> Diagnosis | None:
    try:
        refusal = find_refusal(settings.env_file)
    except UsageError as unreadable:  # the record of allowed settings cannot be read
        return Diagnosis(".env", DiagnosisState.WRONG, str(unreadable))
    return Diagnosis(".env", DiagnosisState.WRONG, refusal.reason, refusal.advice) if refusal else None


def _identities_to_examine(settings: Settings, school: School) -> Sequence[Identity | None]:
    """Return the identities that `toolkit doctor` examines.

    None is a single identity that both reads and writes. Emulated tenants always have two identities. On live tenants,
    the writing identity is left out if none of its credentials are set. If only some of them are set, the missing
    credentials are an error.
    """
    if settings.target != "live":
        return list(Identity)
    if not any(name.startswith(_OF_AN_IDENTITY) for name in settings.variables):
        return [None]
    ways = [providers()[name].ways for name in school.tenants]
    can_write = any(way.has_credentials(settings.variables, Identity.WRITE) for way in ways)
    return list(Identity) if can_write else [Identity.READ]


def _diagnose_unready_clouds(
    settings: Settings, school: School, identities: Sequence[Identity | None]
) -> Mapping[tuple[Identity | None, str], Diagnosis]:
    """Return a diagnosis for each identity that cannot sign in to a cloud yet.

    Raise UsageError if no cloud can be examined.
    """
    unready: dict[tuple[Identity | None, str], Diagnosis] = {}
    for identity in identities:
        signing_in = identity or Identity.READ
        missing, mistakes = (
            find_missing_credentials(settings, school, signing_in),
            find_credential_mistakes(settings, school, signing_in),
        )
        if {*missing, *mistakes} == {*school.tenants}:
            check_credentials(settings, school, signing_in)
        for name in dict.fromkeys((*missing, *mistakes)):
            diagnosis = (
                _diagnose_missing_credentials(missing[name], signing_in)
                if name in missing
                else Diagnosis("credentials", DiagnosisState.WRONG, "; ".join(mistakes[name]))
            )
            unready[identity, name] = replace(diagnosis, section=cloud_heading(name, identity))
    return unready


def _diagnose_missing_credentials(variables: Sequence[str], identity: Identity) -> Diagnosis:
    sentence = f"not set up yet. These variables are not set: {', '.join(variables)}"
    advice = f"toolkit permissions --{identity} shows the steps"
    return Diagnosis("credentials", DiagnosisState.MISSING, sentence, advice)


def _diagnose_absent_write_identity() -> Diagnosis:
    unset = "it has no credentials. `toolkit apply` and `toolkit due` need them"
    return Diagnosis("credentials", DiagnosisState.NOTE, unset, section="identity for writing (not examined)")


if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The properties of this computer that `toolkit doctor` examines, without the values of environment variables."""

    live: bool
    directory: Path
    env_file: Path
    variables: Sequence[str]
    proxies: Sequence[str]
    ca_file: Path | None
    ledger: "Ledger"
    git: GitSearch


def examine_computer(machine: Machine) -> Iterator[Diagnosis]:
    """Examine this computer without sending a request, and yield the diagnoses."""
    yield from _diagnose_modules()
    yield _diagnose_variables(machine.variables)
    yield _diagnose_env_file(machine.env_file)
    yield from _diagnose_tracked_secrets(machine.git)
    yield _diagnose_state_folder(machine.directory)
    yield _diagnose_ledger(machine.ledger)
    yield _diagnose_certificates(machine)
    yield _diagnose_proxy(machine)


def _diagnose_modules() -> Iterator[Diagnosis]:
    advice = "repair the module, or install toolkit again"
    for broken in load_every_part():
        yield Diagnosis("kinds and controls", DiagnosisState.WRONG, str(broken), advice)


def _diagnose_variables(names: Iterable[str]) -> Diagnosis:
    named = ", ".join(sorted(names)) or "none"
    return Diagnosis("settings", DiagnosisState.NOTE, f"environment variables that are set: {named}")


def _diagnose_env_file(path: Path) -> Diagnosis:
    if not path.is_file():
        return Diagnosis(".env", DiagnosisState.OK, f"there is no `.env` file in {path.parent}")
    if S_IMODE(path.stat().st_mode) & OTHERS:
        problem = f"{path} can contain secrets, and other users of this computer may open it"
        return Diagnosis(".env", DiagnosisState.WRONG, problem, f"chmod 600 {path}")
    return Diagnosis(".env", DiagnosisState.OK, f"only the owner of {path} may open it")


def _diagnose_tracked_secrets(search: GitSearch) -> Iterator[Diagnosis]:
    """Yield a diagnosis of secrets in files that git tracks. Yield nothing if there is no git or no repository."""
    subject = "secrets in git"
    for secret in search.secrets:
        yield Diagnosis(subject, DiagnosisState.WRONG, str(secret), secret.advice)
    if search.failure:
        yield Diagnosis(subject, DiagnosisState.UNKNOWN, search.failure)
    elif search.file_count is not None and not search.secrets:
        files = "file" if search.file_count == 1 else "files"
        yield Diagnosis(subject, DiagnosisState.OK, f"no secret among the {search.file_count} {files} that git tracks")


def _diagnose_state_folder(path: Path) -> Diagnosis:
    try:
        make_private_folder(path)
        with TemporaryFile(dir=path):
            pass
    except OSError as error:
        advice = "set TOOLKIT_STATE to a directory that this account may write to"
        return Diagnosis("state", DiagnosisState.WRONG, f"{path} cannot be written to: {error.strerror}", advice)
    if synced := sync_warning(path):
        return Diagnosis("state", DiagnosisState.WRONG, synced)
    return Diagnosis("state", DiagnosisState.OK, f"{path} can be written to")


def _diagnose_ledger(ledger: "Ledger") -> Diagnosis:
    from toolkit.ledger.verify import verify

    try:
        checked = verify(ledger)
    except LedgerUnreachable as away:
        return Diagnosis("ledger", DiagnosisState.UNKNOWN, str(away))
    if not checked.is_sound:
        return Diagnosis("ledger", DiagnosisState.WRONG, str(checked.faults[0]), "toolkit audit verify")
    entries = f"complete and unchanged, with {checked.head.count} entries" if checked.head.count else "empty"
    return Diagnosis("ledger", DiagnosisState.OK, entries)


def _diagnose_certificates(machine: Machine) -> Diagnosis:
    if machine.ca_file is None:
        return Diagnosis(
            "certificates",
            DiagnosisState.NOTE,
            "TOOLKIT_CA_FILE is not set, so this computer's own certificates are used",
        )
    try:
        ssl.create_default_context(cafile=str(machine.ca_file))
    except (OSError, ssl.SSLError) as error:
        advice = "save the certificate of the web filter as a PEM file"
        return Diagnosis(
            "certificates", DiagnosisState.WRONG, f"{machine.ca_file} cannot be used as a certificate: {error}", advice
        )
    when = "toolkit trusts only this certificate authority" if machine.live else "not used on the emulated tenants"
    return Diagnosis("certificates", DiagnosisState.OK, f"{machine.ca_file}: {when}")


def _diagnose_proxy(machine: Machine) -> Diagnosis:
    if not machine.proxies:
        return Diagnosis("proxy", DiagnosisState.NOTE, "no environment variable sets a proxy")
    used = "used" if machine.live else "not used on the emulated tenants"
    return Diagnosis("proxy", DiagnosisState.NOTE, f"{', '.join(sorted(machine.proxies))}: {used}")


def examine_first_run(settings: Settings, playbooks: Playbooks) -> tuple[list[SeenFact], date]:
    """Test toolkit's assumptions about the vendors in the school's tenants, and store the results in the school's
    folder. Nothing is written to a tenant. If a tenant cannot be examined, raise SignInRefused, WrongTenant or
    UsageError, and store nothing.
    """
    first, school = FirstRun.read(settings, playbooks.school), playbooks.school
    check_credentials(settings, school, Identity.READ)
    with (
        open_target(settings, school) as (target, now),
        open_tenants(school, providers(), target, identity=Identity.READ, read_only=True) as reached,
    ):
        before = {name: first.verifications_of(name) for name in reached.connections}
        seen = [*test_vendor_facts(reached.connections, before, Verification(now.date(), READ, new_run_id()))]
        seen += [
            SeenFact(name, fact, FactState.UNREAD, reason=reason_of(error))
            for name, error in reached.unreached.items()
            for fact in facts(name)
        ]
    first.store_read_facts(seen)
    return seen, now.date()
