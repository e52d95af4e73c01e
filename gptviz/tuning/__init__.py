"""From a base model to one that does a task: labelled texts, ways of tuning, and what comes of it.

>>> import gptviz
>>> from gptviz import tuning
>>> lm = gptviz.load()
>>> config = tuning.TuneConfig(method=tuning.method("lora", rank=4))
>>> task = tuning.Classification(lm, tuning.read(path), config)  # doctest: +SKIP
>>> for record in task.run(): ...  # doctest: +SKIP
"""

from __future__ import annotations

from gptviz.tuning.attack import attack
from gptviz.tuning.attributions import attribute
from gptviz.tuning.baseline import bag_of_words, majority
from gptviz.tuning.classifier import Classifier
from gptviz.tuning.curve import learning_curve
from gptviz.tuning.entities import entity_scores
from gptviz.tuning.examples import Example, Tagged, read, read_tagged
from gptviz.tuning.forgetting import Memory
from gptviz.tuning.methods import METHODS, method
from gptviz.tuning.patterns import Pattern
from gptviz.tuning.prompt_study import Study
from gptviz.tuning.prompts import PromptClassifier
from gptviz.tuning.robustness import Trial
from gptviz.tuning.saved import open_tuned, save
from gptviz.tuning.scores import Scores, scores
from gptviz.tuning.sequence import SequenceConfig, learn_on
from gptviz.tuning.tasks import Classification, Labelling
from gptviz.tuning.tuner import TuneConfig, TuneRecord

__all__ = ["METHODS", "Classification", "Classifier", "Example", "Labelling", "Memory", "Pattern", "PromptClassifier",
           "Scores", "SequenceConfig", "Study", "Tagged", "Trial", "TuneConfig", "TuneRecord", "attack", "attribute",
           "bag_of_words", "entity_scores", "learn_on", "learning_curve", "majority", "method", "open_tuned", "read",
           "read_tagged", "save", "scores"]  # fmt: skip
