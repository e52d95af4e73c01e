"""``gptviz compress``: a model with weights in fewer bits, or without some heads and layers, as a folder that opens."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gptviz.cli import outputs

if TYPE_CHECKING:
    from gptviz.language_model import LocalModel

_FORMS = ("float32", "float16", "bfloat16", "int8")
_DESCRIBE = """\
Make a model smaller: leave out the heads or layers that matter least, hold the weights in fewer bits, write the result
as safetensors, and say what it costs on a held-out text. Heads that are left out stay as zeros, so that everything that
opens the model opens this one, at the same size; layers are gone. float16, bfloat16 and float32 can be opened by
transformers too, int8 by gptviz alone."""
_EXAMPLES = """\
examples:
  gptviz compress bilingual smaller --to int8
  gptviz compress gpt2 shorter --prune-layers 2
  gptviz compress bilingual fewer --prune-heads 12 --by ablation --json -"""


def add_to(commands: Any) -> None:
    """Add the command to the parser's ``commands``."""
    parser = commands.add_parser("compress", help="a smaller model: fewer bits, fewer heads, fewer layers",
                                 description=_DESCRIBE, epilog=_EXAMPLES,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("model", help="a name, a folder, a GGUF file, or a Hugging Face id")
    parser.add_argument("out", type=Path, help="the folder to write")
    parser.add_argument("--to", choices=_FORMS, default="float16", help="how the weights are stored (default: float16)")
    parser.add_argument("--prune-heads", type=int, default=0, metavar="N", help="leave out so many heads")
    parser.add_argument("--prune-layers", type=int, default=0, metavar="N", help="leave out so many layers")
    parser.add_argument("--by", choices=("taylor", "ablation", "random"), default="taylor",
                        help="what goes first: by the loss's gradient, by leaving out each alone, or drawn "
                        "(default: taylor)")  # fmt: skip
    outputs.add_to(parser, json="what was left out and what it costs as JSON, too")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compress, save, open again, and say what it costs."""
    from gptviz import catalogue  # brings torch along
    from gptviz.compression import pruning, save
    from gptviz.compression.comparing import compare
    from gptviz.compression.pruned import pruned
    from gptviz.errors import ConfigError, ServiceError, WeightsError
    from gptviz.language_model import LocalModel

    files = outputs.wanted(args)
    lm = catalogue.load(args.model, weights="float32")
    if not isinstance(lm, LocalModel):
        raise ServiceError("remote.weights")
    for count, unit in ((args.prune_heads, "heads"), (args.prune_layers, "layers")):
        most = pruning.n_parts(lm.config, unit) - (unit == "layers")
        if not 0 <= count <= most:
            raise ConfigError("config.range", name=f"--prune-{unit}", value=count, low=0, high=most)
    layers = pruning.first_to_go(lm, "layers", args.by, args.prune_layers)
    heads = pruning.places(lm.config, pruning.first_to_go(lm, "heads", args.by, args.prune_heads))
    smaller = pruned(lm, heads=heads, layers=layers)
    try:
        save(smaller, args.out, to=args.to)
    except OSError as error:
        raise WeightsError("cli.write", file=str(args.out), reason=error.strerror or error) from error
    found = compare(lm, catalogue.load_folder(args.out, weights="float32"))
    said = {"model": lm.name, "to": args.to, "by": args.by, "heads": [list(one) for one in heads],
            "layers": list(layers), "bytes": _bytes(args.out), "parameters": smaller.config.n_parameters,
            **found._asdict()}  # fmt: skip
    if outputs.free(files):
        _print(lm, smaller, said, args.out)
    for file in files.values():
        outputs.write(file, json.dumps(said, ensure_ascii=False, indent=1) + "\n")
    return 0


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.safetensors"))


def _print(lm: LocalModel, smaller: LocalModel, said: dict[str, Any], out: Path) -> None:
    from gptviz.rounding import number, percent, scientific

    gone = [", ".join(map(str, said["layers"])), ", ".join(f"{layer}.{head}" for layer, head in said["heads"])]
    rows = [("parameters", f"{smaller.config.n_parameters:,} of {lm.config.n_parameters:,}"),
            ("weights", f"{number(said['bytes'] / 1e6, 1)} MB, {said['to']}"),
            ("layers left out", gone[0] or "none"), ("heads left out", gone[1] or "none"),
            ("bits per byte", f"{number(said['before'], 3)} before, {number(said['after'], 3)} after"),
            ("same first choice", percent(said["agreement"], 1)),
            ("logits apart", f"{scientific(said['mean'])} on average, at most {scientific(said['largest'])}"),
            ]  # fmt: skip
    for name, value in rows:
        print(f"{name:18} {value}")
    print(out)
