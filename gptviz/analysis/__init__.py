"""What a model's numbers mean: computed with the model, before anything is shaped for a picture."""

from gptviz.analysis.attribution import ledger as ledger
from gptviz.analysis.lens import logit_lens as logit_lens
