"""The built-in entries, one file for each category. `toolkit/catalogue/form.py` describes their keys."""
