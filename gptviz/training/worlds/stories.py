"""Small stories, half of them in English and half in Chinese, in which a name once said stays the same to the end.

What there is to learn, in the order in which models learn it: which characters are frequent, which words there are,
which sentence follows which, and that the friend at the end is the one who came in the middle. The rest is chance,
and its amount is known. No two ways lead to one text (``tests/test_worlds.py`` has it read back).
"""

from __future__ import annotations

from gptviz.training.worlds._grammar import Choices, Grammar

_EN: dict[str, Choices] = {
    "en": [("{opening}{gift}{trouble}{end}\n", 1)],
    "opening": [
        ("Once there was a {size} {hero.3} called {hero}. ", 4),
        ("In a {size} house lived a {hero.3} called {hero}. ", 2),
        ("{hero} was a {size} {hero.3}. ", 2),
    ],
    "size": [("little", 4), ("small", 2), ("young", 1), ("tiny", 1)],
    "gift": [
        ("{hero.2} had a {colour} {thing}. ", 3),
        ("One day {hero.1} found a {colour} {thing} {where}. ", 3),
        ("{hero.2} got a {thing} from the {friend}. ", 1),
    ],
    "colour": [("red", 3), ("blue", 2), ("green", 1), ("golden", 1)],
    "where": [("in the garden", 3), ("by the river", 2), ("under a tree", 2), ("on the hill", 1)],
    "trouble": [
        ("Then the wind took the {thing}, and {hero.1} ran {where}. The {friend} brought it back. ", 2),
        ("A {friend} came and wanted to play with the {thing}. {answer}", 3),
        ("But the {thing} broke, and {hero.1} was {mood}. The {friend} helped to mend it. ", 2),
    ],
    "mood": [("sad", 3), ("angry", 1), ("very quiet", 1)],
    "answer": [
        ('"Yes," said {hero}, "we can play {where}." ', 2),
        ('"No," said {hero}. The {friend} was {mood}, so {hero.1} said sorry. ', 2),
    ],
    "end": [
        ("{hero} and the {friend} played until {time}.", 3),
        ("They shared the {thing} and were happy.", 2),
        ('"Thank you, {friend}," said {hero}.', 2),
    ],
    "time": [("the sun went down", 2), ("it was dark", 2), ("dinner", 1)],
}
_ZH: dict[str, Choices] = {
    "zh": [("{zh_opening}{zh_gift}{zh_trouble}{zh_end}\n", 1)],
    "zh_opening": [
        ("从前有一个{zh_size}的{zh_hero.2}，名叫{zh_hero}。", 4),
        ("{zh_hero}是一个{zh_size}的{zh_hero.2}。", 2),
        ("河边住着一个{zh_size}的{zh_hero.2}，名叫{zh_hero}。", 1),
    ],
    "zh_size": [("可爱", 3), ("勇敢", 2), ("聪明", 2), ("安静", 1)],
    "zh_gift": [
        ("{zh_hero.1}有一{zh_thing.1}{zh_colour}的{zh_thing}。", 3),
        ("有一天，{zh_hero.1}{zh_where}找到了一{zh_thing.1}{zh_colour}的{zh_thing}。", 3),
        ("{zh_friend}送给{zh_hero.1}一{zh_thing.1}{zh_thing}。", 1),
    ],
    "zh_colour": [("红色", 3), ("蓝色", 2), ("绿色", 1), ("金色", 1)],
    "zh_where": [("在花园里", 3), ("在大树下", 2), ("在山坡上", 2)],
    "zh_trouble": [
        ("忽然一阵风吹走了{zh_thing}，{zh_friend}帮{zh_hero.1}找了回来。", 2),
        ("{zh_friend}跑过来，也想玩{zh_thing}。{zh_answer}", 3),
        ("可是{zh_thing}坏了，{zh_hero.1}很{zh_mood}。{zh_friend}帮忙修好了它。", 2),
    ],
    "zh_mood": [("难过", 3), ("生气", 1), ("失望", 1)],
    "zh_answer": [
        ("{zh_hero}说：“好，我们{zh_where}一起玩。”", 2),
        ("{zh_hero}说：“不行。”{zh_friend}很{zh_mood}，{zh_hero.1}就说了对不起。", 2),
    ],
    "zh_end": [
        ("{zh_hero}和{zh_friend}一直玩到{zh_time}。", 3),
        ("他们一起玩{zh_thing}，非常开心。", 2),
        ("{zh_hero}说：“谢谢你，{zh_friend}。”", 2),
    ],
    "zh_time": [("太阳下山", 2), ("天黑", 2), ("吃晚饭", 1)],
}
_ONCE: dict[str, Choices] = {
    "hero": [("Lily|she|She|girl", 3), ("Tom|he|He|boy", 3), ("Anna|she|She|girl", 2), ("Ben|he|He|boy", 2),
             ("Mia|she|She|girl", 1), ("Max|he|He|boy", 1)],
    "friend": [("cat", 2), ("dog", 2), ("rabbit", 1), ("bear", 1), ("fox", 1), ("bird", 1)],
    "thing": [("ball", 3), ("kite", 2), ("boat", 1), ("drum", 1), ("book", 1)],
    "zh_hero": [("小明|他|男孩", 3), ("小红|她|女孩", 3), ("小龙|他|男孩", 1), ("小雨|她|女孩", 1)],
    "zh_friend": [("小猫", 2), ("小狗", 2), ("小兔", 1), ("小熊", 1), ("小鸟", 1)],
    "zh_thing": [("皮球|个", 3), ("风筝|只", 2), ("小船|条", 1), ("图画书|本", 1)],
}  # fmt: skip

WORLD = Grammar("stories", {"start": [("{en}", 1), ("{zh}", 1)]} | _EN | _ZH, _ONCE)
