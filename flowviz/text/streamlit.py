"""What Streamlit itself writes, which is English: the keys of its own words are in `STREAMLIT`."""

from flowviz.text.entry import Text

STREAMLIT: dict[str, str] = {
    "System": "streamlit.theme.system",
    "Light": "streamlit.theme.light",
    "Dark": "streamlit.theme.dark",
    "Print": "streamlit.print",
    "Record screen": "streamlit.record",
    "Connecting": "streamlit.connecting",
    "Connection error": "streamlit.lost",
    "Is Streamlit still running?": "streamlit.lost.why",
    "Streamlit server is not responding.": "streamlit.lost.why",
    "Cannot connect to Streamlit": "streamlit.lost.why",
    "Connection failed": "streamlit.lost.why",
    "Drag and drop": "streamlit.drop",
    "Press Ctrl+Enter to apply": "streamlit.apply",
    "Press ⌘+Enter to apply": "streamlit.apply",
    "Page not found": "streamlit.missing",
    "You have requested page": "streamlit.missing.why",
    "The page that you have requested": "streamlit.missing.why",
}
"""Keys of the page's words, by the beginnings of Streamlit's."""

ENTRIES: dict[str, Text] = {
    "streamlit.main": Text("Page", "页面"),
    "streamlit.table": Text("Table of the data points", "数据点的表格"),
    "streamlit.theme.system": Text("System", "跟随系统"),
    "streamlit.theme.light": Text("Light", "浅色"),
    "streamlit.theme.dark": Text("Dark", "深色"),
    "streamlit.print": Text("Print", "打印"),
    "streamlit.record": Text("Record screen", "录制屏幕"),
    "streamlit.connecting": Text("Reconnecting", "正在重新连接"),
    "streamlit.lost": Text("No connection", "连接已断开"),
    "streamlit.lost.why": Text(
        "FlowViz's server does not answer. The page goes on by itself when it does.",
        "FlowViz 的服务器没有响应；一旦恢复，页面会自动继续。",
    ),
    "streamlit.help": Text("Help", "说明"),
    "streamlit.help.for": Text("Help for {name}", "{name}：说明"),
    "streamlit.apply": Text("Ctrl+Enter applies", "按 Ctrl+Enter 应用"),
    "streamlit.missing": Text("No such page", "没有这个页面"),
    "streamlit.missing.why": Text(
        "This address has no page; the first one is shown.", "这个地址没有对应的页面，已显示首页。"
    ),
    "streamlit.drop": Text("Drop the file here", "把文件拖放到这里"),
}
