"""Prepare the settings, the progress line and the confirmation of a command's run.

Commands import this module inside their functions, so that --help stays fast.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

from toolkit.cli.shared.command_settings import command_settings
from toolkit.cli.shared.terminal import Talk, ask_text, ask_yes, can_ask, refuse_question, remark, show, talking
from toolkit.engine.prepare_run import PreparedRun, Remark, open_ledger
from toolkit.engine.run_report import Report
from toolkit.engine.selection import EVERYTHING, Selection
from toolkit.features import open_run
from toolkit.ledger.ledger import Ledger
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.render.plan_text import plan_lines
from toolkit.settings.settings import Settings


class Surroundings(TypedDict):
    """The arguments that all functions of the Python API share."""

    settings: Settings
    progress: Talk
    remark: Remark


@contextmanager
def surroundings() -> Iterator[Surroundings]:
    """Yield the settings of a command, and a terminal for progress and remarks."""
    settings = command_settings()
    with talking() as talk:
        yield {"settings": settings, "progress": talk, "remark": talk.remark}


def plan_key(playbooks: Playbooks, around: Surroundings) -> Path | None:
    """Return the key that signs a saved plan, or None if this computer has no key that the school file lists."""
    from toolkit.school.signers import SignedContent
    from toolkit.settings.signing_key import listed_signing_key, signing_key

    key = signing_key(around["settings"])
    return listed_signing_key(key, playbooks.school.signers, SignedContent.PLANS, around["remark"])


@contextmanager
def prepared_run(
    path: Path,
    selection: Selection = EVERYTHING,
    *,
    command: str,
    writes: bool,
    read: Callable[[Path], Playbooks] = load,
) -> Iterator[tuple[PreparedRun, Talk]]:
    """Open a run for a command that does not use the Python API.

    The playbooks are read before anyone signs in.
    """
    settings = command_settings()
    playbooks = read(path)
    with (
        talking() as talk,
        open_run(
            playbooks,
            selection,
            command=command,
            writes=writes,
            settings=settings,
            progress=talk,
            remark=talk.remark,
        ) as run,
    ):
        yield run, talk


@contextmanager
def opened_ledger() -> Iterator[tuple[Settings, Ledger]]:
    """Open the ledger of the target, but do not create it if it is missing."""
    settings = command_settings()
    with open_ledger(settings, remark) as ledger:
        yield settings, ledger


def make_confirmation(
    talk: Talk, *, yes: bool, as_json: bool, quiet: bool = False, verbose: bool = False
) -> Callable[[Report], bool]:
    """Return a function that shows a run's plan and asks for confirmation.

    With `as_json`, the plan is not shown and no one is asked. With `quiet`, the plan is only shown before a question.
    """

    def ask(report: Report) -> bool:
        with talk.pause():
            asks = report.has_work and not report.limits and not report.lacks_approval and not yes
            if not as_json and (asks or not quiet):
                show(plan_lines(report, verbose=verbose))
            return not asks or _confirm(report, as_json=as_json)

    return ask


def _confirm(report: Report, *, as_json: bool) -> bool:
    """Ask the user to type yes or, on a live target, the school's short name."""
    if as_json:
        return refuse_question("toolkit: --json cannot ask for confirmation. Add --yes")
    if not report.context.target.live:
        return ask_yes("Write this to the emulated tenants?")
    if not can_ask():
        return False
    short_name = report.playbooks.school.short_name
    return ask_text(f"This writes to the live tenants. Type {short_name} to go on") == short_name
