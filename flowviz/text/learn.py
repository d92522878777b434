"""The Learn page: a small network learns the velocity, beside the exact one."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "learn.title": Text("Learn: a network and its true error", "学习：网络与它的真实误差"),
    "learn.lead": Text(
        "A small network vθ learns the velocity from examples alone: a data point, a prior draw, "
        "the velocity on the way between them. Here the exact field is known, so you see what "
        "usually nobody can: **how wrong the network really is**, and where.",
        "小网络 vθ 只从样例中学速度：一个数据点、一次先验抽样、两者之间途中的速度。"
        "而这里精确的场是已知的，所以能看到平常看不到的：**网络究竟错多少、错在哪里**。",
    ),
    # Settings.
    "field.learn_steps": Text("Steps", "步数"),
    "field.learn_batch": Text("Batch", "批量"),
    "field.learn_width": Text("Width", "宽度"),
    "field.learn_depth": Text("Depth", "深度"),
    "field.learn_activation": Text("Activation", "激活函数"),
    "field.learn_rate": Text("Learning rate", "学习率"),
    "field.learn_sampling": Text("How times are drawn", "时刻的抽取"),
    "field.learn_t_min": Text("Earliest time", "最早时刻"),
    "field.learn_target": Text("What is regressed on", "回归目标"),
    "field.learn_seed": Text("Seed", "随机种子"),
    "learn.training": Text("Network and training", "网络与训练"),
    "learn.more": Text("More settings", "更多设置"),
    "learn.learn_sampling": Text("How times are drawn", "时刻的抽取"),
    "learn.learn_sampling.uniform": Text("uniform", "均匀"),
    "learn.learn_sampling.logit_normal": Text("logit-normal", "logit 正态"),
    "learn.activation.silu": Text("SiLU (smooth)", "SiLU（光滑）"),
    "learn.activation.gelu": Text("GELU (smooth)", "GELU（光滑）"),
    "learn.activation.tanh": Text("tanh (bounded)", "tanh（有界）"),
    "learn.activation.relu": Text("ReLU (with kinks)", "ReLU（有折角）"),
    "learn.activation.selu": Text("SELU (a kink at 0)", "SELU（0 处有折角）"),
    "learn.exact": Text("Regress on the exact field", "直接回归精确的场"),
    "learn.exact.help": Text(
        "The same network, with the target fₜ(x) in place of fₜ(x|x₀): the noise of the target is "
        "gone and the floor is 0. What is left is the network's own.",
        "网络不变，把目标 fₜ(x|x₀) 换成 fₜ(x)：目标的噪声没有了，下限是 0。"
        "剩下的就是网络自己的误差。",
    ),
    # Buttons.
    "learn.train": Text("Train", "训练"),
    "learn.train.help": Text(
        "Train on this server, in the background; the page stays alive.",
        "在服务器后台训练；页面照常可用。",
    ),
    "learn.stop": Text("Stop", "停止"),
    "learn.stop.help": Text("Stop and keep what is learned so far.", "停下，保留已学到的。"),
    "learn.stop.measuring": Text("Stop measuring", "停止测量"),
    "learn.stop.measuring.help": Text(
        "Keep the network, and what is measured so far.", "保留网络和已测出的结果。"
    ),
    "learn.continue": Text("Continue", "继续"),
    "learn.continue.help": Text(
        "Go on from here, as if it had not been stopped.", "从这里接着训练，如同没有停过。"
    ),
    "learn.longer": Text("Continue for as long again", "再训练同样久"),
    "learn.longer.help": Text(
        "Twice the steps, beginning with these weights.", "步数加倍，从现在的权重开始。"
    ),
    "learn.reset": Text("Reset", "重来"),
    "learn.reset.help": Text("Forget the network and begin anew.", "忘掉这个网络，从头开始。"),
    # How it stands.
    "learn.shared": Text(
        "Others look at this training too, and for them it goes on. Train takes you back to it.",
        "还有别人也在看这次训练，对他们它仍在继续。点“训练”可以重新加入。",
    ),
    "learn.idle": Text(
        "Press Train and watch the loss come down to its floor.",
        "按“训练”，看损失一路降到它的下限。",
    ),
    "learn.waiting": Text(
        "In the queue; {n} before you. It begins by itself.",
        "排队中，前面还有 {n} 个；会自动开始。",
    ),
    "learn.next": Text("Next in line; it begins by itself.", "排在最前面，会自动开始。"),
    "learn.starting": Text("Getting ready…", "准备中……"),
    "learn.preparing": Text(
        "Getting ready: computing the exact field… {percent} %",
        "准备中：计算精确的场…… {percent} %",
    ),
    "learn.training.now": Text(
        "Step {step:,} of {steps:,}, {left} left, on {device}",
        "第 {step:,} 步，共 {steps:,} 步，还剩 {left}，{device}",
    ),
    "learn.trained": Text(
        "All {steps:,} steps are taken; next it is measured…",
        "{steps:,} 步全部走完；接着测量……",
    ),
    "learn.measuring": Text(
        "Measuring what it learned… {percent} %", "测量学到了什么…… {percent} %"
    ),
    "learn.seconds": Text("{n} s", "{n} 秒"),
    "learn.again": Text(
        "The process that trained was lost; another has begun again.",
        "负责训练的进程丢失，已换一个重新开始。",
    ),
    "learn.device.cpu": Text("the processor", "使用处理器"),
    "learn.device.gpu": Text("the GPU ({name})", "使用 GPU（{name}）"),
    # The loss.
    "learn.axis.step": Text("step", "步"),
    "learn.axis.loss": Text("loss", "损失"),
    "learn.axis.floor": Text("exact floor: no network gets lower", "精确下限：任何网络都低不过它"),
    "learn.axis.floor.none": Text("floor: 0", "下限：0"),
    "learn.axis.excess": Text("loss − floor", "损失 − 下限"),
    "learn.axis.batches": Text("as the batches say", "批量估计"),
    "learn.axis.true": Text("true error E‖v − f‖²", "真实误差 E‖v − f‖²"),
    "learn.axis.t": Text("← data    t    prior →", "← 数据    t    先验 →"),
    "learn.curves": Text(
        "The loss, a mean over the latest batches, is {loss}; its floor, the spread of the answers "
        "a place can have, is {floor} (± {error}). Measured apart from the batches' noise, the "
        "network's own error is {excess}: {relative} of the velocity.",
        "损失（最近几批的平均）是 {loss}；下限（同一处不同答案的离散）是 {floor}（± {error}）。"
        "撇开批量的噪声另行测量，网络自己的误差是 {excess}，占速度的 {relative}。",
    ),
    "learn.curves.exact": Text(
        "With the exact field for a target there is no floor: the loss {loss}, a mean over the "
        "latest batches, is all error. Measured apart from the batches' noise, the error is "
        "{excess}: {relative} of the velocity.",
        "以精确的场为目标就没有下限：损失 {loss}（最近几批的平均）全是误差。"
        "撇开批量的噪声另行测量，误差是 {excess}，占速度的 {relative}。",
    ),
    "learn.curves.heavy": Text(
        "The loss of the latest batches, {loss}, is mostly that of the few examples farthest out: "
        "under this prior E‖f‖² is infinite, and an error relative to it would mean nothing. The "
        "median means something: at half of all positions the velocity is off by less than "
        "{median}.",
        "最近几批的损失是 {loss}，主要来自离得最远的少数训练样本：在这个先验下 E‖f‖² 为无穷大，"
        "相对于它的误差没有意义。有意义的是中位数：在一半的位置上，速度的相对误差小于 {median}。",
    ),
    "learn.axis.median": Text("median of ‖v − f‖/‖f‖", "‖v − f‖/‖f‖ 的中位数"),
    "learn.alt.median": Text(
        "Median relative error over steps, on a logarithmic axis",
        "相对误差的中位数随步数的变化，对数坐标",
    ),
    "learn.alt.loss": Text("Loss over steps, above its floor", "损失随步数的变化，及其下限"),
    "learn.alt.excess": Text(
        "Loss minus floor over steps, on a logarithmic axis", "损失减去下限，对数坐标"
    ),
    # The flows.
    "learn.panel.learned": Text("Learned: arrows −vθ", "学到的：箭头 −vθ"),
    "learn.panel.exact": Text("Exact: arrows −fₜ", "精确的：箭头 −fₜ"),
    "learn.panel.gap": Text("Difference ‖vθ − fₜ‖", "差别 ‖vθ − fₜ‖"),
    "learn.alt.learned": Text("Trajectories of the network", "网络的轨迹"),
    "learn.alt.exact": Text("Exact trajectories from the same starts", "同样起点的精确轨迹"),
    "learn.alt.gap": Text("Map of the network's error", "网络误差的分布图"),
    "learn.nothing": Text("after training", "训练之后"),
    "learn.nothing.measuring": Text("being measured…", "正在测量……"),
    "learn.nothing.exact": Text("being computed…", "正在计算……"),
    "learn.nothing.stopped": Text("not measured", "未测量"),
    "learn.gap.top": Text("to {percent}", "至 {percent}"),
    "learn.flows.line": Text(
        "Both from the same starts; colours are those of the data points that the exact flow "
        "reaches, and arrows point the way the particles go, from the prior to the data, against "
        "time: −vθ and −fₜ. The difference is relative to the typical speed at each time, and "
        "blank where next to nothing flows: no example ever came from there.",
        "两者起点相同；颜色取自精确的流所到达的数据点，"
        "箭头指向粒子行进的方向，从先验到数据，与时间相反（−vθ 与 −fₜ）。"
        "差别相对于各时刻的典型速度；几乎没有流的地方留空：那里从没有样例。",
    ),
    "learn.flows.plane": Text(
        "Both from the same starts, under one clock; colours are those of the data points that the "
        "exact flow reaches, and arrows point the way the particles go, against time: −vθ and −fₜ. "
        "The difference is relative to the typical speed at that time, and blank where next to "
        "nothing flows.",
        "两者起点相同、共用一个时钟；颜色取自精确的流所到达的数据点，"
        "箭头指向粒子行进的方向，与时间相反（−vθ 与 −fₜ）。"
        "差别相对于该时刻的典型速度；几乎没有流的地方留空。",
    ),
    # Afterwards.
    "learn.report": Text("What it learned", "学到了什么"),
    "learn.summary": Text(
        "After {step:,} steps, {seconds} s on {device}, the velocity is off by **{relative}** "
        "(root mean square, over the flow).",
        "{step:,} 步之后（{device}，{seconds} 秒），速度的误差是 **{relative}**（沿流的均方根）。",
    ),
    "learn.summary.stopped": Text(
        "Stopped after {step:,} steps, {seconds} s on {device}: the velocity is off by "
        "**{relative}** (root mean square, over the flow).",
        "停在第 {step:,} 步（{device}，{seconds} 秒）："
        "速度的误差是 **{relative}**（沿流的均方根）。",
    ),
    "learn.summary.heavy": Text(
        "After {step:,} steps, {seconds} s on {device}, the velocity is off by less than "
        "**{median}** at half of all positions (the median; E‖fₜ‖² is infinite under this prior, "
        "so a root mean square would mean nothing).",
        "{step:,} 步之后（{device}，{seconds} 秒），在一半的位置上速度的相对误差小于 **{median}**"
        "（取中位数：这个先验下 E‖fₜ‖² 为无穷大，均方根没有意义）。",
    ),
    "learn.summary.stopped.heavy": Text(
        "Stopped after {step:,} steps, {seconds} s on {device}: the velocity is off by less than "
        "**{median}** at half of all positions (the median; E‖fₜ‖² is infinite under this prior, "
        "so a root mean square would mean nothing).",
        "停在第 {step:,} 步（{device}，{seconds} 秒）：在一半的位置上速度的相对误差小于 "
        "**{median}**（取中位数：这个先验下 E‖fₜ‖² 为无穷大，均方根没有意义）。",
    ),
    "learn.known": Text(
        "Trained here earlier with exactly these settings, so it is shown at once.",
        "此前已用完全相同的设置训练过，所以立即显示。",
    ),
    "learn.samples": Text("Where its samples land", "它的样本落在哪里"),
    "learn.samples.line": Text(
        "{n} draws from the prior, carried by the network to t = 0; across: the data's weights.",
        "{n} 次先验抽样，由网络送到 t = 0；横线：数据的权重。",
    ),
    "learn.samples.plane": Text(
        "{n} draws from the prior, carried by the network to t = 0, among the data points.",
        "{n} 次先验抽样，由网络送到 t = 0；同时画出数据点。",
    ),
    "learn.alt.samples": Text("The network's samples and the data", "网络的样本与数据"),
    "learn.likelihood": Text("How likely it finds what is there", "它给出的似然"),
    "learn.likelihood.own": Text("the network's log p", "网络的 log p"),
    "learn.likelihood.exact": Text("exact log p", "精确的 log p"),
    "learn.likelihood.caption": Text(
        "{n} places drawn at t = {t}: the network's log-density (change of variables, exact "
        "divergence) against the exact one. Right is on the line.",
        "在 t = {t} 抽取 {n} 处：网络的对数密度（瞬时变量替换，精确散度）对照精确值。"
        "落在线上就对了。",
    ),
    "learn.alt.likelihood": Text(
        "The network's log-density against the exact one", "网络的对数密度对照精确值"
    ),
    "learn.table.what": Text("Measured", "测量"),
    "learn.table.own": Text("Network", "网络"),
    "learn.table.exact": Text("Without a mistake", "毫无差错时"),
    "learn.table.caption": Text(
        "Two sets of exact samples are apart too, by chance: that is the number on the right. Only "
        "what is clearly above it is the network's fault; with log p, what is below it.",
        "两组精确的样本之间也会因偶然而有距离：就是右边的数。明显超过它的部分才是网络的错；"
        "对 log p 则是低于它的部分。",
    ),
    "learn.energy": Text("Energy distance of samples to the data", "样本与数据的能量距离"),
    "learn.w2": Text("W₂ of samples to the data", "样本与数据的 W₂ 距离"),
    "learn.nearest": Text(
        "To the nearest data point: median; 95 %", "到最近数据点的距离：中位数；95%"
    ),
    "learn.table.likelihood": Text("Mean log p at t = {t}", "t = {t} 处 log p 的平均"),
    "learn.table.outside": Text(
        "{n} left the prior; of the others {mean}", "{n} 处离开先验；其余为 {mean}"
    ),
    "learn.heart": Text("By heart, or smoothed?", "死记，还是抹平？"),
    "learn.heart.points": Text(
        "It reproduces the data points: half of its samples land within {share} of the distance "
        "between neighbours ({apart}). The exact flow does so without end; here there is nothing "
        "else to learn.",
        "它重现了数据点：一半样本离数据点不到相邻间距（{apart}）的 {share}。"
        "精确的流正是如此，分毫不差；这里本来也没有别的可学。",
    ),
    "learn.heart.between": Text(
        "Something of both: half of its samples land further than {share} of the distance between "
        "neighbours ({apart}) from any data point.",
        "两者兼有：一半样本离任何数据点都超过相邻间距（{apart}）的 {share}。",
    ),
    "learn.heart.smooth": Text(
        "It smooths between the data points: half of its samples land further than {share} of the "
        "distance between neighbours ({apart}) from any of them. The exact flow would only repeat "
        "them; what is new comes from the network's error.",
        "它在数据点之间抹平：一半样本离任何数据点都超过相邻间距（{apart}）的 {share}。"
        "精确的流只会重复数据；新意来自网络的误差。",
    ),
    "learn.weights": Text("Weights (safetensors)", "权重（safetensors）"),
    "learn.script": Text("Script (Python)", "脚本（Python）"),
    "learn.downloads": Text(
        "The weights carry this page's link in their header. The script trains the same network "
        "alone, with flowviz installed.",
        "权重文件的头部存有本页链接。装好 flowviz 后，脚本可独立训练同一个网络。",
    ),
    # Why.
    "learn.why": Text("Why is there a floor?", "为什么有下限？"),
    "learn.why.split": Text("The loss splits into two, exactly:", "损失恰好分成两部分："),
    "learn.why.floor": Text(
        "Trajectories to different data points cross. Where they do, the examples give different "
        "answers at the same place, and the best any network can say is their mean, which is the "
        "exact field fₜ(x). The spread of the answers stays in the loss for ever: that is the "
        "floor, and it does not mean that the network is bad.",
        "通往不同数据点的条件轨迹会相交。相交之处，样例在同一个地方给出不同的答案，"
        "网络最好也只能说出它们的平均，也就是精确的场 fₜ(x)。"
        "答案的离散永远留在损失里：这就是下限，并不说明网络不好。",
    ),
    "learn.why.exact": Text(
        "Switch on “Regress on the exact field” to take this noise away: then the loss can fall to "
        "0, and you see how much of the difficulty was the target's.",
        "打开“直接回归精确的场”可去掉这种噪声：损失便能降到 0，由此看出困难有多少来自目标本身。",
    ),
    # What went wrong.
    "error.learn.diverged": Text(
        "The training diverged at step {step:,}, where the loss was {value}: "
        "try a smaller learning rate.",
        "训练在第 {step:,} 步发散，损失达到 {value}：请减小学习率再试。",
    ),
    "error.learn.long": Text(
        "This would take about {minutes:,} minutes, and up to {limit} are accepted: choose fewer "
        "steps, a smaller batch or a smaller network.",
        "这大约要 {minutes:,} 分钟，而最多可用 {limit} 分钟：请减少步数，或减小批量、网络。",
    ),
    "error.learn.heavy": Text(
        "One step would take about {seconds} s, and up to {limit} s are accepted, so that Stop is "
        "heard: choose a smaller batch or a smaller network.",
        "每一步大约要 {seconds} 秒，而最多可用 {limit} 秒，否则无法及时停下：请减小批量或网络。",
    ),
}
