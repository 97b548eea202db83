"""toolkit validate"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument


@click.command()
@playbooks_argument
@click.option(
    "--fix", is_flag=True, help="Write the new name of each key that has one, and the school's id; comments stay."
)
@json_option
def command(playbooks: Path, *, fix: bool, as_json: bool) -> None:
    r"""Check the playbooks; no tenant is asked.

    It reports every problem with file and line. A key with a new name is read by its earlier one for two minor
    versions; --fix writes the new name into the file, and into the school file the `id` by which objects of this
    school are told from those of other schools in the same tenant.

    If the school's folder is in a git repository, it also looks for passwords and keys that git tracks, and shows
    how to remove them.

    \b
    Exit codes:
      0  the playbooks are in order
      2  a playbook is wrong
      3  git tracks a secret
      4  git could not list its files

    \b
    Example: toolkit validate playbooks/
             toolkit validate playbooks/ --fix
    """
    from toolkit.cli.shared.terminal import remark, show_answer
    from toolkit.engine.desired_state import refuse_unreviewed, validate
    from toolkit.playbook.file_format import write_new_names, write_school_id
    from toolkit.playbook.school_id import new_school_id
    from toolkit.playbook.vocabulary import found
    from toolkit.render.validate_text import fixed_line, validated_answer, validated_lines
    from toolkit.settings.school_folder import find_school_folder
    from toolkit.settings.settings import find_settings
    from toolkit.settings.tracked_secrets import find_tracked_secrets

    fixed = write_new_names(playbooks, found().renamed) if fix else ()
    for earlier in fixed:
        remark(fixed_line(earlier))
    if fix and (written := write_school_id(playbooks, new_school_id())):
        remark(f"{written.path}:{written.line}: {written.message} is new: it never changes from now on")
    checked = validate(playbooks)
    settings = find_settings(find_school_folder(playbooks))
    if settings.target == "live":  # an emulated school has a clock of its own
        refuse_unreviewed(checked[0], datetime.now(UTC), live=True)
    search = find_tracked_secrets(settings)
    answer, lines = validated_answer(*checked, fixed=fixed, search=search), validated_lines(*checked, search=search)
    show_answer(answer, lines, as_json=as_json)
    sys.exit(search.exit)
