"""Text from bytes, the same wherever it lies: UTF-8, with or without a byte order mark, or an encoding that is named.

Line ends are the file's and not the text's: a CR LF or a CR becomes one newline, as Python does it. Nothing is replaced
in silence: bytes that belong to no character are told with their place, and with the encoding that they look like.
"""

from __future__ import annotations

import lzma
from pathlib import Path

from gptviz.errors import ConfigError

_MARK = "\ufeff"
_UTF_16 = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SAMPLE = 100_000  # bytes by which an encoding is told


def read(path: Path, encoding: str | None = None) -> str:
    """The text of a file; of what ``.xz`` holds, where that is its ending. Raises ConfigError."""
    try:
        data = path.read_bytes()
        return decode(lzma.decompress(data) if path.suffix == ".xz" else data, str(path), encoding)
    except OSError as error:
        raise ConfigError("text.unreadable", file=str(path), reason=error.strerror or str(error)) from error
    except lzma.LZMAError as error:
        raise ConfigError("text.damaged", file=str(path), reason=str(error)) from error


def decode(data: bytes, source: str, encoding: str | None = None) -> str:
    """The text that ``data`` holds; ``source`` is what an error calls it.

    >>> decode(b"\\xef\\xbb\\xbfa\\r\\nb", "x")
    'a\\nb'

    Raises ConfigError where the bytes are not of that encoding, or there is none of that name.
    """
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        raise _wrong(data, source, encoding, error) from error
    except (LookupError, ValueError) as error:  # "hex" is no text encoding, "idna" none for this
        raise ConfigError("text.no_such_encoding", name=repr(encoding)[:60]) from error
    return text.removeprefix(_MARK).replace("\r\n", "\n").replace("\r", "\n")


def looks_like(data: bytes) -> str | None:
    """The encoding of bytes that are not UTF-8, as far as that can be told: utf-16, gb18030, cp1252, or None.

    >>> looks_like("今天天气很好".encode("gbk")), looks_like("déjà vu".encode("latin-1"))
    ('gb18030', 'cp1252')
    """
    data = data[:_SAMPLE]
    marked = next((name for mark, name in _UTF_16 if data.startswith(mark)), None)
    if marked or _is_utf_16(data):
        return marked or ("utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be")
    for name in ("gb18030", "cp1252"):
        try:
            text = data.decode(name, "strict" if len(data) < _SAMPLE else "ignore")
        except UnicodeDecodeError:
            continue
        if name != "gb18030" or _is_chinese(text):
            return name
    return None


def _wrong(data: bytes, source: str, encoding: str | None, error: UnicodeDecodeError) -> ConfigError:
    values = {"file": source, "offset": error.start, "byte": f"{data[error.start]:02X}"}
    if encoding is not None:
        return ConfigError("text.not_encoding", encoding=encoding[:60], **values)
    suggestion = looks_like(data)
    if suggestion is None:
        return ConfigError("text.not_utf8", **values)
    return ConfigError("text.encoding", suggestion=suggestion, **values)


def _is_utf_16(data: bytes) -> bool:
    """Without a mark: of a text with spaces and line ends, every other byte is often 0, and the others never."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    return max(even, odd) > len(data) // 8 and min(even, odd) == 0


def _is_chinese(text: str) -> bool:
    """Whether most of what is not ASCII are the common characters: accents read as gb18030 become rare ones."""
    foreign = [c for c in text if c > "\x7f"]
    common = sum(bool(c.encode("gb2312", "ignore")) for c in foreign)
    return 2 * common > len(foreign) > 0
