"""Plan how to undo a run, and how to remove objects and settings that no playbook names any more."""
