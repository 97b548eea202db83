"""Says which limits stand in the way of a run, with the whole command that lifts them."""

from shlex import quote

from toolkit.engine.context import RunContext
from toolkit.engine.refresh import Survey


def over_limits(context: RunContext, survey: Survey) -> str:
    """Say which limits stand in the way, and give the whole command that lifts them."""
    reasons = "; ".join(breach.reason for breach in survey.breaches)
    lifting = [breach.flag for breach in survey.breaches]
    lifted = {flag.split()[0] for flag in lifting} & {"--allow-deletes", "--reach"}  # each of them counts once
    given = [flag for flag in context.flags if flag.split()[0] not in lifted]
    command = " ".join(["toolkit", *context.asked, str(survey.playbooks.root), *map(_quoted, given), *lifting])
    return f"{reasons}. Nothing was written. If that is meant: {command}"


def _quoted(flag: str) -> str:
    """Write an option as a shell takes it."""
    option, _, value = flag.partition(" ")
    return f"{option} {quote(value)}" if value else option
