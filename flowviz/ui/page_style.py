"""The style sheets of every page: Streamlit's own look changed where a page needs the room."""

from __future__ import annotations

from flowviz.figures.style import Style
from flowviz.ui.document import DEFAULT_PAGE, PAGES

# Streamlit sizes everything in rem: one rule makes the whole interface larger.
_LARGE = """<style>
.st-key-couplings-picture.st-key-couplings-picture .fv-still .fv-stage {
  height: clamp(9rem, 100vh - 20.5rem, 45rem) !important;
}
html { font-size: 21px; }
/* The sidebar's width is in pixels: it must grow with its text, which would be cut. */
@media (min-width: 768px) {
  .stSidebar:not([data-collapsed="true"]) { min-width: 19rem; }
}
</style>"""
_ALWAYS = """<style>
/* Two columns need room: below this width one stands under the other. */
@media (max-width: 1100px) {
  [class*="st-key-side-by-side"] > * > .stHorizontalBlock { flex-wrap: wrap; }
  [class*="st-key-side-by-side"] > * > .stHorizontalBlock > .stColumn { min-width: 100%; }
}
/* The name stands in the strip above the page, which is empty but for buttons at its ends. */
.stMainBlockContainer { position: relative; }
.st-key-name { position: absolute; top: 0.7rem; left: 2.5rem; width: calc(100% - 7rem); }
.st-key-name p {
  font-size: 0.85rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
  position: relative; width: fit-content; max-width: 100%; padding-right: 1.8rem;
}
/* A sentence that is too long loses its end, not its explanation. */
.st-key-name p > :last-child {
  position: absolute; inset: 0 0 0 auto; display: flex; align-items: center; transform: none;
}
@media (max-width: 767px) {
  .st-key-name { left: 3.2rem; }
}
/* Streamlit's header lies over it: only its buttons are pressed there. */
.stAppHeader, .stAppHeader div { pointer-events: none; }
.stAppHeader :is(button, a) { pointer-events: auto; }
.stAppHeader { height: 2.5rem; min-height: 2.5rem; background: transparent; }
.stMainBlockContainer { padding: 2.6rem 2.5rem 2rem; }
.stMainBlockContainer .stMarkdown .katex-display {
  overflow-x: auto; overflow-y: hidden; padding: 0.3em 0;
}
/* A table fits its column or is scrolled in it; five columns fit a telephone, in Large too. */
.stMainBlockContainer .stMarkdown table { display: block; contain: inline-size; overflow-x: auto; }
.stMainBlockContainer .stMarkdown table :is(th, td) { padding: 0.35rem 0.4rem; }
@media (max-width: 640px) {
  .stMainBlockContainer .stMarkdown table { font-size: 0.7rem !important; }
  .stMainBlockContainer .stMarkdown table :is(th, td) {
    font-size: 0.7rem !important; padding: 0.2rem !important;
  }
}
/* Room for the tip of its button, which stays there after a press. */
.st-key-learn-buttons { margin-top: 1.8rem; }
/* Both pictures of Couplings stand in the window, under what chooses them. */
.st-key-couplings-picture .fv-still .fv-stage {
  height: max(11rem, var(--fv-height) - 4.8rem) !important;
}
@media (min-width: 641px) and (max-width: 1199px) and (min-height: 561px) {
  .st-key-couplings-picture .fv-still .fv-stage {
    height: max(11rem, var(--fv-height) - 7.8rem) !important;
  }
}
.st-key-couplings-bar { row-gap: 0.5rem; }
/* The status of a training run has the same height for any text. */
.st-key-learn-standing { min-height: 3.4rem; }
.stSidebar .stAlert :is(p, li) { font-size: 0.9rem; }
.stSidebar .stAlert ul { margin: 0 0 1rem; padding-left: 0.2rem; }
[class*="st-key-lead"] { gap: 0.2rem; }
[class*="st-key-lead"] p { text-wrap: pretty; }
.stVerticalBlock > :has(> .st-key-lead-below) { display: none; }
.st-key-notices { display: grid !important; grid-template-columns: minmax(0, 1fr) auto; }
.st-key-notices > * { min-width: 0; }
.st-key-notices .stAlert > * { padding: 0.6rem 0.9rem; }
.st-key-notices .stAlert :is(p, ul, li) {
  margin-block: 0.15rem; font-size: 0.9rem; line-height: 1.4;
}
.st-key-notices .stAlert :is(p, ul):last-child { margin-bottom: 1rem; }
@media (max-width: 640px) {
  .stMainBlockContainer { padding: 2.6rem 1rem 2rem; }
  .stMainBlockContainer .stMarkdown h1 { font-size: 1.3rem; padding: 0.4rem 0; }
  .stAlert p, .stAlert li { font-size: 0.82rem; }
  .st-key-learn-standing { min-height: 5rem; }
  .st-key-learn-said { min-height: 8.4rem; }
}
.stSidebar [data-testid="stSidebarHeader"] { height: 2.5rem; margin-bottom: 0; }
/* On a telephone the settings are a sheet over the lower half, and the picture stays in sight. */
@media (max-width: 767px) {
  .stSidebar[data-collapsed="false"] {
    position: fixed !important; inset: auto 0 0 0 !important;
    width: 100% !important; min-width: 100% !important; height: 50vh !important;
    height: 50dvh !important;
    border-top: 1px solid rgba(128, 140, 170, 0.5); border-radius: 14px 14px 0 0;
    box-shadow: 0 -6px 24px rgba(0, 0, 0, 0.3); overflow: hidden;
  }
  .stSidebar[data-collapsed="false"] > * { height: 100%; overflow-y: auto; }
  :root:has(.stSidebar[data-collapsed="false"]) .stMainBlockContainer { padding-bottom: 52vh; }
  .stSidebar [data-testid="stSidebarHeader"] {
    position: sticky; top: 0; z-index: 2; background: inherit;
  }
  /* The pages in a row. */
  .stSidebar [data-testid="stSidebarNavItems"] {
    display: flex; overflow-x: auto; max-height: none;
  }
  .stSidebar [data-testid="stSidebarNavItems"] li { flex: none; }
}
/* One title, then sections: smaller than Streamlit's, which are made for documents. */
.stMarkdown h1 { font-size: 1.75rem; font-weight: 600; padding: 0.75rem 0 1rem; }
.stMarkdown h2 { font-size: 1.25rem; font-weight: 600; padding: 0.375rem 0 1rem; }
.stMarkdown h3 { font-size: 1.1rem; font-weight: 600; padding: 0.375rem 0 0.8rem; }
.stMarkdown :is(h1, h2, h3) { line-height: 1.2; letter-spacing: normal; margin: 0; }
.stSidebar .stMarkdown h2 { font-size: 0.875rem; }
/* Streamlit greys captions by opacity, links in them too: less contrast than can be read by all. */
[data-testid="stCaptionContainer"], .stExpander summary, .stExpander summary * { opacity: 1; }
[data-testid="stCaptionContainer"] { color: color-mix(in srgb, currentColor 75%, transparent); }
.stMainMenuPopover span { opacity: 1; }
/* Streamlit gives them pixels when they are drawn, which stay when a presentation ends. */
.stTooltipIcon svg { width: 1rem; height: 1rem; }
/* Two number fields side by side have room for their numbers alone. */
.stSidebar .stColumn .stNumberInput button { display: none; }
.stNumberInput input { appearance: textfield; }
/* It would lie over what is typed; a field is applied when it is left, too. */
.stTextInput [data-testid="InputInstructions"] { display: none; }
/* Pills take two rows in a narrow column, where the last ones would be cut. */
.stButtonGroup > :has(> [data-variant="pills"]) { flex-wrap: wrap; overflow: visible; }
/* When the connection is lost: how to start a server is nothing for a visitor. */
[role="dialog"] .stErrorCodeBlock { display: none; }
/* Where the focus of the keyboard is; fields show it themselves. */
:is(a, main):focus-visible { outline: 2px solid currentColor !important; outline-offset: -2px; }
</style>"""


# One row for all sizes: a long title takes two lines, and where there is no room for the settings
# they are a menu.
_HEADER = """<style>
.st-key-head { flex-wrap: nowrap !important; position: relative; }
.st-key-head .stMarkdown h1 { font-size: 1.25rem; padding: 0.2rem 0; text-wrap: balance; }
@media (min-width: 1800px) {
  .st-key-head .stMarkdown h1 { font-size: 1.5rem; }
}
/* No room for three buttons: the dialog of Share copies the link, too. */
@media (max-width: 1100px) and (min-width: 641px) {
  .fv-links .fv-copy { display: none; }
}
.st-key-head .stHtml { display: none; }
.st-key-head .stHtml summary {
  list-style: none; cursor: pointer; padding: 0.3rem 0.8rem; border-radius: 8px;
  border: 1px solid rgba(128, 136, 155, 0.5);
}
.st-key-head .stHtml summary::-webkit-details-marker { display: none; }
@media (max-width: %(fold)spx) {
  .st-key-head .stHtml { display: block; width: auto; }
  .st-key-head-settings { display: none !important; }
  .st-key-head > :has(> .st-key-head-settings) { margin-left: -1rem; width: 0; }
  .st-key-head:has(.stHtml details[open]) .st-key-head-settings {
    display: flex !important; position: absolute; top: calc(100%% + 0.3rem); right: 0;
    z-index: 100; padding: 0.8rem 1rem; width: max-content !important; max-width: 90vw;
    background: %(ground)s; border: 1px solid rgba(128, 136, 155, 0.5); border-radius: 8px;
    box-shadow: 0 6px 24px rgba(0, 0, 0, 0.3);
  }
}
</style>"""
_FOLD_PX = {False: 1499, True: 1699}  # by `Scene.large`: the widest window with the menu
# For a projector the name leaves its strip to the title, and the title is smaller.
_LARGE_HEADER = """<style>
.stMainBlockContainer { padding-top: 1.4rem; }
.st-key-name { display: none; }
.st-key-notices .stAlert :is(p, ul, li) { font-size: 0.75rem; }
.st-key-head .stMarkdown h1 { font-size: 1.05rem !important; padding: 0; }
.fv-take summary span { display: none; }
.fv-take summary::before { content: "⤓"; }
@media (max-width: 1100px) and (min-width: 641px) {
  .st-key-head { flex-wrap: nowrap !important; }
  .st-key-head > :first-child { flex: 1 1 0 !important; min-width: 0; }
  .st-key-head .stMarkdown h1 { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
}
</style>"""
# The picture first: what is said about it comes after it (`frame.led`).
# Whether there are notices Python says: a rule that asks by `:has` for `*` or of `*` is tried again
# after every change of a figure, which on the page of Green's function took longer than drawing.
_PICTURE_FIRST = """
  .stVerticalBlock > :has(> .st-key-lead-above) { display: none; }
  .stVerticalBlock > :has(> .st-key-lead-below) { display: flex; }
"""
# So it is in a small window, and in any where notices take the room.
_LOW = """<style>
@media (max-height: 560px) and (min-width: 641px) {
  .stMainBlockContainer { padding-top: 1.4rem; }
  .stMainBlockContainer > .stVerticalBlock { gap: 0.3rem; }
  .st-key-head .stMarkdown h1 { font-size: 1rem; padding: 0; }
  .st-key-head [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
  .st-key-name { display: none; }
  .st-key-couplings-picture .stVerticalBlock { gap: 0.3rem; }
}
@media %(low)s {
%(first)s
}
@media (max-width: 640px) {
  /* Rows of images are as high as they are when they are as wide as the window. */
  .st-key-images-board .plot { min-height: 42vw; }
  .st-key-images-windows .plot, .st-key-images-guidance .plot { min-height: 52vw; }
  .st-key-images-strip .plot { min-height: 30vw; }
  .st-key-head { flex-wrap: wrap !important; }
  .st-key-head > :first-child { flex: 1 1 100%%; }
}
</style>"""
_LOW_PX = {False: 560, True: 800}  # by `Scene.large`: the highest window that is low

# In another site's frame: the figure over all else, and below it the link to the whole page.
_EMBEDDED = """<style>
.stSidebar, .stAppHeader { display: none !important; }
.stMainBlockContainer { padding: 0 !important; }
.stMainBlockContainer :is(.stVerticalBlock, .stHorizontalBlock)
  > :not(:is(%(shown)s), :is(%(shown)s) *, :has(%(shown)s)) { display: none !important; }
:is(%(figures)s) {
  position: fixed; inset: 0; z-index: 900; overflow: auto; padding: 0.4rem 0.4rem 1.9rem;
  background: %(ground)s;
}
.st-key-embedded {
  position: fixed; inset: auto 0.6rem 0.4rem auto; z-index: 901; width: auto !important;
}
.st-key-embedded div { margin: 0 !important; } /* Streamlit's own is negative */
.st-key-embedded p { font-size: 0.85rem; line-height: 1.3; margin: 0; }
.fv-mark { display: none !important; } /* the page around it says what it shows */
</style>"""
FIGURES = (
    ".st-key-fan, .st-key-plane, .st-key-green, .st-key-solvers, .st-key-guidance, "
    ".st-key-learn-picture, .st-key-couplings-picture, .st-key-images-picture"
)
"""Of each page that has one: the figure that stands alone where nothing else has room."""

# The default page has no path of its own: at /fan nothing else would mark it in the navigation.
_PLACE = f"li:nth-child({PAGES.index(DEFAULT_PAGE) + 1})"
_MARKED = f"""<style>
[data-testid="stSidebarNavItems"] {_PLACE} a {{ background: rgba(146, 164, 200, 0.25); }}
[data-testid="stSidebarNavItems"] {_PLACE} a * {{ font-weight: 600; }}
</style>"""

# Streamlit writes white on the primary colour, which is light on a dark ground.
_DARK = """<style>
[data-testid^="stBaseButton-primary"] { color: #12161c; }
</style>"""


def style_sheets(name: str, style: Style, *, noticed: bool = False, embedded: bool = False) -> str:
    """All of them for a page, as HTML.

    Args:
        name: of the page.
        style: light or dark, plain or Large.
        noticed: whether there are notices above the picture.
        embedded: whether it is in another site's frame, where the figure stands alone.
    """
    low = "all" if noticed else f"(max-height: {_LOW_PX[style.large]}px), (max-width: 640px)"
    return (
        _ALWAYS
        + _HEADER % {"fold": _FOLD_PX[style.large], "ground": style.ground}
        + (_LARGE + _LARGE_HEADER) * style.large
        + _LOW % {"low": low, "first": _PICTURE_FIRST}
        + _MARKED * (name == DEFAULT_PAGE)
        + _DARK * style.dark
        + _embedded(style) * embedded
    )


def _embedded(style: Style) -> str:
    shown = f"{FIGURES}, .st-key-embedded"
    ground = "#12161c" if style.dark else "#ffffff"
    return _EMBEDDED % {"figures": FIGURES, "shown": shown, "ground": ground}
