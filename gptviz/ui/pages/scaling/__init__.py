"""Scaling laws: runs of our own trainer on a world of known entropy, the law fitted to them, and what it foretells."""
