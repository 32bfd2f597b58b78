"""Events: written with their change, relayed in order, effective once."""
