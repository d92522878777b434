"""The style sheet of a page that is presented: its picture over the whole window, in large type.

Streamlit sizes everything in rem, and its smallest text is 0.875 of one: 28 pixels where the window
is 1920 × 1080 pixels, in proportion elsewhere, and at least what a telephone has.
"""

from __future__ import annotations

from flowviz.ui.page_style import FIGURES

_ALL = """<style>
html { font-size: max(16px, min(100vw / 60, 3.5vh)) !important; }
.stSidebar, .stAppHeader, .fv-links, .fv-mark, .fv-hint { display: none !important; }
.stMainBlockContainer { padding: 0.3rem 0.9rem 0 !important; }
.stMainBlockContainer > .stVerticalBlock { gap: 0.4rem; }
.st-key-head { min-height: 2rem; }
.st-key-head .stMarkdown h1 { font-size: 1.05rem !important; }
/* Nothing of a picture is smaller than the rest. */
.stMain :is(.fv-bar *, .fv-scale, .fv-card, .fv-title, .fv-title sub, .fv-empty, .fv-legend) {
  font-size: 0.875rem !important;
}
.stMain .katex :is(.sizing, .mtight) { font-size: max(0.8em, 0.875rem); }
.fv-slice-labels { font-size: 0.875rem; }
.stMain :is(.stAlert, [data-testid="stCaptionContainer"]) :is(p, li) {
  font-size: 0.9rem !important;
}
/* What a class must see on any page, above the player: empty it takes no room. */
.st-key-present-corner {
  position: fixed !important; z-index: 950; inset: auto 0.9rem 4.2rem auto;
  width: 12rem !important; pointer-events: none;
}
.stMainBlockContainer > .stVerticalBlock > :has(> .st-key-present-corner) { position: absolute; }
.st-key-present-corner { gap: 0.3rem; text-align: right; }
.st-key-present-corner p { font-size: 0.9rem !important; line-height: 1.3; margin: 0; }
.st-key-present-corner p b { font-size: 1.2rem; }
.st-key-present-corner img { width: 6.5rem; border-radius: 8px; }
%s
</style>"""

# What the page is about, beside its trajectories: the errors of all solvers, and of the network.
_CHARTS = ".st-key-solvers-chart, .st-key-learn-loss, .st-key-learn-excess"
# A demonstration below the figure that is open takes its place.
_DEMO = '[class*="st-key-demonstration-"]'
_SHOWN = (
    f"{FIGURES}, {_CHARTS}, {_DEMO}, {_DEMO} *, .st-key-head, .st-key-present-corner, "
    ".st-key-notices, .st-key-question, .stAlert"
)
# The figure alone under the title, as high as the window, with what moves its time.
_FIGURE = f"""
.stMainBlockContainer :is(.stVerticalBlock, .stHorizontalBlock)
  > :not(:is({_SHOWN}), :is({_SHOWN}) *, :has({_SHOWN})) {{ display: none !important; }}
.stMainBlockContainer .stColumn:has(:is({FIGURES})):not(:has(.fv-solver)) {{
  min-width: 100% !important;
}}
/* An alert that says that nothing is wrong. */
.stMain :is(.stAlert, .stColumn:not(:has({_CHARTS}))):not(.st-key-question *):has(
  [data-testid="stAlertContentSuccess"]
) {{ display: none; }}
.st-key-learn-picture > :not(:has(.fv-fan)) {{ display: none !important; }}
.fv-fan.fv-fan.fv-fan.fv-fan:not(.fv-plane) {{ --fv-height: calc(100vh - 5.9rem) !important; }}
.fv-plane.fv-plane.fv-plane {{ --fv-side: min(100%, 100vh - 0.9rem) !important; }}
.st-key-green .fv-fan:not(.fv-plane) .fv-stage {{ height: calc(100vh - 3rem) !important; }}
.st-key-green .fv-fan:not(.fv-plane):has(.fv-bar:not([style*="none"])) .fv-stage {{
  height: calc(100vh - 5.9rem) !important;
}}
.st-key-solvers .fv-solver, .st-key-guidance .fv-solver {{ min-height: calc(100vh - 3rem); }}
.st-key-guidance .fv-plane .fv-solver {{ min-height: calc(100vh - 6.2rem); }}
/* What is said below of what is not shown. */
.stMain:has(.st-key-solvers-chart, .st-key-guidance)
  .stElementContainer:not(.st-key-question *):has([data-testid="stAlertContentInfo"])
{{ display: none !important; }}
.st-key-question .stColumn .plot {{ min-height: calc(100vh - 5.5rem); }}
.st-key-question .stMarkdown p {{ font-size: 1rem !important; }}
.st-key-solvers-chart .plot {{ min-height: calc(100vh - 3rem); }}
:is(.st-key-learn-loss, .st-key-learn-excess) .plot {{ min-height: 38vh; }}
.st-key-learn-picture .fv-still .fv-stage {{ height: calc(62vh - 7rem) !important; }}
.stMain .st-key-couplings-picture.st-key-couplings-picture .fv-still .fv-stage {{
  height: calc(100vh - 6rem) !important;
}}
.st-key-images-picture .plot {{ min-height: calc(100vh - 3.4rem); }}
.stMainBlockContainer:has({_DEMO}) :is({FIGURES}, {_CHARTS}):not(:has({_DEMO})) {{
  /* Drawn as before: what has no size cannot be drawn, and it comes back when this is closed. */
  position: fixed !important; inset: 0; visibility: hidden;
}}
@media (min-width: 1101px) {{
  {_DEMO} {{
    display: grid !important; grid-template: repeat(9, auto) 1fr / minmax(0, 3fr) minmax(0, 2fr);
    gap: 0.5rem 1.2rem;
  }}
  {_DEMO} > :has(.plot) {{ grid-area: 1 / 1 / 11 / 2; width: 100% !important; }}
  {_DEMO} > :not(:has(.plot)) {{ grid-column: 2; }}
  {_DEMO} .plot {{ min-height: calc(100vh - 8rem); }}
}}
{_DEMO} .stMarkdown :is(p, li) {{ font-size: 0.95rem !important; line-height: 1.35; }}
.stMain .stExpander:has({_DEMO}) summary p {{ font-size: 0.95rem !important; }}
.fv-tools, .fv-speed, .fv-history {{ display: none !important; }}
.fv-fan.fv-fan .fv-bar.fv-bar {{
  grid-template-columns: 2.8rem minmax(0, 1fr) auto; gap: 0.7rem; margin-top: 0.2rem;
}}
.fv-fan.fv-fan .fv-bar .fv-time {{ grid-area: auto; width: 100%; margin: 0; }}
"""
_LESSON = """
.st-key-present-corner { bottom: 0.8rem !important; width: 18rem !important; }
.st-key-head .stMarkdown { position: absolute; width: 1px; height: 1px; overflow: hidden; }
.stMain h2 { font-size: 1.35rem; padding: 0.3rem 0; }
@media (min-width: 1101px) {
  .st-key-head { position: absolute !important; right: 0.9rem; width: auto !important; }
  .stMain .plot { min-height: calc(100vh - 4.2rem); }
  .stMain .stExpander .plot { min-height: 45vh; }
}
.st-key-lesson-words { gap: 0.7rem; padding-right: 0.5rem; }
.st-key-lesson-words :is(p, li) { font-size: 1rem !important; line-height: 1.4; }
.st-key-lesson-words .katex { font-size: 1em; }
.st-key-lesson-words .katex-display { margin: 0; padding: 0; }
"""
_GALLERY = """
.fv-scenes { grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)) !important; }
.fv-scene span, .fv-scene b { font-size: 0.95rem !important; }
.fv-scene:focus-visible { outline-width: 0.22rem !important; outline-offset: 0.1rem; }
.st-key-lead { display: none; }
.stMainBlockContainer { padding-bottom: 1rem !important; }
"""
_OF_PAGE = {"lesson": _LESSON, "gallery": _GALLERY}


def style_sheet(name: str) -> str:
    """The sheet of a page that is presented, as HTML."""
    return _ALL % _OF_PAGE.get(name, _FIGURE)
