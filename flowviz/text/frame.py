"""The frame around every page: titles, language, size, link."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "nav.fan": Text("Fan", "轨迹扇"),
    "nav.plane": Text("Plane", "平面"),
    "nav.green": Text("Green's function", "格林函数"),
    "nav.learn": Text("Learn", "学习"),
    "nav.solvers": Text("Solvers", "求解器"),
    "frame.app": Text("FlowViz: exact flows", "FlowViz：精确的流"),
    "frame.lang": Text("Language", "语言"),
    "frame.file.choose": Text("Choose a file", "选择文件"),
    "frame.file.limit": Text("1 MB at most", "至多 1 MB"),
    "frame.file.large": Text(
        "This file is too large: one of at most 1 MB is accepted.",
        "文件太大：可接受至多 1 MB 的文件。",
    ),
    "frame.large": Text("Large", "大字"),
    "frame.large.help": Text(
        "Bigger text and thicker lines, for a projector.", "放大文字、加粗线条，适合投影。"
    ),
    "frame.copy": Text("Copy link", "复制链接"),
    "frame.copied": Text("Copied", "已复制"),
    "frame.copy.refused": Text("Copy it from the address bar", "请从地址栏复制"),
    "frame.notice": Text(
        "The link was not read in full, and what could not be read was set to its usual value.",
        "链接未能完整读取；读不出的部分已取默认值。",
    ),
    "frame.computing": Text("Computing… {percent} %", "计算中…… {percent} %"),
    "frame.wrong": Text(
        "Something went wrong here, and the picture may be old. Your settings are kept in the "
        "link; reload the page to try again.",
        "这里出了点问题，图可能不是最新的。您的设置都在链接里；请刷新页面重试。",
    ),
}
