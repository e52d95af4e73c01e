"""Models that compute elsewhere."""
