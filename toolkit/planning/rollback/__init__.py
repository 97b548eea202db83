"""Plans that undo a run or remove what no playbook names any more."""
