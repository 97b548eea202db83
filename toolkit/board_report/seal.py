"""Seals a document part by part, and finds the parts that have changed since."""

from collections.abc import Iterator, Mapping, Sequence

from toolkit.values import Body, Json, digest_of

SEAL = "integrity"


def add_seal(document: Body) -> Body:
    """Return a document with a digest of each part, and a digest of all of these."""
    parts = dict(_parts(document))
    return {**document, SEAL: {"parts": dict(parts), "sha256": digest_of(dict(parts))}}


def broken_parts(document: Body) -> list[str]:
    """Return the name of every part of a document that has changed since it was sealed."""
    seal = document.get(SEAL)
    if not isinstance(seal, Mapping) or not isinstance(written := seal.get("parts"), Mapping):
        return ["the seal, which is missing"]
    digests = dict(_parts({name: value for name, value in document.items() if name != SEAL}))
    wrong = [name for name in {**written, **digests} if written.get(name) != digests.get(name)]
    if digest_of(written) != seal.get("sha256"):
        wrong.append("the seal itself")
    return wrong


def _parts(document: Body) -> Iterator[tuple[str, str]]:
    """Yield the parts of a document and their digests: each top key, and each entry of its lists and tables."""
    for name, value in document.items():
        match value:
            case str():
                yield name, digest_of(value)
            case Mapping():
                yield name, digest_of(len(value))
                yield from ((f"{name}, {key}", digest_of(entry)) for key, entry in value.items())
            case Sequence():
                yield name, digest_of(len(value))
                yield from (
                    (f"{name}, {_entry_name(n, entry)}", digest_of(entry)) for n, entry in enumerate(value, start=1)
                )
            case _:
                yield name, digest_of(value)


def _entry_name(n: int, entry: Json) -> str:
    clause = entry.get("clause") if isinstance(entry, Mapping) else None
    return f"number {n} ({clause})" if clause else f"number {n}"
