"""Take pictures of the real page: for the README, and to look at.

Run as: `python -m tools.browser.screenshots [FOLDER]`
"""

import argparse
import threading
from functools import partial
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tools.browser import installed as chromium
from tools.browser.digits import DIGITS
from tools.browser.hands import START, Mouse, settled, write
from tools.build.serve import Handler, Server
from tools.build.site import DIST

README_PICTURES = Path("docs")
SIZES = {320: 640, 360: 760, 768: 1024, 1440: 900, 2560: 1440}
DOUBTFUL = [[300, 300, 700, 320, 500, 500, 300, 700, 720, 690], [500, 250, 480, 760]]


SAMPLES = {"chalk.jpg": "8", "photo.jpg": "5", "pencil.webp": "4", "letter.png": "?"}
"""What is read of each."""


def take(page: Page, path: Path, whole: bool = True) -> None:
    """Wait until nothing moves any more, and save the whole page, or what the window shows of it."""
    page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished.catch(() => {})))")
    page.screenshot(path=path, full_page=whole)
    print(f"  {path}")


def take_states(page: Page, size: int, folder: Path, scheme: str) -> None:
    """Bring the page from state to state, and take a picture of each."""
    page.set_viewport_size({"width": size, "height": SIZES[size]})
    take(page, folder / f"empty-{size}-{scheme}.png")
    write(page, Mouse(page), DIGITS["7 crossed"], scale=0.9)
    settled(page)
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Kept").wait_for()
    take(page, folder / f"read-{size}-{scheme}.png")
    page.get_by_role("button", name="Show why").click()
    page.locator("#heat").wait_for()
    take(page, folder / f"why-{size}-{scheme}.png")
    page.locator("#pad").press("Escape")
    write(page, Mouse(page), DOUBTFUL)
    settled(page)
    take(page, folder / f"doubt-{size}-{scheme}.png")
    for sample, digit in SAMPLES.items():
        page.locator(f"[data-sample='assets/samples/{sample}']").click()
        page.wait_for_function("digit => document.getElementById('reading').textContent === digit", arg=digit)
        settled(page)
        page.get_by_role("button", name="Keep").click()
        page.get_by_role("button", name="Kept").wait_for()
    page.locator("#kept .confirm:visible").first.click()
    page.locator("#kept .confirm[aria-pressed=true]").wait_for()
    take(page, folder / f"history-{size}-{scheme}.png")
    page.set_input_files("#file", {"name": "it", "mimeType": "image/png", "buffer": b"no image"})
    page.locator("#notice").wait_for()
    take(page, folder / f"error-{size}-{scheme}.png", whole=False)
    page.get_by_role("button", name="Close this message").click()
    page.get_by_role("button", name="Delete all").click()
    page.get_by_role("button", name="Close this message").click()
    page.locator("#pad").press("Escape")


def main() -> None:
    """Take them all, light and dark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("build/screenshots"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    README_PICTURES.mkdir(exist_ok=True)
    server = Server(0, partial(Handler, directory=str(DIST)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme)
            page.set_default_timeout(START)
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            page.wait_for_selector("#unstarted", state="detached")
            page.set_viewport_size({"width": 360, "height": 760})
            take(page, folder / f"loading-360-{scheme}.png")
            page.wait_for_selector("body[data-state=ready]")
            for size in SIZES:
                take_states(page, size, folder, scheme)
            page.set_viewport_size({"width": 1000, "height": 760})
            page.evaluate("scrollTo(0, 0)")
            write(page, Mouse(page), DIGITS["3"])
            settled(page)
            page.get_by_role("button", name="Show why").click()
            page.locator("#heat").wait_for()
            take(page, README_PICTURES / f"digitpad-{scheme}.png", whole=False)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
