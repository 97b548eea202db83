"""A first look at a school's tenants by a person who signs in. Nothing is created or changed."""
