"""The menu of what can be taken away from a page, and the frame for other sites."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "take.title": Text("Take away", "带走"),
    "take.working": Text("Preparing {{name}} …", "正在准备 {{name}} ……"),
    "take.done": Text("Saved as {{file}}", "已保存为 {{file}}"),
    "take.failed": Text("It could not be made. Try again in a moment.", "未能生成，请稍后再试。"),
    "take.busy": Text("The server is busy. Try again in a moment.", "服务器正忙，请稍后再试。"),
    "take.fault": Text(
        "It could not be made for this scene (number {number} in the server's log).",
        "无法为这个场景生成（服务器日志编号 {number}）。",
    ),
    # Groups.
    "take.group.picture": Text("Picture", "图片"),
    "take.group.motion": Text("Animation", "动画"),
    "take.group.data": Text("Data", "数据"),
    "take.group.code": Text("Code", "代码"),
    "take.group.page": Text("Web page", "网页"),
    "take.group.cite": Text("Reference (BibTeX)", "参考文献（BibTeX）"),
    # Pictures, which the browser makes itself.
    "take.figure": Text("Figure", "图"),
    "solvers.saved": Text("Solvers: {solver}", "求解器：{solver}"),
    "take.png": Text("PNG", "PNG 图片"),
    "take.png.help": Text("For a page or a slide", "用于网页或幻灯片"),
    "take.svg": Text("SVG", "SVG 矢量图"),
    "take.svg.help": Text("For print, at any size", "用于印刷，可任意缩放"),
    # Animations.
    "take.webp": Text("WebP", "WebP 动画"),
    "take.webp.help": Text(
        "Small and smooth; browsers and new slide programs play it",
        "体积小、画面平滑；浏览器和新版幻灯片软件可播放",
    ),
    "take.gif": Text("GIF", "GIF 动画"),
    "take.gif.help": Text("Larger; plays everywhere", "体积较大，到处都能播放"),
    "take.motion.solvers": Text(
        "The solver's steps appear as time runs from the prior to the data.",
        "时间从先验走向数据时，求解器的每一步依次出现。",
    ),
    "take.motion.learn": Text(
        "The exact flow; once the network is trained, rings show its particles.",
        "精确的流；网络训练之后，圆圈表示它的粒子。",
    ),
    "take.motion.images": Text(
        "No animation of this topic: it has no images along time.",
        "这个主题没有动画：其中没有随时间变化的图像。",
    ),
    # Data.
    "take.samples": Text("Samples (CSV)", "样本（CSV）"),
    "take.samples.help": Text(
        "A row for each sample: the nearest training image, both distances, the pixels",
        "每个样本一行：最近的训练图像、两个距离、各像素",
    ),
    "take.curves": Text("Curves (CSV)", "曲线（CSV）"),
    "take.curves.help": Text(
        "A row for each point of the charts' curves, with its standard error",
        "图中曲线的每个点一行，附标准误差",
    ),
    "take.trajectories": Text("Trajectories (CSV)", "轨迹（CSV）"),
    "take.trajectories.help": Text(
        "A row for each trajectory and time; 200,000 at most",
        "每条轨迹的每个时刻一行，至多 200,000 行",
    ),
    "take.steps": Text("Solver steps (CSV)", "求解器的步（CSV）"),
    "take.steps.help": Text("A row for each trajectory and step", "每条轨迹的每一步一行"),
    "take.learned": Text("Learned trajectories (CSV)", "学到的轨迹（CSV）"),
    "take.learned.help": Text(
        "A row for each of the network's trajectories and times", "网络的每条轨迹的每个时刻一行"
    ),
    "take.density": Text("Density (CSV)", "密度（CSV）"),
    "take.density.help": Text(
        "A row for each cell with a density; in the plane at the time shown",
        "每个有密度的网格一行；二维时取当前时刻",
    ),
    "take.points": Text("Data points (CSV)", "数据点（CSV）"),
    "take.points.help": Text("A row for each data point", "每个数据点一行"),
    "take.shares": Text("Where the mass ends (CSV)", "概率流向何处（CSV）"),
    "take.shares.help": Text(
        "A row for each data point: its share, guided and in the class",
        "每个数据点一行：引导后与该类中的份额",
    ),
    "take.curve": Text("Loss curve (CSV)", "损失曲线（CSV）"),
    "take.curve.help": Text("A row for each report of the training", "训练的每次报告一行"),
    "take.drawing": Text("Figure (CSV)", "图中数据（CSV）"),
    "take.drawing.help": Text(
        "A row for each point that the figure draws, or for each small image",
        "图中每个点一行；若是小图像，则每幅一行",
    ),
    "take.answers": Text("Answers (CSV)", "答案（CSV）"),
    "take.answers.help": Text(
        "A row for each question: what you locked, and what is right",
        "每个问题一行：锁定的答案与正确的答案",
    ),
    "take.scenes": Text("All scenes (CSV)", "全部场景（CSV）"),
    "take.scenes.help": Text(
        "A row for each card: its title, its sentence and its link",
        "每张卡片一行：标题、一句话说明和链接",
    ),
    "take.npz": Text("All arrays (NPZ)", "全部数组（NPZ）"),
    "take.npz.help": Text(
        "For NumPy: everything above; a density at all times",
        "供 NumPy 读取：以上全部；若有密度，含所有时刻",
    ),
    "take.untrained": Text(
        "Once the network is trained, its trajectories and loss curve can be taken away as well.",
        "网络训练之后，还可带走它的轨迹和损失曲线。",
    ),
    "take.untrained.images": Text(
        "Once the networks are trained, their images and losses can be taken away as well.",
        "两个网络训练之后，还可带走它们生成的图像和损失。",
    ),
    # Code.
    "take.code.lesson": Text(
        "“Do it yourself” opens this step's scene: there are its scripts and its animation.",
        "“动手试试”会打开这一步的场景：脚本和动画都在那里。",
    ),
    "take.code.gallery": Text(
        "Each card opens its scene: there are its scripts and its animation.",
        "每张卡片会打开自己的场景：脚本和动画都在那里。",
    ),
    "take.script": Text("Python with flowviz", "Python（用 flowviz）"),
    "take.script.help": Text(
        "Computes these arrays with the functions that this page uses",
        "用本页所用的函数计算这些数组",
    ),
    "take.plain": Text("Python with NumPy and SciPy", "Python（用 NumPy、SciPy）"),
    "take.plain.help": Text(
        "The exact flow by hand, as in the article; matplotlib draws it",
        "像原文那样从头计算精确的流，用 matplotlib 画出",
    ),
    "take.notebook": Text("Notebook", "Notebook 笔记本"),
    "take.notebook.help": Text(
        "The same in cells, for Jupyter", "同样的内容分成单元格，供 Jupyter 使用"
    ),
    "take.training": Text("Training script", "训练脚本"),
    "take.training.help": Text("Trains the same network", "训练同一个网络"),
    "take.plain.family": Text(
        "There is no script with NumPy and SciPy alone for this family of trajectories: its "
        "equations need the solvers of flowviz.",
        "这一族轨迹没有只用 NumPy、SciPy 的脚本：它的方程需要 flowviz 的求解器。",
    ),
    "take.plain.prior": Text(
        "There is no script with NumPy and SciPy alone for this prior in the plane: its density "
        "is infinite at its edges, where a plain integrator fails.",
        "在二维中，这个先验没有只用 NumPy、SciPy 的脚本：它的密度在边缘无穷大，普通积分器会失败。",
    ),
    "take.plain.images": Text(
        "There is no script with NumPy and SciPy alone for this page: the data set and the windows "
        "are those of flowviz.",
        "这一页没有只用 NumPy、SciPy 的脚本：数据集与窗口都来自 flowviz。",
    ),
    "take.plain.coupling": Text(
        "There is no script with NumPy and SciPy alone for this coupling: its cells need flowviz.",
        "这种耦合没有只用 NumPy、SciPy 的脚本：它的胞腔需要 flowviz 来计算。",
    ),
    "take.plain.straight": Text(
        "There is no script with NumPy and SciPy alone here, as this scene has another family or "
        "schedule than the straight lines of the page.",
        "这里没有只用 NumPy、SciPy 的脚本：场景的轨迹族或调度不是本页所用的直线。",
    ),
    "take.plain.guidance": Text(
        "There is no script with NumPy and SciPy alone: a guided flow needs the fields of flowviz.",
        "没有只用 NumPy、SciPy 的脚本：引导后的流需要 flowviz 的速度场。",
    ),
    "take.plain.solvers": Text(
        "With NumPy and SciPy alone: the exact trajectories; the solver's steps need flowviz.",
        "只用 NumPy、SciPy 的脚本给出精确轨迹；求解器的步需要 flowviz。",
    ),
    "take.script.learned": Text(
        "The script with flowviz follows the exact velocity, not the learned one.",
        "用 flowviz 的脚本使用精确速度，而不是学到的速度。",
    ),
    "take.script.images.errors": Text(
        "The script with flowviz computes all curves but that of the network, which is trained "
        "under “Networks”.",
        "用 flowviz 的脚本计算所有曲线，但不含网络的曲线：网络在“网络”中训练。",
    ),
    "take.script.images.learned": Text(
        "The script with flowviz trains both networks; on another machine rounding may change "
        "their weights.",
        "用 flowviz 的脚本会训练这两个网络；在另一台机器上，舍入可能使权重略有不同。",
    ),
    # Web pages.
    "take.live": Text("Live page (HTML file)", "可互动页面（HTML 文件）"),
    "take.live.help": Text(
        "This picture as one file that computes by itself: points can be dragged without a "
        "network, from a stick, in slides, on any web site.",
        "把这幅图存成一个能自行计算的文件：不联网也能拖动数据点，可放在 U 盘、幻灯片或任何网站里。",
    ),
    "take.light": Text("Light page for a class", "课堂用的轻量页面"),
    "take.light.help": Text(
        "The same page at an address: a few dozen kilobytes for each student, and no session.",
        "同样的页面，有一个网址：每个学生只需几十 KB，不占用会话。",
    ),
    "take.policy": Text(
        "On a site with a Content-Security-Policy, the file's script is allowed by",
        "若网站设有 Content-Security-Policy，允许该文件的脚本需写：",
    ),
    "take.density.none": Text(
        "The density of this scene takes too long to compute for a file: it is left out.",
        "这个场景的密度计算量太大，文件中不含密度。",
    ),
    "take.none": Text(
        "No trajectory of this scene could be followed within the limit of work: there is nothing "
        "to take away here.",
        "在允许的计算量内，这个场景连一条轨迹也算不出来：没有可带走的内容。",
    ),
    "take.live.none": Text(
        "Live pages exist of Flow in 1-D and Flow in 2-D: browsers compute these by themselves.",
        "可互动页面只有“一维的流”和“二维的流”两页有：浏览器能自行计算的是这两种流。",
    ),
    "take.embed": Text("This figure in another page", "把这幅图放进别的网页"),
    "take.embed.none": Text(
        "To show this figure in another page, the server needs FLOWVIZ_EMBED, the addresses of "
        "the sites that may do so.",
        "要把这幅图放进别的网页，服务器需设置 FLOWVIZ_EMBED，列出允许的网站地址。",
    ),
    "take.embed.lesson": Text(
        "The scene that “Do it yourself” opens can be shown in another page: take it from there.",
        "“动手试试”所打开的场景可以放进别的网页：请在那里带走。",
    ),
    "take.embed.gallery": Text(
        "The scene of a card can be shown in another page: open it, and take it from there.",
        "卡片的场景可以放进别的网页：打开后在那里带走。",
    ),
    "take.embed.open": Text("Open in FlowViz", "在 FlowViz 中打开"),
    # References.
    "take.bib": Text("Article and FlowViz", "原文与 FlowViz"),
    "take.bib.help": Text("Su Jianlin's article, and FlowViz", "苏剑林的文章，以及 FlowViz"),
    # In files.
    "take.about.time": Text("t = 0 is the data, t = 1 the prior.", "t = 0 是数据，t = 1 是先验。"),
    "take.about.none": Text(
        "data_point 0: none, the trajectory is on a separatrix.",
        "data_point 为 0 表示没有：轨迹在分界线上。",
    ),
}
