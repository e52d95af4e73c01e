"""Scaling laws: runs of many sizes (``runs``; ``training.bench`` makes them), and a law fitted to them (``law``, ``fit``, ``bootstrap``).

N counts parameters, D tokens read, and the loss is in nats per token on held-out text.
"""
