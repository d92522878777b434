"""The content security policy: it is in force, and what a page does without a report of a breach.

`test_accessibility` opens every page, and holds it to that.
"""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import READY, new_context
from tests.serving import RunningServer
from tests.waiting import until

PAGES = ("fan", "plane", "green", "learn", "solvers", "couplings", "guidance", "images")
REPORTS = """
window.reports = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.reports.push([event.violatedDirective, event.blockedURI, event.sourceFile]);
});
"""


LOADED = """performance.getEntriesByType("resource").map((entry) => entry.name)
  .filter((name) => /\\.(js|css)$/.test(name)).map((name) => name.split("/").at(-1))"""


def reports(page: Page) -> list[list[str]]:
    return page.evaluate("window.reports")


def loads_what_its_document_names(page: Page) -> None:
    """A page that was just opened has loaded no script and no style sheet besides."""
    expect(page.locator(".fv-rest, .main-svg").first).to_be_attached()
    document = page.request.get(page.url).text()
    loaded = page.evaluate(LOADED)
    assert len(loaded) > 90
    assert [name for name in loaded if f"/{name}" not in document] == []


def works_without_a_report(page: Page) -> None:
    """All of a page whose init script is `REPORTS` is opened, and it goes on to another page."""
    for fold in page.locator("[data-testid=stExpander] summary:visible").all():
        if not fold.evaluate("node => node.closest('details').open"):
            fold.click()
            page.wait_for_selector(READY)
    expect(page.locator("canvas, .main-svg").first).to_be_attached()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    page.locator("a[data-testid=stSidebarNavLink]").last.click()
    page.wait_for_selector(READY)
    assert reports(page) == []


def test_the_policy_is_in_force(browser: Browser, server: RunningServer) -> None:
    page = new_context(browser).new_page()  # its console may complain
    page.add_init_script(REPORTS)
    page.goto(f"{server.url}/fan")
    page.wait_for_selector(READY)
    assert page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.intruded = true";
          document.body.append(script);
          return window.intruded === undefined;
        }"""
    )
    until(lambda: reports(page))
    assert reports(page)[0][0].startswith("script-src")
    page.context.close()
