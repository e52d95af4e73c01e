"""Snapshots: one slider moves everything through the moments of a training."""
