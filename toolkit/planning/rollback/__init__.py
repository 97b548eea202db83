"""Plans that undo a run, or that remove objects and settings that no playbook names any more."""
