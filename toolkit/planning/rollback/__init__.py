"""Plans that undo a run, and plans that remove objects and settings that no playbook names any more."""
