"""The command `toolkit doctor`."""

import sys
from pathlib import Path
from typing import NoReturn

import click

from toolkit.cli.shared.options import json_option, playbooks_argument, quiet_option, tenant_option, verbose_option_for


@click.command()
@playbooks_argument
@json_option
@quiet_option
@click.option("--read", "identity", flag_value="read", help="Examine only the identity that reads.")
@click.option("--write", "identity", flag_value="write", help="Examine only the identity that writes.")
@verbose_option_for("Show every check.")
@click.option("--first-run", is_flag=True, help="Read the tenant to check facts that are not verified yet.")
@tenant_option
def command(
    playbooks: Path,
    *,
    as_json: bool,
    quiet: bool,
    identity: str | None,
    verbose: bool,
    first_run: bool,
    tenant: str | None,
) -> None:
    r"""Check credentials, permissions, groups and settings.

    The command checks this computer (settings, state, ledger, certificates, proxy) and signs in with each identity that
    has credentials. It compares the tenants with the school file, and reads the directory and every kind that the
    playbooks use. It compares the permissions of each identity with `toolkit permissions`. It names permissions that
    open all mail or all files, secrets that could be replaced by a certificate or by no secret at all, and credentials
    that expire within 30 days. It never writes to a tenant. Problems come first. The other results are only counted,
    and -v lists them.

    --first-run reads the tenants to verify facts about the services that toolkit knows only from documentation. It
    writes `verified.yaml` and `first-run.json` (no names) into the school's folder. On a live tenant, settings that
    depend on an unverified fact are compared and not written.

    \b
    Exit codes:
      0  everything is there, even if an identity has more permissions than it needs
      1  a sign-in was refused
      2  a tenant belongs to another school
      4  something is missing, wrong, or could not be read; also a `.env` that must be allowed first

    \b
    Example: toolkit doctor playbooks/
             toolkit doctor playbooks/ --read
             toolkit doctor playbooks/ --first-run
    """
    if first_run:
        _check_first_run(playbooks, tenant, as_json=as_json, quiet=quiet)
    from toolkit.api.school_files import load
    from toolkit.cli.shared.command_settings import find_command_settings
    from toolkit.cli.shared.terminal import show, show_report, talking
    from toolkit.engine.doctor.diagnosis import Diagnosis, DiagnosisState, exit_code_of_diagnoses
    from toolkit.engine.doctor.examine import examine_computer_and_tenants
    from toolkit.engine.selection import Selection
    from toolkit.errors import ToolkitError
    from toolkit.render.doctor_text import diagnoses_json, diagnoses_lines
    from toolkit.render.settings_text import run_heading
    from toolkit.sdk.connector import Identity
    from toolkit.settings.settings import refuse_forgotten_target

    settings = find_command_settings()  # a setting that must be allowed first is a finding
    refuse_forgotten_target(settings)
    loaded = load(playbooks, Selection(tenant=tenant))
    if not (as_json or quiet):
        show(run_heading(loaded.school, settings.target, settings.sources))
    diagnoses: list[Diagnosis] = []
    with talking() as talk:
        try:
            for diagnosis in examine_computer_and_tenants(settings, loaded, Identity(identity) if identity else None):
                diagnoses.append(diagnosis)
                talk(f"{diagnosis.section}: {diagnosis.subject}")
            code = exit_code_of_diagnoses(diagnoses)
        except ToolkitError as error:
            diagnoses.append(Diagnosis("tenants", DiagnosisState.WRONG, str(error), section="tenants"))
            code = error.exit
    answer = diagnoses_json(diagnoses, loaded.school, settings.target, settings.sources)
    lines = diagnoses_lines(diagnoses, target=settings.target, verbose=verbose)
    show_report(answer, lines, as_json=as_json, quiet=quiet)
    sys.exit(code)


def _check_first_run(playbooks: Path, tenant: str | None, *, as_json: bool, quiet: bool) -> NoReturn:
    import json

    from toolkit.api.school_files import load
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.terminal import show, show_answer
    from toolkit.engine.doctor.examine import examine_first_run
    from toolkit.engine.first_run import exit_code_of_facts
    from toolkit.engine.selection import Selection
    from toolkit.render.doctor_text import vendor_fact_lines, vendor_fact_summary, vendor_facts_json
    from toolkit.render.line import Line
    from toolkit.render.settings_text import run_heading
    from toolkit.settings.verified_file import replace_file

    settings, loaded = command_settings(), load(playbooks, Selection(tenant=tenant))
    if not (as_json or quiet):
        show(run_heading(loaded.school, settings.target, settings.sources))
    seen, day = examine_first_run(settings, loaded)
    answer = vendor_facts_json(seen, settings.target, day.isoformat())
    replace_file(settings.folder.path / "first-run.json", json.dumps(answer, indent=2) + "\n")
    show_answer(
        answer, [Line(), *vendor_fact_lines(seen), Line(), vendor_fact_summary(seen)], as_json=as_json, quiet=quiet
    )
    sys.exit(exit_code_of_facts(seen))
