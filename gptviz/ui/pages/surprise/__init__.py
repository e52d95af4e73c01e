"""Chain rule and surprise: how probable the model finds a text, and which of two it would rather say."""
