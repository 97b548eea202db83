"""Examines this computer and the tenants, telling each thing as it is found."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.cli._run import needed, open_ledger, targeted
from toolkit.cli._settings import Settings, read_settings
from toolkit.cli._terminal import show
from toolkit.engine.context import SettingSources
from toolkit.engine.doctor.diagnosis import Diagnosis, DiagnosisState, exit_of
from toolkit.engine.doctor.machine import Machine, examine_machine
from toolkit.engine.doctor.tenant_access import examine_tenants
from toolkit.errors import Exit, ToolkitError
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.render.doctor_text import diagnosis_lines, examined_heading
from toolkit.sdk.connector import Identity
from toolkit.sdk.school import School

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_OF_ONE_IDENTITY = tuple(f"TOOLKIT_{identity.upper()}_" for identity in Identity)


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that was found, and the exit code that it comes to."""

    school: School
    target: str
    sources: SettingSources
    diagnoses: Sequence[Diagnosis]
    exit: Exit


def examine(path: Path, *, quiet: bool) -> Examination:
    """Examine everything; an error that ends the examination is its last diagnosis."""
    settings = read_settings()
    playbooks = load(path)
    if not quiet:
        show(examined_heading(playbooks.school, settings.target, settings.sources))
    found: list[Diagnosis] = []
    code: Exit | None = None

    def tell(diagnosis: Diagnosis) -> None:
        begins = not found or found[-1].section != diagnosis.section
        found.append(diagnosis)
        if not quiet:
            show(diagnosis_lines(diagnosis, section=begins))

    try:
        for diagnosis in _diagnoses(settings, playbooks):
            tell(diagnosis)
    except ToolkitError as error:
        tell(Diagnosis("tenants", DiagnosisState.WRONG, str(error), section="tenants"))
        code = error.exit
    code = exit_of(found) if code is None else code
    return Examination(playbooks.school, settings.target, settings.sources, found, code)


def _diagnoses(settings: Settings, playbooks: Playbooks) -> Iterator[Diagnosis]:
    with open_ledger(settings) as ledger:
        yield from examine_machine(
            Machine(
                live=settings.target == "live",
                directory=settings.directory,
                env_file=settings.folder.env_file,
                variables=list(settings.variables),
                proxies=[name for name in os.environ if name.upper() in _PROXIES],
                ca_file=settings.ca_file,
                ledger=ledger,
            )
        )
    identities = _identities(settings)
    needed(settings, playbooks.school, *identities)
    with targeted(settings, playbooks.school) as (target, _):
        yield from examine_tenants(playbooks, target, identities)


def _identities(settings: Settings) -> Sequence[Identity]:
    """List the identities that differ: the emulator has two, live they do where one has variables of its own."""
    two = settings.target != "live" or any(name.startswith(_OF_ONE_IDENTITY) for name in settings.variables)
    return tuple(Identity) if two else (Identity.READ,)
