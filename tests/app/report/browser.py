#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""A page of `calor report` in headless Chromium, pressed as a person would press it.

browser.py CHROMIUM run PAGE.html WALL_LEFT WALL_RIGHT   a steady or heating slab, T linear in x at the end
browser.py CHROMIUM sweep PAGE.html                      of a sweep with the keys film and conductivity
browser.py CHROMIUM time PAGE.html                       seconds until the page stands, and its memory

SHOTS=DIR keeps pictures (light, dark, phone). Speaks the browser's own protocol over a pipe: nothing is installed, and
no port is opened.
"""
import base64
import fcntl
import json
import os
import re
import select
import subprocess
import sys
import tempfile
import time

LIMIT = 60.0  # seconds for any one thing


class Browser:
    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_read, self.to = os.pipe()
        self.back, to_write = os.pipe()
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (to_read, to_write)]

        def ends():
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--hide-scrollbars", f"--user-data-dir={self.profile.name}", "about:blank"],
            preexec_fn=ends, pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for fd in (to_read, to_write, *high):
            os.close(fd)
        self.number, self.bytes, self.events, self.session = 0, b"", [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Performance.enable", timeDomain="threadTicks")  # seconds of a processor, whatever else runs

    def message(self, until):
        while b"\0" not in self.bytes:
            if not select.select([self.back], [], [], max(0.0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            more = os.read(self.back, 1 << 20)
            if not more:
                raise EOFError("the browser has gone")
            self.bytes += more
        one, self.bytes = self.bytes.split(b"\0", 1)
        return json.loads(one)

    def call(self, method, **parameters):
        self.number += 1
        request = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.to, json.dumps(request).encode() + b"\0")
        until = time.monotonic() + LIMIT
        while True:
            m = self.message(until)
            if m.get("id") == self.number:
                if "error" in m:
                    raise RuntimeError(f"{method}: {m['error']}")
                return m["result"]
            self.events.append(m)

    def run(self, script):
        r = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in r:
            raise RuntimeError(f"{script}: {r['exceptionDetails']}")
        return r["result"].get("value")

    def wait(self, condition, what):
        until = time.monotonic() + LIMIT
        while not self.run(f"Boolean({condition})"):
            if time.monotonic() > until:
                raise TimeoutError(what)
            time.sleep(0.03)

    def open(self, path):
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        self.wait("document.readyState === 'complete' && document.querySelector('nav a')", "the page does not stand")

    def size(self, width, height, phone=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if phone else 1, mobile=phone)
        time.sleep(0.4)

    def theme(self, word):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": word}])
        time.sleep(0.3)

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def press(self, x, y):
        self.mouse("mouseMoved", x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)

    def press_on(self, selector):
        x, y = self.run(f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center', behavior: 'instant'}});"
                        " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()")
        self.press(x, y)

    def key(self, name):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode={"Home": 36, "End": 35, "ArrowRight": 39, "ArrowLeft": 37, "Enter": 13, "Escape": 27}[name])

    def shot(self, name, whole=True):
        if not os.environ.get("SHOTS"):
            return
        os.makedirs(os.environ["SHOTS"], exist_ok=True)
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        with open(os.path.join(os.environ["SHOTS"], name + ".png"), "wb") as f:
            f.write(base64.b64decode(data))

    def complaints(self):
        """Errors of the page, and whatever it asked for but itself."""
        said = []
        for m in self.events:
            p = m.get("params", {})
            if m.get("method") == "Runtime.exceptionThrown":
                said.append(str(p["exceptionDetails"].get("exception", {}).get("description", p)))
            elif m.get("method") == "Log.entryAdded" and p["entry"]["level"] in ("error", "warning") and "willReadFrequently" not in p["entry"]["text"]:  # this test's own reading
                said.append(p["entry"]["text"])
            elif m.get("method") == "Network.requestWillBeSent" and p["type"] != "Document" and not p["request"]["url"].startswith(("data:", "blob:")):
                said.append("asked for " + p["request"]["url"])
        return said

    def close(self):
        try:
            self.session = None
            self.call("Browser.close")
            self.process.wait(10)
        except Exception:
            self.process.kill()
            self.process.wait()
        self.profile.cleanup()


checks = 0


def check(good, what):
    global checks
    checks += 1
    if not good:
        raise AssertionError(what)


def same_of_all(b, name):
    """Three looks, and what holds of every page."""
    for theme, width, height, phone in (("light", 1280, 900, False), ("dark", 1280, 900, False), ("light", 360, 740, True), ("dark", 360, 740, True)):
        b.size(width, height, phone)
        b.theme(theme)
        wide = b.run("document.documentElement.scrollWidth")
        check(wide <= width, f"the page is {wide} wide on a screen of {width}")
        shade = b.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, v) => a + Number(v), 0)")
        check((shade > 600) == (theme == "light"), f"{theme}: the page's ground is {shade}")
        b.shot(f"{name}-{theme}{'-phone' if phone else ''}")
    b.size(1280, 900)
    b.theme("light")
    check(b.run("window.pwned === undefined && document.querySelectorAll('img').length === 0"), "a text became markup")
    # Every control has a name, every picture words, headings in order, ids once.
    unnamed = b.run("[...document.querySelectorAll('button, select, input')].filter((e) => !(e.textContent.trim() || e.getAttribute('aria-label') || (e.labels && e.labels.length))).length")
    check(unnamed == 0, f"{unnamed} controls have no name")
    mute = b.run("[...document.querySelectorAll('canvas, svg')].filter((e) => !e.closest('[aria-hidden=\"true\"], .plot') && !e.getAttribute('aria-label')).length")
    check(mute == 0, f"{mute} pictures have no words")
    check(b.run("document.querySelectorAll('h1').length === 1 && new Set([...document.querySelectorAll('[id]')].map((e) => e.id)).size === document.querySelectorAll('[id]').length"), "headings or ids")
    check(b.run("[...document.querySelectorAll('nav a')].every((a) => document.querySelector(a.getAttribute('href')))"), "a link of the list leads nowhere")


def number(text):
    m = re.search(r": (\u2212?[0-9.]+)(?:\u00b710(\S+))?", text)
    return float(m[1].replace("\u2212", "-"))


def run_page(b, left, right):
    b.wait("document.querySelector('.field canvas').width > 0 && document.querySelector('.field .frame')", "no picture")
    title = "</script><script>window.pwned=1</script><img src=x onerror=alert(1)>"
    check(b.run("document.title") == title and b.run("document.querySelector('h1').textContent") == title, "the title is not as it was given")
    b.run("document.querySelector('.field').scrollIntoView({block: 'center', behavior: 'instant'})")
    x, y, w, h = b.run("(() => { const r = document.querySelector('.field .frame').getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })()")
    readout = "document.querySelector('.readout').textContent"
    cells = b.run("JSON.parse(document.getElementById('data').textContent).grid.nx")
    for share in (0.02, 0.25, 0.5, 0.9):
        b.mouse("mouseMoved", x + share * w, y + 0.4 * h)
        b.wait(f"{readout}.includes(':') && {readout} !== window.before", "no value under the pointer")
        said = b.run(readout)
        b.run(f"window.before = {readout}")
        check(abs(number(said) - (left + (right - left) * share)) <= abs(right - left) * 1.5 / cells, f"{said} at {share} of the width")
    # The pixel under the pointer has a colour; the left is hotter than the right, so paler.
    light = "((f) => { const c = document.querySelector('.field canvas'), p = c.getContext('2d').getImageData(Math.round(f * (c.width - 1)), c.height >> 1, 1, 1).data; return p[0] + p[1] + p[2]; })"
    check((b.run(light + "(0.03)") > b.run(light + "(0.97)")) == (left > right), "colours do not follow the values")
    b.press(x + 0.1 * w, y + 0.5 * h)
    b.press(x + 0.9 * w, y + 0.5 * h)
    b.wait("document.querySelector('#profile canvas')", "no profile after two points")
    words = b.run("document.querySelector('#profile .sr').textContent")
    low, high = (float(v.replace("\u2212", "-")) for v in re.search(r"from (\S+) to ([^,]+)", words).groups())
    check(abs(low - (left + 0.1 * (right - left))) < 0.02 * abs(right - left) and abs(high - (left + 0.9 * (right - left))) < 0.02 * abs(right - left), words)
    b.shot("profile", whole=False)
    # By keys alone.
    b.run("document.querySelector('.field svg').focus()")
    b.key("Escape")
    check(not b.run("Boolean(document.querySelector('#profile'))"), "Escape leaves the profile")
    b.key("ArrowRight")
    at = number(b.run(readout))
    b.key("ArrowRight")
    check((number(b.run(readout)) < at) == (left > right), "an arrow does not move the point")
    time_text = "document.querySelector('.controls output').textContent"
    before = b.run(time_text)
    b.run("document.querySelector('input[type=range]').focus()")
    b.key("Home")
    b.wait(f"{time_text} !== {json.dumps(before)}", "the slider does nothing")
    check("step 0 (1 of" in b.run(time_text) and "step 0" in b.run("document.querySelector('input[type=range]').getAttribute('aria-valuetext')"), b.run(time_text))
    b.wait("document.querySelector('.field svg').getAttribute('aria-label').includes('step 0')", "the picture does not follow the slider")
    b.key("End")
    b.wait(f"{time_text} === {json.dumps(before)}", "the slider does not come back")
    b.press_on("#history .legend button")
    check(b.run("document.querySelector('#history .legend button').getAttribute('aria-pressed')") == "false", "a curve cannot be hidden")
    check(b.run("document.querySelectorAll('.chart').length") == b.run("document.querySelectorAll('.chart .uplot canvas').length"), "a chart is not drawn")
    check(b.run("document.querySelector('.verdict').textContent").find("The heat balance closes") >= 0, "no word on the balance")
    check(b.run("[...document.querySelectorAll('#differences th')].some((e) => e.textContent === 'grid.nx')"), "grid.nx is no difference")


def fields(b):
    """The fields of a sweep: a small one each, drawn; the one that is pressed is shown large, with its case's words."""
    count = b.run("JSON.parse(document.getElementById('data').textContent).series.length")
    small = "document.querySelectorAll('.thumbs button')"
    check(count > 2 and b.run(f"{small}.length") == count, f"{count} fields, {b.run(f'{small}.length')} small pictures")
    b.run("document.querySelector('.thumbs').scrollIntoView({block: 'center', behavior: 'instant'})")
    drawn = f"[...{small}].slice(0, 3).every((s) => {{ const c = s.firstChild, p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; return p[3] === 255 && new Set([...p].filter((v, k) => k % 4 === 1)).size > 2; }})"
    b.wait(drawn, "small pictures of one colour")
    for n in (0, count - 1, 1):
        b.run(f"{small}[{n}].click()")
        b.wait(f"{small}[{n}].getAttribute('aria-pressed') === 'true'", f"field {n} is not shown")
        check(b.run(f"[...{small}].filter((s) => s.getAttribute('aria-pressed') === 'true').length") == 1, "several are pressed")
        said = b.run(f"{small}[{n}].title")
        check(re.match(r"case \d+: film = .*, power = ", said) and b.run("document.querySelector('#fields svg').getAttribute('aria-label')").startswith("Temperature at the end, " + said), said)
        check(b.run("document.querySelector('#fields input[type=range]').value") == str(n), "the slider is elsewhere")


def sweep_page(b):
    rows = b.run("JSON.parse(document.getElementById('data').textContent).table.rows")
    column = "[...document.querySelectorAll('.sheet thead th')].findIndex((h) => h.textContent.startsWith('T_max'))"
    values = f"((k) => [...document.querySelectorAll('.sheet tbody tr')].map((r) => r.children[k].textContent).filter(Boolean).map(Number))({column})"
    for order in ("ascending", "descending"):
        b.run(f"document.querySelectorAll('.sheet thead button')[{column}].id = 'sort_it'")
        b.press_on("#sort_it")
        b.wait(f"document.querySelector('.sheet th[aria-sort={order}] #sort_it')", f"not sorted {order}")
        v = b.run(values)
        check(len(v) > 2 and v == sorted(v, reverse=order == "descending"), f"{order}: {v}")
    say = "document.querySelector('#table [role=status]').textContent"
    before = b.run(say)
    b.run("(() => { const f = document.getElementById('filter'); f.value = 'film = 5'; f.dispatchEvent(new Event('input')); })()")
    b.wait(f"{say} !== {json.dumps(before)}", "the filter does nothing")
    part = int(re.search(r"of ([\d,]+)", b.run(say))[1].replace(",", ""))
    check(0 < part < rows, f"the filter lets {part} of {rows} through")
    film = b.run("((k) => [...new Set([...document.querySelectorAll('.sheet tbody tr')].map((r) => r.children[k].textContent))])([...document.querySelectorAll('.sheet thead th')].findIndex((h) => h.textContent.includes('film')))")
    check(film == ["5"], str(film))
    b.run("(() => { const f = document.getElementById('filter'); f.value = ''; f.dispatchEvent(new Event('input')); })()")
    b.run("(() => { const s = document.querySelector('select[aria-label=status]'); s.value = 'failed'; s.dispatchEvent(new Event('change')); })()")
    check(b.run("[...document.querySelectorAll('.sheet tbody tr')].every((r) => r.className === 'failed')"), "a row that has not failed")
    check(b.run("document.querySelector('#failures').textContent.length") > 20 or b.run("document.querySelectorAll('.sheet tbody tr').length") == 0, "failures without their reasons")
    charts = "document.querySelectorAll('#curves .chart').length"
    check(b.run(charts) == 2, "a chart for each varied key")
    fields(b)
    first = b.run("document.querySelector('#curves h3').textContent")
    b.run("(() => { const s = document.getElementById('answer'); s.value = 'T_min'; s.dispatchEvent(new Event('change')); })()")
    check(b.run("document.querySelector('#curves h3').textContent") != first and b.run(charts) == 2, "another answer gives no other curves")


def main():
    program, what, page = sys.argv[1:4]
    b = Browser(program)
    try:
        b.size(1280, 900)
        begin = time.monotonic()
        b.open(page)
        if what == "time":
            ready = "document.querySelector('.field .frame, .sheet tbody tr')"
            b.wait(ready, "nothing is shown")
            b.run("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))")
            seconds = time.monotonic() - begin
            b.run("new Promise((r) => setTimeout(r, 300))")
            m = {v["name"]: v["value"] for v in b.call("Performance.getMetrics")["metrics"]}
            print(f"{os.path.getsize(page) / 2**20:.1f} MiB, stands after {seconds:.2f} s, {m['TaskDuration']:.2f} s of a processor for it, {m['JSHeapUsedSize'] / 2**20:.0f} MiB of scripts, {m['Nodes']:.0f} nodes")
            if os.environ.get("SHOTS"):
                b.shot("timed")
        else:
            if what == "run":
                run_page(b, float(sys.argv[4]), float(sys.argv[5]))
            else:
                sweep_page(b)
            same_of_all(b, what)
            check(not b.complaints(), "; ".join(b.complaints()))
            print(f"{what}: {checks} checks passed")
    finally:
        b.close()


try:
    main()
except (AssertionError, TimeoutError, EOFError, RuntimeError) as e:
    sys.exit(f"FAILED: {e}")
