"""Calls a function for many people, a few at a time. Also defines the error for a single person who cannot be read."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from toolkit.errors import Refused, ServiceError, SignInRefused

P = TypeVar("P")
T = TypeVar("T")

THREADS = 8  # more threads are not faster, because httplib2 is limited by this computer and not by the network


def for_each(people: Sequence[P], call: Callable[[P], T], *, threads: int = THREADS) -> Sequence[T | ServiceError]:
    """Return the result of a function, or the error, for each person, in order.

    Raise an error that affects everyone at the first person, such as a refused sign-in, a scope that is not delegated,
    or an API that is not enabled.
    """

    def try_call(person: P) -> T | ServiceError:
        try:
            return call(person)
        except ServiceError as error:
            if affects_everyone(error):
                raise
            return error

    if len(people) < 2:  # noqa: PLR2004 (one person needs no threads)
        return [try_call(person) for person in people]
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(threads, thread_name_prefix="people")
    try:
        return list(pool.map(try_call, people))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def affects_everyone(error: object) -> bool:
    """Return whether an outcome is an error that every person would get."""
    return isinstance(error, SignInRefused) or (isinstance(error, Refused) and bool(error.missing))


class PersonUnreadable(ServiceError):
    """Raised if nothing can be read or changed for one person.

    The message gives the reason. Others are not affected.
    """
