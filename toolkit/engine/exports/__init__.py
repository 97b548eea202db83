"""What an export needs beside how the clauses stand: what happened, by whom, and where it goes."""
