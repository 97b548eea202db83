"""The command `toolkit init`."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from toolkit.cli.shared.command_state import CommandState
from toolkit.real_path import real_path
from toolkit.starter.answers import NEVER_TOUCH, NUMBERS, QUESTIONS

if TYPE_CHECKING:
    from toolkit.starter.never_touch import Proposal

_DIRECTORY = click.Path(path_type=Path, file_okay=False)
_Command = Callable[..., None]


def _add_question_options(command: _Command) -> _Command:
    """Return the command with an option for each question of the interview."""
    for question in reversed((*QUESTIONS, *NUMBERS)):
        command = click.option(question.option, question.name, metavar="TEXT", help=question.help)(command)
    return command


@click.command()
@click.argument("directory", type=_DIRECTORY, default=".", metavar="[DIR]")
@click.option("--demo", is_flag=True, help="Write the sample school, which enforces on emulated tenants.")
@click.option("--pack", "packs", multiple=True, metavar="NAME", help="A starter pack (default: look). May be repeated.")
@click.option(
    "--template", type=click.Choice(["staff-policy"]), help="Write the clauses of a staff policy too, UNRATIFIED."
)
@click.option(
    "--policy",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The school's own policy (.docx, .odt, .pdf, .md or .txt): draft its clauses too, UNRATIFIED.",
)
@click.option("--from-tenant", is_flag=True, help="Also write playbooks from the tenants' present state.")
@click.option("--trust", metavar="NAME", help="Write the files of a trust with several schools instead.")
@click.option(
    "--school-folder",
    "school_folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="With --trust: the playbooks of a school of the trust. May be repeated.",
)
@click.option("--no-questions", is_flag=True, help="Do not ask questions. Questions without an option stay open.")
@_add_question_options
def command(
    directory: Path,
    *,
    demo: bool,
    packs: tuple[str, ...],
    template: str | None,
    policy: Path | None,
    from_tenant: bool,
    trust: str | None,
    school_folders: tuple[Path, ...],
    no_questions: bool,
    **texts: str | None,
) -> None:
    r"""Write a school's first rule files (playbooks).

    The command asks at most 12 questions, and an option can answer a question beforehand. < or back returns to the
    question before. All answers are shown once more before a file is written. Answers can come from a pipe, one on each
    line.

    Every playbook is in mode check (report only), so nothing is written to a tenant. No file is overwritten. apply
    refuses to write to a real tenant until the school file names protected accounts, the people who run the tenants,
    and other systems that change them.

    With --template the policy is marked UNRATIFIED until its page has the date on which the governors adopted it.

    With --policy the clauses come from the school's own document, as with `toolkit policy draft`.

    In a folder that already has a school, --pack and --template add to that school, unless an option of a question is
    given. A control that the school already has is left out of the pack.

    With --from-tenant the tenants are read as `toolkit import` reads them, and no starter pack is written unless you
    name one. It also proposes accounts to protect, each with the reason. Only the accounts that you confirm are
    protected.

    With --trust the command writes trust.yaml and the folder base instead, and asks no question. With --school-folder
    the schools, their tenants and their groups come from the school files in these folders, and the playbooks that all
    of them have are copied to base. The folders do not change.

    Starter packs: look, phishing, accounts, disclaimer, closure, september, board.

    \b
    Exit codes:
      0  the playbooks are written
      2  an answer is wrong, a file is there already, or the folder is inside another school's
      4  with --from-tenant: something could not be read
      5  the answers were not confirmed, so nothing is written

    \b
    Example: toolkit init my-school
             toolkit init --demo demo
             toolkit init trust --trust "Harbour Learning Trust"
    """
    if trust is not None:
        if demo or packs or template or policy or from_tenant or any(texts.values()):
            raise click.UsageError("--trust cannot be combined with options about a school")
        _write_trust(directory, trust, school_folders)
        return
    if school_folders:
        raise click.UsageError("--school-folder is only for --trust")
    from toolkit.starter.write import (
        check_before_asking,
        has_school,
        refuse_inside_a_school,
        write_additions,
        write_demo,
        write_starter,
    )

    refuse_inside_a_school(directory)
    if policy:
        _refuse_undraftable_policy(policy, directory, template=template or ("demo" if demo else None))
    code = 0
    if from_tenant:
        _choose_state_folder(directory)
    if demo:
        write_demo(directory)
    elif (packs or template or policy) and has_school(directory) and not (from_tenant or _answers_a_question(texts)):
        write_additions(directory, packs, template, texts)
    else:
        chosen = packs or (() if from_tenant else ("look",))
        check_before_asking(directory, chosen, texts)
        answers, proposed = _collect_answers(texts, asking=not no_questions, template=template, from_tenant=from_tenant)
        write_starter(directory, chosen, answers, template=template, proposed=proposed)
        code = _import_tenants(directory / "playbooks") if from_tenant else 0
    if policy:
        _draft_policy(policy, directory / "playbooks")
    _show_next_steps(directory, demo=demo, from_tenant=from_tenant)
    sys.exit(code)


def _write_trust(directory: Path, name: str, school_folders: Sequence[Path]) -> None:
    """Write the files of a trust, and show the next commands."""
    from toolkit.cli.shared.terminal import show
    from toolkit.render.line import Line
    from toolkit.trust.write import write_trust, write_trust_of_schools

    if school_folders:
        file, others = write_trust_of_schools(directory, name, school_folders)
        show([Line(f"{other} differs or is missing in a school, so it is not copied") for other in others])
    else:
        file = write_trust(directory, name)
    show(
        [
            Line(f"{file} is written. Name the tenants and the schools in it."),
            Line(f"Then run toolkit validate {directory}"),
        ]
    )


def _refuse_undraftable_policy(policy: Path, directory: Path, template: str | None) -> None:
    """Raise UsageError if no clauses can be drafted from the document into the folder.

    This is checked before the first question.
    """
    from toolkit.errors import UsageError
    from toolkit.policy_draft.draft import draft_policy

    if template:
        raise UsageError(
            f"--policy does not go with --{'template' if template != 'demo' else template}: choose one policy"
        )
    draft_policy(policy, directory / "playbooks")


def _draft_policy(policy: Path, playbooks: Path) -> None:
    """Write the clauses of the school's document, show the draft, and review it if there is a terminal."""
    from toolkit.cli.shared.clause_review import review_clauses
    from toolkit.cli.shared.terminal import ask_yes, show
    from toolkit.policy_draft.draft import draft_policy, write_draft
    from toolkit.policy_draft.draft_file import ClausesFile
    from toolkit.policy_draft.draft_text import draft_lines
    from toolkit.render.line import Line

    made = draft_policy(policy, playbooks)
    write_draft(made)
    show([*draft_lines(made), Line("Accept the proposals with `toolkit policy review`."), Line("")])
    if sys.stdin.isatty() and ask_yes("Go through the proposals now?"):
        review_clauses(ClausesFile(made.file))


def _answers_a_question(texts: Mapping[str, str | None]) -> bool:
    return any(texts[question.name] for question in QUESTIONS)


def _choose_state_folder(directory: Path) -> None:
    """Use a state folder next to the new playbooks for reading the tenants, unless the current folder already
    has state or settings.
    """
    from toolkit.settings.school_folder import SchoolFolder, find_school_folder

    command_state = click.get_current_context().find_object(CommandState)
    if command_state and not find_school_folder().is_set_up:
        command_state.folder = SchoolFolder(real_path(directory))


def _import_tenants(playbooks: Path) -> int:
    """Import playbooks from each tenant in the school file. If an import fails, show how to repeat it later."""
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import remark, show
    from toolkit.engine.imports.imported import read_for_import
    from toolkit.engine.run_report import worst
    from toolkit.errors import Exit, ToolkitError
    from toolkit.playbook.load import load_school
    from toolkit.render.import_text import import_lines
    from toolkit.render.import_yaml import write_imported_files

    codes = [Exit.AS_WANTED]
    for provider in load_school(playbooks).school.tenants:
        try:
            with surroundings() as around:
                settings = around["settings"]
                imported = read_for_import(settings, provider, (), playbooks, None, progress=around["progress"])
            show(import_lines(imported, write_imported_files(imported, playbooks, settings.redactor), settings.target))
        except ToolkitError:
            remark(
                "toolkit: the school file is written. "
                f"Write the other files with `toolkit import {provider} -o {playbooks}`"
            )
            raise
        codes.append(imported.exit)
    return worst(codes)


def _collect_answers(
    texts: Mapping[str, str | None], *, asking: bool, template: str | None, from_tenant: bool
) -> "tuple[Mapping[str, str], Sequence[Proposal]]":
    """Return the answers from options and questions, and the accounts that toolkit proposes to protect."""
    from toolkit.cli.shared.interview import Interview, may_ask
    from toolkit.cli.shared.terminal import remark
    from toolkit.errors import Exit
    from toolkit.starter.write import check_answers, missing_questions

    propose = _propose_accounts if from_tenant else lambda _collect_answers: ()
    interview = Interview(texts, propose, partial(check_answers, template=template))
    if asking and may_ask(texts) and not interview.ask():
        remark("toolkit: no file was written")
        sys.exit(Exit.REFUSED)
    if from_tenant and NEVER_TOUCH not in interview.answers and not missing_questions(interview.answers):
        return interview.answers, _propose_accounts(interview.answers)
    return interview.answers, interview.proposed


def _propose_accounts(texts: "Mapping[str, str | None]") -> "Sequence[Proposal]":
    """Show the accounts that toolkit proposes to protect, or why the tenants could not be read."""
    from toolkit.cli.shared.command_settings import command_settings
    from toolkit.cli.shared.terminal import remark, show
    from toolkit.errors import ToolkitError
    from toolkit.starter.answers import tenants_and_domain
    from toolkit.starter.never_touch import read_proposals

    try:
        proposals = read_proposals(command_settings(), *tenants_and_domain(texts))
    except ToolkitError as error:
        remark(f"toolkit: accounts to protect cannot be proposed: {error}")
        return ()
    show(proposals.lines())
    return proposals.accounts


def _show_next_steps(directory: Path, *, demo: bool, from_tenant: bool) -> None:
    from toolkit.cli.shared.terminal import show
    from toolkit.engine.desired_state import validate
    from toolkit.render.line import Line
    from toolkit.render.validate_text import validation_lines
    from toolkit.starter.write import next_steps

    playbooks = directory / "playbooks"
    written, *counts = validate(playbooks)
    steps = next_steps(directory, written.school, demo=demo, from_tenant=from_tenant)
    show([*validation_lines(written, *counts), Line(""), *map(Line, steps)])
