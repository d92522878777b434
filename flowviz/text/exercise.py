"""Exercises by link: a question of a scene, answered before the scene is shown; their editor."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "field.ask": Text("The exercise's question (ask)", "练习的问题（ask）"),
    "field.at": Text("The point of the exercise (at)", "练习所问的点（at）"),
    "error.field.at": Text(
        "{label}: “{token}” is not accepted. Give t, x or t, x, y, with t from 0 to 1 and "
        "positions from −{limit:,} to {limit:,}.",
        "{label}：“{token}”无效。"
        "请给出 t, x 或 t, x, y，其中 t 在 0 到 1 之间，位置在 −{limit:,} 到 {limit:,} 之间。",
    ),
    "field.tol": Text("The exercise's tolerance (tol)", "练习的容差（tol）"),
    "field.hide": Text("Hidden controls (hide)", "隐藏的控件（hide）"),
    "field.lock": Text("Frozen controls (lock)", "冻结的控件（lock）"),
    "field.answer": Text("The locked answer (answer)", "锁定的答案（answer）"),
    "error.exercise.answer": Text(
        "“{token}” is no answer: give one or {most} numbers with a comma between, as in 0.5,1.2.",
        "“{token}”不是答案：请写一个或 {most} 个数，用逗号隔开，例如 0.5,1.2。",
    ),
    "error.exercise.frozen": Text(
        "In this exercise the {control} cannot be changed.", "这道练习不允许改动{control}。"
    ),
    "question.places": Text(
        "Click or tap the figure, drag the line, or use the arrow keys; or type the number.",
        "在图上单击或轻触、拖动直线或用方向键；也可直接输入数字。",
    ),
    "question.unput": Text("not placed yet", "尚未放置"),
    "exercise.title": Text("Exercise", "练习"),
    # Questions.
    "exercise.border": Text(
        "Samples of the prior that start below a certain position end at the lowest data point, "
        "{low}; those that start just above it end at {high}. Which position is it?",
        "先验样本的起点低于某个位置时，终点是最低的数据点 {low}；刚好高于它时，终点是 {high}。"
        "这个位置是多少？",
    ),
    "exercise.border.field.1": Text("Position at t = {one}", "t = {one} 时的位置"),
    "exercise.border.why": Text(
        "The border is at {value}. Trajectories on the line never cross, so the lowest point takes "
        "exactly its weight of the prior, counted from below.",
        "分界点在 {value}。直线上的轨迹互不相交，"
        "所以最低的数据点从下往上分得的先验概率恰好等于其权重。",
    ),
    "exercise.share": Text(
        "How many percent of the prior's samples end at the data point {point}?",
        "先验样本中有百分之多少以数据点 {point} 为终点？",
    ),
    "exercise.share.field.1": Text("Percent of the samples", "样本的百分比"),
    "exercise.share.why": Text(
        "It is {value}%: the point's weight, wherever it lies and whatever the prior is.",
        "是 {value}%：等于该点的权重，与它的位置和先验分布都无关。",
    ),
    "exercise.share.guidance": Text(
        "The flow is guided towards class {class} with scale {scale}. How many percent of the "
        "prior's samples end at the data point {point} of this class?",
        "流以强度 {scale} 引导至类 {class}。"
        "先验样本中有百分之多少以这一类的数据点 {point} 为终点？",
    ),
    "exercise.share.guidance.why": Text(
        "It is {value}%; of the class's own weight the point has {own}%. Guidance does not sample "
        "the class more sharply: it moves mass within it, too.",
        "是 {value}%；而它在这一类的权重中占 {own}%。"
        "引导并不只是让样本更集中于这一类，还会在类内部移动概率。",
    ),
    "exercise.density": Text(
        "How large is the density pₜ(x) at t = {t}, x = {place}?",
        "在 t = {t}，x = {place} 处，密度 pₜ(x) 有多大？",
    ),
    "exercise.density.field.1": Text("pₜ(x)", "pₜ(x)"),
    "exercise.density.why": Text(
        "pₜ(x) = {value}: the densities of the single points' flows, added with the weights.",
        "pₜ(x) = {value}：各个数据点单独的流的密度，按权重相加。",
    ),
    "exercise.velocity": Text(
        "What is the velocity fₜ(x) = dx/dt at t = {t}, x = {place}?",
        "在 t = {t}，x = {place} 处，速度 fₜ(x) = dx/dt 是多少？",
    ),
    "exercise.velocity.field.1": Text("fₜ(x)", "fₜ(x)"),
    "exercise.velocity.plane.1": Text("fₜ(x), first component", "fₜ(x) 的第一分量"),
    "exercise.velocity.plane.2": Text("fₜ(x), second component", "fₜ(x) 的第二分量"),
    "exercise.velocity.why": Text(
        "fₜ(x) = {value}: the average of the single points' velocities by posterior weights.",
        "fₜ(x) = {value}：各个数据点单独的速度按后验权重的平均。",
    ),
    "exercise.end": Text(
        "A sample of the prior starts at {place} (t = {one}). Where does it end (t = {zero})?",
        "一个先验样本从 {place} 出发（t = {one}）。它的终点（t = {zero}）在哪里？",
    ),
    "exercise.end.field.1": Text("Position at t = {zero}", "t = {zero} 时的位置"),
    "exercise.end.plane.1": Text("First coordinate at t = {zero}", "t = {zero} 时的第一坐标"),
    "exercise.end.plane.2": Text("Second coordinate at t = {zero}", "t = {zero} 时的第二坐标"),
    "exercise.end.why": Text(
        "It ends at {value}: every trajectory ends at a data point, not always at the nearest.",
        "终点是 {value}：每条轨迹都以某个数据点为终点，但不一定是最近的那个。",
    ),
    "exercise.nfe": Text(
        "How many evaluations of the velocity (NFE) does this take for one sample: {solver}, {n} "
        "{n:step|steps}?",
        "用{solver}走 {n} 步，生成一个样本需要多少次速度求值（NFE）？",
    ),
    "exercise.nfe.adaptive": Text(
        "How many evaluations of the velocity (NFE) does this take for one sample: {solver}, "
        "tolerance 10^-{n}?",
        "用{solver}、容差 10^-{n}，生成一个样本需要多少次速度求值（NFE）？",
    ),
    "exercise.nfe.field.1": Text("Evaluations (NFE)", "求值次数（NFE）"),
    "exercise.nfe.why": Text(
        "It takes {value}. The chart below shows what other solvers make of as many.",
        "需要 {value} 次。下面的图表显示其他求解器用同样的次数能做到什么。",
    ),
    "exercise.stale": Text(
        "The scene has changed since {answer} was locked, so this answer is not judged.",
        "锁定 {answer} 之后场景已经改变，因此不再评判这个答案。",
    ),
    "exercise.stale.shown": Text(
        "The scene has changed since the answer was shown.", "公布答案之后场景已经改变。"
    ),
    "exercise.stale.again": Text("Ask about this scene", "就当前场景提问"),
    "exercise.none": Text(
        "This scene has no answer to the question of its link (ask={ask}).",
        "这个场景对链接中的问题（ask={ask}）没有答案。",
    ),
    "exercise.elsewhere": Text(
        "The question of this link (ask={ask}) is asked on another page: {pages}.",
        "链接中的问题（ask={ask}）在别的页面提出：{pages}。",
    ),
    # Controls.
    "exercise.control.points": Text("data points", "数据点"),
    "exercise.control.prior": Text("prior", "先验分布"),
    "exercise.control.family": Text("family of trajectories", "轨迹族"),
    "exercise.frozen": Text("Frozen by this exercise.", "本练习已将其冻结。"),
    "exercise.frozen.points": Text("Positions (weights): {value}", "位置（权重）：{value}"),
    # The editor.
    "exercise.edit": Text("Make an exercise", "制作练习"),
    "exercise.edit.about": Text(
        "A link to this scene with a question. Who opens it answers first, then sees the picture. "
        "The answer is computed from the scene and is not in the link.",
        "指向这个场景并带有问题的链接。打开的人先作答，再看图。答案由场景算出，不在链接里。",
    ),
    "exercise.edit.ask": Text("Question", "问题"),
    "exercise.edit.ask.none": Text("None: the picture is shown", "不提问：直接显示图"),
    "exercise.edit.ask.border": Text("A basin's border", "吸引域之间的分界点"),
    "exercise.edit.ask.share": Text("A data point's share", "数据点分得的比例"),
    "exercise.edit.ask.density": Text("Density at a point", "一点处的密度"),
    "exercise.edit.ask.velocity": Text("Velocity at a point", "一点处的速度"),
    "exercise.edit.ask.end": Text("Where a sample ends", "样本的终点"),
    "exercise.edit.ask.nfe": Text("A solver's evaluations", "求解器的求值次数"),
    "exercise.edit.place": Text(
        "The point is the inspected one: click in the picture first.",
        "所问的点就是正在查看的点：请先在图中单击。",
    ),
    "exercise.edit.tol": Text("Tolerance", "容差"),
    "exercise.edit.hide": Text("Hide", "隐藏"),
    "exercise.edit.lock": Text("Freeze", "冻结"),
    "exercise.edit.choose": Text("Choose", "选择"),
    "exercise.edit.open": Text("Open the exercise", "打开练习"),
    "exercise.edit.share": Text(
        "There, Share shows its QR code and its short link.",
        "打开之后，“分享”会显示它的二维码和短链接。",
    ),
}
