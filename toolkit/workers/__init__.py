"""Runs of hundreds of tenants as jobs of Procrastinate, in a PostgreSQL database. Only `toolkit worker` needs it."""
