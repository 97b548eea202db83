"""toolkit doctor"""

import sys
from pathlib import Path

import click

from toolkit.cli._options import default_playbooks, json_option


@click.command()
@click.argument(
    "playbooks",
    type=click.Path(exists=True, path_type=Path),
    metavar="[PLAYBOOKS]",
    required=False,
    default=default_playbooks,
)
@json_option
def command(playbooks: Path, *, as_json: bool) -> None:
    r"""Find out whether everything is there that the playbooks need, and name what is not.

    Examines this computer (settings, state, ledger, certificates, proxy), signs in with the identity that reads and the
    one that writes, compares the tenants with the school file, and reads the directory and each kind that the playbooks
    use. What each identity really has is compared with what `toolkit permissions` lists: what is missing, what is too
    much, and what it signs in with that ends within 30 days. It never writes to a tenant. PLAYBOOKS is the directory
    playbooks unless said. Ends with 0 when all is well, also where something is too much; 4 when something is missing,
    wrong or could not be read, 1 when a sign-in is refused, 2 when a tenant is another school's.

    \b
    Example: toolkit doctor playbooks/
    """
    from toolkit.cli._doctor import examine
    from toolkit.cli._terminal import show, show_json
    from toolkit.render.doctor_text import examined_answer, examined_summary
    from toolkit.render.line import Line

    examination = examine(playbooks, quiet=as_json)
    if as_json:
        told = examined_answer(examination.diagnoses, examination.school, examination.target, examination.sources)
        show_json(told)
    else:
        show([Line(), examined_summary(examination.diagnoses)])
    sys.exit(examination.exit)
