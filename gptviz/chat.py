"""Chat is text."""
