"""``gptviz serve``: a language model as a service over HTTP, for programs of any kind and for ``gptviz.remote``.

``endpoints`` is the table of what can be asked; ``bodies`` the rules of what may be said, ``answers`` what is answered,
``engine`` where it is computed, ``guard`` who may ask and how much, ``app`` the whole, ``document`` its description.
"""
