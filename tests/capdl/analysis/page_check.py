#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The page of `tessera-audit --html` in a headless browser, at 5 and at 200 components.

Usage: page_check.py PROGRAM OUTDIR. A script is put into the page that clicks and types as a
person would and notes what the page then shows. The pages and screenshots stay in OUTDIR.
"""

import html
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import sample

NEEDED = {"chromium": "chromium", "dot": "graphviz"}  # program: Debian package
BUDGET_MS = 20000

# What the scripts below use. note(NAME, CONDITION, ELSE) is one check.
PRELUDE = """
const notes = [];
const note = (name, good, said) => notes.push([name, !!good, String(said === undefined ? "" : said).slice(0, 300)]);
window.addEventListener("error", e => note("no script fails", false, e.message));
const side = () => document.getElementById("side").innerText;
const index = name => data.components.findIndex(c => c.name === name);
const box = name => document.getElementById("s" + index(name));
const click = (target, shift) => target.dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: !!shift }));
const press = (target, key, shift) => target.dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, shiftKey: !!shift }));
const boxNow = () => [...document.querySelectorAll("#view svg")].find(s => s.getBoundingClientRect().width)
  .getAttribute("viewBox") + JSON.stringify([view().box.x, view().box.y, view().box.width]);
const chosenNames = () => [...document.querySelectorAll("g.chosen")].map(g => g.id).join();
const edge = (a, b, kind) => data.edges.findIndex(e => e.class === kind && !e.toNode &&
  [e.from, e.to].sort().join() === [index(a), index(b)].sort().join());
"""

SMALL = """
note("overview", side().includes("5 components") || side().includes("6 components"), side());
note("policies are told", side().includes("all 2 policies hold"), side());
click(box("shop_app"));
note("a component's powers", /holds: \\d+/.test(side()) && side().includes("signal: the notification of shop_db"), side());
note("a component's line", side().includes('<protection_domain name="shop_app" priority="150"/>'), side());
note("whom it influences", side().includes("direct: ") && side().includes("through a server: "), side());
note("it is marked", chosenNames() === "s" + index("shop_app"), chosenNames());
click(box("serial_driver"), true);
note("two components", side().includes("shop_app to serial_driver: THROUGH A SERVER".toLowerCase()) ||
  /shop_app to serial_driver: through a server/i.test(side()), side());
note("every path", document.querySelectorAll(".path").length > 4, document.querySelectorAll(".path").length);
note("a path's lines", side().includes('<channel><end pd="shop_app"/><end pd="shop_db"/></channel>'), side());
const first = document.querySelector(".path button");
click(first);
note("a path is lit", document.querySelectorAll("#whole g.on").length > 0 && box("monitor").classList.contains("dim"),
  document.querySelectorAll("#whole g.on").length);
click(document.getElementById("e" + edge("shop_app", "shop_db", "signal")));
note("an edge's line", side().includes('<channel><end pd="shop_app"/><end pd="shop_db"/></channel>') &&
  side().includes("system.xml:"), side());
click(document.getElementById("n" + data.nodes.findIndex(n => n.name === "serial_registers")));
note("a device", side().includes("serial_driver") && side().includes("read"), side());
press(document.body, "Escape");
note("Escape clears", chosenNames() === "" && side().includes("components"), chosenNames());
box("shop_db").focus();
note("keyboard: components take the focus", document.activeElement === box("shop_db"), document.activeElement.tagName);
press(box("shop_db"), "Enter");
note("keyboard: Enter chooses", chosenNames() === "s" + index("shop_db"), chosenNames());
press(box("shop_log"), "Enter", true);
note("keyboard: Shift+Enter adds", /shop_db to shop_log/i.test(side()), side());
press(document.body, "/");
note("keyboard: / searches", document.activeElement.id === "find", document.activeElement.id);
document.getElementById("view").focus();
const before = boxNow();
press(document.getElementById("view"), "+");
const zoomed = boxNow();
note("keyboard: + zooms", before !== zoomed, zoomed);
press(document.getElementById("view"), "ArrowRight");
note("keyboard: arrows move", zoomed !== boxNow(), boxNow());
press(document.getElementById("view"), "0");
const whole = boxNow();
document.getElementById("view").dispatchEvent(new WheelEvent("wheel", { deltaY: -100, clientX: 600, clientY: 400, cancelable: true }));
note("the wheel zooms", whole !== boxNow(), boxNow());
press(document.body, "0");
note("0 shows all", whole === boxNow(), boxNow());
document.getElementById("show-memory").click();
note("hide by class", [...document.querySelectorAll("#whole g.memory")].every(g => g.classList.contains("off")) &&
  document.querySelectorAll("#whole g.memory").length > 2, "");
document.getElementById("show-memory").click();
note("show again", !document.querySelector("#whole g.memory.off"), "");
note("everything has a name", [...document.querySelectorAll("#whole g.node")].every(g => g.getAttribute("aria-label") &&
  g.getAttribute("role") === "button" && g.tabIndex === 0), "");
click(box("shop_app"));
click(box("serial_driver"), true);
"""

LARGE = """
note("all components are there", document.querySelectorAll("#whole g.component").length === 201,
  document.querySelectorAll("#whole g.component").length);
note("who watches all is hidden at first", document.querySelectorAll("#whole g.trusted.edge:not(.off)").length === 0, "");
const width = Math.min(...[...document.querySelectorAll("#whole g.component:not(.off)")].map(g => g.getBoundingClientRect().width));
note("boxes can be seen", width > 20, width);
document.getElementById("groups").click();
note("groups", document.querySelectorAll("#grouped g.group").length === 28 && document.getElementById("whole").hidden,
  document.querySelectorAll("#grouped g.group").length);
click(document.getElementById("g" + data.components[index("t07_app")].group));
note("a group's members", side().includes("t07_linux") && side().includes("t07_vmm"), side());
click([...document.querySelectorAll("#grouped g.edge")].find(g => g.id[0] === "m"));
note("a merged connection's lines", side().includes("connections") && side().includes("system.xml:"), side());
document.getElementById("groups").click();
const find = document.getElementById("find");
find.value = "t17_db";
find.dispatchEvent(new Event("input"));
note("search dims the others", document.querySelectorAll("#whole g.component:not(.dim)").length === 1,
  document.querySelectorAll("#whole g.component:not(.dim)").length);
find.dispatchEvent(new Event("change"));
const r = box("t17_db").getBoundingClientRect(), v = document.getElementById("view").getBoundingClientRect();
note("search goes there", side().includes("t17_db") && Math.abs(r.left + r.width / 2 - v.left - v.width / 2) < 40 && r.width > 60,
  JSON.stringify(r));
document.getElementById("near").click();
note("focus fades the rest", document.querySelectorAll("#whole g.dim").length > 150, document.querySelectorAll("#whole g.dim").length);
document.getElementById("near").click();
const start = performance.now();
click(box("t03_linux"));
click(box("t21_cache"), true);
const took = performance.now() - start;
note("paths come soon", took < 5000, took);
note("a cut is told", /There are more|was cut|are not listed/.test(side()), side());
press(document.body, "Escape");
document.getElementById("fit").click();
"""

END = """
document.documentElement.setAttribute("data-notes", JSON.stringify(notes));
"""


def browse(page, *options):
    """Runs the browser on the page; returns what it prints."""
    done = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                           "--window-size=1600,1000", f"--virtual-time-budget={BUDGET_MS}", *options, f"file://{page}"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, timeout=100)
    return done.stdout


def page_make(program, folder, count, policies=""):
    """The page of a system of COUNT components; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    xml, cdl = sample.make(count)
    (folder / "system.xml").write_text(xml)
    (folder / "system.cdl").write_text(cdl + policies)
    page = folder / "page.html"
    subprocess.run([program, folder / "system.cdl", "--html", page], check=True)
    return page


def looked_at(page, script):
    """Problems that the script notes, and the screenshot of what it leaves on the screen."""
    text = page.read_text()
    problems = [f"names the host {host}" for host in set(re.findall(r"https?://([\w.-]+)", text)) - {"www.w3.org"}]
    scripted = page.with_name("scripted.html")
    scripted.write_text(text.replace("</body>", f"<script>{PRELUDE}</script><script>{{{script}}}</script>"
                                                f"<script>{END}</script></body>"))
    shot = page.with_name("page.png")
    shot.unlink(missing_ok=True)
    dom = browse(scripted, "--dump-dom", f"--screenshot={shot}")
    if not shot.is_file():
        browse(scripted, f"--screenshot={shot}")
    found = re.search(r'data-notes="([^"]*)"', dom)
    notes = json.loads(html.unescape(found.group(1))) if found else []
    problems += [f"{name}: {said}" for name, good, said in notes if not good]
    problems += [] if len(notes) == script.count("note(") else [f"only {len(notes)} of {script.count('note(')} checks ran"]
    problems += [] if shot.is_file() and shot.stat().st_size > 50000 else ["there is no screenshot"]
    return len(notes), problems


def main(program, outdir):
    """Makes the pages, looks at them; returns the exit status."""
    lacking = [package for name, package in NEEDED.items() if not shutil.which(name)]
    if lacking:
        print(f"Debian packages are missing: {' '.join(lacking)} (apt-get install {' '.join(lacking)})")
        return 1
    status = 0
    policies = '-- policy: only region="serial_registers" may="serial_driver"\n' \
               '-- policy: isolated a="shop_app" b="serial_driver" trust="serial_virt"\n'
    for count, script, stated in ((5, SMALL, policies), (200, LARGE, "")):
        start = time.monotonic()
        page = page_make(program, Path(outdir).resolve() / f"page{count}", count, stated)
        checks, problems = looked_at(page, script)
        print("\n".join(f"FAILED {count} components: {text}" for text in problems) or
              f"{count} components: {checks} checks of the page hold, {time.monotonic() - start:.1f} s; "
              f"see page{count}/page.png")
        status |= bool(problems)
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
