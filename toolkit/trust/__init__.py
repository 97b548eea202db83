"""A trust: several schools in one tenant or in several tenants."""
