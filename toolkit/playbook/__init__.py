"""Read playbooks and the school's other files safely, and validate them."""
