"""Screenshots of a page in every state: `python -m tests.browser.screenshots OUTDIR`.

Light and dark, English and Chinese, wide and narrow: eight pictures of each path given.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
from pathlib import Path
from typing import Literal, get_args

from playwright.sync_api import sync_playwright

from tests.browser.chromium import READY, launch, new_context
from tests.serving import running_server

Theme = Literal["light", "dark"]


def main() -> None:
    """Take the pictures and print their names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("outdir", type=Path)
    parser.add_argument("paths", nargs="*", default=["/"], help="pages, with query (default: /)")
    parser.add_argument("--url", help="a server already running (default: start one)")
    parser.add_argument("--settle", type=float, default=1.0, help="seconds to wait before each")
    parser.add_argument("--window", action="store_true", help="only what fits in the window")
    args = parser.parse_args()
    args.outdir.mkdir(parents=True, exist_ok=True)

    if args.url:
        take(args, args.url.rstrip("/"))
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder)) as server,
    ):
        take(args, server.url)
        if "Traceback" in server.log:
            print(server.log)


def take(args: argparse.Namespace, url: str) -> None:
    """Photograph every path of the server at `url` in every state."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        states = itertools.product(args.paths, get_args(Theme), ("en-US", "zh-CN"), (1400, 390))
        for path, theme, locale, width in states:
            context = new_context(browser, width=width, color_scheme=theme, locale=locale)
            page = context.new_page()
            page.on("pageerror", lambda error: print("uncaught in the page:", error))
            page.goto(url + path)
            page.wait_for_selector(READY)
            page.wait_for_timeout(1000 * args.settle)
            if not args.window:
                # Streamlit scrolls an inner box: make the window as tall as what is in it.
                box = page.locator('[data-testid="stMain"]')
                tall = max(box.evaluate("node => node.scrollHeight"), 600)
                page.set_viewport_size({"width": width, "height": min(tall, 6000)})
                page.wait_for_timeout(300)
            page_name = path.strip("/").split("?")[0] or "start"
            number = args.paths.index(path)
            name = f"{page_name}{number or ''}-{theme}-{locale[:2]}-{width}.png"
            page.screenshot(path=args.outdir / name)
            print(args.outdir / name)
            context.close()
        browser.close()


if __name__ == "__main__":
    main()
