"""toolkit policy"""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument


@click.command()
@playbooks_argument
@json_option
def command(playbooks: Path, *, as_json: bool) -> None:
    r"""Show the status of each clause of the policy.

    Each status has its reasons and its source. Clauses, each with its minimum, are in files of the playbooks that
    begin with `policy:`; what no service shows is in files that begin with `registers:`. It cannot write to a tenant.

    \b
    Exit codes:
      0  no clause that can be checked fails, and the document is in order
      3  a clause fails, or the document is not in order
      4  something could not be read

    \b
    Example: toolkit policy playbooks/
    """
    from toolkit import api
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.render.policy_text import policy_answer, policy_lines

    with surroundings() as around:
        report = api.evaluate_policy(api.load(playbooks), **around)
    show_answer(policy_answer(report), policy_lines(report), as_json=as_json)
    sys.exit(report.exit)
