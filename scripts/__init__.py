"""The local runner: private servers, demo, tests and benchmarks (called by ./run)."""
