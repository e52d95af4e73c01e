"""A model that can be chatted with, small and random: bytes and two marks, with a template as models bring one."""

from __future__ import annotations

import json
from pathlib import Path

from gptviz.gpt.config import GPTConfig
from gptviz.gpt.weights import save_model
from gptviz.language_model import LocalModel
from gptviz.tokens.bpe import byte_alphabet
from gptviz.tokens.tokenizer import Tokenizer
from tests.conftest import random_model

BEGIN, END = 256, 257
MARKS = {BEGIN: "<|im_start|>", END: "<|im_end|>"}
#: SmolLM2's, with a shorter system line of its own.
TEMPLATE = """{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system
Be kind.<|im_end|>
' }}{% endif %}{{'<|im_start|>' + message['role'] + '
' + message['content'] + '<|im_end|>' + '
'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
' }}{% endif %}"""
#: A system line is refused, as by Gemma's; a text of its own wish loops without an end.
NO_SYSTEM = "{{ raise_exception('System role not supported') if messages[0]['role'] == 'system' }}" + TEMPLATE
LOOPS = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"


def write_vocabulary(folder: Path, template: str | None) -> None:
    """As Hugging Face's files: a token for each byte, and the marks."""
    letters = byte_alphabet()
    added = [{"id": number, "content": content, "special": True, "single_word": False, "lstrip": False,
              "rstrip": False, "normalized": False} for number, content in MARKS.items()]  # fmt: skip
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    made = {"version": "1.0", "added_tokens": added, "pre_tokenizer": level, "decoder": level,
            "model": {"type": "BPE", "vocab": {letters[byte]: byte for byte in range(256)}, "merges": []}}  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_text(json.dumps(made), encoding="utf-8")
    about = {"bos_token": MARKS[BEGIN], "eos_token": MARKS[END]} | ({"chat_template": template} if template else {})
    (folder / "tokenizer_config.json").write_text(json.dumps(about), encoding="utf-8")


def write_model(folder: Path, template: str | None = TEMPLATE, *, block_size: int = 256) -> None:
    """A model's folder."""
    save_model(random_model(config(block_size)), folder)
    write_vocabulary(folder, template)


def config(block_size: int = 256) -> GPTConfig:
    """Two layers of two heads."""
    return GPTConfig(n_layer=2, n_head=2, n_embd=16, block_size=block_size, vocab_size=258)


def chatty(folder: Path, template: str | None = TEMPLATE, *, block_size: int = 256) -> LocalModel:
    """The model, its vocabulary written to ``folder`` and read from there."""
    write_vocabulary(folder, template)
    tokenizer = Tokenizer.load(folder)
    return LocalModel(random_model(config(block_size)), tokenizer, name="chatty", chat_template=template)
