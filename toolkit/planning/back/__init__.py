"""The way back: what is left over, and what undoes a run."""
