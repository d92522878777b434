"""The settings of a scene, as sentences about them name them; and the data sets to start from.

Keys: ``field.<name>`` for every field of ``Scene``, ``dataset.<name>`` and ``dataset.<name>.about``
for every entry of ``flowviz.core.datasets``.
"""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "field.points": Text("Data points", "数据点"),
    "field.prior": Text("Prior", "先验分布"),
    "field.prior_params": Text("Parameters of the prior", "先验分布的参数"),
    "field.schedule": Text("Schedule", "时间安排"),
    "field.schedule_params": Text("Parameters of the schedule", "时间安排的参数"),
    "field.family": Text("Family of trajectories", "轨迹族"),
    "field.family_params": Text("Parameters of the family", "轨迹族的参数"),
    "field.formula": Text("Formula of the family", "轨迹族的公式"),
    "field.trajectories": Text("Number of trajectories", "轨迹条数"),
    "field.launch": Text("Launched at", "起点取法"),
    "field.color": Text("Colour", "着色"),
    "field.heatmap": Text("Density", "密度图"),
    "field.fan": Text("Trajectories", "轨迹"),
    "field.arrows": Text("Velocity arrows", "速度箭头"),
    "field.time": Text("Time", "时刻"),
    "field.speed": Text("Speed of play", "播放速度"),
    "field.probe": Text("Query point", "查询点"),
    "field.plane_points": Text("Data points of the plane", "平面数据点"),
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
    "field.space.line": Text("the line", "一维直线"),
    "field.space.plane": Text("the plane", "二维平面"),
    "field.lang": Text("Language", "语言"),
    "field.large": Text("Large", "大字"),
    # Data sets.
    "dataset.article": Text("The article's three points", "原文的三个点"),
    "dataset.article.about": Text(
        "0.5 with twice the weight, 1.2 and 1.7: the figure this page opens with.",
        "0.5（权重加倍）、1.2 和 1.7：页面打开时的那幅图。",
    ),
    "dataset.one_point": Text("One point", "一个点"),
    "dataset.one_point.about": Text(
        "The Green's function itself: every trajectory ends at the same place.",
        "格林函数本身：所有轨迹终于同一处。",
    ),
    "dataset.two_points": Text("Two points", "两个点"),
    "dataset.two_points.about": Text(
        "The smallest superposition: straight lines already bend.",
        "最小的叠加：直线已经开始弯曲。",
    ),
    "dataset.nine_to_one": Text("Nine to one", "九比一"),
    "dataset.nine_to_one.about": Text(
        "Unequal weights: each point draws exactly its share of the prior.",
        "权重悬殊：每个点恰好分得与权重相应的那份先验概率。",
    ),
    "dataset.near_and_far": Text("Two near, one far", "两近一远"),
    "dataset.near_and_far.about": Text(
        "Close points are told apart only near the end, at small t.",
        "相近的两点直到最后、t 很小时才分得开。",
    ),
    "dataset.comb": Text("A comb", "梳齿"),
    "dataset.comb.about": Text(
        "Five evenly spaced points: many points begin to look like a continuum.",
        "五个等距的点：点一多，便渐渐像连续分布。",
    ),
    "dataset.outside": Text("Outside the prior", "先验之外"),
    "dataset.outside.about": Text(
        "Data where the prior has no mass: the flow carries everything there all the same.",
        "数据落在先验没有概率的地方：流照样把一切送到那里。",
    ),
    "dataset.eight_gaussians": Text("Eight on a circle", "圆周上的八点"),
    "dataset.eight_gaussians.about": Text(
        "The centres of the well-known eight Gaussians: eight basins, alike but for a turn.",
        "著名的“八高斯”的中心：八个盆地，转一转便彼此重合。",
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
    "dataset.pinwheel.about": Text("Five arms that turn as they go out.", "五条臂，边向外边旋转。"),
    "dataset.ring": Text("Ring", "圆环"),
    "dataset.ring.about": Text(
        "Twenty-four points on a circle: nearly a continuous ring.",
        "圆周上的二十四个点：近乎连续的圆环。",
    ),
}
