"""The section of the Solvers page on learned steps (AMED)."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "demo.amed": Text(
        "Learned steps (AMED) and the mean value theorem", "学到的步（AMED）与中值定理"
    ),
    "solvers.amed.about": Text(
        "A step of two evaluations goes to an intermediate time s by Euler's method, and takes "
        "the velocity found there for all of the step. The midpoint method takes the middle. "
        "**AMED** learns the time, and a scale c for the step: here both are those with the least "
        "mean error on {n} exact trajectories. By the mean value theorem each trajectory in one "
        "dimension has an **exact time** of its own, at which its velocity is the average one; "
        "one time for all can only be close to it.",
        "每步求值两次：先用欧拉法走到中间时刻 s，再用那里的速度走完整步。中点法取正中间。"
        "**AMED** 则学习这个时刻，还学习这一步的缩放系数 c："
        "这里两者都取使 {n} 条精确轨迹的平均误差最小的值。"
        "一维时，由中值定理，每条轨迹都有自己的**精确时刻**，那一刻的速度正好等于平均速度；"
        "所有轨迹共用一个时刻，只能接近它。",
    ),
    "solvers.amed.many": Text(
        "AMED is for few steps: choose at most {most}.", "AMED 用于很少的几步：请至多选 {most} 步。"
    ),
    "solvers.amed.plane": Text(
        "In two dimensions the theorem does not hold: no single time need give both components "
        "of the average velocity. The learned times are still of use.",
        "二维时定理不成立：未必有一个时刻能同时给出平均速度的两个分量。学到的时刻仍然有用。",
    ),
    "solvers.amed.alt": Text(
        "Exact trajectories with the exact times of each step, and the learned time of each step",
        "精确轨迹，其上标有每一步的精确时刻，以及每一步学到的时刻",
    ),
    "solvers.amed.marks": Text(
        "Squares: the exact time of each trajectory in each step. Dashed lines: the learned times.",
        "方块：每条轨迹在每一步中的精确时刻。虚线：学到的时刻。",
    ),
    "solvers.amed.error": Text(
        "Mean error at the end, {nfe} evaluations each: midpoint {midpoint}, learned steps "
        "{learned}. Learned on the denoiser output instead, with the linear part integrated "
        "exactly (the solver “Fitted intermediate time”): {fitted}.",
        "终点处的平均误差（各用 {nfe} 次求值）：中点法 {midpoint}，学到的步 {learned}。"
        "若改为精确积分线性部分、对去噪结果来学（即求解器“拟合中间时刻”）：{fitted}。",
    ),
    "solvers.amed.table.step": Text("step", "步"),
    "solvers.amed.table.learned": Text("learned time s", "学到的时刻 s"),
    "solvers.amed.table.exact": Text("exact times", "精确时刻"),
    "solvers.amed.table.scale": Text("scale c", "缩放系数 c"),
    "solvers.amed.table.caption": Text(
        "Exact times: their median, and in brackets the interval with the middle 80% of them. The "
        "learned time is not their median: its velocity is evaluated at the end of an Euler step, "
        "which is not on the trajectory.",
        "精确时刻：中位数，括号内是居中的 80% 所在的区间。学到的时刻并不是它们的中位数："
        "它在欧拉步的终点处求速度，而那一点并不在轨迹上。",
    ),
    "solvers.amed.straight": Text(
        "In {count} of {n} {n:step|steps} the velocity does not change along the trajectory: every "
        "time is exact.",
        "{n} 步中有 {count} 步，速度沿轨迹不变：任何时刻都是精确的。",
    ),
    "solvers.amed.none": Text(
        "In {count} of {n} {n:step|steps} there is no exact time: the velocity jumps across its "
        "average along the trajectory.",
        "{n} 步中有 {count} 步没有精确时刻：速度沿轨迹跳跃，越过了它的平均值。",
    ),
    "solvers.amed.unknown": Text(
        "In {count} of {n} {n:step|steps} no exact time was found.",
        "{n} 步中有 {count} 步未找到精确时刻。",
    ),
    "solvers.amed.long": Text(
        "Dashed lines: the learned times. The exact times are not shown: finding so many would "
        "take too long. Choose fewer trajectories or steps.",
        "虚线：学到的时刻。未显示精确时刻：数量太多，计算耗时过长。请减少轨迹数或步数。",
    ),
    "solvers.amed.worse": Text(
        "The learned steps have the larger error here: they were learned on {n} trajectories, and "
        "tried on others.",
        "这里学到的步误差更大：它们是在 {n} 条轨迹上学到的，却用在另一些轨迹上检验。",
    ),
}
