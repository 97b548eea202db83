"""Reading the settings of a school: its folder, its `.env`, the environment."""
