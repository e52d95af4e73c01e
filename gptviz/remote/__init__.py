"""A language model that computes elsewhere: what both ends say to each other, and the end that asks.

``wire`` is the form of arrays and errors on their way, ``carried`` a trace made of them, ``client`` the connection,
``model`` the language model over it; the end that answers is ``gptviz.serving``.
"""
