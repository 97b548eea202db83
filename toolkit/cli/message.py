"""The command `toolkit message`."""

import sys
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, playbooks_argument, quiet_option, tenant_option, verbose_option_for


@click.command()
@playbooks_argument
@click.option("--from", "sender", metavar="ADDRESS", help="The sender. With --eml, the sender of the file.")
@click.option("--to", "to", multiple=True, metavar="ADDRESS", help="A recipient or a list. May be repeated.")
@click.option("--subject", metavar="TEXT", help="The subject. Without it, the subject is unknown.")
@click.option("--attach", "names", multiple=True, metavar="NAME", help="The name of an attachment. May be repeated.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: TEXT'", help="A header field. May be repeated.")
@click.option("--size", metavar="SIZE", help="The size of the message, such as '25 MB'.")
@click.option("--ip", metavar="IP", help="The address of the server that sends the message from outside.")
@click.option("--type", "type_", metavar="TYPE", help="Exchange's name of a special type, such as AutoForward.")
@click.option("--at", "moment", metavar="TIME", help="When it is sent, such as 2026-11-10T09:30 (default: now).")
@click.option(
    "--eml",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A saved message. It is read in memory, and nothing of it is stored.",
)
@click.option("--after-plan", is_flag=True, help="Also show the result after `toolkit apply`, differences first.")
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also draw the message's way into this SVG file.",
)
@click.option("--provider", metavar="NAME", help="Only this cloud, such as microsoft365.")
@json_option
@quiet_option
@verbose_option_for("Also show the rules that do not apply, with the reason.")
@tenant_option
def command(
    playbooks: Path,
    *,
    sender: str | None,
    to: tuple[str, ...],
    subject: str | None,
    names: tuple[str, ...],
    headers: tuple[str, ...],
    size: str | None,
    ip: str | None,
    type_: str | None,
    moment: str | None,
    eml: Path | None,
    after_plan: bool,
    picture: Path | None,
    provider: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    tenant: str | None,
) -> None:
    r"""Predict the effect of the rules on a message.

    The answer shows each rule that the message meets, in the order of the service, and the clause that the rule serves.
    It never says that a message arrives, because the provider's own spam filter decides too. Nothing is written or
    recorded.

    \b
    Exit codes:
      0  no rule of the school stops the message
      3  a rule stops, delays or diverts it
      4  toolkit cannot tell, or something could not be read

    \b
    Example: toolkit message --from parent@example.org --to office@example-primary.example
             toolkit message --from agency@example.org --to all-staff@example-primary.example --attach form.docm
             toolkit message --eml complaint.eml --after-plan --picture message.svg
    """
    from toolkit import api
    from toolkit.cli.shared.run import surroundings
    from toolkit.cli.shared.terminal import show_report
    from toolkit.engine.describe_message import describe_message
    from toolkit.engine.selection import Selection
    from toolkit.private_files import write_private_file
    from toolkit.render.line import Line
    from toolkit.render.message_picture import message_picture
    from toolkit.render.message_text import message_lines

    with surroundings() as around:
        school = api.load(playbooks, Selection(tenant=tenant))
        question = describe_message(
            school.school,
            sender=sender,
            to=to,
            subject=subject,
            attachments=names,
            headers=headers,
            size=size,
            ip=ip,
            type_=type_,
            at=moment,
            eml=eml,
        )
        report = api.predict_message(school, question, after_plan=after_plan, provider=provider, **around)
    drawn = [Line(f"Picture: {picture}")] if picture else []
    if picture:
        write_private_file(picture, message_picture(report))
    lines = (*message_lines(report, verbose=verbose), *drawn)
    show_report(report.to_dict(), lines, as_json=as_json, quiet=quiet)
    sys.exit(report.exit)
