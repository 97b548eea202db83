"""Writing files that must not be there yet."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from toolkit.errors import UsageError


def write_new(files: Mapping[str, str], output: Path) -> Sequence[Path]:
    """Write every file below a folder, and none where one of them is there already; UsageError names it."""
    taken = [str(output / name) for name in files if (output / name).exists()]
    if taken:
        more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise UsageError(
            f"{taken[0]}{more} would be written, and what is there is never overwritten: move or delete what is to be "
            "written again, or choose another directory. No file was written"
        )
    try:
        for name, text in files.items():
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            with (output / name).open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise UsageError(f"{output} cannot be written to: {error.strerror}") from error
    return [output / name for name in files]
