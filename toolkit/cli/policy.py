"""The command `toolkit policy`."""

import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import click

from toolkit.cli.shared.options import default_playbooks, json_option, judged_school, quiet_option
from toolkit.engine.selection import Selection

_STATUS = "status"


class _PolicyGroup(click.Group):
    """A command group that runs the command `status` by default, as in `toolkit policy playbooks/`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        help_options = self.get_help_option_names(ctx)
        if not args or (args[0] not in self.commands and args[0] not in help_options):
            args = [_STATUS, *args]
        return super().parse_args(ctx, args)

    def make_parser(self, ctx: click.Context) -> Any:
        """Return the parser of the group. It does not read the options of the default command."""
        ctx.ignore_unknown_options = True
        return super().make_parser(ctx)


@click.group(cls=_PolicyGroup)
def command() -> None:
    r"""Show the status of each clause of the policy.

    `draft` writes the clauses from the school's own document, and `review` asks a person to accept them. Without a
    further command, `status` runs: `toolkit policy playbooks/` shows every clause, and `toolkit policy EML-18` one
    clause.

    \b
    Example: toolkit policy playbooks/
             toolkit policy EML-18
             toolkit policy draft policy.docx
             toolkit policy review
    """


@command.command(name=_STATUS)
@click.argument("playbooks", type=click.Path(path_type=Path), metavar="[PLAYBOOKS]", default=default_playbooks)
@click.argument("clause", metavar="[CLAUSE]", required=False)
@judged_school
@json_option
@quiet_option
def status(playbooks: Path, *, clause: str | None, as_json: bool, quiet: bool, selection: Selection) -> None:
    r"""Show the status of each clause of the policy.

    Each status has its reasons and its source. With CLAUSE, only this clause is shown. Clauses, each with its minimum,
    are in files of the playbooks that begin with `policy:`. Facts that a service cannot show are in files that begin
    with `registers:`. The command cannot write to a tenant.

    In the folder of a trust, --school is needed. Only the school's slice of its tenants is judged. Parts that the trust
    sets for the whole tenant say so.

    \b
    Exit codes:
      0  no clause that can be checked fails, and the document is in order
      3  a clause fails, or the document is not in order
      4  something could not be read

    \b
    Example: toolkit policy status playbooks/
             toolkit policy EML-18
             toolkit policy EML-18 playbooks/
             toolkit policy trust/ --school OAK,ELM
    """
    from toolkit import api
    from toolkit.cli.shared.judged_playbooks import load_judged, one_at_a_time
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import show_report
    from toolkit.render.policy_text import policies_json, policy_lines

    if clause is None and not playbooks.exists():
        playbooks, clause = default_playbooks(), str(playbooks)
    elif clause and not playbooks.exists() and Path(clause).exists():
        playbooks, clause = Path(clause), str(playbooks)
    with surroundings() as around:
        reports = [
            api.evaluate_policy(load_judged(playbooks, chosen), selection=chosen, reading=reading, **around)
            for chosen, reading in one_at_a_time(selection)
        ]
    if clause:
        reports = [report.select_clause(clause) for report in reports]
    lines = chain.from_iterable(map(policy_lines, reports))
    answer = policies_json(reports) if len(reports) > 1 else reports[0].to_dict()
    show_report(answer, lines, as_json=as_json, quiet=quiet)
    sys.exit(api.worst([report.exit for report in reports]))


def _playbooks_option(function: Callable[..., None]) -> Callable[..., None]:
    return click.option(
        "--playbooks",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=default_playbooks,
        show_default="playbooks",
        help="The folder of the school's playbooks.",
    )(function)


@command.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--update", is_flag=True, help="FILE is a later version. Accepted clauses are kept, and changes shown.")
@click.option("--owner", metavar="ROLE", default="Head Teacher", show_default=True, help="The lead of the clauses.")
@_playbooks_option
@json_option
def draft(file: Path, *, update: bool, owner: str, playbooks: Path, as_json: bool) -> None:
    r"""Write the clauses of your policy from its document.

    FILE is .docx, .odt, .pdf with text, .md or .txt. It is read on this computer and nothing is sent. Each sentence
    becomes a clause in policy/clauses.yaml, word for word, with its heading, number and page. For each clause the
    command proposes a class and up to three controls, with the words that led to them. Every clause is UNRATIFIED, and
    nothing is checked for it, until a person accepts it with `toolkit policy review` or in the file.

    With --update, the clauses are compared with a later version of the document. An unchanged clause keeps its name and
    its accepted class and controls. A changed clause must be accepted again.

    \b
    Exit codes:
      0  the clauses are written
      2  the document cannot be read, or there are clauses already

    \b
    Example: toolkit policy draft policy.docx
             toolkit policy draft policy-2027.docx --update
    """
    from toolkit.cli.shared.terminal import show, show_answer
    from toolkit.policy_draft.draft import draft_policy, write_draft
    from toolkit.policy_draft.draft_text import draft_answer, draft_lines
    from toolkit.render.line import Line

    made = draft_policy(file, playbooks, owner=owner, update=update)
    write_draft(made)
    show_answer(draft_answer(made), draft_lines(made), as_json=as_json)
    if not as_json:
        show([Line("Accept the proposals with `toolkit policy review`.")])


@command.command()
@_playbooks_option
def review(playbooks: Path) -> None:
    r"""Accept or change the proposals for drafted clauses.

    Each answer is saved at once, and the next call goes on where this one stopped. Answers can come from a pipe, one on
    each line. The file policy/clauses.yaml can be edited by hand instead.

    \b
    Answers:
      Enter    accept the class and the proposals
      1 3      accept only proposals 1 and 3
      CONTROL  other controls or evidence, by name (`toolkit kinds` lists the controls)
      n        a rule that no one checks
      p        conduct only, which no computer can check
      all      accept the proposals for the rest of this section
      s        leave it UNRATIFIED for now
      <        go back to the clause before
      q        stop

    \b
    Exit codes:
      0  every clause is accepted
      3  some clauses are still UNRATIFIED

    \b
    Example: toolkit policy review
    """
    from toolkit.cli.shared.clause_review import review_clauses
    from toolkit.cli.shared.terminal import show
    from toolkit.errors import Exit
    from toolkit.policy_draft.draft_file import FILE, ClausesFile
    from toolkit.render.line import Line
    from toolkit.render.values_text import count_text

    file = ClausesFile(playbooks / FILE)
    review_clauses(file)
    left = sum(1 for _ in file.list_unratified())
    if left:
        show([Line(f"{count_text(left, 'clause')} UNRATIFIED. Go on with `toolkit policy review`")])
        sys.exit(Exit.PENDING)
    show([Line("Every clause is accepted. Continue with `toolkit validate` and `toolkit policy`.")])
