"""FlowViz's entry point, in both of its roles.

`streamlit run app.py` (or `uvicorn app:app`) imports this file and finds the server application;
for every visitor Streamlit then executes it as `__main__`, and it draws the frame and a page.
"""

from pathlib import Path

import streamlit as st

from flowviz.text import speaker
from flowviz.ui import server
from flowviz.ui.session import faults, state

if __name__ == "__main__":
    say = speaker(state.sync_widgets().lang)
    st.set_page_config(
        page_title=say("frame.app"), page_icon=str(server.assets.ICON), layout="wide"
    )
    st.navigation(
        [
            st.Page("pages/fan.py", title=say("nav.fan"), url_path="start", default=True),
            st.Page("pages/plane.py", title=say("nav.plane"), url_path="plane"),
            st.Page("pages/green.py", title=say("nav.green"), url_path="green"),
            st.Page("pages/learn.py", title=say("nav.learn"), url_path="learn"),
            st.Page("pages/solvers.py", title=say("nav.solvers"), url_path="solvers"),
            # The default page has no path of its own: this line makes its link, /fan, last.
            st.Page("pages/fan.py", title=say("nav.fan"), url_path="fan", visibility="hidden"),
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
