"""The page for those for whom even the queue has no place: it costs the server nothing and asks again by itself. Pure.

Streamlit's own page would stay empty for them, since its socket is refused.
"""

from __future__ import annotations

from html import escape

from gptviz.i18n import translate
from gptviz.theme import PALETTES

AGAIN = 15  # seconds

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 'Source Sans 3', system-ui, 'PingFang SC', 'Microsoft YaHei',
  'Noto Sans CJK SC', sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: %(bg)s; color: %(ink)s; }
main { max-width: 30rem; margin: 1rem; padding: 2rem; border: 1px solid %(line)s; border-radius: 10px;
  background: %(panel)s; }
h1 { margin: 0 0 0.75rem; font-size: 1.35rem; font-weight: 600; } p { margin: 0; }
@media (prefers-color-scheme: dark) {
  body { background: %(dark_bg)s; color: %(dark_ink)s; }
  main { background: %(dark_panel)s; border-color: %(dark_line)s; }
}
"""


def page(lang: str) -> bytes:
    """The document; the header ``Refresh`` that goes with it asks for the same address again."""
    day, night = PALETTES["light"], PALETTES["dark"]
    colours = {"bg": day.bg, "ink": day.ink, "line": day.line, "panel": day.panel, "dark_bg": night.bg,
               "dark_ink": night.ink, "dark_line": night.line, "dark_panel": night.panel}  # fmt: skip
    return (
        f'<!doctype html><html lang="{escape(lang)}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>gptviz</title>'
        f"<style>{_STYLE % colours}</style><main><h1>{escape(translate('queue.title', lang))}</h1>"
        f"<p>{escape(translate('queue.full', lang, seconds=AGAIN))}</p></main></html>\n"
    ).encode()
