"""The jobs that run by themselves, as a crontab and as units of systemd."""
