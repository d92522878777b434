"""Messages on unexpected exceptions; the number is in the server's log."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "fault.here": Text(
        "This part could not be shown. Change a setting to go on; if it happens again, please "
        "report fault {number}.",
        "这一部分无法显示。请改动一项设置再继续；若再次出现，请报告故障编号 {number}。",
    ),
    "fault.restored": Text(
        "That could not be drawn, so the last picture is back. If it happens again, please report "
        "fault {number}.",
        "无法按此绘图，已恢复上一幅图。若再次出现，请报告故障编号 {number}。",
    ),
    "fault.entered": Text(
        "This entry could not be used, and nothing was changed. If it happens again, please report "
        "fault {number}.",
        "这一输入无法使用，设置未改动。若再次出现，请报告故障编号 {number}。",
    ),
    "fault.link": Text(
        "This link could not be read, so the opening scene is shown. Please report fault {number}.",
        "链接无法读取，现显示初始场景。请报告故障编号 {number}。",
    ),
}
