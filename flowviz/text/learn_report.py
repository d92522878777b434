"""The Learn page, after a training: what was learned, and what can be done with it."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "learn.report": Text("What it learned", "学到了什么"),
    "learn.summary": Text(
        "After {step:,} {step:step|steps} ({seconds} s on {device}) the relative error of the "
        "velocity is **{relative}** (root mean square over the flow).",
        "训练 {step:,} 步之后（{device}，{seconds} 秒），"
        "速度的相对误差是 **{relative}**（按流的密度取均方根）。",
    ),
    "learn.summary.stopped": Text(
        "Stopped after {step:,} {step:step|steps} ({seconds} s on {device}): the relative error "
        "of the velocity is **{relative}** (root mean square over the flow).",
        "在第 {step:,} 步停止（{device}，{seconds} 秒）："
        "速度的相对误差是 **{relative}**（按流的密度取均方根）。",
    ),
    "learn.summary.heavy": Text(
        "After {step:,} {step:step|steps}, {seconds} s on {device}, the velocity is off by less "
        "than **{median}** at half of all positions (the median; E‖fₜ‖² is infinite under this "
        "prior, so a root mean square would mean nothing).",
        "{step:,} 步之后（{device}，{seconds} 秒），在一半的位置上速度的相对误差小于 **{median}**"
        "（取中位数：这个先验下 E‖fₜ‖² 为无穷大，均方根误差没有定义）。",
    ),
    "learn.summary.stopped.heavy": Text(
        "Stopped after {step:,} {step:step|steps}, {seconds} s on {device}: the velocity is off "
        "by less than **{median}** at half of all positions (the median; E‖fₜ‖² is infinite under "
        "this prior, so a root mean square would mean nothing).",
        "停在第 {step:,} 步（{device}，{seconds} 秒）：在一半的位置上速度的相对误差小于 "
        "**{median}**（取中位数：这个先验下 E‖fₜ‖² 为无穷大，均方根误差没有定义）。",
    ),
    "learn.known": Text(
        "Trained here earlier with exactly these settings, so it is shown at once.",
        "此前已用完全相同的设置训练过，所以立即显示。",
    ),
    "learn.samples": Text("Where its samples land", "它的样本落在哪里"),
    "learn.samples.line": Text(
        "{n} samples of the prior, carried by the network to t = 0; horizontal bars: the weights "
        "of the data points.",
        "{n} 个先验样本，由网络送到 t = 0；横线：各数据点的权重。",
    ),
    "learn.samples.plane": Text(
        "{n} samples of the prior, carried by the network to t = 0, with the data points.",
        "{n} 个先验样本，由网络送到 t = 0；同时画出数据点。",
    ),
    "learn.alt.samples": Text("The network's samples and the data", "网络的样本与数据"),
    "learn.likelihood": Text("Log-likelihood: network and exact", "对数似然：网络与精确值"),
    "learn.likelihood.network": Text("the network's log p", "网络的 log p"),
    "learn.likelihood.exact": Text("exact log p", "精确的 log p"),
    "learn.likelihood.caption": Text(
        "{n} {n:point|points} sampled at t = {t}: the network's log-density (instantaneous change "
        "of variables, exact divergence) against the exact one. On the diagonal the two agree.",
        "在 t = {t} 采样 {n} 个点：网络的对数密度（瞬时变量替换，精确散度）与精确值对照。"
        "落在对角线上即一致。",
    ),
    "learn.likelihood.jumps": Text(
        "Not shown: a network that knows the edges has a velocity that jumps there, and across a "
        "jump the density does not follow from the divergence.",
        "未显示：已知边界的网络，其速度在边界上跳变；跨过跳变时，密度不能由散度得到。",
    ),
    "learn.alt.likelihood": Text(
        "The network's log-density against the exact one", "网络的对数密度对照精确值"
    ),
    "learn.table.what": Text("Measured", "测量"),
    "learn.table.network": Text("Network", "网络"),
    "learn.table.exact": Text("Exact flow", "精确的流（参照）"),
    "learn.table.caption": Text(
        "Two sets of exact samples differ by chance as well; the right column shows by how much. "
        "Only what is clearly above it is the network's error (for log p: clearly below it).",
        "两组精确样本之间也会因随机性而有差距，右列就是这个差距的大小。"
        "只有明显大于它的部分才是网络的误差（对 log p 则是明显小于它的部分）。",
    ),
    "learn.energy": Text("Energy distance of samples to the data", "样本与数据的能量距离"),
    "learn.w2": Text("W₂ of samples to the data", "样本与数据的 W₂ 距离"),
    "learn.nearest": Text(
        "Distance to the nearest data point: median; 95% quantile",
        "到最近数据点的距离：中位数；95% 分位数",
    ),
    "learn.table.likelihood": Text("Mean log p at t = {t}", "t = {t} 时 log p 的平均"),
    "learn.table.outside": Text(
        "{n} {n:point ends|points end} outside the prior; mean of the others {mean}",
        "{n} 个点终止于先验之外；其余的平均为 {mean}",
    ),
    "learn.heart": Text("Memorised or smoothed?", "记住了，还是平滑了？"),
    "learn.heart.points": Text(
        "It memorises: half of its samples land within {fraction} of the spacing of neighbouring "
        "data points ({apart}). The exact flow ends on the data points too; in this scene there "
        "is nothing else to learn.",
        "它记住了数据点：一半样本离数据点不到相邻间距（{apart}）的 {fraction}。"
        "精确的流也恰好终止在数据点上；在这个场景里没有别的可学。",
    ),
    "learn.heart.between": Text(
        "In between: half of its samples land further than {fraction} of the spacing of "
        "neighbouring data points ({apart}) from any of them.",
        "介于两者之间：一半样本离任何数据点都超过相邻间距（{apart}）的 {fraction}。",
    ),
    "learn.heart.smooth": Text(
        "It smooths: half of its samples land further than {fraction} of the spacing of "
        "neighbouring data points ({apart}) from any of them. The exact flow would "
        "only reproduce the data points; anything new here comes from the network's error.",
        "它做了平滑：一半样本离任何数据点都超过相邻间距（{apart}）的 {fraction}。"
        "精确的流只会重现数据点；这里的“新样本”都来自网络的误差。",
    ),
    "learn.weights": Text("Weights (safetensors)", "权重（safetensors）"),
    "learn.script": Text("Script (Python)", "脚本（Python）"),
    "learn.downloads": Text(
        "The weights carry this page's link in their header. The script trains the same network "
        "alone, with flowviz installed.",
        "权重文件的头部存有本页链接。装好 flowviz 后，脚本可独立训练同一个网络。",
    ),
}
