"""Rules in the school's words, neutral of provider: one module a control, found by being there."""
