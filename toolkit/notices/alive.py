"""The dead man's switch: a call to a watching service after each night job, which raises the alarm when it is missing.

The call names the job and nothing else: no school, no person, no finding.
"""

import ssl
from collections.abc import Callable
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import BaseHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from toolkit.engine.notices.deliver import Delivery, DeliveryResult
from toolkit.engine.notices.transports import pieces, withheld
from toolkit.engine.prepare_run import PreparedRun
from toolkit.errors import Exit
from toolkit.ledger.redact import Redactor
from toolkit.sdk.connector import Target
from toolkit.sdk.notices import ALIVE

_PATIENCE = 20.0  # seconds
_JOB = "{job}"
_NO_WORK_DONE = frozenset({Exit.FAILED, Exit.USAGE})


def report_alive(run: PreparedRun, job: str, code: Exit, remark: Callable[[str], None]) -> None:
    """Call the URL after a job that did its work; a call that fails is said, and changes no exit code."""
    if not run.playbooks.school.alive or code in _NO_WORK_DONE:
        return
    call = call_alive(run.context.target, job)
    if call.result is not DeliveryResult.SENT:
        remark(f"toolkit: {ALIVE.variable}: {call.result}: {call.reason}")


def call_alive(target: Target, job: str) -> Delivery:
    """Call the URL once; where it holds {job}, the job's name takes that place."""
    if reason := withheld(ALIVE, target):
        return Delivery(ALIVE, DeliveryResult.WITHHELD, reason)
    url = target.variables.get(ALIVE.variable, "")
    if not url:
        reason = f"{ALIVE.variable} is not set: put the URL into it, in .env for a job"
    elif urlsplit(url).scheme not in {"http", "https"}:
        reason = f"{ALIVE.variable} must hold an address that begins with https://"
    else:
        reason = _called(url.replace(_JOB, job), target)
    return Delivery(ALIVE, DeliveryResult.NOT_SENT if reason else DeliveryResult.SENT, reason)


def _called(url: str, target: Target) -> str:
    """Call a URL and return why that failed, without what is secret in it; nothing where it did not."""
    trust = ssl.create_default_context(cafile=str(target.ca_file) if target.live and target.ca_file else None)
    handlers: list[BaseHandler] = [HTTPSHandler(context=trust), *([] if target.live else [ProxyHandler({})])]
    try:
        request = Request(url, headers={"User-Agent": "toolkit"})  # noqa: S310 - its scheme was checked
        with build_opener(*handlers).open(request, timeout=_PATIENCE):
            return ""
    except HTTPError as error:
        with error:
            return f"the service answered {error.code}"
    except (OSError, HTTPException, ValueError) as error:
        return Redactor(pieces(url)).text(f"no answer: {getattr(error, 'reason', None) or error}")
