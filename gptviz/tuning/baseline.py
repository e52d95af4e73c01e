"""What needs no GPT: the most frequent label, and words counted (logistic regression, by scikit-learn)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from gptviz.tuning.examples import Example, Tagged


def majority(train: Sequence[Example], test: Sequence[Example]) -> list[str]:
    """The most frequent label, for every text; of equals the one that comes first in the alphabet."""
    counts = Counter(example.label for example in train)
    best = min(counts, key=lambda label: (-counts[label], label))
    return [best] * len(test)


def bag_of_words(train: Sequence[Example], test: Sequence[Example]) -> list[str]:
    """Labels by which words there are and how often, one or two side by side; where words are not apart, as in Chinese,
    characters, up to three. Weighed by their rarity (tf-idf), then logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts = [example.text for example in train]
    apart = sum(text.count(" ") for text in texts) * 15 > sum(map(len, texts))
    words = {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b|[^\w\s]"}
    counted = words if apart else {"analyzer": "char", "ngram_range": (1, 3)}
    found = make_pipeline(TfidfVectorizer(sublinear_tf=True, **counted), LogisticRegression(C=10.0, max_iter=1000))
    found.fit(texts, [example.label for example in train])
    return [str(label) for label in found.predict([example.text for example in test])]


def known_words(train: Sequence[Tagged], test: Sequence[Tagged]) -> list[list[str]]:
    """Of each word the tag that it had most often; O of one that was not seen (Tjong Kim Sang & De Meulder 2003 have a
    baseline of the kind). Of equals the one that comes first in the alphabet."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sentence in train:
        for word, tag in zip(*sentence, strict=True):
            counts[word][tag] += 1
    best = {word: min(tags, key=lambda tag: (-tags[tag], tag)) for word, tags in counts.items()}
    return [[best.get(word, "O") for word in sentence.words] for sentence in test]
