"""The numbered path for those who come alone: for each scene what to do, and what it shows."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "guide.title": Text(
        "On your own: seven links, one after the other", "自己学：七个链接，依次打开"
    ),
    "guide.one_point": Text(
        "Drag the data point up and down, and play the time. Every sample goes straight to it: "
        "with one point there is nothing to average.",
        "上下拖动这个数据点，再播放时间。每个样本都笔直地走向它：只有一个点，没有什么可平均。",
    ),
    "guide.green": Text(
        "Go through the derivation of this one flow, step by step. Its velocity and its density "
        "both follow from the formula of its trajectories.",
        "一步一步走完这个流的推导。速度和密度，都由轨迹的公式得出。",
    ),
    "guide.article": Text(
        "Now three points: play it, and drag one of them. Densities add, velocities average, and "
        "straight lines bend.",
        "现在有三个点：播放一遍，再拖动其中一个。密度相加，速度取平均，直线就弯了。",
    ),
    "guide.heavy_tails": Text(
        "This prior has tails so heavy that it has no mean. Choose any other in the sidebar: the "
        "steps stay the same.",
        "这个先验的尾部重到没有均值。在侧栏任选别的先验：步骤不变。",
    ),
    "guide.four_points": Text(
        "The same in two dimensions: press play and follow the particles. Click a data point, and "
        "all that flows to it stands out.",
        "平面上也一样：点播放，跟着粒子走。点一下某个数据点，流向它的一切就突出显示。",
    ),
    "guide.floor": Text(
        "Press Train, and watch the loss come down to the dashed line. No network gets below it, "
        "and what stays above it is the true error.",
        "点“训练”，看损失降向虚线。任何网络都低不过它，高出的部分才是真正的误差。",
    ),
    "guide.four_steps": Text(
        "Four steps of Euler's method: see how far from the data they land. Take more steps, or "
        "another solver, until they arrive.",
        "欧拉法走四步：看看落点离数据有多远。多走几步，或换个求解器，直到抵达。",
    ),
}
