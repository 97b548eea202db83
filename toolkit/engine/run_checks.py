"""Asks an open tenant how the controls stand of which it tells more than settings, such as how many devices comply."""

from collections.abc import Iterable, Iterator, Sequence

from toolkit.engine.context import RunContext
from toolkit.errors import NotLicensed, ServiceError, SignInRefused
from toolkit.planning.checks.findings import ControlFinding, Inquiry
from toolkit.sdk.check import Check, CheckOccasion
from toolkit.sdk.connector import Connection
from toolkit.sdk.finding import Finding, Status
from toolkit.sdk.providers import checks
from toolkit.sdk.reader import read_safely
from toolkit.sdk.reason import reason_of
from toolkit.sdk.school import School

NOT_READ = "what the tenant tells"
"""The subject where an answer could not be had and nothing more is known of it."""


def measures(
    provider: str, school: School, inquiries: Iterable[Inquiry], connection: Connection, context: RunContext
) -> Iterator[ControlFinding]:
    """Give what the tenant answers to each inquiry; it is only read, and what cannot be read is unknown."""
    for inquiry in inquiries:
        if context.only and inquiry.control not in context.only:
            continue
        occasion = CheckOccasion(school, inquiry.scope, context.now)
        for finding in _answers(checks(provider)[inquiry.control], inquiry, occasion, connection):
            yield inquiry.found(provider, finding)
        context.progress(f"asked {provider} about {inquiry.control}")


def _answers(check: Check, inquiry: Inquiry, occasion: CheckOccasion, connection: Connection) -> Sequence[Finding]:
    found: list[Finding] = []
    try:
        found.extend(read_safely(inquiry.control, lambda: list(check(inquiry.settings, occasion, connection))))
    except SignInRefused:
        raise
    except NotLicensed as error:
        found.append(Finding(NOT_READ, Status.UNAVAILABLE, reason_of(error)))
    except ServiceError as error:
        found.append(Finding(NOT_READ, Status.UNKNOWN, reason_of(error)))
    return found
