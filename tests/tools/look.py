#!/usr/bin/env python3
"""Every mail the templates make, seen in headless Chromium: `make look` writes sheets of them at
phone and desktop width, and runs axe-core on each (tests/check/axe does only that).

usage: look.py axe|sheets PREVIEW_DIR [OUT_DIR]
PREVIEW_DIR holds the .html files that test_preview writes with LOTS_PREVIEW=PREVIEW_DIR.
"""
import glob
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PHONE, DESKTOP = 375, 800
PER_SHEET = {PHONE: 10, DESKTOP: 6}
AXE_VERSION = "4"

AXE_PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>axe</title></head><body>
<script id="mails" type="application/json">%s</script>
<script id="axe" type="text/plain">%s</script>
<script>
const mails = JSON.parse(document.getElementById("mails").textContent);
const axe = document.getElementById("axe").textContent.replaceAll("<\\\\/script", "</script");
(async () => {
  const found = [];
  let done = 0;
  for (const [name, source] of mails) {
    const frame = document.createElement("iframe");
    frame.style.cssText = "width:%dpx;height:900px";
    frame.srcdoc = source;
    const loaded = new Promise(ready => frame.onload = ready);
    document.body.append(frame);
    await loaded;
    frame.contentWindow.eval(axe);
    const r = await frame.contentWindow.axe.run();
    for (const v of r.violations.concat(r.incomplete))
      for (const n of v.nodes) found.push([name, v.id, v.help, n.html]);
    if (frame.contentDocument.documentElement.scrollWidth > %d) found.push([name, "width", "wider than the phone", ""]);
    done += r.passes.length > 0;
    frame.remove();
  }
  document.body.innerHTML = "<pre id=result></pre>";
  document.getElementById("result").textContent = JSON.stringify([done, found]);
})();
</script></body></html>"""

SHEET_PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><style>body{margin:12px;background:#bbb}
figure{display:inline-block;vertical-align:top;margin:6px}figcaption{font:12px monospace}
iframe{border:0;background:#fff;width:%dpx}</style></head><body>%s<script>
for (const f of document.querySelectorAll("iframe")) {
  f.onload = () => f.style.height = f.contentDocument.documentElement.scrollHeight + "px";
  f.srcdoc = f.dataset.mail;
}
</script></body></html>"""


def browser():
    for name in BROWSERS:
        if shutil.which(name):
            return name
    return None


def run_browser(args, timeout):
    with tempfile.TemporaryDirectory() as profile:
        return subprocess.run(
            [browser(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--disable-dev-shm-usage", "--user-data-dir=" + profile] + args,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=timeout, check=False).stdout.decode("utf-8", "replace")


def find_axe(build):
    """axe.min.js: $LOTS_AXE, or fetched once into BUILD/look by npm; None if neither."""
    if os.environ.get("LOTS_AXE"):
        return os.environ["LOTS_AXE"]
    folder = os.path.join(os.path.abspath(build), "look")
    path = os.path.join(folder, "node_modules", "axe-core", "axe.min.js")
    if not os.path.exists(path) and shutil.which("npm"):
        os.makedirs(folder, exist_ok=True)
        try:
            subprocess.run(["npm", "install", "--no-save", "--no-audit", "--no-fund", "--prefix", folder,
                            "axe-core@" + AXE_VERSION], stdin=subprocess.DEVNULL, timeout=90, check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            pass
    return path if os.path.exists(path) else None


def mails_of(folder):
    out = []
    for path in sorted(glob.glob(os.path.join(folder, "*.html"))):
        with open(path, encoding="utf-8") as f:
            out.append((os.path.basename(path)[:-5], f.read()))
    return out


def in_script(text):
    return text.replace("</script", "<\\/script")


def axe(folder, axe_path):
    """(number of mails looked at, [(mail, rule, help, element)])"""
    mails = mails_of(folder)
    with open(axe_path, encoding="utf-8") as f:
        source = f.read()
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as page:
        data = json.dumps(mails).replace("<", "\\u003c")
        page.write(AXE_PAGE % (data, in_script(source), PHONE, PHONE))
        page.flush()
        dom = run_browser(["--virtual-time-budget=600000", "--timeout=240000", "--dump-dom",
                           "file://" + page.name], 280)
    m = re.search(r'<pre id="result">(.*?)</pre>', dom, re.S)
    if not m:
        raise RuntimeError("the browser gave no result")
    done, found = json.loads(html.unescape(m.group(1)))
    if done != len(mails):
        raise RuntimeError("axe looked at %d of %d mails" % (done, len(mails)))
    return done, found


def sheets(folder, out):
    os.makedirs(out, exist_ok=True)
    mails = [m for m in mails_of(folder)]
    for width in (PHONE, DESKTOP):
        step = PER_SHEET[width]
        for i in range(0, len(mails), step):
            figures = "".join('<figure><figcaption>%s</figcaption><iframe data-mail="%s"></iframe></figure>'
                              % (html.escape(n), html.escape(s)) for n, s in mails[i:i + step])
            with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as page:
                page.write(SHEET_PAGE % (width, figures))
                page.flush()
                name = os.path.join(out, "%d-%02d.png" % (width, i // step))
                across = 5 if width == PHONE else 3
                run_browser(["--window-size=%d,%d" % (across * (width + 14) + 40, 2600),
                             "--virtual-time-budget=3000", "--screenshot=" + name,
                             "file://" + page.name], 120)
    print("sheets in " + out)


def main():
    what, folder = sys.argv[1], sys.argv[2]
    if what == "sheets":
        return sheets(folder, sys.argv[3])
    done, found = axe(folder, find_axe(os.environ.get("LOTS_BUILD", "build")))
    for f in found:
        print(" ".join(f))
    print("axe-core: %d mails, %d findings" % (done, len(found)))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
