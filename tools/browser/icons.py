"""Paint the icons of the installed page from `icon.svg`, in a real browser.

Run as: `python -m tools.browser.icons`
"""

from playwright.sync_api import sync_playwright

from tools.browser import installed as chromium
from tools.build.vendor import ROOT

ICONS = {"192": 192, "512": 512, "maskable-512": 512, "apple-180": 180}
"""Name and side of each. Those with a word in their name are cut to shape by the system: they have no corners."""

CORNERS = 'rx="14" '


def main() -> None:
    """Write them all to `assets/icons/`."""
    drawn = (ROOT / "assets" / "icon.svg").read_text()
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        page = browser.new_page()
        for name, side in ICONS.items():
            page.set_viewport_size({"width": side, "height": side})
            svg = drawn if name.isdigit() else drawn.replace(CORNERS, "")
            page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{svg}")
            page.screenshot(path=ROOT / "assets" / "icons" / f"{name}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
