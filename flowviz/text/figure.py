"""The words of a figure's mode bar, and of its text alternative."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "figure.png": Text("Save as PNG", "存为 PNG"),
    "figure.svg": Text("Save as SVG", "存为 SVG"),
    "figure.zoom": Text("Drag to zoom", "拖动以放大"),
    "figure.pan": Text("Drag to pan", "拖动以平移"),
    "figure.home": Text("Whole picture (double-click)", "显示全图（双击）"),
    "figure.points": Text("{figure}; data points: {points}", "{figure}；数据点：{points}"),
    "figure.range": Text("{{axis}} from {{low}} to {{high}}", "{{axis}}：从 {{low}} 到 {{high}}"),
}
