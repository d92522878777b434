"""FlowViz's entry point, in both of its roles.

`streamlit run app.py` (or `uvicorn app:app`) imports this file and finds the server application;
for every visitor Streamlit then executes it as `__main__`, and it draws the frame and a page.
"""

from pathlib import Path

import streamlit as st

from flowviz.text import translator
from flowviz.ui import server
from flowviz.ui.document import PAGES, START
from flowviz.ui.play import routes as play
from flowviz.ui.session import faults, state
from flowviz.ui.share import routes as share
from flowviz.ui.takeaway import routes as takeaway

if __name__ == "__main__":
    tr = translator(state.sync_widgets().lang)
    st.set_page_config(page_title=tr("frame.app"), page_icon=str(server.assets.ICON), layout="wide")
    pages = [
        st.Page(
            f"pages/{name}.py",
            title=tr(f"nav.{name}"),
            url_path=START if name == PAGES[0] else name,
            default=name == PAGES[0],
        )
        for name in PAGES
    ]
    # The default page has no path of its own: this line makes its link, /fan, last.
    first = st.Page(
        f"pages/{PAGES[0]}.py",
        title=tr(f"nav.{PAGES[0]}"),
        url_path=PAGES[0],
        visibility="hidden",
    )
    st.navigation([*pages, first]).run()
elif __name__ != "__mp_main__":  # a worker process imports its parent's script under that name
    app = st.App(
        Path(__file__).resolve(),
        routes=[*server.assets.routes(), *play.routes(), *share.routes(), *takeaway.routes()],
        lifespan=server.lifespan,
        middleware=server.middleware(),
        on_script_error=faults.handle_uncaught,
    )
