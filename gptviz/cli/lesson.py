"""``gptviz lesson check | list | quantities``: lesson files, checked against the pages that they drive and a model."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from gptviz.cli import outputs
from gptviz.cli.table import safe
from gptviz.paths import DEFAULT

_DESCRIBE = """\
Check lesson files: that each can be read, asks its pages only for what they have, and that with this model every claim
holds, no step is passed before anybody has done anything, and every step can be passed. + passes, ! does not (exit
code 1). A file that cannot be read is a sentence with its line and exit code 2."""


def add_to(commands: Any) -> None:
    """Add the commands to the parser's ``commands``."""
    parser = commands.add_parser("lesson", help="lessons: check files, list what there is")
    kinds = parser.add_subparsers(required=True, metavar="what", parser_class=type(parser))
    check = kinds.add_parser("check", help="check lesson files with a model", description=_DESCRIBE)
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    check.add_argument("--model", default=DEFAULT, help="a name, a folder, a GGUF file, or a Hugging Face id")
    listing = kinds.add_parser("list", help="the lessons that come with gptviz")
    asked = kinds.add_parser("quantities", help="what a lesson may measure, and what it can be asked about")
    for one, run in ((check, run_check), (listing, run_list), (asked, run_quantities)):
        outputs.add_to(one, json="")
        one.add_argument("--lang", default=os.environ.get("LANG", "").split(".")[0], help="language of the sentences")
        one.set_defaults(run=run)


def run_check(args: argparse.Namespace) -> int:
    """Say each step as it is tried; 1 where one fails."""
    from gptviz.cli.trace import load  # brings torch along
    from gptviz.errors import GptvizError
    from gptviz.i18n import choose_language
    from gptviz.lessons.reading import read_file
    from gptviz.ui.lessons.desk import check_fields, solve_all, try_out

    lang, files, made, failed = choose_language(args.lang), outputs.wanted(args), [], 0
    shown = outputs.free(files)
    lessons = [read_file(path) for path in args.files]
    for lesson in lessons:
        check_fields(lesson)
    lm = load(args.model)
    for path, lesson in zip(args.files, lessons, strict=True):
        steps: list[dict[str, Any]] = []
        if shown:
            print(safe(f"{path}: {lesson.title}"), flush=True)
        for tried in try_out(lesson, lm, lang):
            said = tried.error.say(lang) if tried.error else tried.value
            steps.append({"step": tried.step, "heading": tried.heading, "ok": tried.error is None, "said": said})
            if shown:
                print(safe(f"{'!' if tried.error else '+'} {tried.step} {tried.heading}  {said}"), flush=True)
        items: list[dict[str, Any]] = []
        for item, found in solve_all(lesson, lm, lang):
            ok = not isinstance(found, GptvizError)
            said = found.say(lang) if isinstance(found, GptvizError) else found
            items.append({"text": item.text, "ok": ok, "said": said})
            if shown:
                print(safe(f"{'+' if ok else '!'} {item.text}  {said}"), flush=True)
        failed += sum(not one["ok"] for one in (*steps, *items))
        made.append({"file": str(path), "title": lesson.title, "steps": steps, "worksheet": items})
    for file in files.values():
        outputs.write(file, json.dumps({"model": lm.name, "lessons": made}, ensure_ascii=False, indent=1) + "\n")
    return 1 if failed else 0


def run_list(args: argparse.Namespace) -> int:
    """The lessons in their order."""
    from gptviz.i18n import choose_language
    from gptviz.lessons import shelf

    lang, files = choose_language(args.lang), outputs.wanted(args)
    found = [lesson for name in shelf.names() if (lesson := shelf.lesson(name, lang))]
    if outputs.free(files):
        for number, lesson in enumerate(found, 1):
            print(safe(f"{number:2}  {lesson.name:<20} {lesson.minutes:>3} min  {lesson.title}"))
    for file in files.values():
        rows = [{"name": one.name, "title": one.title, "aim": one.aim, "minutes": one.minutes, "steps": len(one.steps)}
                for one in found]  # fmt: skip
        outputs.write(file, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    return 0


def run_quantities(args: argparse.Namespace) -> int:
    """Everything that a check may measure."""
    from gptviz.lessons.quantities import QUANTITIES

    files = outputs.wanted(args)
    if outputs.free(files):
        for name, one in QUANTITIES.items():
            about = ", ".join(f"{key}: {kind.__name__}" for key, kind in one.about.items())
            print(f"{name}({about})\n    {one.says}")
    for file in files.values():
        rows = {name: {"about": {key: kind.__name__ for key, kind in one.about.items()}, "says": one.says}
                for name, one in QUANTITIES.items()}  # fmt: skip
        outputs.write(file, json.dumps(rows, indent=1) + "\n")
    return 0
