"""A state directory in a folder that a program copies elsewhere is recognised by the names in its path."""

from pathlib import Path

import pytest

from toolkit.settings.synced_folders import synced_by


@pytest.mark.parametrize(
    ("directory", "program"),
    [
        ("/home/a/OneDrive - Example Primary School/.toolkit", "OneDrive"),
        ("/Users/a/Library/CloudStorage/OneDrive-ExamplePrimarySchool/state", "OneDrive"),
        ("/home/a/Dropbox (Personal)/x", "Dropbox"),
        ("/Users/a/Library/CloudStorage/GoogleDrive-a@example-primary.example/My Drive/x", "Google Drive"),
        ("/Users/a/Library/Mobile Documents/com~apple~CloudDocs/x", "iCloud"),
        ("/home/a/onedriver/x", None),
        ("/srv/toolkit", None),
    ],
)
def test_a_synced_folder_is_known_by_its_name(directory: str, program: str | None) -> None:
    assert synced_by(Path(directory)) == program
