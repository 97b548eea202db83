"""Work on holds and on lost devices opens the tenants in one way, which no limit of time stops."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_one_module_lifts_the_limit_of_time_of_a_run() -> None:
    files = [file for file in (ROOT / "toolkit").rglob("*.py") if ".deadline.remove_limit()" in file.read_text()]

    assert [str(file.relative_to(ROOT)) for file in files] == ["toolkit/engine/session.py"]
