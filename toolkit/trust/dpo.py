"""Collect the facts about a trust for its data protection pack, from all of its tenants."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TypeVar

from toolkit.dpo.facts import DpoFacts, TrustFacts, facts_of
from toolkit.dpo.pack import write_dpo_files
from toolkit.sdk.providers import cloud_titles
from toolkit.trust.model import Trust
from toolkit.trust.slices import load_tenant

Fact = TypeVar("Fact")


def write_pack_of_trust(trust: Trust, directory: Path, *, force: bool) -> Sequence[Path]:
    """Write one pack for a trust with all of its tenants, and return the paths of its files. No tenant is read."""
    return write_dpo_files(facts_of_trust(trust), directory, force=force)


def facts_of_trust(trust: Trust) -> DpoFacts:
    """Return the facts about all tenants of a trust, which is their controller."""
    facts = [facts_of(load_tenant(trust, name)) for name in trust.tenants]
    return replace(
        facts[0],
        school=trust.name,
        domains=_all(fact.domains for fact in facts),
        clouds=_all(fact.clouds for fact in facts),
        audiences=_all(fact.audiences for fact in facts),
        controls=_all(fact.controls for fact in facts),
        permissions=_all(fact.permissions for fact in facts),
        recipients=_all(fact.recipients for fact in facts),
        calendars=any(fact.calendars for fact in facts),
        absences=any(fact.absences for fact in facts),
        holds=any(fact.holds for fact in facts),
        dns=any(fact.dns for fact in facts),
        trust=TrustFacts(
            tuple(school.name for school in trust.schools.values()),
            tuple(_shared_tenants(trust)),
            any(provider == "google_workspace" for _, provider, _ in _sharing(trust)),
        ),
    )


def _all(facts: Iterable[Sequence[Fact]]) -> tuple[Fact, ...]:
    unique: list[Fact] = []
    for fact in chain.from_iterable(facts):
        if fact not in unique:
            unique.append(fact)
    return tuple(unique)


def _sharing(trust: Trust) -> Iterator[tuple[str, str, list[str]]]:
    """Yield each tenant and cloud that several schools share, with the names of these schools."""
    for name, tenant in trust.tenants.items():
        for provider in tenant.clouds:
            schools = [
                school.name
                for school in trust.schools.values()
                if provider in school.places and school.places[provider].tenant == name
            ]
            if len(schools) > 1:
                yield name, provider, schools


def _shared_tenants(trust: Trust) -> Iterator[str]:
    for name, provider, schools in _sharing(trust):
        yield f"{name} ({cloud_titles()[provider]}): {', '.join(schools)}"
