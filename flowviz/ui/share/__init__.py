"""Short links, `/s/<code>`: where they are kept, their QR codes, and their addresses."""
