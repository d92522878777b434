"""Every page works under the content security policy, which is in force."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import READY, new_context
from tests.browser.conftest import OpenPage
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


@pytest.mark.parametrize("name", PAGES)
def test_a_page_works_under_the_policy_without_a_report(open_page: OpenPage, name: str) -> None:
    """And it loads no script and no style sheet at first that its document does not name."""
    page = open_page(f"/{name}", script=REPORTS, color_scheme="dark", locale="zh-CN")
    expect(page.locator(".fv-rest, .main-svg").first).to_be_attached()
    document = page.request.get(page.url).text()
    loaded = page.evaluate(LOADED)
    assert len(loaded) > 90
    assert [name for name in loaded if f"/{name}" not in document] == []
    for fold in page.locator("[data-testid=stExpander] summary:visible").all():
        fold.click()
        page.wait_for_selector(READY)
    expect(page.locator("canvas, .main-svg").first).to_be_attached()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    page.locator("a[data-testid=stSidebarNavLink]").last.click()  # goes on to another page
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
