"""Pages of exchange rates."""
