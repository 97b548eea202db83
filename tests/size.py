"""`make size`: lines and files of the product by package, first Python, then YAML and templates."""

import subprocess
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
_DATA = {".yaml", ".toml", ".json", ".j2", ".css"}


def main() -> None:
    """Print a line for each package, and the total."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "toolkit", "connectors"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    lines: Counter[tuple[str, str]] = Counter()
    files: Counter[str] = Counter()
    for name in filter(None, listed.stdout.split("\0")):
        path = Path(name)
        sort = "python" if path.suffix == ".py" else "data" if path.suffix in _DATA else ""
        for package in ("/".join(path.parts[:2]) if len(path.parts) > 2 else path.parts[0], "all") if sort else ():
            lines[package, sort] += (ROOT / name).read_bytes().count(b"\n")
            files[package] += sort == "python"
    print(f"{'package':32}{'lines':>8}{'files':>7}{'data':>8}")  # noqa: T201 - its answer
    for package in sorted(files, key=lambda name: (name == "all", name)):
        print(f"{package:32}{lines[package, 'python']:8}{files[package]:7}{lines[package, 'data']:8}")  # noqa: T201


if __name__ == "__main__":
    main()
