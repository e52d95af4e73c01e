"""Dockerfile, compose file and what goes with them, as far as that can be known without a docker engine."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks import proxied
from benchmarks.proxied import CADDYFILE, adapted, missing
from gptviz.cli import _parser
from gptviz.paths import ROOT
from gptviz.serving.endpoints import BY_PATH
from gptviz.ui import public

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
ELSEWHERE = {"GPTVIZ_REDIS"}  # read by gptviz.room where rooms are shared


def steps() -> list[tuple[str, str]]:
    """(instruction, what follows) of the Dockerfile, with continued lines put together."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for word, rest in steps():
        if word == "FROM":
            found.append([])
        if found:
            found[-1].append((word, rest))
    return found


def accepted(command: list[str]) -> Any:
    """What the shell's parser makes of a command; it must take it."""
    said = _parser().parse_args([str(word) for word in command])
    said.command = said.run.__module__.rsplit(".", 1)[1]
    return said


def test_the_image_installs_as_the_makefile_does() -> None:
    """Torch first and alone, from its own index, and then the rest, both held to the versions that are tested."""
    makefile = (ROOT / "Makefile").read_text()
    pip = [line for word, rest in steps() if word == "RUN" for line in rest.split("&&") if " install " in line]
    torch, rest = (shlex.split(line) for line in pip)
    for line, made in ((torch, "install --no-deps --index-url $(TORCH_INDEX) -c constraints.txt torch"),
                       (rest, "install -r $(1) -c constraints.txt")):  # fmt: skip
        assert made in makefile
        wanted = made.replace("$(TORCH_INDEX)", "${TORCH_INDEX}").replace("$(1)", "requirements.txt").split()
        assert line[line.index("install") :] == wanted
    assert ("ARG", "TORCH_INDEX=https://download.pytorch.org/whl/cpu") in steps()
    python = re.search(r"PYTHON=(\d+)\.(\d+)-slim", (ROOT / "Dockerfile").read_text())
    assert python is not None
    assert f'requires-python = ">={python[1]}.{python[2]}"' in (ROOT / "pyproject.toml").read_text()


def test_no_step_goes_on_where_an_installation_failed() -> None:
    for word, rest in steps():
        if word == "RUN" and " install " in rest:
            assert "||" not in rest
            assert ";" not in rest


def test_the_image_is_nobodys_root_and_keeps_only_what_it_needs() -> None:
    *_, last = stages()
    user = [rest for word, rest in last if word == "USER"]
    assert [one for one in user if re.fullmatch(r"[1-9]\d*:[1-9]\d*", one)] == user
    assert len(user) == 1
    after = last[[word for word, _ in last].index("USER") :]
    assert not [word for word, _ in after if word in ("RUN", "COPY", "ADD")]  # nothing is made that it could change
    assert all(rest.startswith("--from=made") for word, rest in last if word == "COPY")
    assert not [word for word, _ in steps() if word == "ADD"]


def test_what_is_copied_is_there_and_let_through() -> None:
    sources = [source for word, rest in stages()[0] if word == "COPY" for source in rest.split()[:-1]]
    for needed in ("app.py", "pages", "assets", "gptviz", ".streamlit", "requirements.txt", "constraints.txt"):
        assert needed in sources
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]

    def let_through(path: str) -> bool:
        found = True
        for rule in rules:
            pattern = rule.removeprefix("!").removeprefix("**/")
            tops = [path, path.split("/")[0], Path(path).name]
            if any(fnmatch.fnmatch(one, pattern) for one in tops):
                found = rule.startswith("!")
        return found

    for source in sources:
        assert (ROOT / source).exists(), source
        assert let_through(source), source
    for kept_out in (".git", ".venv", "tests", "keys.txt", "deploy", "assets/screenshot.png", "gptviz/__pycache__"):
        assert not let_through(kept_out), kept_out


def test_it_starts_what_the_shell_knows_and_looks_where_that_answers() -> None:
    last = dict(stages()[-1])
    start = json.loads(last["ENTRYPOINT"])
    assert start == ["python", "-m", "gptviz"]
    said = accepted(json.loads(last["CMD"]))
    assert (said.command, said.public, said.address, said.port) == ("app", True, "0.0.0.0", 8501)
    variables = dict(pair.split("=", 1) for word, rest in stages()[-1] if word == "ENV" for pair in rest.split())
    assert variables["HEALTH"] == f"http://127.0.0.1:{said.port}/_stcore/health"
    for name in ("HOME", "GPTVIZ_CACHE", "GPTVIZ_JOBS"):
        assert variables[name].startswith("/tmp/")
    compile(json.loads(last["HEALTHCHECK"].split("CMD", 1)[1])[2], "health", "exec")


@pytest.mark.parametrize("name", SERVICES)
def test_every_part_is_closed_and_pinned(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in service
    if name not in OURS:
        assert re.fullmatch(r"[a-z/]+:v?\d+\.\d+[\w.-]*", service["image"])
        assert "healthcheck" in service  # ours have that of the image
    for port in service.get("ports", ()):
        assert name == "proxy" or str(port).startswith("127.0.0.1:")
    for volume in service.get("volumes", ()):
        place = volume.split(":")[0]
        assert (DEPLOY / place).is_file() if place.startswith(".") else place in COMPOSE["volumes"]
        assert volume.endswith(":ro") or not place.startswith(".")
    assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert set(service.get("depends_on", ())) <= set(SERVICES)
    assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])


@pytest.mark.parametrize("name", OURS)
def test_our_parts_are_started_as_the_shell_allows(name: str) -> None:
    service = SERVICES[name]
    said = accepted(service["command"])
    host = said.address if said.command == "app" else said.host
    assert host == "0.0.0.0"
    assert said.command != "app" or said.public
    assert said.command != "serve" or "GPTVIZ_KEYS" in service["environment"]
    assert service["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert any(place.startswith("/tmp") for place in service["tmpfs"])


def test_every_variable_is_one_that_the_program_reads() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "gptviz").rglob("*.py"))
    files = [ROOT / "Dockerfile", *(path for path in DEPLOY.iterdir() if path.is_file())]
    said = {name for path in files for name in re.findall(r"GPTVIZ_[A-Z_]+", path.read_text(encoding="utf-8"))}
    assert said >= {public.ENVIRONMENT, "GPTVIZ_KEYS", "GPTVIZ_METRICS", "GPTVIZ_FRAMES"}
    assert [name for name in sorted(said - ELSEWHERE) if f'"{name}"' not in code] == []


def test_the_guide_says_the_bounds_that_are_set() -> None:
    guide = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for name, value in {**public.CLOSED, **public.BOUNDS}.items():
        row = next(line for line in guide.splitlines() if line.startswith(f"| `{name}`"))
        assert row.split("|")[2].strip().split(",")[0] == value, name


def test_the_proxy_keeps_visitors_where_they_are_and_figures_to_itself() -> None:
    said = re.sub(r"#.*", "", (DEPLOY / "Caddyfile").read_text())
    assert said.count("{") == said.count("}")
    assert re.search(r"lb_policy cookie \w+", said)
    port = accepted(SERVICES["app"]["command"]).port
    assert f"dynamic a app {port}" in said
    shut = re.search(r"@shut path_regexp (\S.*)\n\s*respond @shut .* 404", said)
    assert shut is not None
    for path in ("/_stcore/metrics", "/sub/_stcore/METRICS"):
        assert re.search(shut[1], path)
    assert not re.search(shut[1], "/_stcore/health")
    # it says who asks, and is believed: else one who guesses at rooms' codes is taken for everybody
    assert "Forwarded" not in said
    assert SERVICES["app"]["environment"]["FORWARDED_ALLOW_IPS"] == "*"
    assert "ports" not in SERVICES["app"]


def test_the_proxy_reads_its_file_once_for_each_option() -> None:
    """A matcher that stood there twice kept Caddy from starting at all."""
    said = re.sub(r"#.*", "", (DEPLOY / "Caddyfile").read_text())
    (block,) = re.findall(r"\n\tencode \{\n(.*?)\n\t\}", said, re.DOTALL)
    options = [line.split()[0] for line in block.splitlines() if re.match(r"\t\t[a-z]", line)]
    assert sorted(options) == ["gzip", "match"]


def test_two_servers_take_the_place_of_the_containers_where_it_is_tried(tmp_path: Path) -> None:
    site = tmp_path / "Caddyfile"
    site.write_text(adapted(CADDYFILE.read_text(), ["http://127.0.0.1:1", "http://127.0.0.1:2"], 3))
    said = site.read_text()
    assert "to 127.0.0.1:1 127.0.0.1:2\n" in said
    assert "dynamic" not in said
    assert "\nhttp://127.0.0.1:3 {" in said
    with pytest.raises(ValueError, match="laid out"):
        adapted(said, [], 4)
    if missing() is not None:
        pytest.skip("no Caddy of a version that could be asked, or nothing to hold rooms")
    for file, variables in ((site, {}), (CADDYFILE, {"SITE": "http://gptviz.example.org"})):
        command = ["caddy", "validate", "--config", str(file), "--adapter", "caddyfile"]
        answer = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr


def test_what_cannot_be_measured_behind_the_proxy_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.proxied.caddy", lambda: None)
    found = list(proxied.rows())
    assert [row.met for row in found] == [None] * 5
    assert all("Caddy" in row.note for row in found)


def test_prometheus_asks_parts_that_are_there_where_they_answer() -> None:
    said = yaml.safe_load((DEPLOY / "prometheus.yaml").read_text())
    asked = {job["job_name"]: job for job in said["scrape_configs"]}
    for name in ("app", "engine"):
        found = asked[name]["dns_sd_configs"][0]
        assert found["names"] == [name]
        assert found["port"] == accepted(SERVICES[name]["command"]).port
    assert asked["engine"]["metrics_path"] in BY_PATH
    secret = Path(asked["engine"]["authorization"]["credentials_file"]).name
    assert secret in SERVICES["prometheus"]["secrets"]
    assert SERVICES["app"]["environment"]["GPTVIZ_METRICS"] == "1"


def test_no_secret_can_be_committed() -> None:
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("./secrets/")
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
