"""The mathematics. Knows no plotly and no streamlit."""
