"""How a file or a pasted text was read, and the choices of another reading."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    # One sentence on every reading.
    "read.1": Text(
        "{n}: column {column0}; weights: {weight}; {out}.",
        "{n}；数据列：{column0}；权重：{weight}；{out}。",
    ),
    "read.2": Text(
        "{n}: columns {column0}, {column1}; weights: {weight}; {out}.",
        "{n}；数据列：{column0}、{column1}；权重：{weight}；{out}。",
    ),
    "read.listed": Text("{n}, read as a list: {points}.", "{n}，按列表读取：{points}。"),
    "read.listed.long": Text(
        "{n}, read as a list that begins with {points}.", "{n}，按列表读取，开头为 {points}。"
    ),
    "read.comma": Text("{said} Decimal mark: comma.", "{said}小数点为逗号。"),
    "read.passed": Text(
        "{said} Column {column} was passed over: “{cell}” is not a number.",
        "{said}未采用 {column} 列：“{cell}”不是数。",
    ),
    "read.classes": Text("{said} Labels: {named}.", "{said}标签：{named}。"),
    "read.classes.many": Text(
        "{said} Its {n} different labels were not taken: there is room for {limit} classes.",
        "{said}未采用其中的 {n} 种标签：最多 {limit} 类。",
    ),
    "read.sheet": Text("{said} Sheet: {sheet}.", "{said}工作表：{sheet}。"),
    "read.drawn": Text(
        "{n} drawn at random (seed {seed}) from {rows}", "从 {rows}中随机抽取 {n}（种子 {seed}）"
    ),
    "read.drawn.weight": Text(
        "{n} drawn at random by weight (seed {seed}) from {rows}",
        "从 {rows}中按权重随机抽取 {n}（种子 {seed}）",
    ),
    "read.none": Text("none", "无"),
    "read.unnamed": Text("no. {n}", "第 {n} 列"),
    "read.points": Text("{n:,} {n:point|points}", "{n:,} 个点"),
    "read.samples": Text("{n:,} {n:sample|samples}", "{n:,} 个样本"),
    "read.numbers": Text("{n:,} {n:number|numbers}", "{n:,} 个数"),
    "read.rows": Text("{n:,} {n:row|rows}", "{n:,} 行"),
    "read.left": Text("{rows} left out", "略去 {rows}"),
    "read.left.why": Text("{rows} left out ({reasons})", "略去 {rows}（{reasons}）"),
    "read.and": Text("{a}, {b}", "{a}，{b}"),
    "read.why.missing": Text("{n:,} without a number", "{n:,} 行缺少数值"),
    "read.why.beyond": Text("{n:,} beyond ±{far:,}", "{n:,} 行超出 ±{far:,}"),
    "read.why.weight": Text("{n:,} without a usable weight", "{n:,} 行权重不可用"),
    "read.why.longer": Text("{n:,} longer than the first", "{n:,} 行比首行长"),
    # Questions and choices.
    "read.ask": Text(
        "This can be read in more than one way. Which is meant?",
        "这份数据有多种读法，指的是哪一种？",
    ),
    "read.or": Text("This can also be read as:", "也可以读作："),
    "read.many": Text(
        "{rows:,} rows are more than the {limit:,} points that fit.",
        "共 {rows:,} 行，超过了可容纳的 {limit:,} 个点。",
    ),
    "read.many.take": Text("Take {limit:,} at random", "随机抽取 {limit:,} 个"),
    "read.seed": Text("Seed", "随机种子"),
    "read.undo": Text("Undo", "撤销"),
    "read.columns": Text("Columns", "选择列"),
    "read.sheets": Text("Sheet", "工作表"),
    "read.column.x": Text("x", "x"),
    "read.column.y": Text("y", "y"),
    "read.column.weight": Text("Weight", "权重"),
    "read.column.label": Text("Label", "标签"),
    "read.keep": Text("Rows with the label", "只取标签为"),
    "read.keep.all": Text("all", "全部"),
    # Data at their own scale.
    "scale.apart": Text(
        "Data and prior are at very different scales.", "数据与先验分布的尺度相差悬殊。"
    ),
    "scale.fit": Text("Fit the prior to the data", "让先验适应数据"),
    "scale.fit.help": Text(
        "Moves and scales the prior to the data. In the plane it becomes one Gaussian with their "
        "mean and covariance.",
        "平移并缩放先验分布，使它与数据相称。在平面上会换成与数据均值、协方差相同的高斯分布。",
    ),
    "scale.standardise": Text("Standardise the data", "将数据标准化"),
    "scale.standardise.help": Text(
        "Each coordinate less its mean, over its standard deviation. The prior moves with the "
        "data. One press takes it back.",
        "每个坐标减去均值，再除以标准差，先验分布随之移动。可一键还原。",
    ),
    "scale.standardised.1": Text(
        "Standardised data: one unit is {unitx}, and 0 is {meanx}.",
        "数据已标准化：单位长度为 {unitx}，原点为 {meanx}。",
    ),
    "scale.standardised.2": Text(
        "Standardised data: one unit is {unitx} in x and {unity} in y, and 0 is "
        "({meanx}, {meany}).",
        "数据已标准化：x、y 方向的单位长度为 {unitx}、{unity}，原点为 ({meanx}, {meany})。",
    ),
    "scale.standardised.prior": Text(
        "The prior was moved with the data.", "先验分布已随数据移动。"
    ),
    "scale.standardise.undo": Text("Back to the data's own scale", "还原为数据原来的尺度"),
    "scale.fitted": Text("The prior was fitted to the data.", "已让先验分布适应数据。"),
    "scale.fit.undo": Text("Back to the prior before", "还原为之前的先验分布"),
    # Points rounded to fit the link.
    "rounded.all": Text(
        "All {n:,} points were rounded a little to fit into the link; none fell together.",
        "为了放进链接，{n:,} 个点已略作舍入，没有点因此重合。",
    ),
    "rounded.some": Text(
        "Rounded to fit into the link: of {before:,} different positions {left:,} {left:is|are} "
        "left.",
        "为了放进链接而舍入：{before:,} 个不同的位置只剩 {left:,} 个。",
    ),
    "rounded.finer": Text("Keep {left:,} apart", "保留 {left:,} 个不同的位置"),
    "rounded.finer.help": Text(
        "Rounds to the finest grid that fits, with odd decimals instead of tidy ones.",
        "改用放得下的最细网格来舍入，小数不再整齐。",
    ),
    # Samples as the prior.
    "samples.text": Text("Samples", "样本"),
    "samples.help": Text(
        "Written, or pasted from a table, as data points are. Of more than {limit} samples, "
        "{limit} are drawn at random; weighted ones are drawn by weight.",
        "写法与数据点相同，也可粘贴表格。超过 {limit} 个时随机抽取 {limit} 个；"
        "带权重的样本按权重抽取。",
    ),
    "samples.data": Text("Take the data points as samples", "把数据点用作样本"),
    "samples.data.help": Text(
        "Draw the source first, press this, then draw the data.",
        "先画出起点的样本，按此按钮，再画数据点。",
    ),
    "samples.file": Text("Upload samples", "上传样本"),
    # What no points could be made of.
    "error.file.wide": Text(
        "This table has {n:,} columns; up to {limit:,} are read. Save only those you need.",
        "这张表有 {n:,} 列；最多读取 {limit:,} 列。请只保存需要的列。",
    ),
    "error.file.dots": Text(
        "This print leaves numbers out (“...”): print all of them, or save them to a file.",
        "这段输出用“...”省略了一部分数：请完整输出，或保存为文件。",
    ),
    "error.file.factor": Text(
        "“{factor}” is taken out of all numbers here: print them without it (in MATLAB: format "
        "long g), or save them to a file.",
        "这段输出提出了公因子“{factor}”：请不带公因子输出"
        "（MATLAB 用 format long g），或保存为文件。",
    ),
    "error.file.uneven": Text(
        "List {row:,} has {n:,} {n:number|numbers} and the first has {m:,}: all must be equally "
        "long.",
        "第 {row:,} 组有 {n:,} 个数，而第一组有 {m:,} 个：各组长度必须相同。",
    ),
    "error.file.damaged": Text(
        "This {kind} file cannot be read: it is damaged, empty or of an unknown version.",
        "无法读取这个 {kind} 文件：文件已损坏、为空，或版本未知。",
    ),
    "error.file.pickle": Text(
        "This file holds Python objects, which are never opened here: save an array of numbers.",
        "这个文件含有 Python 对象，出于安全不会打开：请保存为数值数组。",
    ),
    "error.file.array": Text(
        "An array of shape {shape} and type {dtype} was found; one or two axes of real numbers are "
        "read: rows, then columns.",
        "文件中的数组形状为 {shape}、类型为 {dtype}；只读取一维或二维实数数组（行，列）。",
    ),
    "error.file.unpacked": Text(
        "This file unpacks to over {limit:,} bytes, which is more than is read.",
        "这个文件解压后超过 {limit:,} 字节，超出了读取上限。",
    ),
    "error.file.codec": Text(
        "This Parquet file is compressed with {codec}; files compressed with Snappy, or not at "
        "all, are read.",
        "这个 Parquet 文件使用 {codec} 压缩；可读取 Snappy 压缩或未压缩的文件。",
    ),
    "error.file.excel": Text(
        "Of Excel's files only .xlsx without a password is read: save the file as that, or copy "
        "its columns and paste them into the text box.",
        "Excel 文件只能读取不带密码的 .xlsx：请另存为这种格式，或复制所需的列，粘贴到文本框里。",
    ),
    "error.file.cells": Text(
        "This workbook holds more than {limit:,} cells, which is more than is read: keep only the "
        "columns you need, or save them as CSV.",
        "这个工作簿超过 {limit:,} 个单元格，超出了读取上限：请只保留需要的列，或另存为 CSV。",
    ),
    "error.file.zip": Text(
        "This archive holds neither an Excel workbook nor NumPy arrays: upload the table itself.",
        "这个压缩包里既没有 Excel 工作簿，也没有 NumPy 数组：请直接上传表格文件。",
    ),
    "error.file.one": Text(
        "There is only one column of numbers here, and the plane needs two. The page “Flow in 1-D” "
        "takes one.",
        "这里只有一列数，而平面上的点需要两列。一列数可在“一维的流”页使用。",
    ),
    "error.file.one.named": Text(
        "Of the columns of numbers ({names}) only one can be a coordinate by "
        "their names, and the plane needs two: call them x and y.",
        "数值列（{names}）中，从名称看只有一列能作坐标，而平面上的点需要两列："
        "请把它们命名为 x 和 y。",
    ),
    "error.file.numbers": Text(
        "None of these columns holds numbers: {names}. “{cell}” is not one: write it as 0.5, 1200 "
        "or 0.001.",
        "这些列都不是数值：{names}。“{cell}”不是数：请写成 0.5、1200 或 0.001。",
    ),
    "error.file.text": Text(
        "“{cell}” is not a number: tables with columns of numbers are read, as text (CSV), JSON, "
        "Excel, Parquet or NumPy.",
        "“{cell}”不是数：可读取含数值列的表格，格式为文本（CSV）、JSON、Excel、Parquet 或 NumPy。",
    ),
    "error.file.none": Text(
        "No point is left: {missing:,} {missing:row is|rows are} without a number, {beyond:,} "
        "beyond ±{far:,}, {weight:,} without a weight from {low} to {high}.",
        "没有剩下可用的点：{missing:,} 行缺少数值，{beyond:,} 行超出 ±{far:,}，"
        "{weight:,} 行的权重不在 {low} 到 {high} 之间。",
    ),
}
