"""What a visitor sees before Streamlit has loaded: the page's name, and a still of its flow."""
