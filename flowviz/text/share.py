"""Sharing: short links and their QR codes."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "share.open": Text("Share", "分享"),
    "share.title": Text("Share this page", "分享这个页面"),
    "share.close": Text("Close", "关闭"),
    "share.short": Text("Short link", "短链接"),
    "share.long": Text("Full link: holds all settings itself", "完整链接：自带全部设置"),
    "share.copy": Text("Copy", "复制"),
    "share.copied": Text("Copied", "已复制"),
    "share.refused": Text("Copy it by hand", "请手动复制"),
    "share.now": Text("With what I see now", "带上我现在看到的"),
    "share.now.help": Text(
        "The time, the inspected point and the zoom. Off: the same scene as it first opens.",
        "即当前时刻、正在查看的点和缩放范围。关闭时，对方看到的是同一场景刚打开时的样子。",
    ),
    "share.qr": Text("QR code of the short link", "短链接的二维码"),
    "share.making": Text("Making a short link…", "正在生成短链接……"),
    "share.none": Text(
        "No short link can be made now; the full link below always works.",
        "现在无法生成短链接；下面的完整链接随时可用。",
    ),
    "share.local": Text(
        "This address works on this computer alone. For other devices, start FlowViz with "
        "“make run HOST=0.0.0.0” and open it here by the network address that it prints.",
        "这个地址只能在本机打开。要让其他设备也能打开，请用“make run HOST=0.0.0.0”启动 FlowViz，"
        "再用它显示的网络地址打开本页。",
    ),
    "share.unknown": Text(
        "This server does not know this short link: check the ten characters, or ask its sender "
        "for the full link, which always works.",
        "这台服务器上没有这个短链接：请核对这十个字符，或向发送者索取完整链接，完整链接随时可用。",
    ),
    "share.start": Text("Open FlowViz", "打开 FlowViz"),
}
