"""The command `toolkit why`."""

from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument, tenant_option


@click.command()
@click.argument("address", metavar="ADDRESS")
@playbooks_argument
@json_option
@tenant_option
def command(address: str, playbooks: Path, *, as_json: bool, tenant: str | None) -> None:
    r"""Explain why an object is as it is.

    The command shows the lines of the playbooks that ask for the object, and the changes to the object. The tenants are
    not read. ADDRESS may be a name that only one object has.

    \b
    Example: toolkit why "microsoft365.transport_rule[School disclaimer]"
             toolkit why "School disclaimer" playbooks/
    """
    from toolkit.api.school_files import load
    from toolkit.cli.shared.run import opened_ledger
    from toolkit.cli.shared.terminal import show_report
    from toolkit.engine.selection import Selection
    from toolkit.engine.why import explain_object
    from toolkit.render.why_text import explanation_json, explanation_lines

    with opened_ledger() as (_, ledger):
        why = explain_object(address, load(playbooks, Selection(tenant=tenant)), ledger.recorded_runs())
    show_report(explanation_json(why), explanation_lines(why), as_json=as_json)
