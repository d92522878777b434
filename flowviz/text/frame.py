"""The frame around every page: titles, language, size, link."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "nav.fan": Text("Flow in 1-D", "一维的流"),
    "nav.plane": Text("Flow in 2-D", "二维的流"),
    "nav.green": Text("Green's function", "格林函数（单点）"),
    "nav.learn": Text("Train", "训练网络"),
    "nav.solvers": Text("Solvers", "求解器"),
    "nav.couplings": Text("Couplings", "耦合"),
    "frame.app": Text("FlowViz: see how flow matching works", "FlowViz：看懂流匹配"),
    "frame.noscript": Text("This page needs JavaScript.", "本页需要启用 JavaScript。"),
    "frame.name": Text(
        "**FlowViz**, after [Su Jianlin's article](https://kexue.fm/archives/9379): see how flow "
        "matching works",
        "**FlowViz**：依据[苏剑林的文章](https://kexue.fm/archives/9379)，看懂流匹配",
    ),
    "frame.purpose": Text(
        "Choose data points, a prior and a schedule, and see the exact flow that turns random "
        "samples into your data, in the browser and in a link you can share.",
        "选定数据点、先验分布和调度，就能在浏览器里看到把随机样本变成数据的精确的流，"
        "并用一个链接分享给别人。",
    ),
    "frame.settings": Text("Language, size, direction of time", "语言、字号、时间方向"),
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
    "frame.convention": Text("t: 0 → 1", "t: 0 → 1"),
    "frame.convention.help": Text(
        "Time as in flow matching: t = 0 is the prior and t = 1 the data, so x₀ is the prior "
        "sample, x₁ the data point, and velocities change sign. Off: t = 0 is the data. Only what "
        "is shown changes; formulas you type, and links, keep t = 0 for the data.",
        "采用流匹配的时间：t = 0 是先验，t = 1 是数据；于是 x₀ 是先验样本，x₁ 是数据点，速度变号。"
        "关闭时 t = 0 是数据。改变的只是显示；自己写的公式和链接里，t = 0 始终是数据。",
    ),
    "frame.copy": Text("Copy link", "复制链接"),
    "frame.copied": Text("Copied", "已复制"),
    "frame.copy.refused": Text("Copy it from the address bar", "请从地址栏复制"),
    "frame.notice": Text(
        "The link could not be read in full; the missing settings have their default values.",
        "链接未能完整读取，读不出的设置已取默认值。",
    ),
    "frame.notice.anyway": Text("Show what can be read", "显示能读出的部分"),
    "frame.captions": Text("What am I looking at?", "图中画的是什么？"),
    "frame.glossary": Text("Glossary", "术语表"),
    "frame.credit": Text(
        "FlowViz brings to life Su Jianlin's article [*Generative Diffusion Models (15): General "
        "Steps for Constructing ODEs, Part 2*](https://kexue.fm/archives/9379) (Scientific Spaces, "
        "22 December 2022, in Chinese). The method and the opening figure come from it; the "
        "article itself credits the idea to its reader @gaohuazuo.",
        "FlowViz 演示的是苏剑林的文章"
        "[《生成扩散模型漫谈（十五）：构建ODE的一般步骤（中）》](https://kexue.fm/archives/9379)"
        "（科学空间，2022 年 12 月 22 日）。方法与开篇的图均出自该文；"
        "文中说明，这一思路来自读者 @gaohuazuo。",
    ),
    "frame.computing": Text("Computing… {percent}%", "计算中……{percent}%"),
}
