"""Find names and dates in the playbooks that are out of date or will soon be, at the start of a school year."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from toolkit.controls.replies import OutOfOffice
from toolkit.engine.context import RunContext
from toolkit.engine.read_tenants import read_directories
from toolkit.engine.run_report import worst
from toolkit.engine.tenants import open_tenants
from toolkit.errors import Exit, PlaybookError
from toolkit.planning.calendar.dates import ExpiryHorizon, find_ended_absences, find_ended_entries
from toolkit.planning.names import PEOPLE, ExpiryState, OutdatedEntry, Tenancy, find_outdated_names, find_people
from toolkit.playbook.absences import read_absences
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import SCHOOL
from toolkit.playbook.references import Mention, Naming, mentions, sources
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory, Group
from toolkit.sdk.providers import providers
from toolkit.sdk.resource import Origin

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Rollover:
    """The names and dates in the playbooks that are out of date, by file and line."""

    context: RunContext
    playbooks: Playbooks
    tenants: Mapping[str, str]
    today: date  # in the school's time zone
    by: date
    turns: Sequence[OutdatedEntry]

    @property
    def exit(self) -> Exit:
        """Return the exit code, which shows whether playbook lines must be rewritten and whether names could
        not be read.
        """
        return worst(Exit.UNREAD if turn.state is ExpiryState.UNKNOWN else Exit.PENDING for turn in self.turns)


def run_rollover(context: RunContext, playbooks: Playbooks, ledger: "Ledger", horizon: ExpiryHorizon) -> Rollover:
    """Compare the names and dates in the playbooks with the tenants and with today's date, and return the outdated
    ones. Nothing is written to a tenant or the ledger.
    """
    files = sources(playbooks.root)
    named = mentions(files, playbooks.school)
    bound = _group_ids_in_ledger(ledger)
    with open_tenants(
        playbooks.school, providers(), context.target, identity=context.identity, read_only=context.read_only
    ) as reached:
        tenancies = {
            name: Tenancy(
                providers()[name].title, Directory(unknown={PEOPLE: str(error)}), _ids_of_provider(bound, name)
            )
            for name, error in reached.unreached.items()
        }
        tenancies |= {
            name: _read_tenancy(name, connection, named, _ids_of_provider(bound, name))
            for name, connection in reached.connections.items()
        }
        tenancies |= _add_groups_at_addresses(tenancies, reached.connections, named)
        context.progress("read the directories")
    school_file = next(file for file in files if file.first == SCHOOL)
    turns = [
        *find_outdated_names(named, tenancies, _used_role_names(playbooks)),
        *find_ended_entries(playbooks, school_file, horizon, context.now),
        *_find_outdated_absences(playbooks, tenancies, context),
    ]
    in_order = sorted(dict.fromkeys(turns), key=lambda turn: (turn.origin.path, turn.origin.line))
    return Rollover(context, playbooks, reached.tenants, horizon.today, horizon.by, in_order)


def _group_ids_in_ledger(ledger: "Ledger") -> Mapping[str, str]:
    """Return the ids of groups that earlier runs recorded in the ledger, by the groups' names."""
    if not ledger.exists():
        return {}
    from toolkit.ledger.memory import LedgerMemory

    return LedgerMemory(ledger).group_ids()


def _ids_of_provider(earlier_ids: Mapping[str, str], provider: str) -> Mapping[str, str]:
    start = f"{provider}:"
    return {name.removeprefix(start): identifier for name, identifier in earlier_ids.items() if name.startswith(start)}


def _read_directory(provider: str, connection: Connection, groups: Sequence[str], *, people: bool) -> Directory:
    return read_directories({provider: connection}, {provider: groups}, people=people)[provider]


def _read_tenancy(
    provider: str, connection: Connection, mentions: Sequence[Mention], earlier_ids: Mapping[str, str]
) -> Tenancy:
    """Read the people, groups and units of a tenant that the playbooks name.

    Renamed groups are found by their earlier ids.
    """
    groups = [
        mention.name for mention in mentions if mention.provider == provider and mention.naming is not Naming.ADDRESS
    ]
    directory = _read_directory(provider, connection, groups, people=True)
    renamed_groups = _read_by_earlier_id(provider, connection, directory.gone, earlier_ids)
    return Tenancy(providers()[provider].title, directory, earlier_ids, renamed_groups)


def _read_by_earlier_id(
    provider: str, connection: Connection, missing_names: Collection[str], earlier_ids: Mapping[str, str]
) -> Mapping[str, Group]:
    """Find groups and units whose names no longer exist, by the ids that earlier runs recorded in the ledger."""
    lost = [earlier_ids[name] for name in sorted(missing_names) if name in earlier_ids]
    return _read_directory(provider, connection, lost, people=False).groups if lost else {}


def _add_groups_at_addresses(
    tenancies: Mapping[str, Tenancy], connections: Mapping[str, Connection], mentions: Sequence[Mention]
) -> Mapping[str, Tenancy]:
    """Look for a group at each address in the playbooks that is not a person's address, and add the group to its
    tenancy.
    """
    addresses = [mention for mention in mentions if mention.naming is Naming.ADDRESS]
    completed: dict[str, Tenancy] = {}
    for name, connection in connections.items():
        open_ones = dict.fromkeys(mention.name for mention in addresses if not find_people(mention, tenancies))
        if not open_ones:
            continue
        more, before = _read_directory(name, connection, list(open_ones), people=False), tenancies[name].directory
        directory = replace(
            before,
            groups={**before.groups, **more.groups},
            unknown={**before.unknown, **more.unknown},
            gone=before.gone | more.gone,
        )
        by_id = {
            **tenancies[name].by_id,
            **_read_by_earlier_id(name, connection, more.gone, tenancies[name].earlier_ids),
        }
        completed[name] = replace(tenancies[name], directory=directory, by_id=by_id)
    return completed


def _used_role_names(playbooks: Playbooks) -> frozenset[str]:
    controls = (entry.settings.audience for playbook in playbooks.playbooks for entry in playbook.controls)
    calendar = playbooks.school.calendar
    patterns = calendar.patterns if calendar else ()
    return frozenset(
        [
            *(audience or "" for audience in controls),
            *(departure.audience for departure in playbooks.departures),
            *(pilot.audience for pilot in playbooks.pilots),
            *patterns,
        ]
    )


def _find_outdated_absences(
    playbooks: Playbooks, tenancies: Mapping[str, Tenancy], context: RunContext
) -> Iterator[OutdatedEntry]:
    calendar, zone = playbooks.school.calendar, ZoneInfo(playbooks.school.time_zone)
    until = max(term.days.last for term in calendar.terms) if calendar else None
    for entry in (entry for playbook in playbooks.playbooks for entry in playbook.controls):
        if not isinstance(entry.settings, OutOfOffice) or (file := entry.settings.file) is None:
            continue
        try:
            absences = read_absences(file, zone=zone, dates=entry.settings.dates)
        except PlaybookError as error:
            first = error.problems[0]
            origin = Origin(first.path, first.line)
            yield OutdatedEntry(origin=origin, name="absences", state=ExpiryState.UNKNOWN, fact=first.message)
            continue
        yield from find_ended_absences(str(file), absences, tenancies, now=context.now, end_of_terms=until)
