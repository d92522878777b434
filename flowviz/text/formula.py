"""Errors in typed formulas, each with its location and what to do.

The placeholders of ``error.formula.<code>`` are ``where`` (a ``where.column`` message) and the
values of the refusal.
"""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "error.formula.long": Text(
        "The formula has {n:,} characters; up to {limit:,} are read ({where}).",
        "公式有 {n:,} 个字符；最多读取 {limit:,} 个（{where}）。",
    ),
    "error.formula.empty": Text(
        "There is no formula yet ({where}): write one in {names}.",
        "还没有公式（{where}）：请用 {names} 写一个。",
    ),
    "error.formula.character": Text(
        "“{token}” ({where}) cannot be used in a formula. Use plain letters, digits and + - * / ^.",
        "“{token}”（{where}）不能用在公式里：请用英文字母、数字和 + - * / ^。",
    ),
    "error.formula.token": Text(
        "“{token}” ({where}) was not expected here: a value is missing before it.",
        "这里不应出现“{token}”（{where}）：它前面缺少一个量。",
    ),
    "error.formula.operator": Text(
        "An operator is missing before “{token}” ({where}): write t*x0, not t x0.",
        "“{token}”（{where}）前面缺少运算符：写作 t*x0，而不是 t x0。",
    ),
    "error.formula.comma": Text(
        "“{token}” ({where}): a number has a decimal point, as in 1.5.",
        "“{token}”（{where}）：小数要用小数点，例如 1.5。",
    ),
    "error.formula.end": Text(
        "The formula ends too early ({where}): something is missing after it.",
        "公式在{where}处中断：后面还缺少内容。",
    ),
    "error.formula.open": Text(
        "The bracket {token} ({where}) is never closed.",
        "括号 {token}（{where}）没有闭合。",
    ),
    "error.formula.closed": Text(
        "The bracket {token} ({where}) closes nothing that is open.",
        "括号 {token}（{where}）没有对应的左括号。",
    ),
    "error.formula.depth": Text(
        "The formula is nested more than {limit} deep ({where}): use fewer brackets, terms or "
        "factors.",
        "公式嵌套超过 {limit} 层（{where}）：请减少括号，或减少连加、连乘的项数。",
    ),
    "error.formula.nodes": Text(
        "The formula has more than {limit} parts ({where}): make it shorter.",
        "公式超过 {limit} 个部分（{where}）：请缩短。",
    ),
    "error.formula.constant": Text(
        "{token} ({where}) is too large: numbers up to {limit:,} are accepted.",
        "{token}（{where}）太大了：最大可用 {limit:,}。",
    ),
    "error.formula.name": Text(
        "“{token}” ({where}) is not known. You can use {names}, pi, e and single small letters.",
        "“{token}”（{where}）无法识别：可用 {names}、pi、e，或一个自选的小写字母。",
    ),
    "error.formula.variable": Text(
        "{token} ({where}) cannot be used in this formula: it has {names}.",
        "这个公式里不能用 {token}（{where}）：可用 {names}。",
    ),
    "error.formula.letters": Text(
        "There are more than {limit} letters of your own ({where}).",
        "自选字母超过 {limit} 个（{where}）。",
    ),
    "error.formula.bare": Text(
        "{token} ({where}) is a function: give it a value in brackets, {token}(…).",
        "{token}（{where}）是函数：请在括号里写它的自变量，{token}(…)。",
    ),
    "error.formula.times": Text(
        "{token} ({where}) is not a function: to multiply, write {token}*(…). "
        "The functions are {names}.",
        "{token}（{where}）不是函数：相乘请写 {token}*(…)。函数有 {names}。",
    ),
    "error.formula.function": Text(
        "There is no function “{token}” ({where}): there are {names}.",
        "没有函数“{token}”（{where}）：函数有 {names}。",
    ),
    "error.formula.arity": Text(
        "{token} ({where}) takes {wanted} {wanted:value|values}, here there {n:is|are} {n}.",
        "{token}（{where}）需要 {wanted} 个自变量，这里有 {n} 个。",
    ),
    "error.formula.index": Text(
        "[{token}] ({where}) is no component: on the line there is [0], in the plane [0] and [1].",
        "[{token}]（{where}）不是分量：一维有 [0]，二维有 [0] 和 [1]。",
    ),
    "error.formula.parts": Text(
        "The vector ({where}) has {n} {n:component|components}, and {d} {d:is|are} needed here.",
        "这个向量（{where}）有 {n} 个分量，这里需要 {d} 个。",
    ),
    "error.formula.vector": Text(
        "{token} ({where}) takes a vector such as x0, but was given a {found}.",
        "{token}（{where}）需要向量（例如 x0），这里得到的是{found}。",
    ),
    "error.formula.number": Text(
        "{token} ({where}) takes a number, but was given a {found}: use a component or norm(…).",
        "{token}（{where}）需要一个数，这里得到的是{found}：可取分量或 norm(…)。",
    ),
    "error.formula.rotation": Text(
        "A rotation can only be multiplied ({where}): rot(a)*(x1 - x0).",
        "旋转只能用于相乘（{where}）：rot(a)*(x1 - x0)。",
    ),
    "error.formula.plane": Text(
        "{token} ({where}) turns vectors of the plane; here d = {d}.",
        "{token}（{where}）只能旋转平面向量；这里 d = {d}。",
    ),
    "error.formula.exponent": Text(
        "The exponent {value} ({where}) is too large: up to ±{limit} is accepted.",
        "指数 {value}（{where}）太大了：可取 ±{limit} 以内。",
    ),
    "error.formula.undefined": Text(
        "This part ({where}) has no finite value: division by zero, overflow, or no real value.",
        "这一部分（{where}）没有有限的值：除以零、溢出或无实数值。",
    ),
    "error.formula.result": Text(
        "The formula ({where}) gives a {found}, and a {wanted} is needed here.",
        "公式（{where}）给出的是{found}，这里需要{wanted}。",
    ),
    "error.formula.ends": Text(
        "{name} must be {wanted} at t = {t}, and this formula gives {value} ({where}).",
        "{name} 在 t = {t} 处应为 {wanted}，而这个公式给出 {value}（{where}）。",
    ),
    "error.formula.rise": Text(
        "{name} must increase from t = 0 to t = 1; near t = {t} it does not ({where}).",
        "{name} 从 t = 0 到 t = 1 应单调递增；在 t = {t} 附近却不是（{where}）。",
    ),
    "error.formula.link": Text(
        "“{token}” does not hold a typed family: it needs a mark, one of {kinds}, and the formula.",
        "“{token}”里没有自写的轨迹族：需要版本标记、{kinds} 之一以及公式。",
    ),
    "error.formula.mark": Text(
        "The formula's format {token} is not known here; this version reads {current}.",
        "这里不认识公式格式 {token}；当前版本读取格式 {current}。",
    ),
    "error.formula.letter": Text(
        "“{token}” gives no letter a value: write a=0.5, with a number up to ±{limit:g}.",
        "“{token}”没有给字母赋值：请写作 a=0.5，数值不超过 ±{limit:g}。",
    ),
    # What a refused formula lacks, beside the nearest that is valid.
    "formula.nearest.take": Text("Use this formula", "改用这个公式"),
    "formula.nearest.blurred": Text(
        "As typed it ends on blurred points: at t = 0 there is still {value}·x₁ (σ_min = {value}). "
        "With σ_min = 0 it is this:",
        "按所写的公式，终点是模糊的点：t = 0 时还剩 {value}·x₁（σ_min = {value}）。"
        "取 σ_min = 0 就是：",
    ),
    "formula.nearest.exploding": Text(
        "With α = 1 throughout (variance exploding) the noise never covers the data: the prior is "
        "reached only at infinite σ. Divided by α + σ it is the same flow, and ends:",
        "α 始终为 1（方差爆炸）时，噪声盖不住数据：σ 要到无穷大才到达先验。"
        "除以 α + σ，同一个流就有终点：",
    ),
    "formula.nearest.remains": Text(
        "At t = 1 there is still {value} of the data in it. With both ends moved to where they "
        "belong it is this:",
        "t = 1 时其中还留有 {value} 倍的数据。把两端移到应有的位置就是：",
    ),
    "formula.nearest.reversed": Text(
        "Here t = 0 is the data and t = 1 the prior; many papers run time the other way. In this "
        "time it is:",
        "这里 t = 0 是数据、t = 1 是先验；许多论文方向相反。换成这里的时间就是：",
    ),
    "formula.nearest.named": Text(
        "This is a schedule's name in other libraries. As formulas it is:",
        "这是其他库里一种调度的名称，写成公式就是：",
    ),
    "formula.nearest.scaled": Text(
        "With both ends moved to where they belong it is this:",
        "把两端移到应有的位置就是：",
    ),
    "formula.nearest.star": Text(
        "With every * written out it is this:",
        "把乘号 * 都写出来就是：",
    ),
}
