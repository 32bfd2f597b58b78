"""The bureau's HTTP, and the breaker's state in Redis."""
