"""The command `toolkit device`."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.hold_search import playbooks_option
from toolkit.cli.shared.options import json_option, read_date

if TYPE_CHECKING:
    from toolkit.cli.shared.terminal import Talk
    from toolkit.errors import Exit
    from toolkit.lost.model import LossReport
    from toolkit.lost.session import LostDeviceSession

_serial = click.argument("serial", metavar="SERIAL")


@click.group()
def command() -> None:
    r"""Lock a lost device, and read its state.

    One person can lock a device and sign its holder out at any time. toolkit never wipes a device. Two people do that
    in the cloud's console. The ledger records everything without a person's name. `toolkit permissions` lists the
    necessary permissions. Give them only to the computer on which this command is used.

    \b
    Example: toolkit device lost 5CG1234XYZ
             toolkit device check
             toolkit device found 5CG1234XYZ
    """


@command.command("lost")
@_serial
@click.option("--theft-reference", metavar="TEXT", default="", help="The police's reference, if it was stolen.")
@click.option("--practise", is_flag=True, help="Read everything, send nothing, and record that it was practised.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@playbooks_option
@json_option
def lock(serial: str, *, theft_reference: str, practise: bool, yes: bool, playbooks: Path, as_json: bool) -> None:
    r"""Lock a lost device and sign its holder out.

    On Microsoft 365, a supervised iPad or iPhone is put into lost mode with the school's message, and other devices are
    locked. All sessions of the holder end, and a new random password is set unless the account is synchronised. On
    Google Workspace, the Chromebook is disabled and the holder is signed out. A second run completes the remaining
    steps and repeats nothing.

    \b
    Exit codes:
      0  the cloud accepted every command that can be sent
      1  something failed
      3  no cloud manages the device
      4  something is unknown or could not be read
      5  not confirmed

    \b
    Example: toolkit device lost 5CG1234XYZ
             toolkit device lost 5CG1234XYZ --theft-reference "CR/1234/26"
    """
    from toolkit.cli.shared.terminal import ask_yes, refuse_question, show
    from toolkit.errors import Exit
    from toolkit.lost.procedure import practise as practise_lost
    from toolkit.lost.procedure import report_lost
    from toolkit.lost.text import report_lines

    def ask(report: "LossReport") -> bool:
        if yes:
            return True
        if as_json:
            return refuse_question("toolkit: --json cannot ask for confirmation. Add --yes")
        show(report_lines(report))
        return ask_yes("Do this now?")

    with _open_lost_device_session(playbooks, writes=not practise) as (session, talk), talk.pause():
        if practise:
            report, confirmed = practise_lost(session, serial), True
        else:
            report, confirmed = report_lost(session, serial, theft_reference.strip(), ask)
        code = _show_reports(
            session, [report] if confirmed else [], [] if confirmed else [Exit.REFUSED], as_json=as_json
        )
    sys.exit(code)


@command.command()
@click.argument("serial", metavar="[SERIAL]", required=False)
@playbooks_option
@json_option
def check(serial: str | None, *, playbooks: Path, as_json: bool) -> None:
    r"""Read the state of each lost device, and record it.

    The command also reads whether a device was wiped in the console, if the cloud shows this. Nothing is sent to a
    device.

    \b
    Exit codes:
      0  the cloud accepted every command that can be sent
      1  something failed
      3  something was not sent yet
      4  something is unknown or could not be read

    \b
    Example: toolkit device check
    """
    from toolkit.errors import UsageError
    from toolkit.lost.procedure import read_results

    with _open_lost_device_session(playbooks, writes=False) as (session, _):
        losses = [loss for loss in session.losses() if serial is None or loss.serial == serial.strip().upper()]
        if serial and not losses:
            raise UsageError("this device is not recorded as lost. `toolkit device check` shows the lost devices")
        code = _show_reports(session, [read_results(session, loss) for loss in losses], [], as_json=as_json)
    sys.exit(code)


@command.command("found")
@_serial
@playbooks_option
@json_option
def end_lost_mode(serial: str, *, playbooks: Path, as_json: bool) -> None:
    r"""End lost mode or enable a Chromebook again.

    The holder gets a new password from an administrator.

    \b
    Exit codes:
      0  the device is given back
      1  something failed
      4  something is unknown or could not be read

    \b
    Example: toolkit device found 5CG1234XYZ
    """
    from toolkit.lost.procedure import give_back

    with _open_lost_device_session(playbooks, writes=True) as (session, _):
        code = _show_reports(session, [give_back(session, serial)], [], as_json=as_json)
    sys.exit(code)


@command.command("wipe-form")
@_serial
@click.option("--theft-closed", type=read_date, metavar="DATE", help="The date on which the police agreed to a wipe.")
@playbooks_option
def wipe_form(serial: str, *, theft_closed: date | None, playbooks: Path) -> None:
    r"""Print a form for wiping a device, which two people fill in.

    toolkit does not wipe the device. Two people with the roles under `may_wipe` wipe it in the cloud's console. From a
    personal device, only the school's data is removed. No form is printed while a theft is investigated, or while the
    holder's data is or may be on legal hold.

    \b
    Exit codes:
      0  the form is printed
      5  refused: the device must be kept as it is

    \b
    Example: toolkit device wipe-form 5CG1234XYZ
    """
    from toolkit.cli.shared.terminal import show_document
    from toolkit.errors import Exit
    from toolkit.lost.wipe import write_form

    with _open_lost_device_session(playbooks, writes=False) as (session, talk), talk.pause():
        show_document(write_form(session, serial, theft_closed))
        session.journal.record_end(code=Exit.AS_WANTED, summary={}, unmanaged={})


@contextmanager
def _open_lost_device_session(playbooks: Path, *, writes: bool) -> Iterator[tuple["LostDeviceSession", "Talk"]]:
    from toolkit.cli.shared.run import prepared_run
    from toolkit.lost.session import open_lost_session

    with prepared_run(playbooks, command="device", writes=writes) as (run, talk), open_lost_session(run) as session:
        yield session, talk


def _show_reports(
    session: "LostDeviceSession", reports: Sequence["LossReport"], codes: Sequence["Exit"], *, as_json: bool
) -> "Exit":
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.engine.run_report import worst
    from toolkit.lost.text import report_lines, reports_answer
    from toolkit.render.line import Line

    lines = [line for report in reports for line in report_lines(report)]
    none = [] if codes else [Line("No device is recorded as lost.")]
    show_answer(reports_answer(reports, session.target), lines or none, as_json=as_json)
    code = worst([*codes, *(code for report in reports for code in report.codes)])
    session.journal.record_end(code=code, summary={}, unmanaged={})
    return code
