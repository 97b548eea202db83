"""Commands of `toolkit trust` for one school or tenant: `freeze`, `take-back` and `leave-plan`."""

from datetime import date
from pathlib import Path

import click

from toolkit.cli.shared.options import json_option, read_date
from toolkit.cli.shared.trust_session import open_trust_session
from toolkit.errors import UsageError
from toolkit.messages import did_you_mean, quoted

_trust_option = click.option(
    "--trust", type=click.Path(exists=True, path_type=Path), metavar="FOLDER", help="The folder with trust.yaml."
)
_by = click.option("--by", required=True, metavar="ROLE", help="The role that decides it, which is recorded.")


@click.command(name="freeze")
@click.argument("school", metavar="SCHOOL|all")
@click.option("--until", type=read_date, required=True, metavar="DATE", help="The last day. A past day ends a freeze.")
@_by
@click.option("--reason", required=True, metavar="TEXT", help="Why nothing may be written, such as an inspection.")
@_trust_option
@json_option
def freeze(school: str, *, until: date, by: str, reason: str, trust: Path | None, as_json: bool) -> None:
    r"""Write nothing to a school, or to all schools, until a date.

    Every run that writes to the school then stops. The freeze is recorded in the ledger of each tenant that the school
    is in. `toolkit trust take-back` ends it early.

    \b
    Example: toolkit trust freeze OAK --until 2026-11-13 --by "Head Teacher" --reason inspection
             toolkit trust freeze all --until 2027-05-14 --by "Chief Executive" --reason "Year 6 tests"
    """
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.render.line import Line, row
    from toolkit.trust.freezes import TrustFreeze
    from toolkit.trust.record_freezes import record_freeze
    from toolkit.trust.runs import read_time

    session = open_trust_session(trust, (), 1)
    now = read_time(session)
    decided = TrustFreeze(school=school, until=until, by=by, reason=reason, at=now)
    record_freeze(session, decided)
    ended = until < now.astimezone(session.trust.zone).date()
    text = f"The freeze of {school} has ended." if ended else f"{decided.text()}."
    show_answer(row(decided, "school", "until", "by", "reason"), [Line(text)], as_json=as_json)


@click.command(name="take-back")
@click.argument("name", metavar="TENANT|SCHOOL|all")
@_by
@_trust_option
@json_option
def take_back(name: str, *, by: str, trust: Path | None, as_json: bool) -> None:
    r"""Run a set-aside tenant again, or end a freeze.

    The freeze of a school, or of all schools, ends now. The ledgers that have the freeze record its end too.

    \b
    Example: toolkit trust take-back main --by "IT support"
             toolkit trust take-back OAK --by "Head Teacher"
    """
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.render.line import Line
    from toolkit.trust.freezes import ALL
    from toolkit.trust.record_freezes import end_freeze
    from toolkit.trust.runs import read_time
    from toolkit.trust.set_aside import read_set_aside, take_back_tenant

    session = open_trust_session(trust, (), 1)
    now = read_time(session)
    if name in read_set_aside(session.state):  # first, as a tenant may be named all
        take_back_tenant(session.state, name, by, now.astimezone(session.trust.zone).date())
        answer, text = {"tenant": name, "by": by}, f"The tenant {name} takes part in runs again."
    elif name == ALL or name in session.trust.schools:
        end_freeze(session, name, by, now)
        answer, text = {"school": name, "by": by}, f"The freeze of {name} has ended."
    elif name in session.trust.tenants:
        raise UsageError(f"{name} is not set aside. `toolkit trust status` lists the tenants that are")
    else:
        names = [*session.trust.tenants, *session.trust.schools, ALL]
        raise UsageError(f"{quoted(name)} is not a tenant or a school of the trust{did_you_mean(name, names)}")
    show_answer(answer, [Line(text)], as_json=as_json)


@click.command(name="leave-plan")
@click.argument("school", metavar="SCHOOL")
@_trust_option
@json_option
def leave_plan(school: str, *, trust: Path | None, as_json: bool) -> None:
    r"""Plan the leaving of a school.

    The plan lists the objects of the school, the objects for other schools too, and the open exceptions of the school.
    It names everything that stays with the trust, and the steps in order. No tenant is read, and nothing is changed.

    \b
    Example: toolkit trust leave-plan OAK
    """
    from toolkit.cli.shared.find_trust import find_trust
    from toolkit.cli.shared.terminal import show_answer
    from toolkit.trust.leaving import plan_leaving
    from toolkit.trust.leaving_text import leave_plan_answer, leave_plan_lines
    from toolkit.trust.load import load_trust

    folder = trust or find_trust()
    plan = plan_leaving(load_trust(folder), school, folder)
    show_answer(leave_plan_answer(plan), leave_plan_lines(plan), as_json=as_json)
