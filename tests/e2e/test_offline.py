"""Without a network: what one visit keeps, new versions, a browser that refuses or forgets, installing and sharing."""

import base64
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.conftest import ROOT
from tests.e2e.conftest import SUB_PATH, Site, Watch, both_places, serving, wait_until_kept
from tools.browser import installed as chromium
from tools.browser.digits import DIGITS
from tools.browser.hands import START, Mouse, ink_on_the_pad, settled, write
from tools.build.site import DIST, write_precache


def come(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.set_default_timeout(START)
    page.goto(address)
    page.wait_for_selector("body[data-state=ready]")
    return page


def reload(page: Page) -> None:
    page.reload()
    page.wait_for_selector("body[data-state=ready]")


def reads(page: Page, digit: str) -> None:
    write(page, Mouse(page), DIGITS[digit])
    expect(page.locator("#reading")).to_have_text(digit)


@pytest.fixture
def profile(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A new profile, in which nothing may go wrong."""
    watch = Watch(site.origin)
    context = browser.new_context()
    watch.on(context)
    yield context
    context.close()
    assert watch.found == []


@both_places
def test_after_one_visit_everything_works_with_the_server_gone(profile: BrowserContext, site: Site) -> None:
    page = come(profile, site.address)
    wait_until_kept(page)
    expect(page.get_by_text("no network is needed any more")).to_be_visible()
    site.stop()
    # At once, on the page that came from the network:
    page.get_by_role("button", name="Sample: chalk on a blackboard").click()
    expect(page.locator("#reading")).to_have_text("8")
    # And after a reload:
    reload(page)
    reads(page, "3")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#kept li")).to_have_count(1)
    page.get_by_role("button", name="Show why").click()
    expect(page.locator("#heat")).to_be_visible()
    page.get_by_role("button", name="Sample: a photo of a note").click()
    expect(page.locator("#reading")).to_have_text("5")
    assert page.locator("#samples img").evaluate_all("images => images.every(image => image.naturalWidth > 0)")
    page.goto(site.address + "index.html")
    expect(page.locator("#kept li")).to_have_count(1)
    assert page.evaluate("digitpad.ready.then(() => 'ready')") == "ready"
    page.goto(site.address + "examples/embed.html")
    page.frame_locator("iframe").locator("body[data-state=ready]").wait_for(state="attached")


def test_what_a_visit_has_fetched_is_not_fetched_again_to_be_kept(
    playwright: Playwright, site: Site, tmp_path: Path
) -> None:
    # As on a disk; what browsers keep in memory alone is too small for the largest files.
    context = persistent(playwright, tmp_path)
    wait_until_kept(come(context, site.address))
    context.close()
    for name in ("reduced.wasm", "pyodide.asm.wasm", "python.snapshot", "model.onnx", "index.js"):
        assert site.trouble.sent[name] == 1


def persistent(playwright: Playwright, folder: Path) -> BrowserContext:
    return playwright.chromium.launch_persistent_context(
        folder, executable_path=chromium.find(playwright), args=chromium.ARGUMENTS
    )


# New versions


class Deployed:
    """A site of which new versions are deployed. What is told apart by them are the page, its Python, the worker's."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(DIST, folder, copy_function=os.link)
        self.folder = folder
        self.site: Site

    def deploy(self, version: str) -> None:
        self.change("index.html", "<h1>Digitpad", f"<h1>{version}")
        self.change(*_greeting(version))
        write_precache(self.folder)

    def change(self, name: str, old: str, new: str) -> None:
        """Write a file anew, as it is in `dist/` but for one place."""
        content = (DIST / name).read_bytes()
        assert old.encode() in content
        (self.folder / name).unlink()
        (self.folder / name).write_bytes(content.replace(old.encode(), new.encode()))


def _greeting(version: str) -> tuple[str, str, str]:
    """Return what to change for the page's Python to name a version; compiled, it has to stay as long as it is."""
    return "ui/page.mpy", "Ready. What", f"{version:6} What"


@pytest.fixture
def deployed(tmp_path: Path) -> Iterator[Deployed]:
    deployed = Deployed(tmp_path / "site")
    (deployed.folder / "precache.js").unlink()  # which is dist's own
    deployed.deploy("First")
    with serving(SUB_PATH, deployed.folder) as deployed.site:
        yield deployed


@pytest.fixture
def kept(deployed: Deployed, browser: Browser) -> Iterator[Page]:
    """The page, of whose first version the browser has everything."""
    watch = Watch(deployed.site.origin)
    context = browser.new_context()
    watch.on(context)
    page = come(context, deployed.site.address)
    wait_until_kept(page)
    yield page
    context.close()
    assert [found for found in watch.found if "integrity" not in found] == []


def expect_version(page: Page, version: str) -> None:
    expect(page.locator("h1")).to_have_text(version)
    expect(page.locator("#confidence")).to_contain_text(version, timeout=2 * START)  # two tabs may start at once


OFFER = "A new version of Digitpad is ready."


def test_a_new_version_is_offered_and_comes_when_it_is_wanted(kept: Page, deployed: Deployed) -> None:
    page, notice = kept, kept.get_by_role("alert")
    deployed.deploy("Second")
    for _ in range(2):  # whoever does not want it now is asked again at the next visit
        page.reload()
        expect_version(page, "First")
        expect(notice).to_contain_text(OFFER)
        page.get_by_role("button", name="Close this message").click()
        expect(notice).to_be_hidden()
    page.reload()
    page.get_by_role("button", name="Update").click()
    expect_version(page, "Second")
    expect(notice).to_be_hidden()
    deployed.site.stop()
    page.reload()
    expect_version(page, "Second")
    # Nothing of the first version is left.
    assert page.evaluate(KEPT_FILES) == (deployed.folder / "precache.js").read_text().count('"url"')


KEPT_FILES = "caches.keys().then(([name]) => caches.open(name)).then(cache => cache.keys()).then(keys => keys.length)"


def test_an_offer_waits_behind_other_messages(kept: Page, deployed: Deployed) -> None:
    page, notice = kept, kept.get_by_role("alert")
    write(page, Mouse(page), DIGITS["3"])
    settled(page)
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Delete the reading 3").click()
    expect(notice).to_contain_text("The reading was deleted.")
    deployed.deploy("Second")
    page.evaluate(UPDATED)
    page.get_by_role("button", name="Bring back").click()
    expect(page.locator("#kept li")).to_have_count(1)
    expect(notice).to_contain_text(OFFER)
    page.set_input_files("#file", {"name": "it", "mimeType": "image/png", "buffer": b"no image"})
    expect(notice).to_contain_text("not an image")
    page.get_by_role("button", name="Close this message").click()
    expect(notice).to_contain_text(OFFER)
    page.get_by_role("button", name="Close this message").click()
    expect(notice).to_be_hidden()


# Looks for a new version, and says what becomes of it: "installed", or "redundant" where it could not be had whole.
UPDATED = """async () => {
    const registration = await navigator.serviceWorker.ready;
    const end = new Promise(resolve => registration.addEventListener("updatefound", () => {
        const worker = registration.installing;
        worker.addEventListener("statechange", () => resolve(worker.state));
    }));
    await registration.update();
    return end;
}"""


def test_files_of_two_versions_are_never_mixed(kept: Page, deployed: Deployed) -> None:
    page = kept
    deployed.deploy("Second")
    # The next deployment has begun: the list and the page are the second version's, this file is not.
    deployed.change(*_greeting("Third"))
    assert page.evaluate(UPDATED) == "redundant"
    deployed.site.stop()
    page.reload()
    expect_version(page, "First")
    expect(page.get_by_role("alert")).to_be_hidden()
    # When it is complete, the browser looks for it again.
    deployed.site.start()
    deployed.deploy("Third")
    page.reload()
    page.get_by_role("button", name="Update").click()
    expect_version(page, "Third")


def test_other_tabs_lose_nothing_when_one_is_updated(kept: Page, deployed: Deployed) -> None:
    other = come(kept.context, deployed.site.address)
    write(other, Mouse(other), [DIGITS["4"][0]])
    settled(other)
    deployed.deploy("Second")
    kept.reload()
    expect(other.get_by_role("alert")).to_contain_text(OFFER)
    kept.get_by_role("button", name="Update").click()
    expect_version(kept, "Second")
    notice = other.get_by_role("alert")
    expect(notice).to_contain_text("Digitpad was updated in another tab.")
    assert ink_on_the_pad(other) > 0
    for stroke in DIGITS["4"][1:]:
        write(other, Mouse(other), [stroke])
    expect(other.locator("#reading")).to_have_text("4")
    expect(other.locator("h1")).to_have_text("First")
    # Its recogniser could only be started anew with the other version's files.
    other.workers[0].evaluate("setTimeout(() => { Object.fromEntries = () => { throw new Error('broken'); }; })")
    write(other, Mouse(other), [[100, 900, 300, 900]])
    failure = other.locator("#failure")
    expect(failure).to_contain_text("The recogniser has stopped.")
    other.get_by_role("button", name="Try again").click()
    expect(failure).to_contain_text("needs a reload. Your drawing is kept until you reload.")
    assert ink_on_the_pad(other) > 0
    other.get_by_role("button", name="Reload").click()
    expect_version(other, "Second")


def test_a_tab_reads_on_with_its_own_networks_when_another_is_updated(kept: Page, deployed: Deployed) -> None:
    other = come(kept.context, deployed.site.address)
    (deployed.folder / "reader.onnx").unlink()
    (deployed.folder / "reader.onnx").write_bytes(b"a network of another kind")
    deployed.deploy("Second")
    kept.reload()
    kept.get_by_role("button", name="Update").click()
    expect_version(kept, "Second")
    # Two zeros that overlap, which only the line reader tells apart.
    write(other, Mouse(other), [zero_at(60), zero_at(255)])
    expect(other.locator("#reading")).to_have_text("00")


def zero_at(left: float) -> list[float]:
    """Return the stroke of a zero of half the pad's height."""
    (stroke,) = DIGITS["0"]
    return [c for x, y in zip(stroke[0::2], stroke[1::2], strict=True) for c in (left + x / 2, 250 + y / 2)]


def test_a_tab_that_is_loading_when_another_is_updated_says_so(kept: Page, deployed: Deployed) -> None:
    other = kept.context.new_page()
    other.add_init_script(
        "Worker = class extends Worker { constructor() { super(URL.createObjectURL(new Blob(['']))); } }"
    )
    other.goto(deployed.site.address)
    other.wait_for_selector("#unstarted", state="detached")
    write(other, Mouse(other), DIGITS["4"])
    expect(other.locator("body")).to_have_attribute("data-state", "loading")
    deployed.deploy("Second")
    kept.reload()
    kept.get_by_role("button", name="Update").click()
    expect_version(kept, "Second")
    expect(other.locator("#failure")).to_contain_text("Digitpad was updated in another tab")
    expect(other.get_by_role("button", name="Reload")).to_be_visible()
    assert ink_on_the_pad(other) > 0


def test_a_tab_that_has_not_started_when_another_is_updated_starts_anew(kept: Page, deployed: Deployed) -> None:
    other = kept.context.new_page()
    # At its first load, the page's Python never arrives.
    other.add_init_script(
        """if (!sessionStorage.held) {
            sessionStorage.held = "yes";
            const { fetch } = window;
            const never = new Promise(() => {});
            window.fetch = (what, ...more) => `${what}`.endsWith("main.py") ? never : fetch(what, ...more);
        }"""
    )
    other.goto(deployed.site.address)
    expect(other.locator("h1")).to_have_text("First")
    deployed.deploy("Second")
    kept.reload()
    kept.get_by_role("button", name="Update").click()
    expect_version(kept, "Second")
    expect_version(other, "Second")


def test_what_is_written_before_the_tab_has_started_is_kept_when_another_is_updated(
    kept: Page, deployed: Deployed
) -> None:
    other = kept.context.new_page()
    other.add_init_script(
        """const { fetch } = window;
        const python = new Promise(resolve => { window.goOn = resolve; });
        window.fetch = async (what, ...more) => {
            if (`${what}`.endsWith("main.py")) await python;
            return fetch(what, ...more);
        };"""
    )
    other.goto(deployed.site.address)
    write(other, Mouse(other), DIGITS["4"])
    deployed.deploy("Second")
    kept.reload()
    kept.get_by_role("button", name="Update").click()
    expect_version(kept, "Second")
    other.evaluate("goOn()")
    expect(other.locator("#failure")).to_contain_text("Digitpad was updated in another tab")
    assert ink_on_the_pad(other) > 0


# A browser that forgets, or refuses

EMPTY_CACHES = "caches.keys().then(names => Promise.all(names.map(name => caches.delete(name))))"
# Playwright's `wait_for_function` takes a promise for a yes.
UNTIL_KEPT = """async () => {
    const isKept = async () => {
        const [name] = await caches.keys();
        return name && await (await caches.open(name)).match("index.html", {ignoreSearch: true});
    };
    while (!await isKept()) await new Promise(requestAnimationFrame);
}"""


def test_a_browser_that_has_emptied_its_caches_fills_them_again(profile: BrowserContext, site: Site) -> None:
    page = come(profile, site.address)
    wait_until_kept(page)
    page.evaluate(EMPTY_CACHES)
    reload(page)
    page.evaluate(UNTIL_KEPT)
    site.stop()
    reload(page)
    reads(page, "3")


def test_with_emptied_caches_a_new_version_comes_from_the_network_whole(kept: Page, deployed: Deployed) -> None:
    kept.evaluate(EMPTY_CACHES)
    deployed.deploy("Second")
    kept.reload()
    expect_version(kept, "Second")
    with kept.expect_navigation():
        kept.get_by_role("button", name="Update").click()
    deployed.site.stop()
    reload(kept)
    expect_version(kept, "Second")


@pytest.mark.parametrize(
    "lack",
    [
        "delete Navigator.prototype.serviceWorker",
        """if (navigator.serviceWorker) navigator.serviceWorker.register =
            () => Promise.reject(new DOMException("refused", "SecurityError"))""",
    ],
    ids=["no service workers", "a refusal"],
)
def test_a_browser_that_does_not_keep_the_page_shows_it_all_the_same(
    profile: BrowserContext, site: Site, lack: str
) -> None:
    profile.add_init_script(lack)
    page = come(profile, site.address)
    reads(page, "3")
    expect(page.get_by_text("no network is needed any more")).to_be_hidden()


# Asks for what the page has asked for or will ask for, and says what becomes of it.
INSTALLED = """async () => {
    const { installing } = await navigator.serviceWorker.register("sw.js", {updateViaCache: "none"});
    return new Promise(resolve => installing.addEventListener("statechange", () => resolve(installing.state)));
}"""


def test_a_browser_without_room_shows_the_page_all_the_same(browser: Browser, site: Site) -> None:
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.origin, "quotaSize": 5_000_000})
    page.goto(site.address)
    page.wait_for_selector("body[data-state=ready]", timeout=START)
    assert page.evaluate(INSTALLED) == "redundant"
    reload(page)
    reads(page, "3")
    context.close()


def test_with_all_storage_forbidden_the_page_works(playwright: Playwright, site: Site, tmp_path: Path) -> None:
    settings = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default").mkdir()
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(settings))
    context = persistent(playwright, tmp_path)
    page = context.pages[0]
    with page.expect_console_message(lambda message: "does not keep this page" in message.text, timeout=START):
        page.goto(site.address)
    reads(page, "3")
    context.close()


# Installing and sharing

SHARE = """([action, content]) => {
    const form = document.createElement("form");
    const field = Object.assign(document.createElement("input"), {type: "file", name: "image"});
    const files = new DataTransfer();
    files.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], "it.jpg", {type: "image/jpeg"}));
    field.files = files.files;
    form.append(field);
    document.body.append(form);
    Object.assign(form, {action, method: "POST", enctype: "multipart/form-data"}).submit();
}"""


@both_places
def test_an_image_that_another_app_shares_is_read(profile: BrowserContext, site: Site) -> None:
    page = come(profile, site.address)
    wait_until_kept(page)
    site.stop()
    manifest = json.loads((DIST / "assets/manifest.webmanifest").read_text())["share_target"]
    assert manifest["params"]["files"][0]["name"] == "image"
    # The system does as this form does, which our own page may not send.
    page.goto(site.address + "examples/api.html")
    content = base64.b64encode((ROOT / "assets" / "samples" / "chalk.jpg").read_bytes()).decode()
    with page.expect_navigation(url="**/?shared"):
        page.evaluate(SHARE, [urljoin(site.address + "assets/", manifest["action"]), content])
    expect(page.locator("#reading")).to_have_text("8")
    expect(page).to_have_url(site.address)
    # It is forgotten.
    page.goto(site.address + "?shared")
    expect(page.get_by_role("alert")).to_contain_text("did not arrive")
    expect(page.locator("#reading")).to_have_text("")


def test_the_page_can_be_installed(playwright: Playwright, site: Site, tmp_path: Path) -> None:
    context = persistent(playwright, tmp_path)
    page = come(context, site.address)
    session = context.new_cdp_session(page)
    manifest = session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"] == site.address + "assets/manifest.webmanifest"
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == []
    context.close()


def test_the_icons_have_the_sizes_that_are_said() -> None:
    for icon in json.loads((DIST / "assets/manifest.webmanifest").read_text())["icons"]:
        path = DIST / "assets" / icon["src"]
        assert path.is_file()
        if icon["type"] == "image/png":
            with Image.open(path) as image:
                assert icon["sizes"] == f"{image.width}x{image.height}"
                # What the system cuts to shape itself reaches to the edges.
                corner = image.convert("RGBA").getpixel((0, 0))
                assert isinstance(corner, tuple)
                assert (corner[3] == 255) == (icon.get("purpose") == "maskable")
