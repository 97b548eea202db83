"""The shell completes the names of controls, objects, kinds and clouds."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from toolkit.cli import program

SAMPLES = Path(__file__).parents[2] / "playbooks"


def _completed(*words: str) -> list[str]:
    complete = ShellComplete(program, {}, "toolkit", "_TOOLKIT_COMPLETE")
    return [item.value for item in complete.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.parametrize("command", ["plan", "apply", "drift"])
def test_only_completes_the_controls_and_objects_of_the_playbooks(command: str) -> None:
    assert _completed(command, str(SAMPLES), "--only", "mail.dis") == ["mail.disclaimer"]
    objects = _completed(command, str(SAMPLES), "--only", "microsoft365.transport_rule[")
    assert objects
    assert all(name.endswith("]") for name in objects)


def test_only_completes_every_control_if_the_playbooks_cannot_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "00-school.yaml").write_text("school: [\n")

    assert _completed("plan", str(tmp_path), "--only", "data.ret") == ["data.retention"]


def test_kinds_and_clouds_are_completed() -> None:
    assert _completed("kinds", "microsoft365.transport") == ["microsoft365.transport_rule"]
    assert _completed("kinds", "mail.discl") == ["mail.disclaimer"]
    assert _completed("import", "google") == ["google_workspace"]
    assert "vacation" in _completed("import", "google_workspace", "")
    assert _completed("import", "another_cloud", "") == []
    assert _completed("plan", str(SAMPLES), "--provider", "mic") == ["microsoft365"]


def test_a_completion_imports_no_library_of_a_cloud() -> None:
    script = (
        "import sys; from tests.cli.test_completion import _completed, SAMPLES; "
        "_completed('plan', str(SAMPLES), '--only', ''); "
        "print([name for name in ('msgraph', 'googleapiclient', 'azure.identity', 'requests') if name in sys.modules])"
    )

    run = subprocess.run([sys.executable, "-c", script], cwd=SAMPLES.parent, capture_output=True, text=True, check=True)

    assert run.stdout == "[]\n"
