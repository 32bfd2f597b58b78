"""When a breaker opens and closes; what a check comes to. Pure Python."""
