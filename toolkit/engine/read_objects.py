"""Read the objects of some kinds from the tenants, even if no playbook asks for them."""

from collections.abc import Mapping, Sequence
from dataclasses import field

from toolkit.engine.context import RunContext
from toolkit.engine.imports.importing import AnyKind, read_kinds, read_people
from toolkit.engine.report_json import JsonReport
from toolkit.engine.tenants import open_tenants
from toolkit.errors import Exit, UsageError
from toolkit.messages import did_you_mean, one_of, quoted
from toolkit.planning.plan_details import Unknown
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.providers import kinds, providers
from toolkit.sdk.reason import reason_of
from toolkit.sdk.resource import Observed


@dataclass(frozen=True, slots=True)
class ObjectsReport(JsonReport):
    """The objects that were read, by kind such as `microsoft365.transport_rule`, and the kinds and objects that
    could not be read.
    """

    context: RunContext
    playbooks: Playbooks
    tenants: Mapping[str, str]
    objects: Mapping[str, Sequence[Observed]]
    unknown: Sequence[Unknown] = ()
    unavailable: Mapping[str, str] = field(default_factory=dict)  # the kinds that the licences lack, with the reason

    @property
    def exit(self) -> Exit:
        """Return exit code 4 if a kind or an object could not be read.

        Unread objects of closed accounts do not count.
        """
        return Exit.UNREAD if any(not unknown.is_unused for unknown in self.unknown) else Exit.AS_WANTED


def read_objects_of_kinds(context: RunContext, playbooks: Playbooks, names: Sequence[str]) -> ObjectsReport:
    """Read every object of some kinds, or of all kinds, and return a report.

    Nothing is recorded. Raise UsageError for an unknown kind.
    """
    chosen = _find_kinds(playbooks.school, names)
    objects: dict[str, Sequence[Observed]] = {}
    unknown: list[Unknown] = []
    unavailable: dict[str, str] = {}
    with open_tenants(
        playbooks.school, providers(), context.target, identity=context.identity, read_only=context.read_only
    ) as reached:
        for provider, kinds_there in chosen.items():
            if not kinds_there:
                continue
            if error := reached.unreached.get(provider):
                unknown.append(Unknown(provider, reason_of(error)))
                continue
            connection = reached.connections[provider]
            directory = read_people(connection, kinds_there)
            seen, unlisted, unlicensed = read_kinds(connection, kinds_there, directory, context.progress)
            objects |= seen.objects
            unknown += [*unlisted, *seen.unknown]
            unavailable |= {**seen.unavailable, **unlicensed}
    return ObjectsReport(context, playbooks, reached.tenants, objects, tuple(unknown), unavailable)


def _find_kinds(school: School, names: Sequence[str]) -> Mapping[str, Mapping[str, AnyKind]]:
    """Return the kinds with these names, by provider.

    A name may begin with the provider. Without names, return all kinds.
    """
    offered = {
        provider: {f"{provider}.{name}": kind for name, kind in kinds(provider).items()} for provider in school.tenants
    }
    every = [name for of_provider in offered.values() for name in of_provider]
    for name in names:
        if not any(name in (whole, whole.partition(".")[2]) for whole in every):
            advice = (
                did_you_mean(name, every) or f": `toolkit kinds` lists the kinds of {one_of(sorted(school.tenants))}"
            )
            raise UsageError(f"unknown kind {quoted(name)}{advice}")
    return {
        provider: {
            whole: kind
            for whole, kind in of_provider.items()
            if not names or whole in names or whole.partition(".")[2] in names
        }
        for provider, of_provider in offered.items()
    }
