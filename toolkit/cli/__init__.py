"""The command line of toolkit.

Each module of this package is a command, and `shared` has the code that several commands use.
"""

import atexit
import gc
import os
import pkgutil
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import click

from toolkit.cli.shared.command_state import CommandState
from toolkit.cli.shared.no_pager import accept_no_pager, no_pager_option
from toolkit.cli.shared.printable_stream import find_output_failure, printable_output
from toolkit.cli.shared.recording import add_recording_options, end_process, listen_for_signals, report_interruption
from toolkit.errors import Exit, PlaybookError, ToolkitError, exit_of_interrupt
from toolkit.installed import DISTRIBUTION
from toolkit.printable import printable

SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Begin": {
        "look": "Look at a tenant before anything is set up.",
        "init": "Write a school's first rule files (playbooks).",
        "doctor": "Check credentials, permissions, groups and settings.",
        "import": "Write rule files (playbooks) from a tenant's present state.",
        "validate": "Check the playbooks without reading a tenant.",
        "permissions": "List the permissions that the playbooks need.",
    },
    "Every day": {
        "plan": "Show the changes that apply would make.",
        "apply": "Make the tenants match the playbooks or a saved plan.",
        "approve": "Approve a saved plan of another person.",
        "check": "Show confirmations that are due or overdue (for cron).",
        "policy": "Show the status of each clause of the policy.",
        "why": "Explain why an object is as it is.",
        "compare": "Plan a school's playbooks against another school.",
        "message": "Predict the effect of the rules on a message.",
        "account": "Show the settings that reach an account and its devices.",
    },
    "Scheduled": {
        "drift": "Report drift from the playbooks (for cron).",
        "due": "Apply only changes that are due by date (for cron).",
        "notify": "Send a test message to each notification channel.",
        "schedule": "Print the jobs for cron, systemd or Windows.",
    },
    "Several schools": {
        "trust": "Run a command in each tenant of a trust.",
        "worker": "Run the jobs of hundreds of tenants from a queue.",
    },
    "Records and decisions": {
        "checklist": "Work through a checklist, for example for a leaver.",
        "audit": "List runs, show a past date, verify, or export a report.",
        "report": "Respond to a draft report, and release it to governors.",
        "accept": "Accept a drift finding until a date.",
        "hold": "Place a person's data on legal hold.",
        "custody": "Record copies of evidence, and the people who have had them.",
        "device": "Lock a lost device, and read its state.",
        "retention": "Shorten retention or start deletion (apply never does).",
        "rollback": "Restore the tenants to their state before a run.",
        "rollover": "List names and dates in the playbooks that need an update.",
    },
    "Data protection": {
        "dpo-pack": "Write the documents for the data protection officer.",
        "forget": "Remove the names of people from toolkit's old records.",
        "withdraw": "Remove everything that toolkit manages from the tenants.",
    },
    "Look up and maintain": {
        "kinds": "List kinds and controls, or explain one.",
        "apps": "List the apps and sites that a block can name.",
        "schema": "Print the JSON Schema of the playbooks for an editor.",
        "settings": "Show the source of each setting.",
        "state": "Back up, restore or adopt the ledger.",
        "emulator": "Run or reset the emulated tenants.",
    },
}
"""The headings of `toolkit --help` with their commands in order and summaries, so that no command must be loaded.

Any other command follows under the last heading.
"""


class Commands(click.Group):
    """A click group that finds each command in the module of the same name, and lists commands under headings."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        listed = {name for commands in SECTIONS.values() for name in commands}
        others = {
            name: command.get_short_help_str(limit=200)
            for name in self.list_commands(ctx)
            if name not in listed and (command := self.get_command(ctx, name))
        }
        last = [*SECTIONS][-1]
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                rows = {**commands, **others} if heading == last else commands
                formatter.write_dl([(f"{name:11}", text) for name, text in rows.items()])

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return [module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__) if not module.ispkg]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"{__name__}.{cmd_name.replace('-', '_')}").command
        add_recording_options(command, cmd_name)
        accept_no_pager(command)
        return _keep_line_breaks(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            name, command, rest = super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
            groups = {name: command for name, command in commands if isinstance(command, click.Group)}
            below = [f"{name} {args[0]}" for name, group in groups.items() if args[0] in group.commands]
            close = below or get_close_matches(args[0], self.list_commands(ctx), n=1)
            if not close:
                raise
            raise click.UsageError(f"{error.format_message()} Did you mean {' or '.join(close)}?", ctx) from error
        if command:
            _refuse_repeated_options(command, rest, click.Context(command, info_name=name, parent=ctx))
        return name, command, rest


def _refuse_repeated_options(command: click.Command, arguments: Sequence[str], ctx: click.Context) -> None:
    """Raise UsageError if an option with a single value occurs more than once, because click would drop the
    first value.
    """
    try:
        _, rest, written = command.make_parser(ctx).parse_args(list(arguments))
    except click.UsageError:
        return  # the command reports it with its own help
    values = [option for option in written if isinstance(option, click.Option) and not option.is_flag]
    for option in values:
        if not option.multiple and not option.count and (times := values.count(option)) > 1:
            raise click.UsageError(f"{option.opts[-1]} takes one value and is written {times} times.", ctx)
    if isinstance(command, click.Group) and rest and (below := command.get_command(ctx, rest[0])):
        _refuse_repeated_options(below, rest[1:], click.Context(below, info_name=rest[0], parent=ctx))


def _keep_line_breaks(command: click.Command) -> click.Command:
    """Return the command with the line breaks in its help marked as click needs them to keep the lines of a
    paragraph.
    """
    command.help = (command.help or "").replace("\\b\n", "\b\n")
    for below in getattr(command, "commands", {}).values():
        _keep_line_breaks(below)
    return command


_EARLIER_NAMES = {"out": "output"}
"""Earlier names of options that are still accepted."""


@click.group(
    cls=Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "token_normalize_func": lambda name: _EARLIER_NAMES.get(name, name),
    },
)
@click.version_option(package_name=DISTRIBUTION)
@no_pager_option()
def program() -> None:
    r"""Policy as code for the Microsoft 365 and Google Workspace tenants of a school.

    Write the school's policy as playbooks once. toolkit then makes the tenants match the playbooks, reports
    differences, and writes the report for governors. Start with `toolkit init`.
    """


_keep_line_breaks(program)


_COLLECT_SELDOM = (500_000, 20, 100)
"""Thresholds for garbage collection, which frees only 1 in 100 of the objects that a command loads."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and end the process with the command's exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    command_state = CommandState(prints_json="--json" in words)
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"  # pydantic would search every installed library for plugins
    if arguments is None:
        gc.set_threshold(*_COLLECT_SELDOM)
        atexit.register(gc.freeze)  # so that Python does not check every object again at the end
        listen_for_signals()
    with printable_output():
        try:
            code = _run_command(arguments, command_state)
            if command_state.prints_json:
                _print_json(command_state, code)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the last handler; a panic in a Rust library is no Exception
            code = Exit.FAILED
            _write_unexpected_error(error, command_state)
        sys.exit(_exit_code_for_lost_output(command_state) or code)


def _exit_code_for_lost_output(command_state: CommandState) -> Exit | None:
    """Return exit code 1 if a part of the output could not be written, because readers must not take the output
    for complete.
    """
    if failure := find_output_failure():
        _write_error(f"toolkit: the output could not be written: {failure.strerror or failure}", command_state)
        return Exit.FAILED
    return None


def _run_command(arguments: Sequence[str] | None, command_state: CommandState) -> int:
    """Run a command, write its errors to standard error, and return its exit code."""
    try:
        program.main(args=arguments, prog_name="toolkit", standalone_mode=False, obj=command_state)
    except (SystemExit, click.exceptions.Exit) as ended:
        return _exit_code_of_exception(ended)
    except click.Abort as abort:
        if arguments is None:
            end_process(abort, command_state)
        report_interruption(abort, command_state)
        return exit_of_interrupt(abort.__cause__)
    except click.ClickException as error:
        command_state.errors.append(printable(error.format_message()))
        _show_usage_error(error)
        return error.exit_code
    except PlaybookError as error:
        command_state.problems = error.problems
        for problem in error.problems:
            # each problem begins with its place, because editors and CI expect it
            _write_error(str(problem), command_state)
        return error.exit
    except ToolkitError as error:
        _write_error(f"toolkit: {error}", command_state)
        return error.exit
    return Exit.AS_WANTED


def _exit_code_of_exception(exception: SystemExit | click.exceptions.Exit) -> int:
    code = exception.exit_code if isinstance(exception, click.exceptions.Exit) else exception.code or Exit.AS_WANTED
    return code if isinstance(code, int) else Exit.FAILED


def _write_error(text: str, command_state: CommandState) -> None:
    from toolkit.cli.shared.terminal import remark

    command_state.errors.append(text)
    remark(text, command_state)


def _print_json(command_state: CommandState, code: int) -> None:
    from toolkit.cli.shared.json_output import print_json

    print_json(command_state, code)


def _show_usage_error(error: click.ClickException) -> None:
    """Write the error of a wrong command line to standard error.

    An argument that the message quotes is not broken over lines.
    """
    match error:
        case click.exceptions.NoArgsIsHelpError():  # its message is the help
            error.show()
        case click.MissingParameter():  # its message does not have an argument, and lists choices after tabs
            click.UsageError(error.format_message().expandtabs(4), error.ctx).show()
        case click.UsageError():
            click.UsageError(printable(error.format_message()), error.ctx).show()
        case _:
            click.ClickException(printable(error.format_message())).show()


def _write_unexpected_error(error: BaseException, command_state: CommandState) -> None:
    """Report an unexpected error: write a sentence to standard error and, if possible, a trace file."""
    try:
        from toolkit.cli.shared.trace import report_unexpected

        message = printable(report_unexpected(error, command_state))
        click.echo(message, err=True)
        if command_state.prints_json:
            command_state.errors.append(message)
            _print_json(command_state, Exit.FAILED)
    except Exception as another:  # noqa: BLE001 - what made the run fail may make the report of it fail
        kinds = f"{type(error).__name__}, then {type(another).__name__}"
        click.echo(f"toolkit: unexpected error ({kinds}), and no trace could be written", err=True)
