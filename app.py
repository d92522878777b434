"""FlowViz's entry point, in both of its roles.

`streamlit run app.py` (or `uvicorn app:app`) imports this file and finds the server application;
for every visitor Streamlit then executes it as `__main__`, and it draws the frame and a page.
"""

from pathlib import Path

import streamlit as st

from flowviz.text import translator
from flowviz.ui import server
from flowviz.ui.session import faults, state

if __name__ == "__main__":
    tr = translator(state.sync_widgets().lang)
    st.set_page_config(page_title=tr("frame.app"), page_icon=str(server.assets.ICON), layout="wide")
    st.navigation(
        [
            st.Page("pages/fan.py", title=tr("nav.fan"), url_path="start", default=True),
            st.Page("pages/plane.py", title=tr("nav.plane"), url_path="plane"),
            st.Page("pages/green.py", title=tr("nav.green"), url_path="green"),
            st.Page("pages/learn.py", title=tr("nav.learn"), url_path="learn"),
            st.Page("pages/solvers.py", title=tr("nav.solvers"), url_path="solvers"),
            # The default page has no path of its own: this line makes its link, /fan, last.
            st.Page("pages/fan.py", title=tr("nav.fan"), url_path="fan", visibility="hidden"),
        ]
    ).run()
elif __name__ != "__mp_main__":  # a worker process imports its parent's script under that name
    app = st.App(
        Path(__file__).resolve(),
        routes=server.assets.routes(),
        lifespan=server.lifespan,
        middleware=server.middleware(),
        on_script_error=faults.handle_uncaught,
    )
