"""What an event is, in plain Python."""
