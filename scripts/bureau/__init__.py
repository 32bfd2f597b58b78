"""A small credit bureau for the demo and the tests: real HTTP, and every way to misbehave."""
