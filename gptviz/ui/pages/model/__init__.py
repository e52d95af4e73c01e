"""The page about the model: what it is, how it was trained, what it can do, and what it cannot."""
