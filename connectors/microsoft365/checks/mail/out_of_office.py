"""Checks whether automatic replies reach people outside the school, from the settings of remote domains.

Follows https://learn.microsoft.com/exchange/mail-flow-best-practices/remote-domains/remote-domains
"""

from collections.abc import Iterable

from connectors.microsoft365.kinds.remote_domain import KIND
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer
from toolkit.sdk import (
    CheckOccasion,
    Everything,
    Facts,
    Finding,
    ReasonCode,
    Remote,
    Status,
    Unreadable,
    check_subject,
    same_words,
)
from toolkit.values import Body

SUBJECT = "automatic replies to people outside"
_EVERY_OTHER = "*"
_STOPS = {
    "None": same_words("replies_allowed_to_no_one", "no automatic replies")(),
    "InternalLegacy": same_words("replies_allowed_to_colleagues", "only automatic replies to colleagues")(),
}
_NONE_TO = same_words("replies_not_to_domains", ". No replies go to {domains}")
_STOPPED = ReasonCode(
    "replies_stopped",
    admin="no automatic reply reaches people outside, because the remote domain {name} allows {why}. This remote "
    "domain applies to every domain without its own settings",
    governor="no automatic reply reaches people outside the school, because a setting for outgoing mail stops replies",
)
_REACH = ReasonCode(
    "replies_reach_outside",
    admin="automatic replies reach people outside (remote domain {name}: {allowed})",
    governor="automatic replies reach people outside",
)

needs = KIND.permissions.read


def check(settings: object, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Report whether automatic replies reach people outside, and which domains get no replies."""
    yield check_subject(SUBJECT, lambda: _check_remote_domains(via))


def _check_remote_domains(via: Microsoft365) -> Finding:
    domains: dict[str, Body] = {}
    for remote_domain in KIND.endpoint.read(via, Everything()):
        match remote_domain:
            case Remote(body=body):
                domains[str(body.get("DomainName"))] = body
            case Unreadable(name=name, reason=reason):
                raise BadAnswer(f"the remote domain {name} cannot be read: {reason}")
    default = domains.pop(_EVERY_OTHER, None)
    if default is None:
        raise BadAnswer("Exchange does not show the default remote domain, so its setting is unknown")
    stopped = sorted(name for name, body in domains.items() if _describe_allowed_replies(body) in _STOPS)
    none_to = _NONE_TO(domains=", ".join(stopped)) if stopped else None
    allowed, name = _describe_allowed_replies(default), str(default.get("Name"))
    facts: Facts = {"allowed": allowed, "none_to": [*stopped]}
    if reason_code := _STOPS.get(allowed):
        return Finding(SUBJECT, Status.FAIL, _STOPPED(why=reason_code, name=name).then(none_to), facts)
    return Finding(SUBJECT, Status.PASS, _REACH(name=name, allowed=allowed).then(none_to), facts)


def _describe_allowed_replies(body: Body) -> str:
    allowed = body.get("AllowedOOFType")
    if not allowed:
        raise BadAnswer("Exchange does not show which automatic replies a remote domain allows")
    return str(allowed)
