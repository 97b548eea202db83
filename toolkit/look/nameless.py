"""Build a file that does not contain names, which a school may send to the maintainers of toolkit.

It contains kinds, counts, unknown properties and descriptions of errors. Texts of a service and values of settings are
left out. A property name or an error code is kept only if it looks like an identifier and does not contain a name that
was read.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import NamedTuple

from toolkit.installed import DISTRIBUTION
from toolkit.look.model import CloudReading, Look
from toolkit.sdk.reason import Reason, admin_text
from toolkit.values import Body, Json

FORMAT = 1


class Names(NamedTuple):
    """The words in names, which must not leave the school."""

    parts: frozenset[str]  # wherever they stand in a text
    whole: frozenset[str]  # as a word of it


LEFT_OUT = "(may hold a name)"
_PROPERTY = re.compile(r"(?:@?[A-Za-z][A-Za-z0-9_]{0,80}(?:\[\])?(?:[.@/]|$))+")
_STATUS = re.compile(r"(?<![\w.])[45]\d\d(?![\w.])")
_CODE = re.compile(r"AADSTS\d{4,9}|\b[A-Za-z]{3,30}(?:_[A-Za-z]{3,30}){1,4}\b")
_CALL = re.compile(r"(?<!\S)(?:(?:GET|POST) (?:/[A-Za-z]+)+|[A-Z][a-z]+-[A-Z][A-Za-z]+)(?=[:\s]|$)")
_LONG_NUMBER = re.compile(r"\d{4}|[0-9a-f]{8}", re.IGNORECASE)
_SHORTEST, _SHORTEST_PART = 3, 4  # characters of a word that counts as a name
_WORD = re.compile(r"[^\W_]+")


def look_json_without_names(look: Look) -> Body:
    """Return the results of a first look as JSON that does not contain any names."""
    names = _collect_names(look)
    return {
        "format": FORMAT,
        "toolkit": version(DISTRIBUTION),
        "practice": look.practice,
        "clouds": {cloud.provider: _cloud_json(cloud, names) for cloud in look.clouds},
        "facts": _count_facts(look),
    }


def _count_facts(look: Look) -> Body:
    """Return the number of facts in each state, for each cloud."""
    facts = [fact for section in look.sections for row in section.rows for fact in row.facts]
    states: dict[str, Counter[str]] = {cloud.provider: Counter() for cloud in look.clouds}
    for fact in facts:
        states[fact.provider][str(fact.state)] += 1
    return {provider: dict(sorted(counts.items())) for provider, counts in states.items()}


def _cloud_json(cloud: CloudReading, names: Names) -> Body:
    kinds = sorted({*cloud.objects, *(unknown.kind.partition(".")[2] for unknown in cloud.unknown)})
    return {
        "requests": cloud.requests,
        "people": len(cloud.directory.people),
        "domains": len(cloud.tenant.domains),
        "kinds": {kind: _kind_json(kind, cloud, names) for kind in kinds},
        "left_out": sorted(cloud.left_out),
        "checks": _check_counts(cloud, names),
    }


def _kind_json(kind: str, cloud: CloudReading, names: Names) -> Body:
    objects = cloud.objects.get(kind, ())
    properties = Counter(
        _property_name_or_placeholder(unknown.path, names) for rule in objects for unknown in rule.unknown
    )
    reasons = [unknown.reason for unknown in cloud.unknown if unknown.kind == f"{cloud.provider}.{kind}"]
    return {
        "objects": len(objects),
        "in_licence": kind not in cloud.unavailable,
        "unknown_properties": dict(sorted(properties.items())),
        "errors": [*_error_shapes(reasons, names)],
    }


def _check_counts(cloud: CloudReading, names: Names) -> Body:
    """Return the number of each check's findings by status, with a description of each error."""
    counts: dict[str, dict[str, Json]] = {}
    for control in sorted({control for control, _ in cloud.findings}):
        own = [finding for (name, _), finding in cloud.findings.items() if name == control]
        statuses = Counter(str(finding.status) for finding in own)
        unknown = (finding.reason for finding in own if str(finding.status) == "unknown")
        counts[control] = {**dict(sorted(statuses.items())), "errors": [*_error_shapes(unknown, names)]}
    return counts


def _error_shapes(reasons: Iterable[Reason], names: Names) -> Iterator[Body]:
    """Yield a description of each error without its text: toolkit's code for the reason, the request, its status
    and the service's code.
    """
    for reason in reasons:
        text = admin_text(reason)
        yield {
            "reason": [part.code.code for part in reason.nested_reasons],
            "call": _matching_words(_CALL, text, names),
            "status": [int(status) for status in dict.fromkeys(_STATUS.findall(text))],
            "code": _matching_words(_CODE, text, names),
        }


def _matching_words(pattern: re.Pattern[str], text: str, names: Names) -> list[Json]:
    return [part for part in dict.fromkeys(pattern.findall(text)) if not _contains_name(part, names)]


def _property_name_or_placeholder(path: str, names: Names) -> str:
    is_own = _PROPERTY.fullmatch(path) and not _LONG_NUMBER.search(path) and not _contains_name(path, names)
    return path if is_own else LEFT_OUT


def _contains_name(text: str, names: Names) -> bool:
    """Return whether a text contains the name of a person, of the school or of an object."""
    lower = text.casefold()
    return any(part in lower for part in names.parts) or not names.whole.isdisjoint(_WORD.findall(lower))


def _collect_names(look: Look) -> Names:
    """Return the words in the names of people, addresses, domains, tenants and objects."""
    parts: list[str] = [look.school, *look.domains]
    whole: list[str] = []
    for cloud in look.clouds:
        parts += [cloud.tenant.id, cloud.tenant.name, *cloud.tenant.domains]
        for person in cloud.directory.people.values():
            parts += [person.id, person.name, person.address.partition("@")[0]]
        whole += [rule.address.name for rules in cloud.objects.values() for rule in rules]
    return Names(_long_words(parts, _SHORTEST_PART), _long_words(whole, _SHORTEST))


def _long_words(texts: Iterable[str], shortest: int) -> frozenset[str]:
    return frozenset(word for text in texts for word in _WORD.findall(text.casefold()) if len(word) >= shortest)
