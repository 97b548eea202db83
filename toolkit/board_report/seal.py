"""Seals a document part by part, and names the parts that are not as they were sealed."""

from collections.abc import Iterator, Mapping, Sequence

from toolkit.values import Body, Json, digest_of

SEAL = "integrity"


def add_seal(told: Body) -> Body:
    """Give a document with a digest of each of its parts, and one over those."""
    parts = dict(_parts(told))
    return {**told, SEAL: {"parts": dict(parts), "sha256": digest_of(dict(parts))}}


def broken_parts(told: Body) -> list[str]:
    """Name every part of a document that is not as it was sealed."""
    seal = told.get(SEAL)
    if not isinstance(seal, Mapping) or not isinstance(written := seal.get("parts"), Mapping):
        return ["the seal itself: it is missing"]
    found = dict(_parts({name: value for name, value in told.items() if name != SEAL}))
    wrong = [name for name in {**written, **found} if written.get(name) != found.get(name)]
    if digest_of(written) != seal.get("sha256"):
        wrong.append("the seal itself")
    return wrong


def _parts(told: Body) -> Iterator[tuple[str, str]]:
    """Split a document: each top key, each entry of a list in it, each word of a table in it."""
    for name, value in told.items():
        match value:
            case str():
                yield name, digest_of(value)
            case Mapping():
                yield name, digest_of(len(value))
                yield from ((f"{name}, {key}", digest_of(one)) for key, one in value.items())
            case Sequence():
                yield name, digest_of(len(value))
                yield from ((f"{name}, {_called(n, one)}", digest_of(one)) for n, one in enumerate(value, start=1))
            case _:
                yield name, digest_of(value)


def _called(n: int, one: Json) -> str:
    """Name an entry of a list by its clause, where it has one."""
    clause = one.get("clause") if isinstance(one, Mapping) else None
    return f"number {n} ({clause})" if clause else f"number {n}"
