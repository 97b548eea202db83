"""Read the settings of a school from its folder, its `.env` and the environment."""
