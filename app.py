"""FlowViz's entry point, in both of its roles.

`streamlit run app.py` (or `uvicorn app:app`) imports this file and finds the server application;
for every visitor Streamlit then executes it as `__main__`, and it draws the frame and a page.
"""

from pathlib import Path

import streamlit as st

from flowviz.text import translator
from flowviz.ui import server
from flowviz.ui.document import DEFAULT_PAGE, PAGES, START
from flowviz.ui.play import routes as play
from flowviz.ui.present import routes as notes
from flowviz.ui.rooms import routes as rooms
from flowviz.ui.session import faults, state
from flowviz.ui.share import routes as share
from flowviz.ui.takeaway import routes as takeaway
from flowviz.ui.watch import health

if __name__ == "__main__":
    tr = translator(state.sync_widgets().lang)
    st.set_page_config(page_title=tr("frame.app"), page_icon=str(server.assets.ICON), layout="wide")
    pages = [
        st.Page(
            f"pages/{name}.py",
            title=tr(f"nav.{name}"),
            url_path=START if name == DEFAULT_PAGE else name,
            default=name == DEFAULT_PAGE,
        )
        for name in PAGES
    ]
    # The default page has no path of its own: this line makes its link, /fan, last.
    first = st.Page(
        f"pages/{DEFAULT_PAGE}.py",
        title=tr(f"nav.{DEFAULT_PAGE}"),
        url_path=DEFAULT_PAGE,
        visibility="hidden",
    )
    st.navigation([*pages, first]).run()
elif __name__ != "__mp_main__":  # a worker process imports its parent's script under that name
    app = st.App(
        Path(__file__).resolve(),
        routes=[
            *server.assets.routes(),
            *play.routes(),
            *share.routes(),
            *takeaway.routes(),
            *notes.routes(),
            *rooms.routes(),
            *health.routes(),
        ],
        lifespan=server.lifespan,
        middleware=server.middleware(),
        on_script_error=faults.handle_uncaught,
    )
