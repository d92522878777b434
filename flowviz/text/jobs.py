"""Messages on background jobs."""

from flowviz.text.entry import Text

ENTRIES: dict[str, Text] = {
    "error.jobs.many": Text(
        "The server is busy: {n} {n:training is|trainings are} already running or waiting. Please "
        "try again in a minute.",
        "服务器繁忙：已有 {n} 个训练在运行或排队，请过一分钟再试。",
    ),
    "error.jobs.each": Text(
        "{n} of your trainings {n:is|are} already running or waiting: stop one first.",
        "已有 {n} 个自己的训练在运行或排队：请先停止一个。",
    ),
    "error.jobs.none": Text(
        "The processes that train could not be started on this server; its log says why.",
        "服务器上负责训练的进程未能启动；原因见服务器日志。",
    ),
    "error.jobs.scheduler": Text(
        "FLOWVIZ_SCHEDULER is “{token}”: only an address that begins with tls:// is accepted.",
        "FLOWVIZ_SCHEDULER 的值是“{token}”：只接受以 tls:// 开头的地址。",
    ),
    "error.jobs.late": Text(
        "Stopped after {minutes} {minutes:minute|minutes}, the longest that one training may take "
        "here.",
        "已运行 {minutes} 分钟，达到此处单次训练的上限，于是停止。",
    ),
    "error.jobs.lost": Text(
        "The process that trained ended unexpectedly, twice: try fewer steps or a smaller network.",
        "负责训练的进程两次意外中断：请减少步数或换小一点的网络再试。",
    ),
    "error.jobs.gone": Text(
        "The training is lost: what runs trainings here could not be reached. Start it again; the "
        "exact flow does not need it.",
        "训练已丢失：负责训练的服务无法连接。请重新开始；精确流不受影响。",
    ),
    "error.jobs.memory": Text(
        "The training needs more memory than it may have here: try a smaller batch or network.",
        "训练所需内存超过了此处的上限：请减小批大小或网络。",
    ),
    "error.jobs.failed": Text(
        "The training met an error, which is in the server's log; other settings may work.",
        "训练中出错，详情见服务器日志；换一组设置也许可行。",
    ),
}
