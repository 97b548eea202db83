"""toolkit policy"""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument


@click.command()
@playbooks_argument
@json_option
def command(playbooks: Path, *, as_json: bool) -> None:
    r"""Say of each clause of the policy whether it is met, why not, and who says so.

    It signs in to read and cannot write to a tenant. The clauses stand in files of the playbooks that begin with
    `policy:`, each with the least that is enough; what no service shows stands in files that begin with `registers:`.

    Ends with 0 when nothing that is looked at fails and the document is in order, 3 when not, 4 when something could
    not be read.

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
