"""Take pictures of the real page: for the README, and to look at.

Run as: `python -m tools.screenshots [FOLDER]`
"""

import argparse
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.digits import DIGITS
from tests.e2e.conftest import START, serving
from tests.e2e.hands import Mouse, settled, write
from tools import browser as chromium

README_PICTURES = Path("docs")
SIZES = {360: 760, 768: 1024, 1440: 900}


def take(page: Page, path: Path) -> None:
    """Wait until nothing moves any more, and save what the window shows."""
    page.evaluate("Promise.all(document.getAnimations().map(animation => animation.finished.catch(() => {})))")
    page.screenshot(path=path)
    print(f"  {path}")


def main() -> None:
    """Take them all, light and dark."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("build/screenshots"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    README_PICTURES.mkdir(exist_ok=True)
    with serving("/") as site, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme)
            page.set_default_timeout(START)
            page.goto(site.address)
            page.wait_for_selector("#unstarted", state="detached")
            page.set_viewport_size({"width": 360, "height": 760})
            take(page, folder / f"loading-360-{scheme}.png")
            page.wait_for_selector("body[data-state=ready]")
            for width, height in SIZES.items():
                page.set_viewport_size({"width": width, "height": height})
                take(page, folder / f"empty-{width}-{scheme}.png")
                write(page, Mouse(page), DIGITS["7 crossed"], scale=0.9)
                settled(page)
                take(page, folder / f"seven-{width}-{scheme}.png")
                page.keyboard.press("Escape")
                write(page, Mouse(page), [[300, 300, 700, 320, 500, 500, 300, 700, 720, 690], [500, 250, 480, 760]])
                settled(page)
                take(page, folder / f"doubt-{width}-{scheme}.png")
                page.keyboard.press("Escape")
            page.set_viewport_size({"width": 1000, "height": 640})
            write(page, Mouse(page), DIGITS["3"])
            settled(page)
            take(page, README_PICTURES / f"digitpad-{scheme}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
