"""`python -m tests.words [FILE ...]` prints every forbidden turn; `--lower` lowers the counts that are allowed."""

import sys

from ruamel.yaml import YAML

from tests.words.turns import COUNTS, allowed, counted, files, hits


def main(arguments: list[str]) -> None:
    """Print the places, or write the counts down where they fell."""
    if arguments == ["--lower"]:
        before, now = allowed(), counted()
        lowered = {file: min(count, before.get(file, 0)) for file, count in now.items()}
        YAML().dump({file: count for file, count in lowered.items() if count}, COUNTS)
        return
    for file in arguments or files():
        for hit in hits(file):
            print(f"{hit.file}:{hit.line}: {hit.words!r}: {hit.rule.why}")  # noqa: T201 - its answer


if __name__ == "__main__":
    main(sys.argv[1:])
