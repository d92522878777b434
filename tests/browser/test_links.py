"""The link in a browser: its checksum, and the links to other pages."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from flowviz.scene import Scene
from flowviz.ui.document import PAGES
from tests.browser.conftest import OpenPage

OPENED = "/fan?points=1*2,3&trajectories=9"


def read(address: str) -> tuple[Scene, list[str]]:
    scene, notices = Scene.read_query(parse_qs(urlsplit(address).query))
    return scene, [notice.message.key for notice in notices]


def test_the_checksum_is_right_when_only_the_browser_changes_the_link(open_page: OpenPage) -> None:
    page = open_page(OPENED)
    page.wait_for_selector(".fv-fan[data-serial]")
    before = page.url
    assert "%2A2" in before
    assert read(before)[1] == []
    page.evaluate(
        "window.dispatchEvent(new CustomEvent('flowviz:playback', {detail: {time: '0.271828'}}))"
    )
    assert page.url != before
    scene, said = read(page.url)
    assert (scene.time, said) == (0.271828, [])
    assert parse_qs(urlsplit(page.url).query)["sum"] != parse_qs(urlsplit(before).query)["sum"]


def test_a_middle_click_in_the_navigation_opens_the_page_with_the_scene(
    open_page: OpenPage,
) -> None:
    page = open_page(OPENED)
    page.wait_for_selector(".fv-fan[data-serial]")
    links = page.locator('a[data-testid="stSidebarNavLink"]')
    expect(links).to_have_count(len(PAGES))
    scene = read(page.url)[0]
    plane = PAGES.index("plane")
    for k in (plane, plane + 1):
        with page.context.expect_page() as opening:
            links.nth(k).click(button="middle")
        other: Page = opening.value
        other.wait_for_url("**sum=**")
        assert urlsplit(other.url).path != urlsplit(page.url).path
        assert read(other.url) == (scene, [])
        other.close()
    links.nth(plane).click()  # and a plain click goes there in this window
    page.wait_for_url("**/plane?**sum=**")
    assert read(page.url) == (scene, [])


# As Streamlit does where the header changes, with what the component had been given before.
CALL_WITH_AN_OLD_QUERY = """async () => {
  const [{ name }] = performance.getEntriesByType("resource").filter(
    ({ name }) => name.endsWith("/copy_link.js"));
  const { default: copyLink } = await import(name);
  const texts = { copy: "", copied: "", refused: "" };
  const data = { query: "v=2&prior=laplace", since: 1, texts, share: null, lang: "en",
    streamlit: {}, dark: false };
  try {
    copyLink({ data, parentElement: document.createElement("div"), setStateValue: () => {} });
  } catch {} // no more of it than the address counts
  return location.search;
}"""


def test_a_query_from_before_is_not_written_to_the_address(open_page: OpenPage) -> None:
    page = open_page("/fan?prior=gaussian")
    page.wait_for_function("location.search.includes('sum=')")
    assert "prior=gaussian" in page.evaluate(CALL_WITH_AN_OLD_QUERY)
