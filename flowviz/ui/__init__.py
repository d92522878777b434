"""The user interface: the only package that knows Streamlit."""
