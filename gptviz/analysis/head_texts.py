"""Short texts of our own, in which the attention of heads is measured: plain prose, a talk, a list, some code."""

from __future__ import annotations

TEXTS = (
    "The ferry leaves at six, and the harbour is still dark when the first passengers come down the stairs. An old man "
    "carries two baskets of pears. A girl with a green scarf asks him whether he sells them here or on the island. He "
    "says that nobody on the island would buy a pear, because every garden there has a tree of its own.",
    "Water boils at a lower temperature on a mountain than by the sea. The air above it weighs less, so the bubbles "
    "need less heat to push it away. Cooks who live high up know this well: their rice takes longer, and their bread "
    "rises more quickly than the recipe says.",
    "“Did you lock the door?” asked Nora. “I think so,” said Ben, “but I did not look at the window.” “Then we go "
    "back,” said Nora, and she was already running. The window was open. The cat sat on the table and looked at them.",
    "def average(numbers):\n    total = 0\n    for number in numbers:\n        total = total + number\n"
    "    return total / len(numbers)\n\nprint(average([3, 5, 10]))\nprint(average([2, 4]))\n",
    "早上六点，渡船就要开了，码头上还是一片黑暗。一位老人提着两筐梨慢慢走下台阶。一个围着绿色围巾的小女孩问他，"
    "这些梨是在这里卖，还是带到岛上去卖。老人笑着说，岛上每家院子里都有梨树，谁会花钱买梨呢？",
    "山上的水在较低的温度下就会沸腾。那里的空气比海边稀薄，压在水面上的力量也比较小，所以气泡更容易冒出来。"
    "住在高处的人都知道，米饭要多煮一会儿，面团却发得更快。",
)
