"""The address in the browser follows the picture, and what a tab remembers comes back (wire/address.js, in node)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gptviz.ui.web.component import WEB
from tests.ui.node import needs_node, run_node

# A window of which everything can be seen and set, the page in it, and a header; `pass` moves the clock on.
AROUND = """
import {{ createAddress }} from "{folder}/wire/address.js";
const timers = new Map(); let now = 0, next = 1;
const pass = (ms) => {{ now += ms;
  for (const [id, [at, f]] of [...timers]) if (at <= now) {{ timers.delete(id); f(); }} }};
const open = (url = "http://x/page", kept = {{}}) => {{
  const listeners = {{}}, written = [], asked = [], storage = new Map(Object.entries(kept));
  const on = {{ addEventListener: (name, f) => (listeners[name] = f),
    removeEventListener: (name) => delete listeners[name] }};
  const seen = {{ refuse: false, text: "abc", root: {{ isConnected: true }}, waiting: 0 }};
  const window = {{ ...on, document: {{ ...on, visibilityState: "visible" }}, location: new URL(url),
    setTimeout: (f, ms) => (timers.set(next, [now + ms, f]), next++), clearTimeout: (id) => timers.delete(id),
    sessionStorage: {{ getItem: (name) => storage.get(name) ?? null,
      setItem: (name, value) => storage.set(name, value), removeItem: (name) => storage.delete(name) }},
    history: {{ state: {{ theirs: 1 }}, replaceState: (state, _, url) => {{
      if (seen.refuse) throw new Error("too many");
      written.push(url);
      window.location = new URL(url, window.location);
      if (state !== window.history.state) throw new Error("their state is lost");
    }} }} }};
  const owner = {{ root: seen.root, ofText: ["path", "at"], text: () => seen.text, pending: () => seen.waiting,
    act: (action) => asked.push(action) }};
  return {{ address: createAddress(owner, window), window, listeners, written, asked, storage, seen }};
}};
const header = (more) => ({{ page: "beam", text: "abc", link: "lang=en&p=abc", ...more }});
"""


def at_window(script: str, folder: Path) -> Any:
    """Run ``script`` after AROUND; it must print JSON."""
    return run_node(AROUND.format(folder=WEB.as_uri()) + script, folder)


@needs_node
def test_the_address_follows_the_picture_when_it_rests(tmp_path: Path) -> None:
    """One change for pictures in quick succession; refusals are borne; a page that is left writes none."""
    script = """
    const { address, written, seen, storage, window } = open("http://x/beam?p=old&embed=true#s=before");
    for (const n of [1, 2, 3]) { address.follow(header({ link: "p=" + n })); pass(399); }
    const early = written.length;
    pass(1);
    seen.refuse = true; address.follow(header({ link: "p=4" })); pass(400);
    seen.refuse = false; address.follow(header({ link: "p=5", projector: true })); pass(400);
    seen.root.isConnected = false; address.follow(header({ link: "p=6" })); pass(400);
    seen.root.isConnected = true; window.location = new URL("http://x/steps"); // left, and not yet gone
    address.follow(header({ link: "p=7" })); pass(400);
    console.log(JSON.stringify([early, written, storage.get("gptviz:beam"), window.location.href]));
    """
    written = ["?p=3&embed=true", "?p=5&embed=true"]
    assert at_window(script, tmp_path) == [0, written, "p=5", "http://x/steps"]


@needs_node
def test_a_long_link_stands_behind_the_hash_and_comes_back_from_there(tmp_path: Path) -> None:
    script = """
    const long = "p=" + "x".repeat(5999);
    const first = open("http://x/beam?p=old");
    first.address.follow(header({ link: long })); pass(400);
    const second = open(first.window.location.href);
    second.address.begin(header({})); second.address.begin(header({}));
    second.seen.waiting = 1; second.address.follow(header({})); pass(400); // not yet what was asked for
    const held = second.written.length;
    second.seen.waiting = 0; second.address.follow(header({ link: long.slice(1) })); pass(400);
    const shorter = "p=" + "x".repeat(5998);
    second.address.follow(header({ link: shorter })); pass(400);
    console.log(JSON.stringify([first.written[0] === "/beam#s=" + long, second.asked.length,
      second.asked[0].kind, second.asked[0].text, second.asked[0].query === long, held,
      second.written[0].startsWith("/beam#s="),
      second.written[1] === "?" + shorter, second.window.location.hash]));
    """
    assert at_window(script, tmp_path) == [True, 1, "restore", True, True, 0, False, True, ""]


@needs_node
def test_what_is_typed_goes_into_the_address_when_the_page_is_hidden(tmp_path: Path) -> None:
    """With the newer text, without the path of the older one, and what else there is as it was written."""
    script = """
    const { address, written, seen, storage, window, listeners } = open();
    address.follow(header({ link: "lang=en&p=abc&s=a,b:1&path=3.4&at=2" }));
    seen.text = "a b&c 中";
    listeners.visibilitychange();
    const visible = written.length;
    window.document.visibilityState = "hidden"; listeners.visibilitychange();
    seen.text = "abc"; listeners.pagehide();
    const query = new URLSearchParams(written[0]);
    address.stop();
    console.log(JSON.stringify([visible, query.get("p"), written, storage.get("gptviz:beam"), Object.keys(listeners)]));
    """
    assert at_window(script, tmp_path) == [
        0,
        "a b&c 中",
        ["?lang=en&p=a+b%26c+%E4%B8%AD&s=a,b:1", "?lang=en&p=abc&s=a,b:1&path=3.4&at=2"],
        "lang=en&p=abc&s=a,b:1&path=3.4&at=2",
        [],
    ]


@needs_node
def test_what_was_typed_just_before_a_reload_comes_back(tmp_path: Path) -> None:
    """A reload goes to the address as it was: the newer text is kept apart, for that address, once."""
    script = """
    const first = open("http://x/beam?p=abc");
    first.address.follow(header({ link: "p=abc", text: "abc" })); pass(400);
    first.seen.text = "abc and more"; first.listeners.pagehide();
    const again = (at, kept) => {
      const next = open(at);
      for (const [key, value] of first.storage) if (kept) next.storage.set(key, value);
      next.address.begin(header({}));
      return [next.asked.map(({ query }) => query), [...next.storage.keys()]];
    };
    const reloaded = again("http://x/beam?p=abc", true), elsewhere = again("http://x/beam?p=other", true);
    console.log(JSON.stringify([reloaded, elsewhere, again("http://x/beam?p=abc", false)]));
    """
    assert at_window(script, tmp_path) == [[["p=abc+and+more"], ["gptviz:beam"]], [[], ["gptviz:beam"]], [[], []]]


@needs_node
def test_a_page_made_from_nothing_asks_for_what_its_tab_remembers(tmp_path: Path) -> None:
    """Once, only of that page, only where Python has nothing; a tab without a storage does without."""
    script = """
    const ask = (kept, more, url) => {
      const page = open(url, kept);
      page.address.begin(header(more)); page.address.begin(header(more));
      return page.asked.map((action) => action.kind + " " + action.query);
    };
    const kept = { "gptviz:beam": "p=kept", "gptviz:steps": "p=other" };
    const fails = open(); fails.window.sessionStorage = null;
    fails.address.begin(header({ fresh: true })); fails.address.follow(header({})); pass(400);
    const left = open(); left.address.follow(header({ link: "p=last" })); left.address.stop();
    console.log(JSON.stringify([ask(kept, { fresh: true }), ask(kept, {}), ask({}, { fresh: true }),
      ask(kept, { fresh: true, page: undefined }), ask(kept, { fresh: true }, "http://x/beam#s=p=hash"),
      fails.asked, fails.written, left.storage.get("gptviz:beam"), left.written]));
    """
    assert at_window(script, tmp_path) == [
        ["restore p=kept"], [], [], [], ["restore p=hash"], [], ["?lang=en&p=abc"], "p=last", [],
    ]  # fmt: skip
