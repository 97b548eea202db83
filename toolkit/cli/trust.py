"""The command `toolkit trust`."""

import sys
from functools import partial
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, override_option, quiet_option
from toolkit.cli.shared.trust_decisions import freeze, leave_plan, take_back
from toolkit.cli.shared.trust_session import (
    confirm_plan,
    defer_in_tenants,
    open_trust_session,
    run_in_tenants,
    show_trust_report,
)
from toolkit.errors import UsageError

_trust = click.argument("trust", type=click.Path(exists=True, path_type=Path), required=False, metavar="[TRUST]")
_tenants = click.option(
    "--tenant", "tenants", multiple=True, metavar="NAME", help="Only this entry of `tenants`. May be repeated."
)
_jobs = click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    metavar="N",
    help="How many tenants run at the same time.",
)
_queue = click.option(
    "--queue", "is_queued", is_flag=True, help="Leave it to the workers: defer a job for each tenant."
)


@click.group()
def command() -> None:
    r"""Run a command in each tenant of a trust.

    TRUST is the folder with trust.yaml, by default the working directory or a folder above it. Each tenant runs in a
    process of its own, with only the settings in the file that `env` names, or that `env_command` prints. A tenant that
    cannot be read does not stop the others.

    \b
    Example: toolkit trust plan
             toolkit trust apply --tenant main
             toolkit trust drift --jobs 8
    """


command.add_command(freeze)
command.add_command(take_back)
command.add_command(leave_plan)


@command.command()
@_trust
@_tenants
@_jobs
@json_option
@quiet_option
def plan(trust: Path | None, *, tenants: tuple[str, ...], jobs: int, as_json: bool, quiet: bool) -> None:
    r"""Show the changes that apply would make in each tenant.

    Changes that are the same in several schools are shown once.

    Nothing is written.

    \b
    Exit codes:
      0  nothing to do in any tenant
      1  a tenant failed
      3  changes are pending
      4  something could not be read
      5  a change is refused

    \b
    Example: toolkit trust plan
             toolkit trust plan --tenant main --json
    """
    run_in_tenants("plan", trust, tenants, jobs, as_json=as_json, quiet=quiet)


@command.command()
@_trust
@_tenants
@_jobs
@_queue
@json_option
@quiet_option
def drift(
    trust: Path | None, *, tenants: tuple[str, ...], jobs: int, is_queued: bool, as_json: bool, quiet: bool
) -> None:
    r"""Report drift in each tenant (for cron).

    If the command is killed, the next one continues with the tenants that have no result yet. A tenant that fails three
    nights in a row is set aside and reported, until `toolkit trust take-back`.

    \b
    Exit codes:
      0  no drift in any tenant
      1  a tenant failed
      3  drift
      4  something could not be read

    \b
    Example: toolkit trust drift
    """
    if is_queued:
        defer_in_tenants("drift", trust, tenants, as_json=as_json)
    else:
        run_in_tenants("drift", trust, tenants, jobs, as_json=as_json, quiet=quiet)


@command.command()
@_trust
@_tenants
@_jobs
@_queue
@json_option
@quiet_option
def check(
    trust: Path | None, *, tenants: tuple[str, ...], jobs: int, is_queued: bool, as_json: bool, quiet: bool
) -> None:
    r"""Show due and overdue confirmations of each tenant (for cron).

    \b
    Exit codes:
      0  nothing is due
      1  a tenant failed
      3  a finding fails
      4  something could not be read

    \b
    Example: toolkit trust check
    """
    if is_queued:
        defer_in_tenants("check", trust, tenants, as_json=as_json)
    else:
        run_in_tenants("check", trust, tenants, jobs, as_json=as_json, quiet=quiet)


@command.command()
@_trust
@_tenants
@_jobs
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@_queue
@override_option
@json_option
@quiet_option
def apply(
    trust: Path | None,
    *,
    tenants: tuple[str, ...],
    jobs: int,
    yes: bool,
    is_queued: bool,
    override: str,
    as_json: bool,
    quiet: bool,
) -> None:
    r"""Make the tenants match the playbooks, wave by wave.

    The command plans each tenant, shows the changes, asks once, and applies exactly these plans. With --yes, each
    tenant is applied at once, and the next command continues an apply that was killed. With `waves:` in
    trust.yaml, a wave is written only after each school of the waves before it applied the same base and had a clean
    drift on `settle` school days. Frozen schools are left out. From Friday noon to Monday, nothing is written to
    several schools at once. With --queue, the workers write, and never from Friday noon to Monday.

    \b
    Exit codes:
      0  everything is done
      1  a tenant failed
      4  something could not be read
      5  refused: a limit, a freeze, a wave that must wait, or answered no

    \b
    Example: toolkit trust apply
             toolkit trust apply --tenant main --yes
    """
    from toolkit.trust.runs import apply_trust

    if is_queued:
        if not yes or override:
            raise UsageError("--queue needs --yes, because no one answers a worker's question, and takes no --override")
        defer_in_tenants("apply", trust, tenants, as_json=as_json)
        return
    session = open_trust_session(trust, tenants, jobs)
    confirm = None if yes else partial(confirm_plan, session.trust.short_name, as_json=as_json)
    show_trust_report(apply_trust(session, confirm, override=override), as_json=as_json, quiet=quiet)


@command.command()
@_trust
@_tenants
@json_option
def status(trust: Path | None, *, tenants: tuple[str, ...], as_json: bool) -> None:
    r"""Show the last result of each tenant, freezes and waves.

    Tenants that are set aside are shown too.

    No request is sent to a tenant. The exit code is the worst of the last results.

    \b
    Example: toolkit trust status
    """
    from toolkit.trust.runs import read_status

    show_trust_report(read_status(open_trust_session(trust, tenants, 1)), as_json=as_json, quiet=False)


@command.command()
@_trust
@_tenants
@_jobs
@click.option(
    "-o",
    "--output",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write the pages into DIR. Files of an earlier report are replaced.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    default=["html,pdf"],
    show_default=True,
    metavar="FORMAT,...",
    help="With -o: html, pdf, json. May be repeated. The JSON is always written.",
)
@json_option
@quiet_option
def report(
    trust: Path | None,
    *,
    tenants: tuple[str, ...],
    jobs: int,
    directory: Path | None,
    formats: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> None:
    r"""Write one page on the policy in all schools.

    Each school is judged over its own slice, as `toolkit policy --school` does it, and each tenant is read once. The
    page shows the schools by the sections of the policy, their gaps, and agreed variations. Unread clauses are hatched,
    and an agreed variation is grey. Schools have no rank and no total. With -o, there is also a page for
    each school. The command cannot write to a tenant.

    \b
    Exit codes:
      0  no clause that can be checked fails in a school
      1  a tenant failed
      3  a clause fails
      4  something could not be read

    \b
    Example: toolkit trust report
             toolkit trust report -o reports/
    """
    from toolkit import api
    from toolkit.cli.shared.options import read_words
    from toolkit.cli.shared.terminal import show, show_report
    from toolkit.render.line import Line
    from toolkit.trust.report import report_on_schools, write_schools_report
    from toolkit.trust.report_text import report_lines

    chosen = read_words(formats, api.Format, "--format")
    made = report_on_schools(open_trust_session(trust, tenants, jobs))
    show_report(made.to_dict(), report_lines(made.facts), as_json=as_json, quiet=quiet)
    for path in write_schools_report(made, directory, chosen) if directory else ():
        if not as_json:
            show([Line(str(path))])
    sys.exit(made.exit)
