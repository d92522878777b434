"""Refusals: what is wrong with a value, and what is accepted.

A refusal quotes the value, names its location, and gives an example that is accepted.
"""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    # Where a value stood, to be set into the sentences below.
    "where.column": Text("character {n:,}", "第 {n:,} 个字符"),
    "where.line": Text("line {n:,}", "第 {n:,} 行"),
    "where.row": Text("row {n:,}", "表格第 {n:,} 行"),
    "where.point": Text("point {n:,}", "第 {n:,} 个点"),
    # The point set.
    "error.points.empty": Text(
        "There is no data point: give at least one position, for example 0.5*2, 1.2, 1.7.",
        "还没有数据点：请至少给出一个位置，例如 0.5*2, 1.2, 1.7。",
    ),
    "error.points.empty.plane": Text(
        "There is no data point: give at least one, for example (1, 0.5)*2, (-1, 0).",
        "还没有数据点：请至少给出一个，例如 (1, 0.5)*2, (-1, 0)。",
    ),
    "error.points.pair": Text(
        "“{token}” ({where}) was not understood: write each point as (x, y); (1, 0.5)*2 has "
        "weight 2.",
        "“{token}”（{where}）无法识别：每个点写作 (x, y)，(1, 0.5)*2 表示权重为 2。",
    ),
    "error.points.brackets": Text(
        "“{token}” ({where}) stands outside brackets: write each point as (x, y); (1, 0.5)*2 has "
        "weight 2.",
        "“{token}”（{where}）不在括号内：每个点写作 (x, y)，(1, 0.5)*2 表示权重为 2。",
    ),
    "error.points.fraction": Text(
        "“{token}” ({where}) is a fraction: write it as a decimal number, {value}.",
        "“{token}”（{where}）是分数：请写成小数 {value}。",
    ),
    "error.points.power": Text(
        "“{token}” ({where}) is a power: write it as a decimal number, {value}.",
        "“{token}”（{where}）是幂：请写成小数 {value}。",
    ),
    "error.points.span": Text(
        "“{token}” ({where}) is a range: write every number of it that is meant.",
        "“{token}”（{where}）是一个范围：请逐个写出其中需要的数。",
    ),
    "error.points.open": Text(
        "The bracket “{token}” ({where}) is not closed: write each point as (x, y); "
        "(1, 0.5)*2 has weight 2.",
        "括号“{token}”（{where}）没有配对的右括号：每个点写作 (x, y)，而 (1, 0.5)*2 表示权重为 2。",
    ),
    "error.points.last": Text(
        "This is the last data point: add another before you remove it.",
        "这是最后一个数据点：请先添加别的点，再删除它。",
    ),
    "error.points.letters": Text(
        "“{token}” ({where}) is not a number: write positions as 0.5, 1.2; 0.5*2 has weight 2.",
        "“{token}”（{where}）不是数：位置写作 0.5, 1.2，而 0.5*2 表示权重为 2。",
    ),
    "error.points.cell": Text(
        "“{token}” ({where}) is not a number: write it as 0.5, 1200 or 0.001.",
        "“{token}”（{where}）不是数：请写成 0.5、1200 或 0.001。",
    ),
    "error.points.comma": Text(
        "“{token}” ({where}) may be {point} or {none}: write the one that is meant.",
        "“{token}”（{where}）可以是 {point}，也可以是 {none}：请写明是哪一个。",
    ),
    "error.points.finite": Text(
        "“{token}” ({where}) is not a finite number: "
        "positions may lie from −{limit:,} to {limit:,}.",
        "“{token}”（{where}）不是有限的数：位置可取 −{limit:,} 到 {limit:,}。",
    ),
    "error.points.range": Text(
        "The position {token} ({where}) is too far out: "
        "positions may lie from −{limit:,} to {limit:,}.",
        "位置 {token}（{where}）太远了：位置可取 −{limit:,} 到 {limit:,}。",
    ),
    "error.points.weight": Text(
        "The weight {token} ({where}) is not accepted: a weight is a number from {low} to {high}.",
        "权重 {token}（{where}）不能接受：权重可取 {low} 到 {high}。",
    ),
    "error.points.star": Text(
        "The * at {where} needs a position before it and a weight after it, as in 0.5*2.",
        "{where}处的 * 前面应有位置、后面应有权重，例如 0.5*2。",
    ),
    "error.points.star.plane": Text(
        "The * at {where} needs a point before it and a weight after it, as in (1, 0.5)*2.",
        "{where}处的 * 前面应有一个点、后面应有权重，例如 (1, 0.5)*2。",
    ),
    "error.points.label": Text(
        "“{token}” ({where}) is not accepted: a label is one of @a to @f, once, behind a point or "
        "its weight, as in 0.5@a or 0.5*2@b.",
        "“{token}”（{where}）不能接受：标签是 @a 到 @f 之一，写在点或其权重之后，只写一次，"
        "例如 0.5@a 或 0.5*2@b。",
    ),
    "error.points.labels": Text(
        "Positions: {n:,}, labels: {m:,}: give each point one, or none to any.",
        "有 {n:,} 个位置、{m:,} 个标签：应每个点都有，或都没有。",
    ),
    "error.points.many": Text(
        "Up to {limit:,} points are accepted, and here there are more.",
        "最多接受 {limit:,} 个点，这里超过了。",
    ),
    "error.points.text": Text(
        "This text has {n:,} characters; up to {limit:,} are read. For long lists, upload a CSV.",
        "这段文字有 {n:,} 个字符；最多读取 {limit:,} 个。点很多时请上传 CSV 文件。",
    ),
    "error.points.lengths": Text(
        "Positions: {n:,}, weights: {m:,}: each point needs one of each.",
        "有 {n:,} 个位置、{m:,} 个权重：每个点应恰有一个位置和一个权重。",
    ),
    "error.points.packed": Text(
        "The points packed in this link are damaged: copy the whole link again, or type them.",
        "链接中打包的数据点已损坏：请重新复制完整的链接，或直接输入数据点。",
    ),
    "error.points.link": Text(
        "These points need {n:,} characters in the link, which has room for {limit:,}: "
        "use fewer points or fewer decimals.",
        "这些点在链接中要占 {n:,} 个字符，而链接只容得下 {limit:,} 个：请减少点数或小数位数。",
    ),
    # An uploaded file.
    "error.file.size": Text(
        "This file has {n:,} bytes; a CSV of up to {limit:,} bytes and {rows:,} rows is accepted, "
        "with one or two columns (position, weight).",
        "这个文件有 {n:,} 字节；可接受不超过 {limit:,} 字节、{rows:,} 行的 CSV，"
        "一列或两列（位置，权重）。",
    ),
    "error.file.size.plane": Text(
        "This file has {n:,} bytes; a CSV of up to {limit:,} bytes and {rows:,} rows is accepted, "
        "with two or three columns (x, y, weight).",
        "这个文件有 {n:,} 字节；可接受不超过 {limit:,} 字节、{rows:,} 行的 CSV，"
        "两列或三列（x，y，权重）。",
    ),
    "error.file.binary": Text(
        "This file is not plain text: save it as CSV, with one column for each coordinate and, if "
        "you like, one for the weight.",
        "这个文件不是纯文本：请另存为 CSV，每个坐标一列，需要时再加一列权重。",
    ),
    # Parameters of priors and schedules.
    "error.param.number": Text(
        "{label}: “{token}” is not a number; {low} to {high} is accepted.",
        "{label}：“{token}”不是数；可取 {low} 到 {high}。",
    ),
    "error.param.range": Text(
        "{label} is {token}; {low} to {high} is accepted.",
        "{label}为 {token}，超出范围；可取 {low} 到 {high}。",
    ),
    "error.param.whole": Text(
        "{label} is {token}: a whole number from {low} to {high} is accepted.",
        "{label}为 {token}：可用 {low} 到 {high} 的整数。",
    ),
    "error.param.count": Text(
        "{label} has {n:,} {n:number|numbers}; 1 to {limit} are accepted.",
        "{label}有 {n:,} 个数；可接受 1 到 {limit} 个。",
    ),
    "error.param.formula": Text("{label}: {why}", "{label}：{why}"),
    "error.param.unknown": Text(
        "{owner} has no parameter “{token}”; it has: {names}.",
        "{owner}没有参数“{token}”；它的参数有：{names}。",
    ),
    "error.params.order": Text(
        "The lower end {low} must be less than the upper end {high}.",
        "左端点 {low} 必须小于右端点 {high}。",
    ),
    "error.params.mode": Text(
        "The peak {mode} must lie between the ends {low} and {high}.",
        "峰值位置 {mode} 必须在两端点 {low} 与 {high} 之间。",
    ),
    "error.params.lengths": Text(
        "A mixture needs as many means as scales and weights; there are {means}, {scales} and "
        "{weights}.",
        "混合分布的均值、尺度、权重个数必须相同；现在分别是 {means}、{scales}、{weights} 个。",
    ),
    "error.params.columns": Text(
        "Every list needs the same number of entries; the lists hold {counts}.",
        "每一列的个数应当相同；现在各列的个数是 {counts}。",
    ),
    "error.params.joint": Text(
        "{owner}: these parameters do not go together ({detail}).",
        "{owner}：这些参数不能同时成立（{detail}）。",
    ),
    # The other settings.
    "error.field.range": Text(
        "{label}: “{token}” is not accepted: give a number from {low:,} to {high:,}.",
        "{label}：“{token}”不能接受；可取 {low:,} 到 {high:,} 的数。",
    ),
    "error.field.whole": Text(
        "{label}: “{token}” is not accepted: give a whole number from {low:,} to {high:,}.",
        "{label}：“{token}”不能接受；可取 {low:,} 到 {high:,} 的整数。",
    ),
    "error.field.range.empty": Text(
        "{label} is empty: give a number from {low:,} to {high:,}.",
        "{label}是空的；请填 {low:,} 到 {high:,} 的数。",
    ),
    "error.field.whole.empty": Text(
        "{label} is empty: give a whole number from {low:,} to {high:,}.",
        "{label}是空的；请填 {low:,} 到 {high:,} 的整数。",
    ),
    "error.field.choice": Text(
        "{label}: “{token}” is not one of {choices}.",
        "{label}：“{token}”不在可选项 {choices} 之中。",
    ),
    "error.schedule.exploding": Text(
        "Schedule: “{token}” has α = 1 and reaches its prior only at infinite σ. Divided by 1 + σ "
        "it is the same flow as linear.",
        "调度：“{token}”的 α 始终为 1，σ 要到无穷大才到达先验。"
        "除以 1 + σ 后，它与 linear 是同一个流。",
    ),
    "error.field.flag": Text(
        "{label}: “{token}” is neither 1 (on) nor 0 (off).",
        "{label}：“{token}”既不是 1（开）也不是 0（关）。",
    ),
    "error.field.zoom": Text(
        "{label}: “{token}” is not accepted. Give four numbers, the lower and the upper end of "
        "both axes, each lower end below its upper one.",
        "{label}：“{token}”无效。请给出四个数：两条坐标轴各自的下端和上端，下端须小于上端。",
    ),
    "error.field.probe": Text(
        "{label}: “{token}” is not accepted. Give two numbers t, x, with t from 0 to 1 and x from "
        "−{limit:,} to {limit:,}.",
        "{label}：“{token}”无效。"
        "请给出两个数 t, x，其中 t 在 0 到 1 之间，x 在 −{limit:,} 到 {limit:,} 之间。",
    ),
    "error.field.plane_probe": Text(
        "{label}: “{token}” is not accepted. Give three numbers t, x, y, with t from 0 to 1 and x "
        "and y from −{limit:,} to {limit:,}.",
        "{label}：“{token}”无效。"
        "请给出三个数 t, x, y，其中 t 在 0 到 1 之间，x、y 在 −{limit:,} 到 {limit:,} 之间。",
    ),
    "error.link.long": Text(
        "All settings together need {n:,} characters in the link, which holds {limit:,}: "
        "use fewer points here or on the other page.",
        "全部设置在链接中要占 {n:,} 个字符，而链接只容得下 {limit:,} 个："
        "请减少此页或另一页的点数。",
    ),
    "error.field.long": Text(
        "{label}: {n:,} characters are too many; up to {limit:,} are read.",
        "{label}：{n:,} 个字符太长了；最多读取 {limit:,} 个。",
    ),
    "error.field.other": Text(
        "{label}: “{token}” is not accepted.",
        "{label}：“{token}”不能接受。",
    ),
    "error.field.unknown": Text(
        "There is no setting named “{token}”.",
        "没有名为“{token}”的设置。",
    ),
    # What a link could not say, told politely beside the picture it still gives.
    "notice.unknown": Text(
        "This link has a setting “{name}” that FlowViz does not know; it was left out.",
        "链接中的设置“{name}”FlowViz 不认识，已略过。",
    ),
    "notice.more": Text(
        "{n:,} more unknown {n:setting was|settings were} left out (“{name}”{n:| and others}).",
        "另有 {n:,} 个不认识的设置已略过（“{name}”等）。",
    ),
    "notice.damaged": Text(
        "“{name}” in this link could not be used; its default value was taken instead. {reason}",
        "链接中的“{name}”无法使用，已改用默认值。{reason}",
    ),
    "notice.mangled": Text(
        "This link was cut short or changed on its way: it does not match its checksum. The "
        "opening scene is shown instead. Please copy the whole link again.",
        "链接在传送中被截断或改动：校验码不符。现显示初始场景，请重新复制完整的链接。",
    ),
    "notice.repeated": Text(
        "“{name}” stands in this link more than once, with different values; the last one holds.",
        "链接中的“{name}”出现了多次，取值不同；以最后一个为准。",
    ),
    "notice.formula.twice": Text(
        "The letter {letter} has several values in this link; the last one, {value}, holds.",
        "链接中的字母 {letter} 有多个取值；以最后一个 {value} 为准。",
    ),
    "notice.formula.unused": Text(
        "This link has values for letters that the formula does not contain ({letters}); they were "
        "left out.",
        "链接给出了公式中没有的字母（{letters}）的取值，已略过。",
    ),
    "notice.formula.sigma": Text(
        "This link has a formula of σ, “{token}”, for a family that needs none; it was left out.",
        "链接中的轨迹族不需要 σ，附带的 σ 公式“{token}”已略过。",
    ),
    "notice.broken": Text(
        "This link was broken across lines and has been joined again: please compare the data "
        "points with the original.",
        "链接曾被断成几行，现已接好：请与原来的数据点核对。",
    ),
    "notice.version": Text(
        "The format “v={token}” of this link could not be read; "
        "the rest was read as version {current}.",
        "链接的格式版本“v={token}”无法识别；其余内容按第 {current} 版读取。",
    ),
    "notice.newer": Text(
        "This link was made by a newer FlowViz (v={token}; this one knows {current}): "
        "some of it may look different here.",
        "这个链接来自更新的 FlowViz（v={token}，此处支持到第 {current} 版）："
        "部分内容可能显示得不一样。",
    ),
}
