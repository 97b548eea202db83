"""The command `toolkit accept`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.options import playbooks_argument
from toolkit.errors import Exit, UsageError

if TYPE_CHECKING:
    from toolkit.drift.accept import AcceptanceTerms
    from toolkit.playbook.exceptions_file import Addition
    from toolkit.values import Json


@click.command()
@click.argument("finding", metavar="FINDING")
@playbooks_argument
@click.option(
    "--until", required=True, metavar="DATE", help="The last date on which the finding is accepted, such as 2026-12-18."
)
@click.option("--reason", required=True, metavar="TEXT", help="The reason in one line, without names or health data.")
@click.option("--by", required=True, metavar="ROLE", help="The role that approves the exception, such as Head Teacher.")
@click.option("--for", "role", metavar="ROLE", help="For a control: the role that gets the exception.")
@click.option(
    "--change", default="off", show_default=True, metavar="YAML", help="For a control: the settings that differ."
)
@click.option("--dpia", metavar="REF", help="For a control: the reference of the impact assessment, if needed.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
def command(
    finding: str,
    playbooks: Path,
    *,
    until: str,
    reason: str,
    by: str,
    role: str | None,
    change: str,
    dpia: str | None,
    yes: bool,
) -> None:
    r"""Accept a drift finding until a date.

    FINDING is the code that `toolkit drift` shows in brackets. The first characters of the code are enough. The command
    shows the exception that it will add to the playbooks, asks for confirmation, writes the exception, and checks the
    playbooks. A control that can differ by role needs --for.

    \b
    Example: toolkit accept 3f2a9c1b --until 2026-12-18 --reason "Moving to the new office" --by "Head Teacher"
    """
    from toolkit.cli.shared.terminal import ask_yes, remark
    from toolkit.drift.accept import AcceptanceTerms, write_entry

    wish = AcceptanceTerms(
        until=until, reason=reason, by=by, role=role, change=_parse_accepted_settings(change), dpia=dpia
    )
    addition = _add_exception(finding, playbooks, wish)
    _show_addition(addition)
    if not yes and not ask_yes(f"Write this into {addition.file}?"):
        remark("toolkit: no file was written")
        sys.exit(Exit.REFUSED)
    write_entry(addition, playbooks)
    remark(f"accepted: written to {addition.file}; `toolkit plan {playbooks}` shows the changes")


def _add_exception(finding: str, path: Path, terms: "AcceptanceTerms") -> "Addition":
    """Return the playbooks' file of exceptions with a new entry that accepts the finding."""
    from toolkit import api
    from toolkit.cli.shared.run import opened_ledger, surroundings
    from toolkit.drift.accept import accepts_only_this_value, add_present_value, build_exception_entry, find_finding
    from toolkit.engine.prepare_run import check_credentials, open_target
    from toolkit.engine.selection import Selection
    from toolkit.ledger.change_history import open_findings
    from toolkit.playbook.exceptions_file import added

    playbooks = api.load(path)
    with opened_ledger() as (settings, ledger):
        row = find_finding(finding, open_findings(ledger) if ledger.exists() else {})
        check_credentials(settings, playbooks.school)
        with open_target(settings, playbooks.school) as (_, now):
            entry = build_exception_entry(row, terms, playbooks, now)
    if accepts_only_this_value(entry, row):
        with surroundings() as around:
            entry = add_present_value(
                entry, row, api.plan(playbooks, selection=Selection(only=(row.address,)), **around).plan
            )
    return added(path, entry.section, entry.fields)


def _parse_accepted_settings(text: str) -> "Json":
    """Parse the settings of a control that the user accepts, or `off`. Raise UsageError for any other text."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if text == "off":
        return text
    try:
        change: Json = YAML().load(text)
    except YAMLError as wrong:
        raise UsageError(
            f"--change {text!r} is not YAML; write off, or settings such as '{{without: [whatsapp]}}'"
        ) from wrong
    if not isinstance(change, dict):
        raise UsageError(f"--change {text!r}: write off, or settings such as '{{without: [whatsapp]}}'")
    return change


def _show_addition(addition: "Addition") -> None:
    from difflib import unified_diff

    from toolkit.cli.shared.terminal import show
    from toolkit.render.line import Line, Tone

    before, after = (addition.before or "").split("\n"), addition.after.split("\n")
    show(
        Line(line, Tone.ADDED if line.startswith("+") else Tone.PLAIN)
        for line in unified_diff(before, after, lineterm="", n=1)
        if not line.startswith(("---", "+++", "@@"))
    )
