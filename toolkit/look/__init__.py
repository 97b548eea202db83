"""Read a school's tenants for a first report, as a person who signs in. Nothing is created or changed."""
