"""The command `toolkit checklist`."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.options import default_playbooks, json_option, read_date
from toolkit.cli.shared.people import check_addresses, read_people_addresses
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from toolkit.checklists.model import ChecklistStatus, StepReading
    from toolkit.engine.prepare_run import PreparedRun

_playbooks = click.option(
    "--playbooks",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=default_playbooks,
    show_default="playbooks",
    help="The folder with the school file.",
)
_by = click.option("--by", required=True, metavar="ROLE", help="The role that confirms the step, which is recorded.")


@click.group()
def command() -> None:
    r"""Work through a checklist, for example for a leaver.

    If toolkit can read whether a step is done, it verifies the step. Other steps are done when a role confirms them.
    The ledger records both, but no names. A school changes a checklist, or adds its own, in a file that begins with
    `checklists:`.

    \b
    Example: toolkit checklist start leaver --person -
             toolkit checklist status
             toolkit checklist done leaver-1/hold-question --by "Data Protection Officer"
    """


@command.command(name="list")
@_playbooks
@json_option
def list_(*, playbooks: Path, as_json: bool) -> None:
    r"""List the checklists that can be started.

    \b
    Example: toolkit checklist list
    """
    from toolkit.checklists.text import known_answer, known_lines
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.playbook.checklists import all_checklists
    from toolkit.playbook.load import load

    checklists = list(all_checklists(load(playbooks).checklists).values())
    show_answer(known_answer(checklists), known_lines(checklists), as_json=as_json)


@command.command()
@click.argument("name", metavar="NAME")
@click.option(
    "--person",
    type=click.Choice(["-"]),
    metavar="-",
    help="Ask for the person's address, or read it from standard input.",
)
@click.option(
    "--on", type=read_date, metavar="DATE", help="The date from which due dates are counted (default: today)."
)
@_playbooks
@json_option
def start(name: str, *, person: str | None, on: date | None, playbooks: Path, as_json: bool) -> None:
    r"""Start a checklist.

    A person's address is never part of a command. toolkit asks for the address and keeps it outside the ledger's
    entries. After the checklist is finished, `toolkit forget` removes the address.

    \b
    Example: toolkit checklist start september
             toolkit checklist start leaver --person - --on 2026-12-18
    """
    from toolkit.checklists import run as checklists

    address = _read_address() if person else ""
    with _open_checklist_run(playbooks, "start") as run:
        statuses = [checklists.start(run, name, address, on)]
    _show_statuses(statuses, as_json=as_json)


@command.command()
@click.argument("names", metavar="[CHECKLIST]...", nargs=-1)
@click.option("--finished", is_flag=True, help="Show finished and stopped checklists too.")
@_playbooks
@json_option
def status(names: tuple[str, ...], *, finished: bool, playbooks: Path, as_json: bool) -> None:
    r"""Show open checklists, and verify steps by reading the tenants.

    Verified steps are recorded. If TOOLKIT_HOLDS_KEY is set, the command also shows whether an open case in the
    register of holds names a leaver. This is not recorded.

    Signs: = verified by reading, * stated by a role, ~ open, ! overdue, or stated but not true.

    \b
    Exit codes:
      0  nothing is overdue
      3  a step is overdue, or a role's statement is not true
      4  something could not be read

    \b
    Example: toolkit checklist status
             toolkit checklist status leaver-1
    """
    from toolkit.checklists import run as checklists

    with _open_checklist_run(playbooks, "status") as run:
        report = checklists.status(run, names, finished=finished, holds=_make_holds_lookup(playbooks))
    _show_statuses(report.checklists, as_json=as_json)
    sys.exit(report.exit)


@command.command("done")
@click.argument("step", metavar="CHECKLIST/STEP")
@_by
@_playbooks
@json_option
def record_step(step: str, *, by: str, playbooks: Path, as_json: bool) -> None:
    r"""Record that a role did a step.

    The step is recorded as stated, with the role and the date. If toolkit can read the step, `toolkit checklist status`
    still reads it and reports any difference from the tenant.

    \b
    Example: toolkit checklist done leaver-1/reply --by "School Business Manager"
    """
    from toolkit.checklists import run as checklists

    with _open_checklist_run(playbooks, "done") as run:
        statuses = [checklists.record_step(run, step, by)]
    _show_statuses(statuses, as_json=as_json)


@command.command()
@click.argument("checklist", metavar="CHECKLIST")
@_by
@_playbooks
@json_option
def stop(checklist: str, *, by: str, playbooks: Path, as_json: bool) -> None:
    r"""Stop a checklist that is not needed any more.

    \b
    Example: toolkit checklist stop starter-2 --by "School Business Manager"
    """
    from toolkit.checklists import run as checklists

    with _open_checklist_run(playbooks, "stop") as run:
        statuses = [checklists.stop(run, checklist, by)]
    _show_statuses(statuses, as_json=as_json)


def _read_address() -> str:
    """Ask for a person's address.

    An address is never an argument, because shell history and process lists show the arguments of a command.
    """
    addresses = check_addresses(read_people_addresses("Address of the person"))
    if len(addresses) != 1:
        raise UsageError(f"a checklist is about a single person, but {len(addresses)} addresses were given")
    return addresses[0]


def _make_holds_lookup(playbooks: Path) -> "Callable[[str], StepReading]":
    """Return a function that returns whether an open case in the register of holds names a person.

    Without the key, the function reports that the key is missing.
    """
    from toolkit.checklists.model import ReadingState, StepReading
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.holds.register import KEY, Register

    key = command_settings().variables.get(KEY)

    def ask(address: str) -> StepReading:
        if not key:
            note = f"the register of holds was not read, as {KEY} is not set here: ask who may run `toolkit hold list`"
            return StepReading(ReadingState.SHOWN, note)
        try:
            register = Register(playbooks, key)
            cases = register.read().open_cases().values()
        except UsageError as error:
            return StepReading(ReadingState.UNKNOWN, str(error))
        if any(address.casefold() == named.casefold() for case in cases for named in case.people):
            note = "an open case names this person: do not delete any of their data, and keep their licence"
        elif not register.path.exists():
            note = "these playbooks have no register of holds: ask whether a hold is needed"
        else:
            note = "no open case of the register of holds names this address: ask whether a hold is needed"
        return StepReading(ReadingState.SHOWN, note)

    return ask


@contextmanager
def _open_checklist_run(playbooks: Path, subcommand: str) -> "Iterator[PreparedRun]":
    from toolkit.cli.shared.run import prepared_run

    with prepared_run(playbooks, command=f"checklist {subcommand}", writes=False) as (run, _):
        yield run


def _show_statuses(statuses: "Sequence[ChecklistStatus]", *, as_json: bool) -> None:
    from toolkit.checklists.text import status_answer, status_lines
    from toolkit.cli.shared.terminal import show_answer

    show_answer(status_answer(statuses), status_lines(statuses), as_json=as_json)
