"""The gallery: scenes worth seeing, each a link that opens exactly what is pictured."""
