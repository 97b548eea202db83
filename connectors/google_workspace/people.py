"""Asking for many people, a few calls at a time; and the error of a person who cannot be read."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from toolkit.errors import Refused, ServiceError, SignInRefused

P = TypeVar("P")
T = TypeVar("T")

THREADS = 8  # more send no faster: httplib2 takes more from this machine than from the network


def for_each(people: Sequence[P], call: Callable[[P], T], *, threads: int = THREADS) -> Sequence[T | ServiceError]:
    """Call for each of the people and give what came of it, or the error that is that person's alone, in their order.

    What would befall everybody is raised at the first: a sign-in that is refused, a scope that is not delegated, an
    API that is not turned on.
    """

    def try_call(person: P) -> T | ServiceError:
        try:
            return call(person)
        except ServiceError as error:
            if affects_everyone(error):
                raise
            return error

    if len(people) < 2:  # noqa: PLR2004 (one needs no company)
        return [try_call(person) for person in people]
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(threads, thread_name_prefix="people")
    try:
        return list(pool.map(try_call, people))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def affects_everyone(error: object) -> bool:
    """Say whether an outcome is an error that the next person would get as well."""
    return isinstance(error, SignInRefused) or (isinstance(error, Refused) and bool(error.missing))


class PersonUnreadable(ServiceError):
    """Nothing can be read or set for one person alone; the text says why."""
