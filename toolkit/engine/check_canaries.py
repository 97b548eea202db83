"""Check canaries: whether the rules of each cloud treat these messages as they must today."""

from collections.abc import Sequence
from functools import partial

from toolkit.engine.context import RunContext
from toolkit.engine.read_mail_flow import MailState, read_mail_flow
from toolkit.engine.tenants import Tenants
from toolkit.errors import ServiceError
from toolkit.planning.mail_flow.canaries import (
    CanaryResult,
    CanaryState,
    canaries_of_cloud,
    judge_canary,
    message_of_canary,
)
from toolkit.planning.mail_flow.project_objects import current_objects
from toolkit.planning.mail_flow.walk import WalkResult
from toolkit.playbook.canaries import Canary
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.mail_flow import MailMessage, MailResult
from toolkit.sdk.providers import mail_flow


def check_canaries(context: RunContext, playbooks: Playbooks, reached: Tenants) -> tuple[CanaryResult, ...]:
    """Return the result of each canary on each cloud. The tenants are read only if the school has canaries."""
    domains = playbooks.school.domains
    results: list[CanaryResult] = []
    for provider in playbooks.school.tenants if playbooks.canaries else ():
        canaries = canaries_of_cloud(playbooks.canaries, provider)
        if not (mail_flow(provider) and canaries):
            continue
        messages = [message_of_canary(canary, domains) for canary in canaries]
        state = attempt("mail flow", partial(read_mail_flow, reached, provider, messages, context))
        walked = [state if isinstance(state, ServiceError) else _walk(state, message, context) for message in messages]
        results += [_judge(canary, provider, walk) for canary, walk in zip(canaries, walked, strict=True)]
    return tuple(results)


def _judge(canary: Canary, provider: str, walked: Sequence[WalkResult] | ServiceError) -> CanaryResult:
    if isinstance(walked, ServiceError):
        unknown = WalkResult(canary.to[0], MailResult.UNKNOWN, reasons=(str(walked),))
        return CanaryResult(canary, provider, CanaryState.UNKNOWN, unknown)
    return judge_canary(canary, provider, walked)


def _walk(state: MailState, message: MailMessage, context: RunContext) -> Sequence[WalkResult] | ServiceError:
    return attempt("mail flow", lambda: state.walk(message, current_objects(state.observed), context.now))
