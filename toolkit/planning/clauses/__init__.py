"""How the clauses of the policy stand, from facts and floors."""
