"""The settings of a scene, as sentences about them name them; and the data sets to start from.

Keys: ``field.<name>`` for every field of ``Scene``, ``dataset.<name>`` and ``dataset.<name>.about``
for every entry of ``flowviz.core.datasets``.
"""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "field.points": Text("Data points", "数据点"),
    "points.label": Text("Label", "标签"),
    "points.label.new": Text("Label of new points", "新点的标签"),
    "points.label.help": Text(
        "Points that you add or draw in the picture get this label.",
        "在图中添加或画出的点带有这个标签。",
    ),
    "field.prior": Text("Prior", "先验分布"),
    "field.prior_params": Text("Parameters of the prior", "先验分布的参数"),
    "field.schedule": Text("Schedule", "调度"),
    "field.schedule_params": Text("Parameters of the schedule", "调度的参数"),
    "field.family": Text("Family of trajectories", "轨迹族"),
    "field.family_params": Text("Parameters of the family", "轨迹族的参数"),
    "field.formula": Text("Formula of the family", "轨迹族的公式"),
    "field.trajectories": Text("Number of trajectories", "轨迹条数"),
    "field.launch": Text("Spacing of the starting points", "起点间隔"),
    "field.color": Text("Colour", "着色"),
    "field.heatmap": Text("Density", "密度图"),
    "field.fan": Text("Trajectories", "轨迹"),
    "field.arrows": Text("Velocity arrows", "速度箭头"),
    "field.time": Text("Time", "时刻"),
    "field.speed": Text("Playback speed", "播放速度"),
    "field.zoom": Text("Zoom", "缩放"),
    "field.probe": Text("Query point", "查询点"),
    "field.prediction": Text("Read as", "读作"),
    "field.prediction.velocity": Text("velocity", "速度"),
    "field.prediction.denoiser": Text("denoiser", "去噪结果"),
    "field.prediction.noise": Text("noise", "噪声"),
    "field.prediction.score": Text("score", "得分"),
    "field.plane_points": Text("Data points (2-D)", "数据点（二维）"),
    "field.plane_prior": Text("Prior of the plane", "平面先验分布"),
    "field.plane_prior_params": Text("Parameters of the plane's prior", "平面先验分布的参数"),
    "field.plane_family": Text("Family of trajectories in the plane", "平面轨迹族"),
    "field.plane_family_params": Text("Parameters of the plane's family", "平面轨迹族的参数"),
    "field.plane_formula": Text("Formula of the plane's family", "平面轨迹族的公式"),
    "field.plane_particles": Text("Number of particles", "粒子数"),
    "field.plane_views": Text("Layers", "图层"),
    "field.plane_scale": Text("Density scale", "密度标度"),
    "field.plane_probe": Text("Query point", "查询点"),
    "field.space": Text("Dimension", "维数"),
    "field.space.line": Text("1-D (line)", "一维"),
    "field.space.plane": Text("2-D (plane)", "二维"),
    "field.lang": Text("Language", "语言"),
    "field.large": Text("Large", "大字"),
    "field.present": Text("Present", "演示"),
    "field.convention": Text("Direction of time", "时间方向"),
    # Data sets.
    "dataset.article": Text("Su Jianlin's three points", "苏剑林文章中的三个点"),
    "dataset.article.about": Text(
        "0.5 with twice the weight, 1.2 and 1.7: the figure this page opens with.",
        "0.5（权重加倍）、1.2 和 1.7：页面打开时的那幅图。",
    ),
    "dataset.one_point": Text("One point", "一个点"),
    "dataset.one_point.about": Text(
        "The Green's function itself: every trajectory reaches the same point.",
        "格林函数本身：所有轨迹到达同一个点。",
    ),
    "dataset.two_points": Text("Two points", "两个点"),
    "dataset.two_points.about": Text(
        "The smallest superposition: straight lines already bend.",
        "最小的叠加：直线已经开始弯曲。",
    ),
    "dataset.nine_to_one": Text("Nine to one", "九比一"),
    "dataset.nine_to_one.about": Text(
        "Unequal weights: each point receives prior mass equal to its weight.",
        "权重悬殊：每个点分到的先验概率恰好等于其权重。",
    ),
    "dataset.near_and_far": Text("Two near, one far", "两近一远"),
    "dataset.near_and_far.about": Text(
        "Close points are told apart only near the end, at small t.",
        "相近的两点直到最后、t 很小时才分得开。",
    ),
    "dataset.comb": Text("Five in a row", "一排五点"),
    "dataset.comb.about": Text(
        "Five evenly spaced points: many points begin to look like a continuum.",
        "五个等距的点：点一多，便渐渐像连续分布。",
    ),
    "dataset.outside": Text("Outside the prior", "先验之外"),
    "dataset.outside.about": Text(
        "Data where the prior has no mass: the flow still carries everything there.",
        "数据在先验概率为零的地方：流仍能把样本全部送到那里。",
    ),
    "dataset.four_points": Text("Four points", "四个点"),
    "dataset.four_points.about": Text(
        "Few enough to follow every trajectory; the one of weight 2 receives twice the prior mass.",
        "点少，每条轨迹都看得清；权重为 2 的点分得两倍的先验概率。",
    ),
    "dataset.eight_gaussians": Text("Eight on a circle", "圆周上的八点"),
    "dataset.eight_gaussians.about": Text(
        "The centres of the well-known eight Gaussians: eight basins, identical up to rotation.",
        "著名的“八高斯”的中心：八个吸引域，旋转后彼此重合。",
    ),
    "dataset.two_moons": Text("Two moons", "双月"),
    "dataset.two_moons.about": Text(
        "Two half circles, each reaching into the other.", "两段半圆弧，彼此嵌入对方。"
    ),
    "dataset.spiral": Text("Spiral", "螺线"),
    "dataset.spiral.about": Text(
        "Points at equal distances along an Archimedean spiral.", "沿阿基米德螺线等距排列的点。"
    ),
    "dataset.checkerboard": Text("Checkerboard", "棋盘"),
    "dataset.checkerboard.about": Text(
        "Points on the dark cells of a board.", "点落在棋盘的深色格子里。"
    ),
    "dataset.pinwheel": Text("Pinwheel", "风车"),
    "dataset.pinwheel.about": Text("Five spiral arms.", "五条旋臂。"),
    "dataset.ring": Text("Ring", "圆环"),
    "dataset.ring.about": Text(
        "Twenty-four points on a circle: nearly a continuous ring.",
        "圆周上的二十四个点：近乎连续的圆环。",
    ),
}
