"""Credit checks: an outside bureau behind a circuit breaker."""
