"""Find look-alikes. A look-alike is an object that does the same job as another object for some of the same people."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from toolkit.messages import list_some
from toolkit.planning.plan_details import LookAlike, Remark
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Jobs, Kind
from toolkit.sdk.resource import Absent, Desired, Observed
from toolkit.values import Settings, effective, unique


@dataclass(frozen=True)
class ObjectWithJobs:
    """An object with the jobs that it does, either now or after the plan."""

    kind_name: str  # with its provider
    knowledge: Jobs
    settings: Settings
    observed: Observed | None = None
    desired: Desired | None = None

    @cached_property
    def jobs(self) -> frozenset[str]:
        return frozenset(self.knowledge.of(self.settings))

    @property
    def provider(self) -> str:
        return self.kind_name.partition(".")[0]

    @property
    def is_working(self) -> bool:
        """Return whether the object does its job now, because it is enabled."""
        return bool(self.jobs) and self.knowledge.works(self.settings)

    def shared_job(self, desired_object: "ObjectWithJobs") -> str:
        """Return the name of a job that this object and a desired object both do, or "" if there is none."""
        if not (shared := self.jobs & desired_object.jobs) or self.provider != desired_object.provider:
            return ""
        if self.kind_name == desired_object.kind_name and not self.knowledge.same(
            self.settings, desired_object.settings
        ):
            return ""
        return min(shared).partition(":")[0]


def object_with_planned_jobs(kind: Kind[Connection], desired: Desired, observed: Observed | None) -> ObjectWithJobs:
    """Return a desired object with the jobs that it will do after the run."""
    before = observed.settings if observed else {}
    written = {path: effective(value, before.get(path)) for path, value in desired.settings.items()}
    return ObjectWithJobs(desired.address.kind_path, kind.jobs, {**before, **written}, observed, desired)


def object_with_current_jobs(kind: Kind[Connection], observed: Observed) -> ObjectWithJobs:
    """Return an unmanaged object with the jobs that its current settings do."""
    return ObjectWithJobs(observed.address.kind_path, kind.jobs, observed.settings, observed)


def kinds_with_same_jobs(
    entries: Iterable[Desired | Absent], kinds: Mapping[str, Mapping[str, Kind[Connection]]]
) -> frozenset[str]:
    """Return the full names of other kinds whose objects may do the same job as a desired object."""
    rivals: set[str] = set()
    for desired in (entry for entry in entries if isinstance(entry, Desired)):
        provider, name = desired.address.provider, desired.address.kind
        of_provider = kinds.get(provider, {})
        if name not in of_provider or not of_provider[name].jobs.names:
            continue
        jobs = {job.partition(":")[0] for job in object_with_planned_jobs(of_provider[name], desired, None).jobs}
        rivals |= {f"{provider}.{other}" for other, kind in of_provider.items() if kind.jobs.names & jobs}
    return frozenset(rivals)


def find_look_alikes(our_object: ObjectWithJobs, other_objects: Iterable[ObjectWithJobs]) -> Iterator[LookAlike]:
    """Yield the unmanaged objects that do the same job as a managed object, whether they are enabled or not."""
    if our_object.desired is None or not our_object.jobs:
        return
    for other in other_objects:
        if other.observed and (job := other.shared_job(our_object)):
            yield LookAlike(our_object.desired, other.observed, job)


def find_duplicates(our_object: ObjectWithJobs, other_objects: Iterable[ObjectWithJobs]) -> Iterator[LookAlike]:
    """Yield the enabled unmanaged objects that do the same job as an enabled managed object."""
    if our_object.is_working:
        yield from find_look_alikes(our_object, (other for other in other_objects if other.is_working))


def remarks_on_same_jobs(managed_objects: Sequence[ObjectWithJobs]) -> Iterator[Remark]:
    """Yield a remark on managed objects that do the same job although different controls require them."""
    jobs: dict[frozenset[int], str] = {}
    for (number, worker), (later, other) in combinations(enumerate(managed_objects), 2):
        if job := _common_job(worker, other):
            jobs[frozenset((number, later))] = job
    for group in _groups_of_pairs(jobs):
        desired = [
            worker.desired for number, worker in enumerate(managed_objects) if number in group and worker.desired
        ]
        job = ", ".join(unique(jobs[frozenset(pair)] for pair in combinations(group, 2)))
        if len(desired) == 2:  # noqa: PLR2004 - a pair
            first, second = desired
            text = (
                f"does the same job, {job}, as this object, and both are in the playbooks "
                f"({first.origin}, {second.origin})"
            )
            yield Remark(second.address, first.address.display_text, text)
            continue
        places = list_some([str(other.origin) for other in desired])
        text = f"{len(desired)} objects in the playbooks do the same job, {job} ({places})"
        yield from (Remark(other.address, "", text) for other in desired)


def _common_job(first_object: ObjectWithJobs, second_object: ObjectWithJobs) -> str:
    first, second = first_object.desired, second_object.desired
    if not (first and second and first_object.is_working and second_object.is_working):
        return ""
    if first.made_by and first.made_by == second.made_by:
        return ""
    return first_object.shared_job(second_object) or second_object.shared_job(first_object)


def _groups_of_pairs(pairs: Collection[frozenset[int]]) -> Iterator[Sequence[int]]:
    """Yield the largest groups of numbers in which every two numbers form one of the given pairs."""
    numbers = sorted(frozenset[int]().union(*pairs))
    left = dict.fromkeys(pairs)
    while left:
        group = sorted(next(iter(left)))
        for number in numbers:
            if number not in group and all(frozenset((number, member)) in pairs for member in group):
                group.append(number)
        for pair in combinations(group, 2):
            left.pop(frozenset(pair), None)
        yield sorted(group)


def remarks_on_unread_look_alikes(
    managed_objects: Sequence[ObjectWithJobs], unread_kinds: Iterable[Kind[Connection]]
) -> Iterator[Remark]:
    """Yield a remark on each managed object whose job may also be done by an object of another kind, because
    that kind could not be read.
    """
    for kind in unread_kinds:
        for worker in managed_objects:
            shared = kind.jobs.names & {job.partition(":")[0] for job in worker.jobs}
            if worker.desired and shared:
                text = f"a {kind.title} may also do the job {min(shared)}, but toolkit could not read any {kind.title}"
                yield Remark(worker.desired.address, "", text)
