"""Read a cloud's mail flow: the kinds that decide about mail, and the people and groups that messages name."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

from toolkit.engine.context import RunContext
from toolkit.engine.read_tenants import observe_kinds
from toolkit.engine.tenants import Tenants
from toolkit.errors import BadAnswer, ServiceError
from toolkit.planning.mail_flow.project_objects import Objects, current_objects, projected_objects
from toolkit.planning.mail_flow.walk import WalkResult, walk_message
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.kind import Kind
from toolkit.sdk.mail_flow import MailDirectory, MailFacts, MailFlow, MailMessage
from toolkit.sdk.providers import broken_kind, kinds, mail_flow
from toolkit.sdk.reason import admin_text


@dataclass(frozen=True, slots=True)
class MailState:
    """Everything that was read of a cloud's mail flow, for some addresses."""

    flow: MailFlow[Connection]
    observed: ObservedState
    unread_kinds: Mapping[str, str]
    directory: MailDirectory

    def walk(self, message: MailMessage, objects: Objects, at: datetime) -> tuple[WalkResult, ...]:
        """Return the result for each recipient of a message, with these objects at this moment."""
        stages = self.flow.stages(MailFacts(objects, self.unread_kinds, self.directory, at))
        return walk_message(stages, message, self.directory)


def read_mail_flow(
    reached: Tenants, provider: str, messages: Sequence[MailMessage], context: RunContext, plan: Plan | None = None
) -> MailState:
    """Read the kinds that decide about mail, and the senders, recipients and groups of messages and rules.

    Raise the error of a cloud that cannot be reached.
    """
    flow = mail_flow(provider)
    assert flow
    if provider not in reached.connections:
        raise reached.unreached.get(provider) or BadAnswer(f"{provider} was not read")
    connection = reached.connections[provider]
    recipients = tuple(dict.fromkeys(address for message in messages for address in message.recipients))
    observed, unread = _read_deciding_kinds(connection, provider, flow, recipients, context)
    deciding = [current_objects(observed), *([projected_objects(observed, plan)] if plan else [])]
    addresses = tuple(dict.fromkeys((*(message.sender for message in messages), *recipients)))
    return MailState(flow, observed, unread, _read_directory(flow, connection, addresses, deciding))


def _read_deciding_kinds(
    connection: Connection,
    provider: str,
    flow: MailFlow[Connection],
    recipients: Sequence[str],
    context: RunContext,
) -> tuple[ObservedState, Mapping[str, str]]:
    """Return the objects of the kinds that decide about mail, and the reason for each kind that could not be read."""
    deciding: dict[str, Kind[Connection]] = {}
    object_names: dict[str, frozenset[str]] = {}
    unread: dict[str, str] = {}
    for name in flow.kinds:
        if broken := broken_kind(provider, name):
            unread[name] = str(broken)
            continue
        if find_names := flow.names.get(name):
            names = attempt(name, partial(find_names, connection, recipients))
            if isinstance(names, ServiceError):
                unread[name] = str(names)
                continue
            object_names[f"{provider}.{name}"] = names
        deciding[f"{provider}.{name}"] = kinds(provider)[name]
    observed = observe_kinds({provider: connection}, deciding, context.progress, object_names)
    unlisted = [unknown for unknown in observed.unknown if unknown.address is None]
    return observed, {**unread, **{entry.kind.partition(".")[2]: admin_text(entry.reason) for entry in unlisted}}


def _read_directory(
    flow: MailFlow[Connection], connection: Connection, addresses: Sequence[str], deciding: Sequence[Objects]
) -> MailDirectory:
    groups = frozenset[str]().union(*map(flow.named_groups, deciding))

    def read() -> MailDirectory:
        directory = flow.read_directory(connection, addresses, groups)
        for objects in deciding:
            directory = flow.complete_directory(connection, directory, objects, addresses)
        return directory

    directory = attempt("directory", read)
    if isinstance(directory, ServiceError):
        domains = frozenset(domain.casefold() for domain in connection.tenant().domains)
        reason = str(directory)
        return MailDirectory(domains, failure=reason, unread_groups=dict.fromkeys(groups, reason))
    return directory
