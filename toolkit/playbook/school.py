"""The school file: who the school is, where its tenants are, who is who, and what no plan may touch."""

import re
from collections.abc import Iterable

from pydantic import ValidationError

from toolkit.errors import Problem
from toolkit.playbook.calendar import calendar_of, wrong_in_calendar
from toolkit.playbook.error_messages import SettingsPlace, problems_of
from toolkit.playbook.notices import notices_of, wrong_in_notices
from toolkit.playbook.school_schema import SchoolForm
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.playbook.windows import schedule_of, windows_of, wrong_in_windows
from toolkit.sdk.audience import EVERYONE
from toolkit.sdk.resource import Mode
from toolkit.sdk.school import Protected, Role, School, Tenant
from toolkit.yaml.messages import did_you_mean, quoted
from toolkit.yaml.node import Source, Step, line_of, plain_table

_ROLE = re.compile(r"[a-z][a-z0-9_]*")


def read_school(source: Source, vocabulary: Vocabulary, problems: list[Problem]) -> School | None:
    """Read a school file; what is wrong goes to the problems, and then there is no school."""
    line = source.root.line
    try:
        form = SchoolForm.model_validate(plain_table(source.root))
    except ValidationError as error:
        place = SettingsPlace(source=source, table=source.root, line=line, subject="the school file", model=SchoolForm)
        problems += problems_of(error, place)
        return None
    wrong = [
        *_unknown_providers(form, source, vocabulary),
        *_bad_roles(form, source),
        *wrong_in_calendar(form, source),
        *wrong_in_windows(form, source, vocabulary),
        *wrong_in_notices(form, source),
    ]
    problems += wrong
    return None if wrong else _school(form, source)


def _unknown_providers(form: SchoolForm, source: Source, vocabulary: Vocabulary) -> Iterable[Problem]:
    named: list[tuple[Step, ...]] = [("tenants", provider) for provider in form.tenants]
    named += [("roles", role, provider) for role, groups in form.roles.items() for provider in groups]
    for path in named:
        provider = str(path[-1])
        if provider not in vocabulary.kinds:
            line = line_of(source.root, path, otherwise=source.root.line)
            message = f"unknown provider {quoted(provider)}{did_you_mean(provider, vocabulary.kinds)}"
            yield source.problem(line, message)


def _bad_roles(form: SchoolForm, source: Source) -> Iterable[Problem]:
    for role in form.roles:
        if not _ROLE.fullmatch(role) or role == EVERYONE:
            line = line_of(source.root, ("roles", role), otherwise=source.root.line)
            yield source.problem(line, f"{quoted(role)} is no name for a role; one looks like `year_6`")


def _school(form: SchoolForm, source: Source) -> School:
    return School(
        name=form.school,
        short_name=form.short_name,
        domains=tuple(form.domains),
        time_zone=form.time_zone,
        tenants={
            name: Tenant(one.tenant_id or one.customer_id or "", one.domain) for name, one in form.tenants.items()
        },
        roles={name: _role(name, groups) for name, groups in form.roles.items()},
        protected=Protected(
            accounts=tuple(form.protected.accounts),
            mailboxes=tuple(form.protected.mailboxes),
            apps=tuple(form.protected.apps),
        ),
        mode=Mode(form.mode),
        phone=form.phone,
        website=form.website,
        origin=source.origin(source.root.line),
        calendar=calendar_of(form),
        windows=windows_of(form),
        schedule=schedule_of(form),
        approvers=tuple(form.approvers),
        notices=notices_of(form),
    )


def _role(name: str, written: dict[str, str]) -> Role:
    units = {provider: place for provider, place in written.items() if place.startswith("/")}
    return Role(name, {provider: group for provider, group in written.items() if provider not in units}, units)
