"""The light page: a flow that is computed by the browser alone."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "play.open": Text("Open in the full app", "在完整应用中打开"),
    "play.frozen": Text(
        "This picture is fixed, because only the server can compute this flow: play it here, and "
        "open it in the full app to change it.",
        "这幅图是固定的，因为这个流只有服务器才能计算：可以在此播放，要修改请在完整应用中打开。",
    ),
    "play.busy": Text("The server is busy. Try again in a moment.", "服务器正忙，请稍后再试。"),
    "play.noscript": Text(
        "This page computes in your browser and needs JavaScript.",
        "本页在浏览器中计算，需要启用 JavaScript。",
    ),
    "play.alt": Text(
        "Density of the flow over time, with trajectories from the prior to the data. Data points "
        "and their weights: {{points}}",
        "流的密度随时间的变化，以及从先验到数据的轨迹。数据点及其权重：{{points}}",
    ),
    "play.hint": Text(
        "Drag the points on the left edge, click one to see what reaches it; click beside them to "
        "add one, double-click to remove one. Keys: ↑ ↓ move, ← → choose, PgUp PgDn weight, Del "
        "removes. Click in the picture to inspect a point; drag the dashed line to change the "
        "time.",
        "拖动左边的数据点，单击数据点可看哪些轨迹到达它；在左边缘空处单击可添加，双击可删除。"
        "键盘：↑ ↓ 移动，← → 选点，PgUp PgDn 调权重，Del 删除。"
        "在图中单击可查看该点；拖动虚线可改变时刻。",
    ),
    "play.plane.alt": Text(
        "Density of the flow at one time in the plane, with trajectories from the prior to the "
        "data. Data points and their weights: {{points}}",
        "平面上某一时刻流的密度，以及从先验到数据的轨迹。数据点及其权重：{{points}}",
    ),
    "play.plane.hint": Text(
        "Drag the data points, click one to see what reaches it; double-click beside them to add "
        "one, on one to remove it. Keys on a point: arrows move it, PgUp PgDn choose another, + − "
        "change its weight, Del removes it. Click in the picture to inspect a point.",
        "拖动数据点，单击数据点可看哪些轨迹到达它；在空处双击可添加，在点上双击可删除。"
        "选中一个点后：方向键移动，PgUp PgDn 换点，+ − 调权重，Del 删除。在图中单击可查看该点。",
    ),
    "play.plane.accuracy": Text(
        "Estimated error of the trajectories: {{error}}.",
        "轨迹误差的估计值：{{error}}。",
    ),
    "play.plane.unsure": Text(
        "Starts too close to the boundary between two basins to be sure: {{n}}.",
        "离两个吸引域的分界线太近、归属不确定的起点：{{n}} 个。",
    ),
    # Controls.
    "play.kind": Text("Kind", "种类"),
    "play.picture": Text("Picture", "画面"),
    "play.add": Text("Add a point", "添加数据点"),
    "play.reset": Text("Start over", "恢复原状"),
    "play.point.position": Text("Position of data point {{i}}", "第 {{i}} 个数据点的位置"),
    "play.point.horizontal": Text(
        "Horizontal position of data point {{i}}", "第 {{i}} 个数据点的横坐标"
    ),
    "play.point.vertical": Text(
        "Vertical position of data point {{i}}", "第 {{i}} 个数据点的纵坐标"
    ),
    "play.point.weight": Text("Weight of data point {{i}}", "第 {{i}} 个数据点的权重"),
    "play.point.less": Text("Less weight at x = {{x}}", "减小 x = {{x}} 的权重"),
    "play.point.more": Text("More weight at x = {{x}}", "增大 x = {{x}} 的权重"),
    "play.point.remove": Text("Remove the data point at x = {{x}}", "删除 x = {{x}} 的数据点"),
}
