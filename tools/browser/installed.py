"""Find a Chromium for the tests, or install one: the machine's, Playwright's own, the distribution's package.

Firefox and WebKit are installed from the distribution's packages where it has them; the tests do without them.

Run as: `python -m tools.browser.installed`
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")

ARGUMENTS = [
    "--no-sandbox",  # containers and CI machines often forbid what the sandbox needs
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    """Start the Chromium that is there. Raises FileNotFoundError where there is none."""
    return playwright.chromium.launch(executable_path=find(playwright), args=ARGUMENTS)


def ensure() -> str:
    """Return the path of a Chromium that starts, installing one if need be.

    Raises FileNotFoundError, with what to do, where none can be had.
    """
    tried = []
    for what, install in (("", _nothing), ("Playwright's own", _download), ("the distribution's", _install_chromium)):
        if what:
            print(f"No Chromium that starts; trying {what} …", flush=True)
        try:
            install()
            with sync_playwright() as playwright:
                path = find(playwright)
                launch(playwright).close()
                return path
        except (OSError, subprocess.SubprocessError, Error) as error:
            tried.append(f"{what or 'this machine'}: {str(error).strip().splitlines()[0]}")
    raise FileNotFoundError(
        "No Chromium could be found or installed:\n  - "
        + "\n  - ".join(tried)
        + "\nInstall Chromium or Chrome, or name one: CHROMIUM=/path/to/chromium make test"
    )


def find(playwright: Playwright) -> str:
    """Return the path of the first Chromium that is there. Raises FileNotFoundError where there is none."""
    named = os.environ.get("CHROMIUM")
    on_path = filter(None, map(shutil.which, NAMES))
    for path in (named, *on_path, playwright.chromium.executable_path):
        if path and Path(path).exists():
            return path
    raise FileNotFoundError("no Chromium is installed")


def find_firefox() -> str:
    """Return the path of the Firefox that is there. Raises FileNotFoundError where there is none."""
    path = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
    if not path:
        raise FileNotFoundError("no Firefox is installed; name one: FIREFOX=/path/to/firefox")
    return path


def find_webkit() -> tuple[str, str]:
    """Return the paths of WebKit's driver and of a screen for it. Raises FileNotFoundError where one is not there."""
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    if not driver or not screen:
        raise FileNotFoundError("WebKitWebDriver and Xvfb (webkit2gtk-driver, xvfb) are not both installed")
    return driver, screen


def offer(name: str, find_it: Callable[[], object], *packages: str) -> str:
    """Find a browser, or install it if the distribution has it, and say what came of it."""
    try:
        find_it()
    except FileNotFoundError:
        print(f"{name} is not there; trying the distribution's …", flush=True)
        try:
            _install_package(*packages)
            find_it()
        except (OSError, subprocess.SubprocessError) as error:
            return f"{name}: none, its tests are skipped ({error})"
    return f"{name}: there"


def _nothing() -> None:
    pass


def _download() -> None:
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True, timeout=600)


def _install_chromium() -> None:
    _install_package("chromium")


def _install_package(*names: str) -> None:
    if shutil.which("apt-get") is None:
        raise FileNotFoundError("there is no apt-get here")
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for step in (["update", "-qq"], ["install", "-y", "-qq", *names]):
        command = [*as_root, "apt-get", *step]
        subprocess.run(command, check=True, timeout=900, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    try:
        print(f"Chromium: {ensure()}")
    except FileNotFoundError as missing:
        sys.exit(str(missing))
    print(offer("Firefox", find_firefox, "firefox-esr"))
    print(offer("WebKit", find_webkit, "webkit2gtk-driver", "xvfb"))
