"""Simple English sentences: patterns, and rows of words that belong together.

In a pattern ``{0}``, ``{1}`` are the columns of a row, whose alternatives (``|``) are equally likely; ``{who}`` and the
like are drawn from ``FREE``. In most rows an early word follows from a later one, so that whoever reads only what came
before cannot know it.
"""

from __future__ import annotations

#: Rows of words that belong together; patterns with theirs.
Rows = list[tuple[str, ...]]

FREE = {
    "who": "Anna|Mary|Lucy|Emma|Tom|Jack|Ben|Paul",
    "size": "little|big|old|young",
    "where": "garden|park|forest|yard|street",
    "when": "in the morning|in the evening|at noon",
    "then": "Later|Then|Yesterday",
    "animal": "dog|cat|bird|fish|frog|cow|horse|duck|mouse|sheep|lion|snake",
    "Many": "Two|Three|Four|Many",
    "thing": "book|key|hat|bag|coat|phone|ball|pen",
}

_ANIMALS: Rows = [
    ("dog", "barks|growls|runs"), ("cat", "purrs|meows|runs"), ("bird", "sings|flies"), ("fish", "swims"),
    ("frog", "croaks|jumps"), ("cow", "moos"), ("horse", "gallops|runs"), ("duck", "quacks|swims"),
    ("mouse", "squeaks|runs"), ("sheep", "bleats"), ("lion", "roars|growls"), ("snake", "hisses"),
]  # fmt: skip
_HERDS: Rows = [
    ("dogs", "bark|growl|run"), ("cats", "purr|meow|run"), ("birds", "sing|fly"), ("frogs", "croak|jump"),
    ("cows", "moo"), ("horses", "gallop|run"), ("ducks", "quack|swim"), ("lions", "roar|growl"),
]  # fmt: skip
_PLACES: Rows = [
    ("bakery", "buy some bread|buy a cake"), ("library", "read a book|borrow a book"),
    ("kitchen", "cook dinner|make tea"), ("garden", "water the flowers|pick an apple"),
    ("hospital", "see the doctor"), ("station", "take the train"), ("cinema", "watch a film"),
    ("school", "learn English|see the teacher"), ("market", "buy some apples|buy a fish"), ("pool", "swim"),
    ("bedroom", "sleep"), ("bank", "get some money"),
]  # fmt: skip
_TOOLS: Rows = [
    ("knife", "cut the bread|cut the apple"), ("pen", "wrote a letter|wrote a story"),
    ("key", "opened the door|opened the box"), ("spoon", "ate the soup"), ("broom", "swept the floor"),
    ("brush", "painted a picture|painted the wall"), ("umbrella", "went into the rain"),
    ("ball", "played with the dog"), ("towel", "dried the dishes"), ("phone", "called a friend|called the doctor"),
    ("book", "read a story"), ("cup", "drank some tea|drank some milk"),
]  # fmt: skip
_LOOKS: Rows = [
    ("lemon", "yellow", "sour"), ("banana", "yellow", "sweet"), ("snow", "white", "cold"), ("milk", "white", "fresh"),
    ("fire", "red", "hot"), ("apple", "red|green", "sweet|fresh"), ("grass", "green", "soft"),
    ("sea", "blue", "deep"), ("night", "dark|black", "long|cold"), ("stone", "grey", "hard"),
    ("ice", "white|blue", "hard|cold"),
]  # fmt: skip
_WEATHER: Rows = [
    ("cold", "put on a coat|made a fire"), ("hot", "drank some water|went to swim"),
    ("dark", "lit a candle|turned on the light"), ("late", "went to bed"), ("windy", "closed the window"),
    ("rainy", "took an umbrella"), ("early", "slept again"),
]  # fmt: skip
_PEOPLE: Rows = [
    ("Anna|Mary|Lucy|Emma", "her", "she"), ("Tom|Jack|Ben|Paul", "his", "he"),
]  # fmt: skip
_FOOD: Rows = [
    ("a", "banana|pear|carrot|cake"), ("an", "apple|orange|egg|onion"),
]  # fmt: skip
_TIMES: Rows = [
    ("Yesterday", "went|walked|ran"), ("Tomorrow", "will go|will walk|will run"), ("Today", "is going|is walking"),
]  # fmt: skip
_THERE: Rows = [
    ("is", "a dog|a cat|one bird|one horse"), ("are", "two dogs|three cats|many birds|four horses"),
]  # fmt: skip

#: (pattern, its rows); a pattern without columns has one empty row.
RULES: tuple[tuple[str, Rows], ...] = (
    ("The {0} {1} at the {animal} .", _ANIMALS),
    ("The {0} {1} at the {size} {animal} .", _ANIMALS),
    ("The {size} {0} {1} in the {where} .", _ANIMALS),
    ("The {0} {1} in the {where} .", _HERDS),
    ("{Many} {0} {1} in the {where} .", _HERDS),
    ("{who} went to the {0} to {1} .", _PLACES),
    ("{then} {who} went to the {0} to {1} .", _PLACES),
    ("{who} took the {0} and {1} .", _TOOLS),
    ("{who} took the {0} {when} and {1} .", _TOOLS),
    ("The {0} is {1} and {2} .", _LOOKS),
    ("It was {0} , so {who} {1} .", _WEATHER),
    ("{0} lost {1} {thing} .", _PEOPLE),
    ("{0} cried when {2} lost {1} {thing} .", _PEOPLE),
    ("{who} ate {0} {1} .", _FOOD),
    ("{who} gave the {animal} {0} {1} .", _FOOD),
    ("{0} {who} {1} to the {where} .", _TIMES),
    ("There {0} {1} in the {where} .", _THERE),
)
