"""`python -m tests.words [FILE OR FOLDER ...]` prints every place that breaks a rule of the language.

`--lower` lowers the counts that are recorded; `--table` prints them by package, with rates.
"""

import sys
from collections.abc import Iterator, Mapping

from ruamel.yaml import YAML

from tests.words.language import COUNTS, FORBIDDEN, checked_files, count, every_hit, hits, lower_counts, recorded_counts
from tests.words.passages import REPOSITORY, Part, has_passages, passages_of

_PARTS = [*map(str, Part), FORBIDDEN]
_BY_SENTENCE = {Part.DOCSTRING, Part.MESSAGE}


def main(arguments: list[str]) -> None:
    """Print the places or the table, or write the lower counts."""
    if arguments == ["--lower"]:
        write_counts(lower_counts(count(every_hit()), recorded_counts()))
    elif arguments == ["--table"]:
        print("\n".join(table()))  # noqa: T201 - its answer
    else:
        for file in checked_files():
            if not arguments or file.startswith(tuple(arguments)):
                for hit in hits(file):
                    print(hit)  # noqa: T201 - its answer


def write_counts(counts: Mapping[str, Mapping[str, int]]) -> None:
    """Write the counts, a line for each package and part."""
    yaml = YAML()
    yaml.dump({package: dict(parts) for package, parts in counts.items()}, COUNTS)


def table() -> Iterator[str]:
    """Return the counts by package, and the rates of the product: for 1,000 lines or for 100 sentences."""
    counts = count(every_hit())
    yield f"{'package':30}" + "".join(f"{part:>20}" for part in _PARTS)
    for package, parts in counts.items():
        yield f"{package:30}" + "".join(f"{parts.get(part, 0):20}" for part in _PARTS)
    product = [file for file in checked_files() if file.startswith(("toolkit/", "connectors/")) and has_passages(file)]
    lines = sum((REPOSITORY / file).read_bytes().count(b"\n") for file in product if file.endswith(".py"))
    sentences = [passage.part for file in product for passage in passages_of(file)]
    hit_parts = [hit.part for hit in every_hit() if hit.file.startswith(("toolkit/", "connectors/"))]
    rates = (
        hit_parts.count(part) * 100 / sentences.count(part)
        if part in _BY_SENTENCE
        else hit_parts.count(part) * 1000 / lines
        for part in Part
    )
    yield f"{'product: rate':30}" + "".join(f"{rate:20.1f}" for rate in rates)


if __name__ == "__main__":
    main(sys.argv[1:])
