"""Plays docs/DAY.md in a real terminal under tmux, and looks at what comes out of each call: `make day`."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

from agentdesk.qa.centre import ScriptedCentre
from agentdesk.qa.desk import Desk
from agentdesk.store.site import Site
from agentdesk.telephony.ring import desks, ring
from tests.day.at_desk import RunningClock
from tests.day.calls import PAGE, PLAYED, Listed, Played, came_out, done, listed
from tests.day.world import prepare

COLUMNS, ROWS = 100, 36
AWAKE_S = 0.6
"""Longer than Enter is dead after something opened."""
STILL_S = 0.3
"""So long nothing moves on a screen that has come to rest."""
LONG_S = 60.0
WAITED_S = 21
"""How long somebody waits who gives up."""
NAMED = {"escape": "Escape", "enter": "Enter", "tab": "Tab", "space": "Space"}


class Pane:
    """One pane of a tmux server of its own, with a program in it."""

    def __init__(self, command: list[str], socket: str) -> None:
        self._socket = socket
        words = " ".join(map(shlex.quote, command))
        size = ("-x", str(COLUMNS), "-y", str(ROWS))
        # what the program says when it ends too early stays to be read
        stay = ("set-option", "-g", "remain-on-exit", "on")
        self._tmux("-f", "/dev/null", *stay, ";", "new-session", "-d", "-s", "day", *size, words)

    def press(self, key: str) -> None:
        if key in NAMED:
            self._tmux("send-keys", "-t", "day", NAMED[key])
        else:
            self._tmux("send-keys", "-t", "day", "-l", key)

    def shown(self) -> str:
        return self._tmux("capture-pane", "-p", "-t", "day")

    def rest(self) -> None:
        """Wait until nothing moves any more but the clocks in the first line."""
        end, before, since = time.monotonic() + LONG_S, "", time.monotonic()
        while time.monotonic() < end and time.monotonic() - since < STILL_S:
            time.sleep(0.05)
            shown = self.shown().partition("\n")[2]
            if shown != before:
                before, since = shown, time.monotonic()

    def close(self) -> None:
        self._tmux("kill-server")

    def _tmux(self, *words: str) -> str:
        environment = {**os.environ, "LANG": "C.UTF-8", "TEXTUAL_ANIMATIONS": "none"}
        command = ["tmux", "-u", "-L", self._socket, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


class Day:
    """The desk in its pane, the site's files beside it, and who calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entropy = Desk(folder).entropy
        self.clock = RunningClock(time.monotonic_ns() // 1_000_000)
        site = self.site()
        prepare(site)
        site.close()
        self.centre = ScriptedCentre(self.site)
        self.centre.restore()
        command = [sys.executable, "-m", "tests.day.at_desk", str(folder), str(self.clock.base)]
        self.pane = Pane(command, f"day-{os.getpid()}")

    def site(self) -> Site:
        return Site(self.folder, self.clock, self.entropy)

    def ready(self) -> None:
        """Wait until the desk can ring."""
        end = time.monotonic() + LONG_S
        while not desks(self.folder) and time.monotonic() < end:
            time.sleep(0.1)
        self.pane.rest()

    def begin(self, play: Played) -> None:
        """Let a call begin."""
        if play.begin == "line down":
            self.centre.cut()
            time.sleep(2)
        if play.begin == "nobody":
            return
        rung = ring(self.folder, play.caller)
        self.pane.rest()
        if play.begin == "gave up":
            time.sleep(WAITED_S)
            self._moment(rung.call_id, "abandoned")
            time.sleep(1)
            self.pane.rest()

    def _moment(self, call_id: str, moment: str) -> None:
        (desk,) = desks(self.folder)
        connection = HTTPConnection("127.0.0.1", desk.port, timeout=LONG_S)
        headers = {"Authorization": f"Bearer {desk.token}", "Content-Type": "application/json"}
        connection.request("POST", f"/calls/{call_id}/{moment}", json.dumps({}), headers)
        assert connection.getresponse().status in (200, 201)
        connection.close()

    def play(self, call: Listed) -> str:
        """Play one call; return what is missing of what is meant to come out."""
        before = done(self.site)
        self.begin(PLAYED[call.number])
        for step in call.steps:
            time.sleep(AWAKE_S)
            for key in step.pressed:
                self.pane.press(key)
            self.pane.rest()
        end, missing = time.monotonic() + LONG_S / 4, "?"
        while missing and time.monotonic() < end:
            made = [entry for name, entry in done(self.site).items() if name not in before]
            missing = came_out(PLAYED[call.number], made)
            time.sleep(0.2)
        self.centre.restore()
        self.centre.exchange()
        time.sleep(1)
        return missing


def main() -> int:
    """Play the day; say of each call how it went."""
    if shutil.which("tmux") is None:
        print("there is no tmux: install it (`apt install tmux`), or play the day without it: pytest tests/day")
        return 1
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        day = Day(Path(folder))
        try:
            day.ready()
            for call in listed(PAGE.read_text(encoding="utf-8")):
                missing = day.play(call)
                words = f"{call.keys} keys" + (f" and {call.typed} typed" if call.typed else "")
                print(
                    f"{call.number:>2}  {call.title.partition(' · ')[0]:<48} {words:<24} {missing or 'done'}",
                    flush=True,
                )
                if missing:
                    print(day.pane.shown(), flush=True)
                    failed += 1
                    break  # what comes after it begins elsewhere
        finally:
            day.pane.close()
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
