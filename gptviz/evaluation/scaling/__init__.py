"""Scaling laws: runs of many sizes (``runs``), which ``gptviz.training.bench`` makes, and a law fitted to them.

N counts parameters, D tokens read, and the loss is in nats per token on held-out text.
"""
