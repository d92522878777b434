"""What can be taken away from a page: pictures, animations, data, scripts, references."""
