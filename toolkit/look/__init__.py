"""Write a first report on a school's tenants, which a person reads by signing in. Nothing is created or changed."""
