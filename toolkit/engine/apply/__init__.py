"""Write the changes of a plan to the tenants."""
