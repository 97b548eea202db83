"""Seal each part of a document, and find the parts that were changed after sealing."""

from collections.abc import Iterator, Mapping, Sequence

from toolkit.values import Body, Json, digest_of

SEAL = "integrity"


def add_seal(document: Body) -> Body:
    """Return a document with a digest of each part, and a digest of all these digests."""
    parts = dict(_parts_with_digests(document))
    return {**document, SEAL: {"parts": dict(parts), "sha256": digest_of(dict(parts))}}


def broken_parts(document: Body) -> list[str]:
    """Return the name of every part of a document that was changed after the document was sealed."""
    seal = document.get(SEAL)
    if not isinstance(seal, Mapping) or not isinstance(written := seal.get("parts"), Mapping):
        return ["the seal, which is missing"]
    digests = dict(_parts_with_digests({name: value for name, value in document.items() if name != SEAL}))
    wrong = [name for name in {**written, **digests} if written.get(name) != digests.get(name)]
    if digest_of(written) != seal.get("sha256"):
        wrong.append("the seal itself")
    return wrong


def _parts_with_digests(document: Body) -> Iterator[tuple[str, str]]:
    """Yield each part of a document with its digest.

    A part is a top-level key, or an entry of a list or table below it.
    """
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
