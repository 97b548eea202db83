"""Starts what keeps less or deletes, after the school's short name was typed."""

import getpass
import socket
import sys
from dataclasses import replace
from pathlib import Path

from toolkit.cli._options import Selection
from toolkit.cli._run import Run, prepared
from toolkit.cli._terminal import remark, show, typed
from toolkit.engine.retention_start import Started, start_run
from toolkit.render.start_text import ending_lines, start_lines


def started(ref: str, playbooks: Path, *, yes: bool, quiet: bool, override: str = "") -> Started:
    """Start it, telling whoever asks for it what is about to happen and how it went."""
    from toolkit.ledger.fingerprints import Pseudonyms
    from toolkit.ledger.lease import Lease

    asked: list[Started] = []
    with prepared(playbooks, Selection(), command="retention start", writes=True) as run:

        def ask(start: Started) -> bool:
            asked.append(start)
            with run.talk.paused():
                if not quiet:
                    show(start_lines(start))
                return (yes and not run.context.target.live) or _typed(run, quiet=quiet)

        with Lease(run.ledger, run=run.context.run):
            by = Pseudonyms(run.ledger).pseudonym(_account())
            context = replace(run.context, override=override)
            outcome = start_run(context, run.playbooks, run.ledger, ref, ask, by=by)
    if not quiet:
        show([*([] if asked else start_lines(outcome)), *ending_lines(outcome)])
    return outcome


def _typed(run: Run, *, quiet: bool) -> bool:
    """Ask for the school's short name; nobody to ask is a no."""
    where = "live" if run.context.target.live else "emulated"
    if quiet:
        remark("toolkit: with --json nobody sees what it does, so nobody is asked: leave it out")
        return False
    if not sys.stdin.isatty():
        remark(f"toolkit: nobody to ask, and {where} tenants are not written without: use a terminal")
        return False
    short_name = run.playbooks.school.short_name
    return typed(f"This cannot be taken back on the {where} tenants. Type {short_name} to go on") == short_name


def _account() -> str:
    """Name the account on this computer; nobody verified who uses it."""
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError, ImportError):  # a container may run under an account without a name
        return f"nobody@{socket.gethostname()}"
