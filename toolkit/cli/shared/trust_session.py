"""A trust for the commands that run in its tenants: finding it, running or deferring a command, and the results."""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.trust.model import Trust
    from toolkit.trust.runs import TrustReport
    from toolkit.trust.session import TrustSession


def run_in_tenants(
    command_name: str, trust: Path | None, tenants: tuple[str, ...], jobs: int, *, as_json: bool, quiet: bool
) -> None:
    """Run a command in each tenant, show the results, and end with the worst exit code."""
    from toolkit.trust.runs import run_command

    show_trust_report(run_command(open_trust_session(trust, tenants, jobs), command_name), as_json=as_json, quiet=quiet)


def defer_in_tenants(command_name: str, trust: Path | None, tenants: tuple[str, ...], *, as_json: bool) -> None:
    """Defer a job for each tenant, unless one waits already."""
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.render.line import Line
    from toolkit.render.values_text import count_text
    from toolkit.trust.text import trust_answer
    from toolkit.workers.database import read_database_url
    from toolkit.workers.defer import defer_runs, deferral_report

    session = open_trust_session(trust, tenants, 1)
    now = datetime.now(session.trust.zone).replace(microsecond=0)
    deferred = defer_runs(read_database_url(os.environ), command_name, session.tenants, now.date())
    waiting = f" {len(deferred.waiting)} waited already." if deferred.waiting else ""
    text = f"{count_text(len(deferred.tenants), 'job')} of `{command_name}` deferred.{waiting}"
    show_answer(trust_answer(deferral_report(session, deferred, now)), [Line(text)], as_json=as_json)


def show_trust_report(report: "TrustReport", *, as_json: bool, quiet: bool) -> None:
    """Show the results of a trust's command, and end with its exit code."""
    from toolkit.cli.shared.terminal import show_report
    from toolkit.trust.text import trust_answer, trust_lines

    show_report(trust_answer(report), trust_lines(report), as_json=as_json, quiet=quiet)
    sys.exit(report.exit)


def confirm_plan(short_name: str, report: "TrustReport", *, as_json: bool) -> bool:
    """Show the plan and ask whether to write it. On live tenants, the trust's short name must be typed."""
    from toolkit.cli.shared.terminal import ask_text, ask_yes, can_ask, refuse_question, show
    from toolkit.trust.text import trust_lines

    if as_json:
        return refuse_question("toolkit: --json cannot ask for confirmation. Add --yes")
    show(trust_lines(report))
    if not report.has_live:
        return ask_yes("Write this to the emulated tenants?")
    return can_ask() and ask_text(f"This writes to live tenants. Type {short_name} to go on") == short_name


def open_trust_session(trust: Path | None, tenants: tuple[str, ...], jobs: int) -> "TrustSession":
    """Return the trust of a folder, of the working directory, or of a folder above it."""
    from toolkit.cli.shared.find_trust import find_trust
    from toolkit.cli.shared.terminal import remark
    from toolkit.trust.load import load_trust
    from toolkit.trust.session import TrustSession
    from toolkit.trust.text import progress_text

    loaded = load_trust(trust or find_trust())
    session = TrustSession(
        trust=loaded,
        state=state_of(loaded),
        environment=dict(os.environ),
        selection=tenants,
        at_once=jobs,
        on_result=lambda result: remark(progress_text(result)),
    )
    session.check()
    return session


def state_of(trust: "Trust") -> Path:
    """Return the folder of a trust's state, which TOOLKIT_STATE may name."""
    from toolkit.trust.tenant_settings import state_of_trust

    chosen = os.environ.get("TOOLKIT_STATE")
    return Path(chosen) if chosen else state_of_trust(trust)
