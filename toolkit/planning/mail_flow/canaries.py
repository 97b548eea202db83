"""Judge canaries: whether the rules treat a message as the school says that they must."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from toolkit.planning.mail_flow.parse_message import attachment_of_name
from toolkit.planning.mail_flow.walk import STOPS, WalkResult, walk_message
from toolkit.playbook.canaries import Canary, Expectation
from toolkit.records import dataclass
from toolkit.sdk.directory import Directory
from toolkit.sdk.mail_flow import MailDirectory, MailMessage, MailRecipient, MailResult, MailStage


class CanaryState(StrEnum):
    """Whether a canary has the result that it must have."""

    MET = "met"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CanaryResult:
    """The result of a canary on one cloud. `example` is the first recipient that decides the state."""

    canary: Canary
    provider: str
    state: CanaryState
    example: WalkResult


@dataclass(frozen=True, slots=True)
class CanaryChange:
    """A canary whose result a plan would change."""

    before: CanaryResult
    after: CanaryResult


def message_of_canary(canary: Canary, domains: Sequence[str]) -> MailMessage:
    """Return the message of a canary. A sender at one of the school's domains has signed in."""
    inside = canary.sender.rpartition("@")[2] in {domain.casefold() for domain in domains}
    return MailMessage(
        sender=canary.sender,
        to_addresses=tuple(canary.to),
        subject=canary.subject,
        attachments=tuple(map(attachment_of_name, canary.attachments)),
        type=canary.type or "",
        is_authenticated=True if inside else None,
    )


def judge_canary(canary: Canary, provider: str, results: Sequence[WalkResult]) -> CanaryResult:
    """Return whether every recipient has the result that a canary must have. A known failure outranks an unknown."""
    states = [(_judge_recipient(canary.expectation, result), result) for result in results]
    order = (CanaryState.FAILED, CanaryState.UNKNOWN, CanaryState.MET)
    state, example = min(states, key=lambda pair: order.index(pair[0]))
    return CanaryResult(canary, provider, state, example)


def _judge_recipient(expectation: Expectation, result: WalkResult) -> CanaryState:
    stopped = result.is_stopped or result.result in STOPS
    if result.result is MailResult.UNKNOWN and not stopped:
        return CanaryState.UNKNOWN
    met = {
        Expectation.GET_THROUGH: result.result is MailResult.NOT_STOPPED,
        Expectation.BE_STOPPED: stopped,
        Expectation.WAIT: result.result is MailResult.MODERATED,
    }[expectation]
    return CanaryState.MET if met else CanaryState.FAILED


def canaries_of_cloud(canaries: Sequence[Canary], provider: str) -> Sequence[Canary]:
    """Return the canaries that count on a cloud."""
    return [canary for canary in canaries if canary.cloud in (None, provider)]


def changed_canaries(
    canaries: Sequence[Canary],
    provider: str,
    domains: Sequence[str],
    directory: MailDirectory,
    stages: tuple[Sequence[MailStage], Sequence[MailStage]],
) -> Iterator[CanaryChange]:
    """Yield the canaries whose result differs between the stages before and after a plan."""
    for canary in canaries_of_cloud(canaries, provider):
        message = message_of_canary(canary, domains)
        before, after = (judge_canary(canary, provider, walk_message(s, message, directory)) for s in stages)
        if before.example.key != after.example.key or before.state is not after.state:
            yield CanaryChange(before, after)


def directory_of_run(directory: Directory, domains: Sequence[str]) -> MailDirectory:
    """Return the people and groups that a run has read, without a request. Other people are unknown."""
    addresses = {key: person.address.casefold() for key, person in directory.people.items()}
    units: dict[str, str] = {}
    groups: dict[str, frozenset[str]] = {}
    for name, group in directory.groups.items():
        members = frozenset(addresses[key] for key in group.members if key in addresses)
        if name.startswith("/"):
            longer = [address for address in members if len(group.name) > len(units.get(address, ""))]
            units |= dict.fromkeys(longer, group.name)
        elif directory.people or not group.members:
            groups[(group.address or name).casefold()] = members
    recipients: Mapping[str, MailRecipient] = {
        **{
            address: MailRecipient(address, unit=units.get(address, ""), is_unit_exact=False)
            for address in addresses.values()
        },
        **{name: MailRecipient(name, is_list=True, members=tuple(sorted(people))) for name, people in groups.items()},
    }
    return MailDirectory(frozenset(domain.casefold() for domain in domains), recipients, groups)
