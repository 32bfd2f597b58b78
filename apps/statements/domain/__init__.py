"""What a statement says, in plain Python."""
