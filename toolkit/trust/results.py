"""The result of a command in each tenant of a trust, and the changes that several tenants have in common."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from toolkit.engine.run_report import worst
from toolkit.errors import Exit
from toolkit.records import dataclass
from toolkit.render.line import FORMAT
from toolkit.render.values_text import count_text, group_by
from toolkit.trust.model import Trust
from toolkit.values import Body

_COUNTED: Mapping[str, tuple[str, str]] = {
    "plan": ("changes", "change pending|changes pending"),
    "drift": ("findings", "finding"),
    "check": ("findings", "finding"),
    "apply": ("outcomes", "change made|changes made"),
    "report": ("schools", "school judged|schools judged"),
}
_NOTHING = {
    "plan": "nothing to do",
    "drift": "no drift",
    "check": "nothing to confirm",
    "apply": "as the playbooks ask",
    "report": "no school",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantResult:
    """The result of a command in a tenant. Without an answer, `reason` says why nothing was run."""

    tenant: str
    schools: Sequence[str]
    command: str
    answer: Body | None = None
    reason: str = ""
    code: Exit = Exit.AS_WANTED  # of a tenant without an answer
    seconds: float | None = None  # None if this run did not start it
    at: datetime | None = None  # of an earlier run

    @property
    def exit(self) -> Exit:
        """Return the exit code of the tenant's run. A wrong setting or an interrupted run counts as failed."""
        if self.answer is None:
            return self.code
        return next((code for code in _ORDER if code == self.answer["exit"]), Exit.FAILED)

    @property
    def error(self) -> str:
        """Return the error that ended the run, or ""."""
        return self.reason or str((self.answer or {}).get("error") or "").removeprefix("toolkit: ")

    def as_answer(self) -> Body:
        """Return an answer that records why the command was not run."""
        return {"format": FORMAT, "exit": int(self.code), "error": self.reason}

    @property
    def has_failed(self) -> bool:
        """Return whether the run gave no result about the tenant."""
        return self.exit == Exit.FAILED or (self.exit == Exit.UNREAD and bool(self.error))

    @property
    def count(self) -> int:
        """Return the number of changes or findings."""
        entries = _entries(self.answer or {}, _COUNTED[self.command][0])
        if self.command == "check":
            return sum(entry.get("status") == "fail" for entry in entries)
        if self.command == "report" and "short_name" in (self.answer or {}):
            return 1
        if self.command == "apply":
            return sum(entry.get("result") == "done" for entry in entries)
        return len(entries)

    def text(self) -> str:
        """Return the result in a few words, such as "3 changes pending"."""
        if self.answer is None or self.has_failed:
            return self.error.splitlines()[0] if self.error else "failed"
        words = {
            Exit.UNREAD: "something could not be read",
            Exit.REFUSED: self.error.splitlines()[0] if self.error else "refused",
        }
        undecided = _entries(self.answer, "undecided")
        singular, _, plural = _COUNTED[self.command][1].partition("|")
        counted = [count_text(self.count, singular, plural or None)] if self.count else []
        parts = [*counted, *([words[self.exit]] if self.exit in words else [])] or [_NOTHING[self.command]]
        return "; ".join([*parts, *([f"{len(undecided)} undecided"] if undecided else [])])


_ORDER = (Exit.AS_WANTED, Exit.FAILED, Exit.REFUSED, Exit.PENDING, Exit.UNREAD)


def exit_of_results(results: Iterable[TenantResult]) -> Exit:
    """Return the exit code of a trust's command, the worst of its tenants."""
    return worst(result.exit for result in results)


@dataclass(frozen=True, slots=True)
class CommonChange:
    """A change of an object, or of several objects of a kind, such as the signatures of people.

    `fields` has the settings of a single object with their values, in which a school's name and domains are replaced by
    placeholders. The values of several objects are not compared. `objects` counts the objects in all schools.
    """

    action: str
    address: str  # or the kind, if there are several objects in a school
    fields: Sequence[Body]
    objects: int

    @property
    def is_compared(self) -> bool:
        """Return whether the values are equal in all schools, and not only the kind of the change."""
        return bool(self.fields)


@dataclass(frozen=True, slots=True)
class EqualChanges:
    """Changes that are the same in one or more tenants, with the schools of these tenants."""

    changes: Sequence[CommonChange]
    tenants: Sequence[str]
    schools: Sequence[str]


def group_equal_changes(trust: Trust, results: Iterable[TenantResult]) -> Sequence[EqualChanges]:
    """Return the planned changes with the tenants that have the same ones. The most common come first."""
    tenants: dict[str, list[TenantResult]] = {}
    changes: dict[str, CommonChange] = {}
    for result in results:
        for key, change in _collapse_objects(trust, result).items():
            earlier = changes.get(key)
            changes[key] = replace(change, objects=change.objects + earlier.objects) if earlier else change
            tenants.setdefault(key, []).append(result)
    groups = group_by(changes, lambda key: tuple(result.tenant for result in tenants[key]))
    equal = [
        EqualChanges(
            [changes[key] for key in keys], names, [name for result in tenants[keys[0]] for name in result.schools]
        )
        for names, keys in groups.items()
    ]
    return sorted(equal, key=lambda group: -len(group.tenants))


def _collapse_objects(trust: Trust, result: TenantResult) -> Mapping[str, CommonChange]:
    """Return a tenant's changes by a text that is equal in schools with the same change.

    Objects of a kind that the same lines of the playbooks ask for, such as one for each person, become one change.
    """
    collapsed: dict[str, CommonChange] = {}
    for (action, kind, _), changes in group_by(_entries(result.answer or {}, "changes"), _common_source).items():
        if len(changes) > 1:
            collapsed[f"{action} {kind}"] = CommonChange(action, kind, (), len(changes))
            continue
        shown = _without_school_names(trust, result, {name: changes[0].get(name) for name in ("address", "fields")})
        change = CommonChange(action, str(shown["address"]), _entries(shown, "fields"), 1)
        collapsed[json.dumps([action, shown], sort_keys=True)] = change
    return collapsed


def _common_source(change: Body) -> tuple[str, str, str]:
    kind = str(change["address"]).partition("[")[0]
    return str(change["action"]), kind, json.dumps(change.get("origins"), sort_keys=True)


def _without_school_names(trust: Trust, result: TenantResult, shown: Body) -> Body:
    text = json.dumps(shown, sort_keys=True)
    for name in result.schools:
        school = trust.schools[name]
        for domain in school.domains:
            text = text.replace(domain, "{school.domain}")
        text = text.replace(school.name, "{school.name}")
    restored: Body = json.loads(text)
    return restored


def _entries(answer: Body, key: str) -> Sequence[Body]:
    entries = answer.get(key)
    return cast("Sequence[Body]", entries) if isinstance(entries, list) else []
