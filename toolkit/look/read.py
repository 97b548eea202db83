"""Read the tenants of a school that has no playbooks yet. A person signs in to each cloud."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from toolkit.controls.control import controls
from toolkit.engine.check import run_checks
from toolkit.engine.context import RunContext
from toolkit.engine.imports.importing import RequestedSettings, read_tenant_settings
from toolkit.engine.imports.new_school import name_school_after_tenant, school_without_name
from toolkit.engine.prepare_run import new_run_id, open_target
from toolkit.engine.read_tenants import Progress, read_directories
from toolkit.errors import SignInRefused, WrongTenant
from toolkit.look.facts import build_sections, controls_for_questions, find_gaps, read_question_table
from toolkit.look.model import CloudReading, Look
from toolkit.planning.audience.resolve import resolve_audience
from toolkit.planning.checks.findings import Inquiry
from toolkit.records import dataclass
from toolkit.school.school import School, Tenant
from toolkit.sdk.check import Finding
from toolkit.sdk.connector import AttendedSignIn, Connection, Identity, Target
from toolkit.sdk.directory import EVERYONE, Directory, Scope
from toolkit.sdk.providers import EMULATED, broken_kinds, kinds, providers
from toolkit.settings.settings import Settings
from toolkit.values import Json

OF_PEOPLE = "is set for each person, so a look leaves it out"
Show = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _CloudSource:
    """The cloud that is being read: its school, tenant and connection."""

    provider: str
    school: School
    connection: Connection
    context: RunContext


def read_clouds(
    settings: Settings,
    reason_by_cloud: Mapping[str, str],
    expected_tenant: str | None,
    show_address: Show,
    progress: Progress,
) -> Look:
    """Read the clouds, and return the results of a first look.

    `reason_by_cloud` contains the reason why a cloud is left out, or "" for each cloud to read. `expected_tenant` is
    the id or a domain of the tenant that must be read. `show_address` gets the address at which to sign in. Raise
    SignInRefused if no one signs in, and WrongTenant for another tenant.
    """
    chosen = [provider for provider, why in reason_by_cloud.items() if not why]
    with ExitStack() as stack:
        settings = stack.enter_context(_use_temporary_state(settings))
        tenant = _tenant_to_read(settings, expected_tenant)
        target, now = stack.enter_context(open_target(settings, school_without_name(chosen[0], tenant)))
        target = replace(target, attended_sign_in=AttendedSignIn(show_address))
        schools, refused = _sign_in(chosen, tenant, target)
        _refuse_other_tenant(expected_tenant, schools, refused)
        readings: list[CloudReading] = []
        for provider, school in schools.items():
            connection = providers()[provider].connect(
                target, school.tenants[provider], identity=Identity.READ, read_only=True
            )
            stack.callback(connection.close)
            context = RunContext(
                target=target, run=new_run_id(), now=now, command="look", identity=Identity.READ, read_only=True,
                extensions=lambda _ledger: (), progress=progress,
            )  # fmt: skip
            readings.append(_read_cloud(_CloudSource(provider, school, connection, context)))
    school = next(iter(schools.values()))
    left_out = {name: why or str(refused[name]) for name, why in reason_by_cloud.items() if why or name in refused}
    return Look(
        practice=settings.target != "live",
        school=school.name,
        domains=list(dict.fromkeys(chain.from_iterable(seen.domains for seen in schools.values()))),
        now=now.astimezone(ZoneInfo(school.time_zone)),
        clouds=readings,
        not_looked_at={providers()[provider].title: why for provider, why in left_out.items()},
        refused=bool(refused),
        sections=list(build_sections(readings)),
        gaps=[gap for reading in readings for gap in find_gaps(reading)],
    )


def _sign_in(
    cloud_names: Sequence[str], tenant: Tenant, target: Target
) -> tuple[dict[str, School], dict[str, SignInRefused]]:
    """Sign a person in to each cloud.

    Return the school that the person sees on each cloud, and the error of each cloud that refused. Raise SignInRefused
    if every cloud refused.
    """
    schools: dict[str, School] = {}
    refused: dict[str, SignInRefused] = {}
    for provider in cloud_names:
        try:
            schools[provider] = name_school_after_tenant(school_without_name(provider, tenant), None, target)
        except SignInRefused as refusal:
            refused[provider] = refusal
    if not schools:
        raise next(iter(refused.values()))
    return schools, refused


def _tenant_to_read(settings: Settings, expected_tenant: str | None) -> Tenant:
    """Return the tenant to which a person signs in.

    On live services it is the person's own tenant, unless another tenant is expected.
    """
    domain = expected_tenant if expected_tenant and "." in expected_tenant else ""
    return Tenant(expected_tenant or ("" if settings.target == "live" else EMULATED), domain)


def _refuse_other_tenant(
    expected_tenant: str | None, schools: Mapping[str, School], refused: Mapping[str, SignInRefused]
) -> None:
    names_of = {provider: (school.tenants[provider].id, *school.domains) for provider, school in schools.items()}
    if expected_tenant and expected_tenant.casefold() not in {
        name.casefold() for names in names_of.values() for name in names
    }:
        for refusal in refused.values():
            raise refusal  # that cloud may have been the expected tenant
        tenants = "; ".join(", ".join(names) for names in names_of.values())
        raise WrongTenant(
            f"the person who signed in is of {tenants}, and not of {expected_tenant}. Nothing was read or written"
        )


@contextmanager
def _use_temporary_state(settings: Settings) -> Iterator[Settings]:
    """Use a temporary folder for the state of an emulator, unless there is state already."""
    if settings.target == "live" or settings.directory.exists():
        yield settings
        return
    with TemporaryDirectory(prefix="toolkit-look-") as state:
        yield replace(settings, state=Path(state))


def _read_cloud(source: _CloudSource) -> CloudReading:
    provider, connection, progress = source.provider, source.connection, source.context.progress
    directory = read_directories({provider: connection}, {}, people=True)[provider]
    progress("read the list of people")
    left_out = _kinds_left_out(provider)
    chosen_kinds = {f"{provider}.{name}": kind for name, kind in kinds(provider).items() if name not in left_out}
    read = {
        kind.name: kind
        for kind in read_tenant_settings(
            connection, chosen_kinds, _treat_nothing_as_secret, RequestedSettings(), progress
        ).kinds
    }
    short = {name: name.partition(".")[2] for name in read}
    return CloudReading(
        provider=provider,
        title=providers()[provider].title,
        tenant=connection.tenant(),
        directory=directory,
        objects={short[name]: [portrait.observed for portrait in kind.portraits] for name, kind in read.items()},
        unknown=[unknown for kind in read.values() for unknown in kind.unreadable],
        unavailable={short[name]: kind.unavailable for name, kind in read.items() if kind.unavailable},
        left_out=left_out,
        findings=dict(_run_checks(source, directory)),
        requests=connection.requests(),
        broken_kinds=broken_kinds(provider),
    )


def _treat_nothing_as_secret(_setting: str, _value: Json) -> bool:
    """Return False for every setting, so that none is treated as a secret.

    The look shows only the values that the table of questions names.
    """
    return False


def _kinds_left_out(provider: str) -> Mapping[str, str]:
    """Return the kinds that a first look does not read, with the reason: settings of individual people, and
    kinds that no published app can read.
    """
    of_people = {name: OF_PEOPLE for name, kind in kinds(provider).items() if kind.per_person}
    no_client = {
        name.partition(".")[2]: why
        for name, why in read_question_table()["left_out"].items()
        if name.partition(".")[0] == provider
    }
    return {**of_people, **no_client}


def _run_checks(source: _CloudSource, directory: Directory) -> Iterator[tuple[tuple[str, str], Finding]]:
    """Yield the findings of each check that does not need a role of the school.

    Its control has settings that do not depend on a school.
    """
    provider, school = source.provider, source.school
    everyone = resolve_audience(school, EVERYONE, provider, {provider: directory})
    is_known = not everyone.missing
    for name, written in controls_for_questions(provider).items():
        inquiry = Inquiry(
            control=name,
            settings=controls()[name].settings.model_validate(written),
            scope=Scope(everyone.audience) if is_known else None,
            clauses=(),
            people_by_role={EVERYONE: everyone.audience.people if is_known else None},
        )
        for answer in run_checks(provider, school, [inquiry], source.connection, source.context):
            yield (name, answer.finding.subject), answer.finding
