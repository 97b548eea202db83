"""The command `toolkit validate`."""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument, tenant_option


@click.command()
@playbooks_argument
@click.option("--fix", is_flag=True, help="Write new names of renamed keys, and the school's id. Comments are kept.")
@json_option
@tenant_option
def command(playbooks: Path, *, fix: bool, as_json: bool, tenant: str | None) -> None:
    r"""Check the playbooks without reading a tenant.

    Every problem is reported with its file and line. A renamed key is read by its earlier name for two minor versions.
    --fix writes the new name into the file. It also writes an `id` into the school file, which distinguishes the
    objects of this school from objects of other schools in the same tenant.

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
    from toolkit import api
    from toolkit.cli.shared.terminal import remark, show_report
    from toolkit.engine.selection import Selection
    from toolkit.render.validate_text import validation_lines

    report = api.validate(playbooks, fix=fix, selection=Selection(tenant=tenant), remark=remark)
    lines = validation_lines(
        report.playbooks, report.expansion, secret_search=report.search, broken_modules=report.broken_modules
    )
    show_report(report.to_dict(), lines, as_json=as_json)
    sys.exit(report.exit)
