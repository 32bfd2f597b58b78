"""The tests: `./run test`."""
