"""What a room and all rooms of a server may hold."""

from __future__ import annotations

MAX_ROOMS = 50
MAX_MEMBERS = 400  # of one room
MAX_ROUNDS = 500  # of one room
LIFETIME = 2 * 60 * 60.0  # seconds after which a room ends by itself
MAX_PROMPT = 1_000  # characters (code points) of a prompt or a question that is shown on phones
MAX_OPTION = 400  # characters of a continuation or an option
MAX_LABEL = 80  # characters of a candidate's label
MAX_WORD = 24  # characters of a word that a student types
MAX_WORDS = 400  # different words that wait for the teacher in a round
MAX_CANDIDATES = 12
MAX_HANDS = 999  # raised hands of one option
MAX_LINK = 6_000  # characters of a page's link
FEW = 5  # counts below it are hidden where what somebody answered is nobody's business
CHIPS = 20  # that a student spreads
MOST_NAMED = 5  # candidates that they may lie on; the rest is on everything else
