"""Holds, as a run deals with them: placed, read back, remembered, compared by the night job, released by two people."""
