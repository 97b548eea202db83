"""`python -m tests.stored` records new stored names."""

from tests.stored.stored_names import main

if __name__ == "__main__":
    main()
