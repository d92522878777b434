"""The Learn page: a small network learns the velocity, beside the exact one."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "learn.title": Text("Train a network and see its true error", "训练网络，看它的真实误差"),
    "learn.lead": Text(
        "In practice the velocity is learned: a small network vθ sees only random pairs of a data "
        "point and a prior sample, with the velocity between them (**conditional flow "
        "matching**). Usually nobody knows the exact answer. Here it is known, so you see **how "
        "large the network's error really is, and where**.",
        "实际应用中，速度是学出来的：小网络 vθ 只见到随机配对的数据点与先验样本，"
        "以及两者之间的速度（**条件流匹配**）。通常没有人知道精确答案；这里知道，"
        "所以看得到**网络的误差究竟有多大、错在哪里**。",
    ),
    # What the picture shows.
    "learn.caption.1": Text(
        "The trajectories of the network as it is now; an untrained one has random weights.",
        "网络当前给出的轨迹；未训练的网络，权重是随机的。",
    ),
    "learn.caption.2": Text(
        "The exact trajectories of the same samples: the two should look alike.",
        "相同样本的精确轨迹：两幅图应当一样。",
    ),
    "learn.caption.3": Text(
        "The error: the stronger the colour, the further off the network's velocity.",
        "误差：颜色越浓，网络的速度偏差越大。",
    ),
    # Settings.
    "field.learn_steps": Text("Steps", "步数"),
    "field.learn_batch": Text("Batch size", "批大小"),
    "field.learn_width": Text("Width", "宽度"),
    "field.learn_depth": Text("Depth", "深度"),
    "field.learn_activation": Text("Activation", "激活函数"),
    "field.learn_rate": Text("Learning rate", "学习率"),
    "field.learn_sampling": Text("Sampling of the times t", "时刻 t 的采样"),
    "field.learn_t_min": Text("Smallest time t", "最小时刻 t"),
    "field.learn_target": Text("Training target", "训练目标"),
    "field.learn_seed": Text("Seed", "随机种子"),
    "field.learn_edges": Text("Know the edges of the prior", "已知先验的边界"),
    "learn.edges.help": Text(
        "A data point x₀ reaches x only where φₜ(x|x₀) is inside the prior's support. There the "
        "exact velocity jumps, and a smooth network cannot follow. With this switch its input "
        "also says on which side of these edges x lies. The training examples stay the same.",
        "只有 φₜ(x|x₀) 在先验的支集之内，数据点 x₀ 才能到达 x。精确速度在这些边界上跳变，"
        "光滑的网络跟不上。打开后，网络的输入还包含 x 在边界的哪一侧。训练样本不变。",
    ),
    "learn.edges.none": Text(
        "This prior has no edges: the network stays as it is.",
        "这个先验没有边界：网络不变。",
    ),
    "field.learn_labels": Text("Give it the labels", "给出标签"),
    "field.learn_dropout": Text("Label dropout", "标签丢弃率"),
    "learn.labels.help": Text(
        "Each training example also carries the label of its data point. One network learns the "
        "velocity of each class and, where the label is left out, of all data: classifier-free "
        "guidance needs both.",
        "每个训练样本还带上数据点的标签。同一个网络既学每一类的速度，也在不给标签时学全部数据的速度："
        "无分类器引导两者都要用。",
    ),
    "learn.dropout.help": Text(
        "The probability that an example's label is left out.", "训练样本不给标签的概率。"
    ),
    "learn.labels.none": Text(
        "No data point has a label: write @a, @b behind points in the list.",
        "数据点还没有标签：在列表里的点后面写 @a、@b。",
    ),
    "learn.labels.target": Text(
        "Labels are given with the conditional velocity as the target only.",
        "只有以条件速度为目标时才给标签。",
    ),
    "learn.labels.mean": Text(
        "The loss, its floor and the error are means over examples with and without a label.",
        "损失、下限与误差都是对带标签和不带标签的样本取平均。",
    ),
    "learn.training": Text("Network and training", "网络与训练"),
    "learn.more": Text("More settings", "更多设置"),
    "learn.learn_sampling": Text("Sampling of the times t", "时刻 t 的采样"),
    "learn.learn_sampling.uniform": Text("uniform", "均匀"),
    "learn.learn_sampling.logit_normal": Text("logit-normal", "logit 正态"),
    "learn.activation.silu": Text("SiLU (smooth)", "SiLU（光滑）"),
    "learn.activation.gelu": Text("GELU (smooth)", "GELU（光滑）"),
    "learn.activation.tanh": Text("tanh (bounded)", "tanh（有界）"),
    "learn.activation.relu": Text("ReLU (piecewise linear)", "ReLU（分段线性）"),
    "learn.activation.selu": Text("SELU (a kink at 0)", "SELU（0 处有折角）"),
    "learn.target.conditional": Text("conditional velocity", "条件速度"),
    "learn.target.exact": Text("exact velocity", "精确速度"),
    "learn.target.average": Text("average velocity", "平均速度"),
    "learn.target.help": Text(
        "Conditional: fₜ(x|x₀), as in practice. Exact: the same network with fₜ(x) as the target; "
        "the noise of the target is gone and the floor is 0. Average (MeanFlow): the network "
        "learns the average velocity between two times from its identity u + (t − s) du/dt = fₜ, "
        "so that one step generates a sample; its loss and errors are those of the velocity, where "
        "both times are equal.",
        "条件：fₜ(x|x₀)，与实际应用相同。精确：网络不变，目标换成 fₜ(x)，目标不再有噪声，下限是 0。"
        "平均（MeanFlow）：网络由恒等式 u + (t − s) du/dt = fₜ 学习两个时刻之间的平均速度，"
        "一步即可生成样本；"
        "损失与误差按两个时刻相同时的速度来算。",
    ),
    # Buttons.
    "learn.train": Text("Train", "训练"),
    "learn.train.help": Text(
        "Train in the background on this server; the page stays usable.",
        "在服务器后台训练；页面照常可用。",
    ),
    "learn.anew": Text("Begin again", "重新开始"),
    "learn.anew.help": Text("Train again from the first step.", "从第一步起重新训练。"),
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
    "learn.longer": Text("Train as long again", "再训练同样的步数"),
    "learn.longer.help": Text(
        "Twice the steps in all, continuing from these weights.", "总步数加倍，从现在的权重继续。"
    ),
    "learn.reset": Text("Reset", "重置"),
    "learn.reset.help": Text("Forget the network and begin anew.", "忘掉这个网络，从头开始。"),
    # How it stands.
    "learn.shared": Text(
        "Someone else is watching this training, so it goes on for them. Press Train to rejoin.",
        "还有别人在看这次训练，所以它会继续。按“训练”可以重新加入。",
    ),
    "learn.lost": Text(
        "The server was restarted during this training, and what was learned is lost.",
        "训练途中服务器重新启动，已学到的内容未能保留。",
    ),
    "learn.idle": Text(
        "Press Train and watch the loss come down towards its floor.",
        "按“训练”，看损失逐渐降向它的下限。",
    ),
    "learn.waiting": Text(
        "In the queue; {n} before you. It begins by itself.",
        "排队中，前面还有 {n} 个；会自动开始。",
    ),
    "learn.next": Text("Starting soon…", "即将开始……"),
    "learn.starting": Text("Getting ready…", "准备中……"),
    "learn.preparing": Text(
        "Getting ready: computing the exact velocity… {percent}%",
        "准备中：正在计算精确速度……{percent}%",
    ),
    "learn.training.now": Text(
        "Step {step:,} of {steps:,}, {left} left, on {device}",
        "第 {step:,} 步，共 {steps:,} 步，还剩 {left}，{device}",
    ),
    "learn.trained": Text(
        "All {steps:,} steps are taken; next it is measured…",
        "{steps:,} 步全部走完；接着测量……",
    ),
    "learn.measuring": Text("Measuring the result… {percent}%", "正在测量结果……{percent}%"),
    "learn.seconds": Text("{n} s", "{n} 秒"),
    "learn.again": Text(
        "The process that trained was lost; another has begun again.",
        "负责训练的进程丢失，已换一个重新开始。",
    ),
    "learn.device.cpu": Text("the CPU", "CPU"),
    "learn.device.gpu": Text("the GPU ({name})", "GPU：{name}"),
    # The loss.
    "learn.axis.step": Text("step", "步"),
    "learn.axis.loss": Text("loss", "损失"),
    "learn.axis.floor": Text("exact floor", "精确下限"),
    "learn.axis.floor.none": Text("floor: 0", "下限：0"),
    "learn.axis.excess": Text("loss − floor", "损失 − 下限"),
    "learn.axis.batches": Text("estimated from batches", "由批次估计"),
    "learn.axis.true": Text("true error E‖v − f‖²", "真实误差 E‖v − f‖²"),
    "learn.axis.t": Text("← data    t    prior →", "← 数据    t    先验 →"),
    "learn.curves.before": Text(
        "During training this line gives three numbers: the loss (mean over recent batches); its "
        "floor, the variance of the targets, below which no network can get; and, measured without "
        "batch noise, the network's own mean squared error.",
        "训练开始后，这里给出三个数：损失（最近几批的平均）；它的下限，即目标值的方差，"
        "任何网络都不能更低；以及排除批次噪声后单独测得的网络自身的均方误差。",
    ),
    "learn.curves.exact.before": Text(
        "During training this line gives two numbers: the loss (mean over recent batches), which "
        "has no floor with the exact velocity as the target; and, measured without batch noise, "
        "the mean squared error.",
        "训练开始后，这里给出两个数：损失（最近几批的平均），以精确速度为目标时它没有下限；"
        "以及排除批次噪声后单独测得的均方误差。",
    ),
    "learn.curves": Text(
        "The loss is {loss} (mean over recent batches); its floor, the variance of the targets, "
        "below which no network can get, is {floor} (± {error}). Measured without batch noise, "
        "the network's own mean squared error is {excess}: a relative error of {relative} (root "
        "mean square).",
        "损失是 {loss}（最近几批的平均），其下限即目标值的方差，任何网络都不能更低，为 "
        "{floor}（± {error}）。"
        "排除批次噪声后单独测量，网络自身的均方误差是 {excess}，"
        "开方后相对于速度的误差为 {relative}。",
    ),
    "learn.curves.exact": Text(
        "With the exact velocity as the target there is no floor: the loss {loss} (mean over "
        "recent batches) is all error. Measured without batch noise, the mean squared error is "
        "{excess}: a relative error of {relative} (root mean square).",
        "以精确速度为目标就没有下限：损失 {loss}（最近几批的平均）全是误差。"
        "排除批次噪声后单独测量，均方误差是 {excess}，开方后相对于速度的误差为 {relative}。",
    ),
    "learn.curves.heavy": Text(
        "The loss of the latest batches, {loss}, is mostly that of the few examples farthest out: "
        "under this prior E‖f‖² is infinite, and an error relative to it would mean nothing. The "
        "median means something: at half of all positions the velocity is off by less than "
        "{median}.",
        "最近几批的损失是 {loss}，主要来自离得最远的少数训练样本：在这个先验下 E‖f‖² 为无穷大，"
        "相对于它的误差没有定义。这里看中位数：在一半的位置上，速度的相对误差小于 {median}。",
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
    "learn.panel.gap": Text("Error ‖vθ − fₜ‖", "误差 ‖vθ − fₜ‖"),
    "learn.alt.learned": Text("Trajectories of the network", "网络的轨迹"),
    "learn.alt.exact": Text("Exact trajectories from the same starts", "同样起点的精确轨迹"),
    "learn.alt.gap": Text("Map of the network's error", "网络误差的分布图"),
    "learn.untrained": Text(
        "The network is not trained yet: its weights are random.", "网络尚未训练，权重是随机的。"
    ),
    "learn.nothing": Text("after training", "训练之后"),
    "learn.nothing.measuring": Text("being measured…", "正在测量……"),
    "learn.nothing.stopped": Text("not measured", "未测量"),
    "learn.flows.line": Text(
        "Both start from the same samples. Colours: the data point that the exact flow reaches. "
        "Arrows point from the prior to the data, against time (−vθ and −fₜ). The error is "
        "relative to the typical speed at each time, and left blank where pₜ is almost 0, because "
        "no training example comes from there.",
        "两者从相同的样本出发。颜色：精确的流所到达的数据点。"
        "箭头从先验指向数据，与时间方向相反（−vθ 与 −fₜ）。误差相对于各时刻的典型速度；"
        "pₜ 几乎为 0 处留空，因为那里没有训练样本。",
    ),
    "learn.flows.plane": Text(
        "Both start from the same samples and share one clock. Colours: the data point that the "
        "exact flow reaches. Arrows point from the prior to the data, against time (−vθ and −fₜ). "
        "The error is relative to the typical speed at that time, and left blank where pₜ is "
        "almost 0.",
        "两者从相同的样本出发，时间同步。颜色：精确的流所到达的数据点。"
        "箭头从先验指向数据，与时间方向相反（−vθ 与 −fₜ）。误差相对于该时刻的典型速度；"
        "pₜ 几乎为 0 处留空。",
    ),
    # Why.
    "learn.script.time": Text(
        "t = 0 is the data and t = 1 the prior; flow matching's time is 1 - t, its velocity -f.",
        "t = 0 是数据，t = 1 是先验；流匹配的时间是 1 - t，速度是 -f。",
    ),
    "learn.why": Text("Why is there a floor?", "为什么有下限？"),
    "learn.why.split": Text("The loss splits into two, exactly:", "损失恰好分成两部分："),
    "learn.why.floor": Text(
        "Conditional trajectories to different data points cross. Where they do, training "
        "examples at the same point have different targets; the best any network can do is to "
        "predict their mean, which is the exact velocity fₜ(x). The variance of the targets stays "
        "in the loss for ever: that is the floor. It does not mean that the network is bad.",
        "通往不同数据点的条件轨迹会相交。在相交处，同一点的训练样本有不同的目标值；"
        "任何网络最多只能预测它们的平均，也就是精确的速度 fₜ(x)。"
        "目标值的方差永远留在损失里，这就是下限，并不说明网络不好。",
    ),
    "learn.why.exact": Text(
        "Switch on “Train on the exact velocity” to remove this noise: the loss can then fall to "
        "0, and you see how much of the difficulty came from the target.",
        "打开“以精确速度为目标”可去掉这种噪声：损失便能降到 0，由此看出困难有多少来自目标本身。",
    ),
    # What went wrong.
    "error.learn.diverged": Text(
        "The training diverged at step {step:,}, where the loss was {value}: "
        "try a smaller learning rate.",
        "训练在第 {step:,} 步发散，损失达到 {value}：请减小学习率再试。",
    ),
    "error.learn.long": Text(
        "This would take about {minutes:,} {minutes:minute|minutes}, and up to {limit} are "
        "accepted: choose fewer steps, a smaller batch or a smaller network.",
        "这大约要 {minutes:,} 分钟，而最多可用 {limit} 分钟：请减少步数，或减小批大小、网络。",
    ),
    "error.learn.heavy": Text(
        "One step would take about {seconds} s; at most {limit} s is allowed, so that Stop can "
        "respond. Choose a smaller batch or network.",
        "每一步大约要 {seconds} 秒，上限是 {limit} 秒（否则无法及时停止）：请减小批大小或网络。",
    ),
}
