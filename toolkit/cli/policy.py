"""The command `toolkit policy`."""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import default_playbooks, json_option, quiet_option


@click.command()
@click.argument("playbooks", type=click.Path(path_type=Path), metavar="[PLAYBOOKS]", default=default_playbooks)
@click.argument("clause", metavar="[CLAUSE]", required=False)
@json_option
@quiet_option
def command(playbooks: Path, *, clause: str | None, as_json: bool, quiet: bool) -> None:
    r"""Show the status of each clause of the policy.

    Each status has its reasons and its source. With CLAUSE, only this clause is shown. Clauses, each with its minimum,
    are in files of the playbooks that begin with `policy:`. Facts that a service cannot show are in files that begin
    with `registers:`. The command cannot write to a tenant.

    \b
    Exit codes:
      0  no clause that can be checked fails, and the document is in order
      3  a clause fails, or the document is not in order
      4  something could not be read

    \b
    Example: toolkit policy playbooks/
             toolkit policy EML-18
             toolkit policy EML-18 playbooks/
    """
    from toolkit import api
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import show_report
    from toolkit.render.policy_text import policy_lines

    if clause is None and not playbooks.exists():
        playbooks, clause = default_playbooks(), str(playbooks)
    elif clause and not playbooks.exists() and Path(clause).exists():
        playbooks, clause = Path(clause), str(playbooks)
    with surroundings() as around:
        report = api.evaluate_policy(api.load(playbooks), **around)
    if clause:
        report = report.select_clause(clause)
    show_report(report.to_dict(), policy_lines(report), as_json=as_json, quiet=quiet)
    sys.exit(report.exit)
