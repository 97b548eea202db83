"""How Microsoft 365 implements each control, in a module for each area."""
