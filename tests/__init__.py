"""The tests. None of them may touch the rooms of a server that whoever runs them has."""

import os

os.environ.pop("GPTVIZ_REDIS", None)
