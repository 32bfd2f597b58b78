"""Writing events, relaying them, and what people do about those that fail."""
