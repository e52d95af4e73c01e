"""Worlds to learn from: texts that a few numbers make, so that the best loss any model can have is known exactly."""
