"""The built-in entries, a file a category; its form is toolkit/catalogue/form.py."""
