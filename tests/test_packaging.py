"""What is installed: the wheel's data files, and the lock."""

import re
from fnmatch import fnmatch
from importlib.metadata import distributions
from pathlib import Path
from tomllib import loads

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from toolkit.errors import UsageError
from toolkit.installed import DISTRIBUTION, require

ROOT = Path(__file__).parent.parent
PROJECT = loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()


def test_every_data_file_of_the_packages_is_in_the_wheel() -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["*"]
    files = [path for top in ("toolkit", "connectors") for path in (ROOT / top).rglob("*") if path.is_file()]
    files += [path for path in (ROOT / "playbooks").rglob("*") if path.is_file()]
    data = [path for path in files if path.suffix not in (".py", ".pyc")]

    assert (ROOT / "toolkit/samples").resolve() == ROOT / "playbooks"
    assert data
    assert [path for path in data if not any(fnmatch(path.name, pattern) for pattern in patterns)] == []


def test_what_is_private_beside_the_samples_is_in_no_wheel() -> None:
    excluded = PROJECT["tool"]["setuptools"]["packages"]["find"]["exclude"]

    assert "/playbooks/private/" in (ROOT / ".gitignore").read_text().splitlines()
    assert any(fnmatch("toolkit.samples.private", pattern) for pattern in excluded)
    assert any(fnmatch("toolkit.samples.private.copies", pattern) for pattern in excluded)
    assert not any(fnmatch("toolkit.samples.policy", pattern) for pattern in excluded)


def test_the_lock_names_every_dependency_with_hashes_and_no_index() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    wanted = [*PROJECT["project"]["dependencies"], *(line for lines in extras.values() for line in lines)]
    names = {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=;]", line)[0]).casefold() for line in wanted} - {DISTRIBUTION}
    locked = {match[1]: match[0] for match in re.finditer(r"^([\w.-]+)==(?:.*\\\n)+.*", LOCK, re.MULTILINE)}

    assert names <= locked.keys(), f"run `make lock`: {names - locked.keys()}"
    assert [name for name, entry in locked.items() if "--hash=sha256:" not in entry] == []
    assert "://" not in LOCK


@pytest.mark.parametrize("group", PROJECT["dependency-groups"])
def test_the_lock_of_a_group_of_programs_names_each_with_hashes_and_no_index(group: str) -> None:
    lock = (ROOT / f"{group}.lock").read_text()
    names = [re.split(r"[<>=]", line)[0] for line in PROJECT["dependency-groups"][group]]

    assert [name for name in names if not re.search(rf"^{name}==.*\\\n +--hash=sha256:", lock, re.MULTILINE)] == []
    assert "://" not in lock


def test_a_lock_is_installed_as_it_is_written() -> None:
    """With `--no-deps`: pip would look for `httpx[http2]` in the newest release, which no hash of the lock allows."""
    installs = [
        line for line in (ROOT / "Makefile").read_text().splitlines() if "$(INSTALL) " in line and "hashes" in line
    ]

    assert len(installs) == 2
    assert [line for line in installs if "--no-deps --require-hashes" not in line] == []


def test_the_lock_has_what_each_of_its_libraries_asks_for() -> None:
    """Nothing looks for it when the lock is installed."""
    locked = re.findall(r"^([\w.-]+)==", LOCK, re.MULTILINE)
    here = {canonicalize_name(found.name): found for found in distributions()}
    missing = [
        f"{name} asks for {line}"
        for name in map(canonicalize_name, locked)
        if name in here
        for line in here[name].requires or []
        for wanted in (Requirement(line),)
        if not wanted.marker or wanted.marker.evaluate({"extra": ""})
        if canonicalize_name(wanted.name) not in here
        or here[canonicalize_name(wanted.name)].version not in wanted.specifier
    ]

    assert missing == []


def test_a_missing_library_is_named_with_the_extra_that_brings_it() -> None:
    with pytest.raises(UsageError) as refused:
        require("a_library_that_is_not_there", "reports", "--format pdf")

    assert str(refused.value) == (
        "--format pdf needs a_library_that_is_not_there: install toolkit again with its extra: "
        "`pipx install --force 'WHEEL[reports]'`"
    )
