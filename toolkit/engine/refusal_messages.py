"""The messages of a run that is refused, with the commands that go on."""

from collections.abc import Sequence
from shlex import quote

from toolkit.engine.context import RunContext
from toolkit.engine.refresh import TenantSurvey


def describe_exceeded_limits(context: RunContext, survey: TenantSurvey) -> str:
    """Return a message that names the limits that a plan exceeds, and the command with the flags that lift them."""
    reasons = "; ".join(breach.reason for breach in survey.breaches)
    lifting = [breach.flag for breach in survey.breaches]
    counting = {"--allow-deletes", "--reach", "--lose"}  # a new value replaces the given value
    lifted = {flag.split()[0] for flag in lifting} & counting
    given = [flag for flag in context.flags if flag.split()[0] not in lifted]
    given += [f"--override {context.override}"] if context.override else []
    playbooks = str(survey.playbooks.file or survey.playbooks.root)
    if context.saved_plan and not context.withdraws_everything:
        given.append(f"--playbooks {playbooks}")  # they may be elsewhere now
    place = quote(str(context.saved_plan or playbooks))
    command = " ".join(["toolkit", *context.command_words, place, *map(quote_option, [*given, *lifting])])
    return f"{reasons}. Nothing was written. If you want this: {command}"


def quote_option(flag: str) -> str:
    """Return a command line option with its value quoted for a shell."""
    option, _, value = flag.partition(" ")
    return f"{option} {quote(value)}" if value else option


def approval_message(context: RunContext, survey: TenantSurvey, approvals: Sequence[str]) -> str:
    """Return a message that names the changes that need an approval, and the commands that lead to one."""
    playbooks = quote(str(survey.playbooks.file or survey.playbooks.root))
    saved = quote(str(context.saved_plan)) if context.saved_plan else "FILE"
    verb = "withdraw" if context.withdraws_everything else "apply"
    make = (
        ""
        if context.saved_plan
        else f"Save the plan: `toolkit {'withdraw' if verb == 'withdraw' else 'plan'} {playbooks} -o FILE`. "
    )
    return (
        f"the school file asks for an approval of these changes: {'; '.join(approvals)}. Nothing was written. {make}"
        f"Another person approves it: `toolkit approve {saved}`. Then: `toolkit {verb} {saved}`"
    )
